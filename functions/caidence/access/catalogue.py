"""Writes of the roles: the catalogue, its edition for the past, and the audit entry in one transaction."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from caidence.access import audit
from caidence.access.audit import Actor
from caidence.access.changes import ScopedHolder
from caidence.access.history import note_edition
from caidence.access.roles import Catalogue, StoredRole
from caidence.directory.entities import User
from caidence.service import store
from quintet.api import ErrorType
from quintet.models import now
from quintet.store import Transaction

ROLE_IN_USE = ErrorType(409, "role_in_use", "The role is assigned to users")
TOO_MANY_ROLES = ErrorType(400, "too_many_roles", "There may be at most 50 roles")

MOST_ROLES: Final = 50
"""All roles are read with every request: this keeps them within a few dozen kilobytes."""
_SHOWN: Final = ("name", "description", "level", "permissions_json")


def read() -> Catalogue:
    """The roles as they are now."""
    return store.get(Catalogue) or Catalogue()


def user_counts(names: Sequence[str]) -> dict[str, int]:
    """How many users have each role, everywhere or within a scope."""
    everywhere = [{"role": name, "is_approved": approved} for name in names for approved in (True, False)]
    counts = store.counts(User, "gsi3", everywhere)
    scoped = store.counts(ScopedHolder, "gsi1", [{"role": name} for name in names])
    return {name: sum(counts[2 * at : 2 * at + 2]) + scoped[at] for at, name in enumerate(names)}


def write(
    actor: Actor,
    before: Catalogue,
    action: audit.Action,
    old: StoredRole | None,
    new: StoredRole | None,
    *,
    also: Callable[[Transaction], None] = lambda _: None,
) -> None:
    """Put a role into the catalogue, in place of `old` or out of it; `also` adds what must hold.

    Raises `ConditionFailed` when the catalogue was changed meanwhile, and 400 for more roles than there may be.
    """
    roles = [role for role in before.roles if old is None or role.id != old.id]
    roles += [new] if new else []
    if len(roles) > max(MOST_ROLES, len(before.roles)):
        raise TOO_MANY_ROLES()
    at = max(now(), before.changed_at + timedelta(microseconds=1))
    after = Catalogue(version=1, roles=sorted(roles, key=lambda role: (-role.level, role.name)), changed_at=at)
    tx = store.transaction()
    if before.version:
        tx.replace(before, after, refused=None)
    else:
        tx.create(after)
    note_edition(tx, after)
    also(tx)
    was, is_now = _differences(old, new)
    name = (new or old or after.roles[0]).name
    audit.record(tx, actor, action, resource=name, before=was, after=is_now)
    tx.commit()


def require_unused(tx: Transaction, name: str) -> None:
    """Let the transaction pass only if nobody has the role: whoever gives it out makes one of the two fail."""
    for approved in (True, False):
        tx.check_empty(User, "gsi3", ROLE_IN_USE, role=name, is_approved=approved)
    tx.check_empty(ScopedHolder, "gsi1", ROLE_IN_USE, role=name)


_State = dict[str, Any] | None


def _differences(old: StoredRole | None, new: StoredRole | None) -> tuple[_State, _State]:
    """What an entry shows: all of a role that came or went, and of one that changed what differs."""
    was, is_now = (role.model_dump(mode="json", include=set(_SHOWN)) if role else None for role in (old, new))
    if was is None or is_now is None:
        return was, is_now
    names = [name for name in _SHOWN if was[name] != is_now[name]]
    return {name: was[name] for name in names}, {name: is_now[name] for name in names}
