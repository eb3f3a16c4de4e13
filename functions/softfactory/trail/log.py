"""Entries of the trail, and the one way to write them."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import Field
from pydantic_core import to_jsonable_python

from quintet.api import Request
from quintet.models import new_id, now
from quintet.store import AsJson, Entity, Keys, Transaction
from softfactory.service import Tiered

State = Annotated[dict[str, Any], AsJson()]
LONGEST: Final = 8000
"""Characters of JSON that an entry keeps of what a row said before, and as many of what it says after."""
_NAMED: Final = 30
"""Names of values that are told to be left out of a state that is too long."""
_NAME: Final = 60
"""Characters of such a name."""


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, and with which request. `on_behalf` is the administrator who acts as that person."""

    user_id: str | None
    request_id: str
    ip_address: str | None = None
    on_behalf: str | None = None

    @classmethod
    def of(cls, caller: Tiered, request: Request) -> Self:
        """What a signed-in caller does."""
        claimed = caller.claims.get("act")
        by = claimed.get("sub") if isinstance(claimed, dict) else None
        return cls(caller.id, request.id, request.ip or None, by)

    @classmethod
    def by(cls, user_id: str | None, request: Request) -> Self:
        """What somebody does who is about to sign in; None where nobody knows who it is."""
        return cls(user_id, request.id, request.ip or None)

    @classmethod
    def system(cls) -> Self:
        """What the suite does by itself, such as on a schedule."""
        return cls(None, "system")


class Entry(Entity):
    """One entry of the trail, until the audit takes it in and gives it its place in the log."""

    kind: ClassVar[str] = "trail"
    keys: ClassVar[Keys] = Keys("AUDIT#PENDING", "{id}", order="ascending")

    id: str = Field(default_factory=new_id)
    user_id: str | None = None
    on_behalf: str | None = None
    action: str
    resource: str
    resource_id: str | None = None
    about: str | None = None
    ip_address: str | None = None
    before: State | None = None
    after: State | None = None
    request_id: str
    created_at: datetime = Field(default_factory=now)


def record(
    tx: Transaction,
    act: Act,
    action: str,
    *,
    resource: str,
    resource_id: str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    about: str | None = None,
) -> None:
    """Enter into the trail, with the transaction, what it does; it takes one of the transaction's hundred actions.

    `action` is such as `user.ban`; `resource` the kind of row it is done to and `resource_id` its id; `before` and
    `after` what that said and says, of which no more than LONGEST characters of JSON are kept. `about` is the id of the
    user whose data these two show, so that they are erased with the user; that of the row itself where it is a `user`.
    """
    tx.create(
        Entry(
            user_id=act.user_id, on_behalf=act.on_behalf, action=action, resource=resource, resource_id=resource_id,
            about=about, ip_address=act.ip_address, before=_kept(before), after=_kept(after),
            request_id=act.request_id,
        )
    )  # fmt: skip


def _kept(state: dict[str, Any] | None) -> dict[str, Any] | None:
    """A state as plain JSON. Of one that is too long the short values stay, and `omitted` names some of the others."""
    if state is None:
        return None
    found: dict[str, Any] = to_jsonable_python(state, inf_nan_mode="null")
    if _length(found) <= LONGEST:
        return found
    room, kept = LONGEST - _NAMED * (_NAME + 4), dict[str, Any]()
    for name in sorted(found, key=lambda name: _length(found[name])):
        room -= _length({name: found[name]}) + 2
        if room < 0:
            break
        kept[name] = found[name]
    omitted = sorted(found.keys() - kept.keys())[:_NAMED]
    return {**kept, "omitted": [name[:_NAME] for name in omitted]}


def _length(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False))
