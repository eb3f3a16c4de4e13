"""Changes of accounts: the account, who holds which role, and the guard of the last administrator in one transaction.

Whoever reads an account, decides, and commits one of these does so inside `until_settled`: when somebody else changed
the account meanwhile the commit raises `ConditionFailed`, and the whole is done over from the read.
"""

from typing import ClassVar, Final

from quintet.api import ErrorType
from quintet.models import now
from quintet.store import ConditionFailed, Entity, Index, Keys, Transaction, at_least, equals
from softfactory.access.roles import ADMIN, BUILT_IN, Role, shown_role
from softfactory.people.entities import User, scheduled
from softfactory.people.finding import keep_found
from softfactory.service import store

LAST_ADMIN = ErrorType(409, "last_admin", "The last administrator must stay one")
ROLE_GONE = ErrorType(404, "role_not_found", "Role not found")
USER_NOT_FOUND = ErrorType(404, "user_not_found", "User not found")


_NEEDED: Final = frozenset({"ADMIN_ADMIN", "RBAC_ADMIN", "RBAC_READ"})


class Admins(Entity):
    """How many active accounts are administrators without an end."""

    kind: ClassVar[str] = "admins"
    keys: ClassVar[Keys] = Keys("ADMINS", "ADMINS")

    count: int = 0


class Holder(Entity):
    """That an account holds a role: counted, so that a custom role in use is known without looking."""

    kind: ClassVar[str] = "holder"
    keys: ClassVar[Keys] = Keys(
        "USER#{user_id}",
        "HOLDS#{role_id}",
        gsi1=Index("HOLDERS#{role_id}", "{user_id}", when=lambda held: held.built_in, counted=True, shards=4),
        gsi2=Index("HOLDERS#{role_id}", "{user_id}", when=lambda held: not held.built_in, counted=True),
    )

    user_id: str
    role_id: str
    built_in: bool

    @classmethod
    def of(cls, user_id: str, role_id: str) -> "Holder":
        return cls(user_id=user_id, role_id=role_id, built_in=role_id in BUILT_IN)


def add_user(tx: Transaction, user: User) -> User:
    """Create an account; its e-mail claim is the caller's to see to. Answers it as it is written."""
    written = _settled(user)
    tx.create(written)
    keep_found(tx, None, written)
    _count_admins(tx, None, written)
    for role_id in _held(written):
        tx.create(Holder.of(user.id, role_id))
    return written


def change_user(tx: Transaction, before: User, after: User) -> User:
    """Write an account in place of what was read; answers it as it is written.

    On commit `ConditionFailed` when it was changed meanwhile, 409 where it is the last lasting administrator and would
    be one no more.
    """
    written = _settled(after.model_copy(update={"updated_at": now()}))
    tx.replace(before, written, refused=None)
    keep_found(tx, before, written)
    _count_admins(tx, before, written)
    old, new = _held(before), _held(written)
    for role_id in sorted(new - old):
        tx.create(Holder.of(after.id, role_id))
    for role_id in sorted(old - new):
        tx.delete(Holder.of(after.id, role_id), refused=None)
    return written


def remove_user(tx: Transaction, user: User) -> None:
    """Delete an account, at its erasure; 409 as `change_user`."""
    tx.delete(user, refused=None)
    keep_found(tx, user, None)
    _count_admins(tx, user, None)
    for role_id in sorted(_held(user)):
        tx.delete(Holder.of(user.id, role_id), refused=None)


def _held(user: User) -> set[str]:
    return {each.role_id for each in user.roles}


def _settled(user: User) -> User:
    role = shown_role(_held(user))
    return scheduled(user.model_copy(update={"role": role}))


def _is_lasting_admin(user: User | None) -> bool:
    """Whether it counts: active, nobody's wish to be deleted, and an administrator without an end who is not denied
    what it takes to bring others in."""
    if user is None or user.status != "active" or user.is_deleted:
        return False
    if any(each.permission in _NEEDED and not each.allowed for each in user.overrides):
        return False
    return any(each.role_id == ADMIN.id and each.expires_at is None for each in user.roles)


def _count_admins(tx: Transaction, before: User | None, after: User | None) -> None:
    was, is_one = _is_lasting_admin(before), _is_lasting_admin(after)
    if is_one and not was:
        tx.update(Admins.key(), put={"kind": Admins.kind}, add={"count": 1})
    elif before is not None and was and not is_one:
        tx.update(
            Admins.key(), add={"count": -1}, where=[at_least("count", 2)], refused=lambda _: _last_or_changed(before)
        )


def _last_or_changed(admin: User) -> Exception:
    """Why an administrator was not counted off: another is not left, or a twin of the request has done it already."""
    current = store.get(User, id=admin.id)
    same = current is not None and current.version == admin.version
    return LAST_ADMIN() if same else ConditionFailed()


def require_role(tx: Transaction, role_id: str) -> None:
    """Have the transaction hold only while a custom role is there; built-in ones always are."""
    if role_id not in BUILT_IN:
        tx.check(Role.key(id=role_id), [equals("id", role_id)], ROLE_GONE)
