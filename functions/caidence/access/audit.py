"""The audit log: who changed whose rights, or was denied, written in the transaction of what it tells of.

An entry stands in the log as a whole, in that of its action, and in that of the user it is about; a family of actions
(what stands before the dot) is the merged lists of its actions. Entries that change a user are counted in the user's
grants, which every such change writes anyway, so that forty users fit into one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Final, Literal, get_args

from pydantic import Field

from caidence.access.grants import Grants
from caidence.access.rights import Rights
from caidence.directory.entities import User
from caidence.service import store
from quintet.models import Page, Paging, new_id, now
from quintet.store import AsJson, Entity, Index, Keys, Transaction
from quintet.store.merge import merged_page

Action = Literal[
    "role.create", "role.update", "role.permissions", "role.delete", "role.assign", "override.create",
    "override.update", "override.delete", "user.update", "user.invite", "user.password", "plan.update", "check.denied",
]  # fmt: skip
DENIED: Final = "check.denied"
"""The one action about a user that changes nothing of theirs."""

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


def changes_of(user_id: str) -> str:
    """The part of the log (`about`) that is the history of a user's rights."""
    return f"{user_id}:changes"


def _others_of(user_id: str | None) -> str:
    """The part with what else there is about a user, or about none."""
    return f"{user_id}:other" if user_id else "nobody"


def _keys(*, by_user: bool) -> Keys:
    return Keys(
        "AUDIT#{about}",
        "{moment}#{id}",
        counted=by_user,
        gsi1=Index("AUDIT", "{moment}#{id}", counted=True, shards=4),
        gsi2=Index("AUDIT#ACTION#{action}", "{moment}#{id}", counted=True),
        gsi3=Index("AUDIT#USER#{target_user_id}#ACTION#{action}", "{moment}#{id}", counted=by_user),
    )


class Entry(Entity):
    """One entry of the log."""

    kind: ClassVar[str] = "audit"
    keys: ClassVar[Keys] = _keys(by_user=True)

    id: str = Field(default_factory=new_id)
    about: str = ""
    action: Action
    actor_id: str
    actor_email: str
    target_user_id: str | None = None
    resource: str | None = None
    before: State | None = None
    after: State | None = None
    reason: str | None = None
    request_id: str
    created_at: datetime = Field(default_factory=now)
    moment: str = ""
    """`created_at` so that text sorts as time does."""

    def model_post_init(self, _: Any, /) -> None:
        self.about = self.about or self._part()
        self.moment = self.moment or moment_of(self.created_at)

    def _part(self) -> str:
        return _others_of(self.target_user_id)


class Change(Entry):
    """An entry that tells of a change of a user: together they are the history of the user's rights."""

    kind: ClassVar[str] = "audit_change"
    keys: ClassVar[Keys] = _keys(by_user=False)

    prior: Annotated[Rights | None, AsJson()] = None
    """The rights before it, where they were never noted."""
    whole: Annotated[Rights | None, AsJson()] = None
    """The rights after it, once in a while, so that nobody needs to go further back."""

    def _part(self) -> str:
        return changes_of(str(self.target_user_id))


def moment_of(at: datetime) -> str:
    """An instant in UTC to the microsecond, in a form whose order is that of time."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


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
    """Enter into the log, with the transaction, what it does; `target` is a user it is about but does not change
    (for what does, see `changes`)."""
    tx.create(
        Entry(
            action=action, actor_id=actor.id, actor_email=actor.email, request_id=actor.request_id,
            target_user_id=target, resource=resource, before=before, after=after, reason=reason,
        )
    )  # fmt: skip


def page(query: Paging, action: str | None, target: str | None) -> Page[Entry]:
    """Entries, newest first: of one action or one family of actions, about one user."""
    actions = [each for each in get_args(Action) if action in (None, each, *_families(each))]
    if target is not None:
        return _about_user(query, actions if action is not None else None, target)
    if action is None:
        return store.page(Entry, "gsi1", query)
    return merged_page(store, Entry, "gsi2", query, [{"action": each} for each in actions], f"audit|{action}")


def _families(action: str) -> tuple[str, str]:
    """How one asks for the family of an action."""
    family = action.partition(".")[0]
    return family, family + "."


def _about_user(query: Paging, actions: Sequence[str] | None, target: str) -> Page[Entry]:
    grants = store.get(Grants, user_id=target)
    changes = grants.changes if grants else {}
    scope = f"audit|{target}|{','.join(actions or ())}"
    if actions is None:
        parts = [{"about": changes_of(target)}, {"about": _others_of(target)}]
        counts = [sum(changes.values()), store.count(Entry, about=_others_of(target))]
        return merged_page(store, Entry, "main", query, parts, scope, counts)
    parts = [{"target_user_id": target, "action": each} for each in actions]
    counts = [changes.get(each, 0) for each in actions]
    if DENIED in actions:
        counts[actions.index(DENIED)] = store.count(Entry, "gsi3", target_user_id=target, action=DENIED)
    return merged_page(store, Entry, "gsi3", query, parts, scope, counts)
