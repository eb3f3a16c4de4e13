"""Changes of roles and permissions, and of who holds a role: each is one transaction.

A built-in role or permission is a constant until it is changed; `_settle` stores it before its first change.
"""

from collections.abc import Callable

from quintet.api import ApiError, ErrorType
from quintet.models import now, rfc3339
from quintet.store import (
    STALE,
    ConditionFailed,
    Transaction,
    absent,
    any_of,
    at_least,
    at_most,
    equals,
    exists,
)
from quintet.store.errors import Old
from storefront.access.holdings import ADMIN
from storefront.access.roles import (
    NameClaim,
    Permission,
    Role,
    all_roles,
    built_in_permissions,
    built_in_roles,
    folded,
)
from storefront.accounts.entities import Account
from storefront.service import store

ROLE_NOT_FOUND = ErrorType(404, "role_not_found", "Role not found")
ROLE_EXISTS = ErrorType(409, "role_exists", "A role with this name already exists")
ROLE_IN_USE = ErrorType(409, "role_in_use", "The role is held by users")
PERMISSION_NOT_FOUND = ErrorType(404, "permission_not_found", "Permission not found")
PERMISSION_EXISTS = ErrorType(409, "permission_exists", "A permission with this name already exists")
USER_NOT_FOUND = ErrorType(404, "user_not_found", "User not found")
LAST_ADMIN = ErrorType(403, "insufficient_permissions", "The last admin cannot be removed")

Named = Role | Permission


class _Unchanged(Exception):
    """There is nothing to change."""


def add(entity: Named) -> None:
    """Store a new role or permission. Raises 409 when its name is taken."""
    tx = store.transaction()
    _claim(tx, entity, entity.name)
    tx.create(entity)
    tx.commit()


def edit(entity: Named, **changes: str) -> None:
    """Replace texts of a role or permission, its name among them. Raises 409 when the new name is taken, 404."""
    _settle(entity)
    tx = store.transaction()
    if folded(changes["name"]) != folded(entity.name):
        _claim(tx, entity, changes["name"])
        _unclaim(tx, entity)
    tx.update(entity.own_key(), put=changes, where=[equals("name", entity.name)], refused=_gone(entity))
    tx.commit()


def delete_role(role: Role) -> None:
    """Delete a role that is not built in. Raises 409 when someone holds it, 404."""

    def refused(old: Old) -> ApiError:
        in_use = old is not None and old.get("holders", 0) > 0
        return ROLE_IN_USE() if in_use else _gone(role)(old)

    tx = store.transaction()
    unused = any_of(absent("holders"), at_most("holders", 0))
    tx.remove(role.own_key(), [exists(), equals("name", role.name), unused], refused)
    _unclaim(tx, role)
    tx.commit()


def delete_permission(permission: Permission, holders: list[Role]) -> None:
    """Delete a permission that is not built in and take it from the roles that hold it.

    `permission` must have been read before `holders`: every grant gives it a new version, so none goes unnoticed.
    """
    tx = store.transaction()
    unchanged = [equals("version", permission.version), equals("name", permission.name)]
    tx.remove(permission.own_key(), unchanged, _gone(permission))
    _unclaim(tx, permission)
    for role in holders:
        tx.update(role.own_key(), remove=[f"permissions.{permission.id}"], where=[exists()], refused=STALE)
    tx.commit()


def holders_of(permission: Permission) -> list[Role]:
    """The roles that permission is granted to."""
    return [role for role in all_roles() if permission.id in role.permissions]


def grant(role: Role, permission: Permission) -> None:
    """Give a permission to a role; nothing changes when it has it. Raises 404 when one of them is gone."""
    if permission.id in role.permissions:
        return
    _settle(role)
    tx = store.transaction()
    put = {f"permissions.{permission.id}": True}
    tx.update(role.own_key(), put=put, where=[exists()], refused=ROLE_NOT_FOUND)
    if permission.id not in built_in_permissions():
        tx.update(permission.own_key(), where=[exists()], refused=PERMISSION_NOT_FOUND)
    tx.commit()


def revoke(role: Role, permission: Permission) -> None:
    """Take a permission from a role; nothing changes when it lacks it. Raises 404 when the role is gone."""
    if permission.id not in role.permissions:
        return
    _settle(role)
    mark = f"permissions.{permission.id}"
    store.update(Role, role.own_key(), remove=[mark], where=[exists()], refused=ROLE_NOT_FOUND)


def assign(account: Account, role: Role) -> None:
    """Give a role to an account; nothing changes when it has it. Raises 404 when one of them is gone."""
    if role.id in account.roles:
        return
    tx = store.transaction()
    mark = f"roles.{role.id}"
    put = {mark: True, "updated_at": rfc3339(now())}
    tx.update(account.own_key(), put=put, where=[exists(), absent(mark)], refused=_no_account)
    if role.id == ADMIN:
        _settle(role)
        tx.update(role.own_key(), add={"holders": 1})
    elif role.id not in built_in_roles():
        tx.update(role.own_key(), add={"holders": 1}, where=[exists()], refused=ROLE_NOT_FOUND)
    _commit_unless_done(tx)


def unassign(account: Account, role: Role) -> None:
    """Take a role from an account; nothing changes when it lacks it. Raises 403 for the last admin, 404."""
    if role.id not in account.roles:
        return
    tx = store.transaction()
    mark = f"roles.{role.id}"
    put = {"updated_at": rfc3339(now())}
    tx.update(account.own_key(), put=put, remove=[mark], where=[exists(mark)], refused=_no_account)
    if role.id == ADMIN:
        tx.update(role.own_key(), add={"holders": -1}, where=[at_least("holders", 2)], refused=LAST_ADMIN)
    elif role.id not in built_in_roles():
        tx.update(role.own_key(), add={"holders": -1}, where=[exists()], refused=ROLE_NOT_FOUND)
    _commit_unless_done(tx)


def _commit_unless_done(tx: Transaction) -> None:
    try:
        tx.commit()
    except _Unchanged:
        return


def _no_account(old: Old) -> Exception:
    return USER_NOT_FOUND() if old is None else _Unchanged()


def _gone(entity: Named) -> Callable[[Old], ApiError]:
    """What it means that an entity is not as it was read: it was deleted, or changed by someone else."""
    missing = ROLE_NOT_FOUND if isinstance(entity, Role) else PERMISSION_NOT_FOUND
    return lambda old: missing() if old is None else STALE()


def _settle(entity: Named) -> None:
    """Store a built-in role or permission as it is, unless that was done before."""
    if entity.id not in _built_in(entity):
        return
    try:
        store.create(entity)
    except ConditionFailed:
        return


def _built_in(entity: Named) -> dict[str, Role] | dict[str, Permission]:
    return built_in_roles() if isinstance(entity, Role) else built_in_permissions()


def _claim(tx: Transaction, entity: Named, name: str) -> None:
    """Take a name for an entity. The first names of the built-in ones stay theirs for ever, without a claim."""
    taken = ROLE_EXISTS if isinstance(entity, Role) else PERMISSION_EXISTS
    wanted = folded(name)
    if wanted not in _built_in(entity):
        tx.create(NameClaim(space=entity.kind, name=wanted, owner=entity.id), taken)
    elif wanted != entity.id:
        raise taken()


def _unclaim(tx: Transaction, entity: Named) -> None:
    name = folded(entity.name)
    if name not in _built_in(entity):
        tx.remove(NameClaim.key(space=entity.kind, name=name))
