"""Entries of the trail, and the one way to write them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field

from quintet.api import Request
from quintet.models import new_id, now
from quintet.store import AsJson, Entity, Index, Keys, Transaction
from softfactory.service import Tiered

State = Annotated[dict[str, Any], AsJson()]


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
    """One entry of the trail."""

    kind: ClassVar[str] = "audit"
    keys: ClassVar[Keys] = Keys("AUDIT#{id}", "ENTRY", gsi1=Index("AUDIT", "{id}", counted=True, shards=4))

    id: str = Field(default_factory=new_id)
    user_id: str | None = None
    on_behalf: str | None = None
    action: str
    resource: str
    resource_id: str | None = None
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
) -> None:
    """Enter into the trail, with the transaction, what it does: `action` such as `user.ban`, the kind of row it is done
    to and its id, and what that said `before` and says `after`."""
    tx.create(
        Entry(
            user_id=act.user_id, on_behalf=act.on_behalf, action=action, resource=resource, resource_id=resource_id,
            ip_address=act.ip_address, before=before, after=after, request_id=act.request_id,
        )
    )  # fmt: skip
