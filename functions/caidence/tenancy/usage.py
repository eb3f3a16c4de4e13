"""What customers use, from counters that are kept where it happens: rows, bytes of files, and who was there on a day.

Reading costs the same however much there is, and nothing is estimated.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Final

from pydantic import Field

from caidence.directory.entities import Brand
from caidence.directory.entities import User as Account
from caidence.directory.owned import Owned, owned_keys
from caidence.service import store
from caidence.tenancy.plans import day_of
from quintet.models import epoch, now
from quintet.store import ConditionFailed, Entity, Keys, Transaction
from quintet.store.meters import Meter

DAYS: Final = 7
"""Days, today included, of which active users are told."""

STORAGE: Final = Meter("storage", shards=4)
ACTIVE: Final = Meter("active", shards=8)
_EVERYWHERE: Final = "platform"
_KEPT: Final = 2 * 86_400
"""Seconds for which it is remembered that a user was counted on a day, which is over by then."""


class Campaigns(Owned):
    """What usage needs to know of campaigns, whose domain stands above this one: that they are counted."""

    kind: ClassVar[str] = "campaign"
    keys: ClassVar[Keys] = owned_keys("CAMPAIGNS")


class ActiveUser(Entity):
    """That a user was counted on a day."""

    kind: ClassVar[str] = "active_user"
    keys: ClassVar[Keys] = Keys("USER#{user_id}", "ACTIVE#{day}")

    user_id: str
    day: str
    expires_at: int = Field(default_factory=lambda: epoch() + _KEPT)


@dataclass(frozen=True, slots=True)
class Used:
    """Rows of an organization, and bytes of its files."""

    brands: int
    users: int
    campaigns: int
    storage: int


def of_organization(organization_id: str) -> Used:
    """What an organization uses now."""
    return Used(
        brands=store.count(Brand, organization_id=organization_id),
        users=store.count(Account, "gsi2", organization_id=organization_id),
        campaigns=store.count(Campaigns, organization_id=organization_id),
        storage=_bytes_of(organization_id),
    )


def stored(tx: Transaction, organization_id: str, size: int) -> None:
    """Count bytes of a file that is written with the transaction (negative: one that is deleted).

    Once in a transaction, for all of its files together; it takes two of its actions.
    """
    STORAGE.join(tx, organization_id, bytes=size)
    STORAGE.join(tx, _EVERYWHERE, bytes=size)


def storage_used() -> int:
    """Bytes of all organizations' files."""
    return _bytes_of(_EVERYWHERE)


def active(user_id: str) -> None:
    """Note that a user is active today (UTC): said whenever a session begins or is renewed.

    Access tokens live half an hour, so that nobody works on without being counted, and a request costs nothing. The
    first time of a day is one transaction, any other a read.
    """
    day = day_of(now())
    if store.get(ActiveUser, user_id=user_id, day=day, consistent=False) is not None:
        return
    tx = store.transaction()
    tx.create(ActiveUser(user_id=user_id, day=day))
    ACTIVE.join(tx, day, users=1)
    try:
        tx.commit()
    except ConditionFailed:  # another request of theirs was first
        return


def daily_active() -> list[tuple[str, int]]:
    """The last DAYS days, oldest first, with how many users were active on each."""
    days = [day_of(now() - timedelta(days=back)) for back in reversed(range(DAYS))]
    return [(day, sums.get("users", 0)) for day, sums in zip(days, ACTIVE.read(days), strict=True)]


def _bytes_of(place: str) -> int:
    return STORAGE.read([place], consistent=True)[0].get("bytes", 0)
