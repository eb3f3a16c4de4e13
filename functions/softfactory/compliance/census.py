"""Counting accounts by properties that no list has: at once where they are few, else by the clock, a piece a run."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from quintet.models import Timestamp, now
from quintet.store import AsJson, Entity, Keys, until_settled
from softfactory.people.entities import User
from softfactory.service import store

FEW: Final = 500
"""Accounts that a report counts itself."""
PIECE: Final = 1000
"""Accounts that a run of the clock counts."""
EVERY: Final = timedelta(hours=1)
"""How long a complete count is good before the next begins."""
OVERDUE: Final = timedelta(days=1)
"""How late an erasure may be before it is called overdue."""


class Figures(BaseModel):
    """How many accounts there are; how many have a second factor, never confirmed their address, wait for their
    erasure, and wait more than a day longer than planned. Each account counts as it stood when the count came by."""

    model_config = ConfigDict(defer_build=True)

    accounts: int = 0
    two_factor: int = 0
    unverified: int = 0
    deletions_planned: int = 0
    deletions_overdue: int = 0

    def plus(self, users: Iterable[User], at: datetime) -> Self:
        """These and some more accounts. One that waits for its erasure counts in no other figure but the first."""
        found = self.model_copy()
        for user in users:
            found.accounts += 1
            if user.deletion_due is not None:
                found.deletions_planned += 1
                found.deletions_overdue += user.deletion_due + OVERDUE < at
            else:
                found.two_factor += user.two_factor_enabled
                found.unverified += not user.email_verified
        return found


class Counted(BaseModel):
    """Figures and as of when they are."""

    model_config = ConfigDict(defer_build=True)

    figures: Figures
    at: Timestamp


class Census(Entity):
    """The last complete count, and the one under way: what it has, and where it goes on."""

    kind: ClassVar[str] = "census"
    keys: ClassVar[Keys] = Keys("CENSUS", "CENSUS")

    done: Counted | None = None
    so_far: Figures = Field(default_factory=Figures)
    after: Annotated[dict[str, Any] | None, AsJson()] = None


def counted() -> Counted | None:
    """The figures of now where there are few accounts, else of the last count; None where none was completed yet."""
    part = store.query(User, "gsi1", limit=FEW + 1)
    if len(part.items) <= FEW and part.after is None:
        return Counted(figures=Figures().plus(part.items, now()), at=now())
    census = store.get(Census)
    return census.done if census else None


def count_on() -> bool:
    """Count a piece; answers whether that completed a count, or the last one is still good."""
    return until_settled(_counted_on)


def _counted_on() -> bool:
    census, at = store.get(Census), now()
    before = census or Census()
    if before.done is not None and before.after is None and at - before.done.at < EVERY:
        return True
    part = store.query(User, "gsi1", limit=PIECE, after=before.after)
    figures = before.so_far.plus(part.items, at)
    if part.after is None:
        after = before.model_copy(
            update={"done": Counted(figures=figures, at=at), "so_far": Figures(), "after": None}
        )  # fmt: skip
    else:
        after = before.model_copy(update={"so_far": figures, "after": part.after})
    tx = store.transaction()
    if census is None:
        tx.create(after)
    else:
        tx.replace(census, after, refused=None)
    tx.commit()
    return part.after is None
