"""Who may change whom, and who may give out which role: by the levels of the roles.

Changing a user needs a higher level than theirs; nobody gives out a role of their own level or above. Root stands over
both rules, but for changing itself. Refusals are 403 and say which rule refuses.
"""

from collections.abc import Sequence
from typing import Any

from caidence.access.callers import User
from caidence.access.grants import Grants, Principal
from caidence.access.roles import ROOT, SUPER_ADMIN, Catalogue, StoredRole
from caidence.directory.entities import User as Account
from caidence.service import api, store
from quintet.api import ErrorType
from quintet.store import Ref

USER_NOT_FOUND = ErrorType(404, "user_not_found", "User not found")
ROLE_NOT_FOUND = ErrorType(404, "role_not_found", "Role not found")


def located_user(caller: User, user_id: str) -> Principal:
    """A user whom the caller may see, with their grants, as they are now; the caller's roles are read anew with them.

    Raises 404 for nobody, and for a user of another organization unless the caller is a super admin.
    """
    return located_users(caller, [user_id])[0]


def located_users(caller: User, user_ids: Sequence[str]) -> list[Principal]:
    """`located_user` for several, in one round trip for up to 49."""
    refs: list[Ref[Any]] = [Catalogue.ref()]
    for user_id in user_ids:
        refs += [Account.ref(id=user_id), Grants.ref(user_id=user_id)]
    catalogue, *found = store.get_all(refs)
    caller.catalogue = catalogue or Catalogue()
    pairs = zip(user_ids, found[::2], found[1::2], strict=True)
    return [_seen(caller, user_id, user, grants) for user_id, user, grants in pairs]


def _seen(caller: User, user_id: str, user: Account | None, grants: Grants | None) -> Principal:
    own = user is not None and (user.id == caller.id or caller.organization_id == user.organization_id is not None)
    if user is None or not (own or caller.is_super):
        raise USER_NOT_FOUND()
    return Principal(user, grants or Grants(user_id=user_id))


def require_above(caller: User, target: Account) -> None:
    """Raise 403 unless the caller may change this user."""
    if target.id == caller.id:
        raise api.errors.forbidden("Nobody changes their own rights")
    role = caller.catalogue.named(target.role)
    if not caller.is_root and caller.level <= (role.level if role else 0):
        raise api.errors.forbidden(f"Changing a user with the role {target.role} needs a higher level than theirs")


def require_grantable(caller: User, name: str) -> StoredRole:
    """The role of a name; raises 404 when there is none, 403 unless the caller may give it out."""
    role = caller.catalogue.named(name)
    if role is None:
        raise ROLE_NOT_FOUND()
    if not caller.is_root and role.level >= caller.level:
        raise api.errors.forbidden(f"The role {name} is not below your own level")
    return role


def require_role_below(caller: User, role: StoredRole) -> None:
    """Raise 403 unless the caller may change this role: those of root and of super admins are root's to change."""
    if caller.is_root:
        return
    if role.name in (ROOT, SUPER_ADMIN) or role.level >= caller.level:
        raise api.errors.forbidden(f"The role {role.name} is not below your own level")


def require_level_below(caller: User, level: int) -> None:
    """Raise 403 for a level at or above the caller's own, which nobody makes a role of."""
    if level >= caller.level:
        raise api.errors.forbidden(f"A role's level must be below your own, which is {caller.level}")
