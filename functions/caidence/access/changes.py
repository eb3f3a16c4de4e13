"""Changes of users' rights: user, grants, audit entry, role counters and the guard of the last root in one transaction.

Whoever reads a `Principal`, decides, and commits one of these does so inside `until_settled`: when somebody else
changed the user meanwhile the commit raises `ConditionFailed`, and the whole is done over from the read.
"""

from collections.abc import Sequence, Set
from datetime import timedelta
from typing import Any, ClassVar, Final

from caidence.access.audit import Action, Actor, Change
from caidence.access.grants import Grants, Override, Principal
from caidence.access.rights import Rights
from caidence.access.roles import BUILT_IN_NAMES, ROOT, Catalogue
from caidence.directory.entities import User
from quintet.api import ErrorType
from quintet.models import now
from quintet.store import Entity, Index, Keys, Transaction, absent, at_least, equals

LAST_ROOT = ErrorType(403, "last_root", "The last root can be neither demoted, deactivated nor moved")

WHOLE_EVERY: Final = 50
"""Every so many changes of a user one carries the whole of their rights."""
_UNSAID: Final = {"id", "version", "epoch", "created_at", "updated_at"}
"""Fields of a user that the log does not show."""
_INSTANT: Final = timedelta(microseconds=1)


class Roots(Entity):
    """How many active, approved roots there are."""

    kind: ClassVar[str] = "roots"
    keys: ClassVar[Keys] = Keys("ROOTS", "ROOTS")

    count: int = 0


class ScopedHolder(Entity):
    """That a user holds a role somewhere within a scope: counted, so that a role in use is known without looking."""

    kind: ClassVar[str] = "scoped_holder"
    keys: ClassVar[Keys] = Keys(
        "USER#{user_id}", "HOLDS#{role}", gsi1=Index("HOLDERS#{role}", "{user_id}", counted=True)
    )

    user_id: str
    role: str


def add_user(
    tx: Transaction,
    actor: Actor,
    user: User,
    action: Action = "user.invite",
    *,
    catalogue: Catalogue | None = None,
    reason: str | None = None,
) -> None:
    """Create a user, with the first entry of their history. The e-mail claim, and whether the actor may, are the
    caller's to see to. `catalogue` as in `change_user`."""
    tx.create(user)
    count_root(tx, None, user)
    _roles_exist(tx, {user.role}, catalogue)
    after = user.model_dump(mode="json", exclude=_UNSAID)
    _write(tx, actor, None, Principal(user, Grants(user_id=user.id)), [(action, None, None, after)], reason)


def change_user(
    tx: Transaction,
    actor: Actor,
    before: Principal,
    after: User,
    action: Action = "user.update",
    *,
    catalogue: Catalogue | None = None,
    reason: str | None = None,
) -> None:
    """Put `after` in place of a user, with the entry that shows the fields that differ.

    `catalogue` is the one by which the new role was judged; it must not have changed since (a built-in role needs
    none). Raises on commit 403 for what would leave no root, and `ConditionFailed` when the user was changed meanwhile.
    """
    old, new = (user.model_dump(mode="json", exclude=_UNSAID) for user in (before.user, after))
    differing = [name for name in new if new[name] != old[name]]
    tx.replace(before.user, after, refused=None)
    count_root(tx, before.user, after)
    if after.role != before.user.role:
        _roles_exist(tx, {after.role}, catalogue)
    was, now_is = ({name: values[name] for name in differing} or None for values in (old, new))
    _write(tx, actor, before, Principal(after, before.grants), [(action, None, was, now_is)], reason)


def change_overrides(
    tx: Transaction, actor: Actor, before: Principal, after: Grants, *, reason: str | None = None
) -> None:
    """Write a user's grants with other overrides: an entry for each that came, changed or went."""
    old, new = ({o.id: o for o in grants.overrides} for grants in (before.grants, after))
    entries = [_entry(old.get(key), new.get(key)) for key in {**old, **new} if old.get(key) != new.get(key)]
    _write(tx, actor, before, Principal(before.user, after), entries, reason)


def change_assignments(
    tx: Transaction,
    actor: Actor,
    before: Principal,
    after: Grants,
    *,
    catalogue: Catalogue | None = None,
    reason: str | None = None,
) -> None:
    """Write a user's grants with other scoped roles: an entry for each scope in which the role changed."""
    old, new = ({a.place: a for a in grants.assignments} for grants in (before.grants, after))
    entries: list[_Entry] = []
    for place in {**old, **new}:
        if old.get(place) != new.get(place):
            was, is_now = (
                found.model_dump(mode="json") if found else None for found in (old.get(place), new.get(place))
            )
            entries.append(("role.assign", None, was, is_now))
    held, holds = ({a.role for a in grants.assignments} for grants in (before.grants, after))
    for role in holds - held:
        tx.create(ScopedHolder(user_id=after.user_id, role=role))
    for role in held - holds:
        tx.delete(ScopedHolder(user_id=after.user_id, role=role), refused=None)
    _roles_exist(tx, holds - held, catalogue)
    _write(tx, actor, before, Principal(before.user, after), entries, reason)


def count_root(tx: Transaction, before: User | None, after: User) -> None:
    """Keep the number of roots, and refuse what would leave none or move the only one."""
    was, is_now = (user is not None and user.role == ROOT and user.is_active and user.is_approved
                   for user in (before, after))  # fmt: skip
    another = [at_least("count", 2)]
    if is_now and not was:
        tx.update(Roots.key(), add={"count": 1})
    elif was and not is_now:
        tx.update(Roots.key(), add={"count": -1}, where=another, refused=LAST_ROOT)
    elif was and before is not None and before.organization_id != after.organization_id:
        tx.check(Roots.key(), another, LAST_ROOT)


_State = dict[str, Any] | None
_Entry = tuple[Action, str | None, _State, _State]
"""Action, resource, before and after of an entry."""


def _entry(old: Override | None, new: Override | None) -> _Entry:
    some = new or old
    assert some is not None
    action: Action = "override.create" if old is None else "override.delete" if new is None else "override.update"
    was, is_now = (found.model_dump(mode="json") if found else None for found in (old, new))
    return action, f"{some.resource}:{some.action}", was, is_now


def _roles_exist(tx: Transaction, names: Set[str], catalogue: Catalogue | None) -> None:
    """Let the transaction pass only if roles that are given out are still what they were judged to be."""
    if names <= BUILT_IN_NAMES:
        return
    if catalogue is None:
        message = "a custom role is given out by the catalogue in which it was found"
        raise TypeError(message)
    tx.check(Catalogue.key(), [equals("version", catalogue.version)] if catalogue.version else [absent()])


def _write(
    tx: Transaction, actor: Actor, before: Principal | None, after: Principal, entries: Sequence[_Entry],
    reason: str | None,
) -> None:  # fmt: skip
    """The grants' next version and the entries, each at a moment of its own after the last change."""
    grants = after.grants.model_copy(update={"changes": dict(after.grants.changes), "version": 1})
    at = max(now(), grants.changed_at + _INSTANT) if grants.changed_at else now()
    earlier = sum(grants.changes.values())
    for number, (action, resource, was, is_now) in enumerate(entries):
        grants.changes[action] = grants.changes.get(action, 0) + 1
        grants.changed_at = at + number * _INSTANT
        last = number == len(entries) - 1
        crossed = earlier == 0 or earlier // WHOLE_EVERY != (earlier + number + 1) // WHOLE_EVERY
        tx.create(
            Change(
                action=action, actor_id=actor.id, actor_email=actor.email, request_id=actor.request_id,
                target_user_id=after.user.id, resource=resource, before=was, after=is_now, reason=reason,
                created_at=grants.changed_at,
                prior=Rights.of(before) if before and earlier == number == 0 else None,
                whole=Rights.of(after) if last and crossed else None,
            )
        )  # fmt: skip
    if before is None or before.grants.version == 0:
        tx.create(grants)
    else:
        tx.replace(before.grants, grants, refused=None)
