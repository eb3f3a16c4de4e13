"""The audit log: who changed whose rights, or was denied, written in the transaction of what it tells of.

An entry about a user stands a second time among that user's own, so that every combination of filters is one listing
with an exact total.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from caidence.directory.entities import User
from caidence.service import store
from quintet.models import Page, SkipQuery, new_id, now
from quintet.store import AsJson, Entity, Index, Keys, Transaction
from quintet.store.entity import IndexName

Action = Literal[
    "role.create", "role.update", "role.permissions", "role.delete", "role.assign", "override.create",
    "override.update", "override.delete", "user.update", "user.invite", "user.password", "plan.update", "check.denied",
]  # fmt: skip

State = Annotated[dict[str, Any], AsJson()]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a change, and with which request."""

    id: str
    email: str
    request_id: str

    @classmethod
    def of(cls, user: User, request_id: str) -> "Actor":
        return cls(user.id, user.email, request_id)


class Entry(Entity):
    """One entry of the log."""

    kind: ClassVar[str] = "audit"
    keys: ClassVar[Keys] = Keys(
        "AUDIT#ACTION#{action}",
        "{id}",
        counted=True,
        gsi1=Index("AUDIT", "{id}", counted=True, shards=4),
        gsi2=Index("AUDIT#FAMILY#{family}", "{id}", counted=True),
    )

    id: str = Field(default_factory=new_id)
    action: str
    family: str = ""
    """What stands before the dot of the action."""
    actor_id: str
    actor_email: str
    target_user_id: str | None = None
    resource: str | None = None
    before: State | None = None
    after: State | None = None
    reason: str | None = None
    request_id: str
    created_at: datetime = Field(default_factory=now)

    def model_post_init(self, _: Any, /) -> None:
        self.family = self.family or self.action.partition(".")[0]


class UserEntry(Entry):
    """The same entry among those about one user."""

    kind: ClassVar[str] = "user_audit"
    keys: ClassVar[Keys] = Keys(
        "AUDIT#USER#{target_user_id}",
        "{id}",
        counted=True,
        gsi1=Index("AUDIT#USER#{target_user_id}#ACTION#{action}", "{id}", counted=True),
        gsi2=Index("AUDIT#USER#{target_user_id}#FAMILY#{family}", "{id}", counted=True),
    )


def record(
    tx: Transaction,
    actor: Actor,
    action: Action,
    *,
    target: str | None = None,
    resource: str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """Enter into the log, with the transaction, what it does: `target` is the user it is about."""
    entry = Entry(
        action=action, actor_id=actor.id, actor_email=actor.email, request_id=actor.request_id,
        target_user_id=target, resource=resource, before=before, after=after, reason=reason,
    )  # fmt: skip
    tx.create(entry)
    if target is not None:
        tx.create(UserEntry.model_validate(entry.model_dump(exclude={"version"})))


def page(query: SkipQuery, action: str | None, target: str | None) -> Page[Any]:
    """Entries, newest first: of one action or one family of actions (what stands before the dot), about one user."""
    named = {} if action is None else {"action": action} if "." in action else {"family": action}
    if target is None:
        return store.page(Entry, "gsi1" if not named else "main" if "action" in named else "gsi2", query, **named)
    index: IndexName = "main" if not named else "gsi1" if "action" in named else "gsi2"
    return store.page(UserEntry, index, query, target_user_id=target, **named)
