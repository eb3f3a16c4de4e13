"""Who may change whom, and who may give out which role: by the levels of the roles.

Changing a user needs a higher level than theirs; nobody gives out a role of their own level or above. Root stands over
both rules, but for changing itself. Refusals are 403 and say which rule refuses.
"""

from caidence.access.callers import User
from caidence.access.grants import Grants, Principal
from caidence.access.roles import Catalogue, StoredRole
from caidence.directory.entities import User as Account
from caidence.service import api, store
from quintet.api import ErrorType

USER_NOT_FOUND = ErrorType(404, "user_not_found", "User not found")
ROLE_NOT_FOUND = ErrorType(404, "role_not_found", "Role not found")


def located_user(caller: User, user_id: str) -> Principal:
    """A user whom the caller may see, with their grants, as they are now; the caller's roles are read anew with them.

    Raises 404 for nobody, and for a user of another organization unless the caller is a super admin.
    """
    user, grants, catalogue = store.get_all([Account.ref(id=user_id), Grants.ref(user_id=user_id), Catalogue.ref()])
    caller.catalogue = catalogue or Catalogue()
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
