"""Which roles a user holds.

The three staff roles may do all of this, but nobody gives or takes a role that allows more than their own do.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict

from quintet.api import ErrorType
from quintet.models import Length, Line
from storefront import service
from storefront.access import role_store
from storefront.access.callers import Staff
from storefront.access.role_store import LAST_ADMIN, ROLE_NOT_FOUND, USER_NOT_FOUND
from storefront.access.roles import Role, find_role, find_roles, given_by, holdings, role_id_named
from storefront.accounts.entities import Account
from storefront.service import store

api = service.api.section("user_roles")

ROLE_REQUIRED = ErrorType(400, "invalid_request", "Either role_id or role_name is required")

RoleName = Annotated[Line, Length(0, 64)]


class RoleAssignment(BaseModel):
    """`role_id` wins when both are given."""

    model_config = ConfigDict(defer_build=True)

    role_id: RoleName | None = None
    role_name: RoleName | None = None


class RoleNamesReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    roles: list[str]


class RoleAssigned(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: Literal["Role assigned successfully"]


def _role(id: str | None) -> Role:
    role = find_role(id) if id else None
    if role is None:
        raise ROLE_NOT_FOUND()
    return role


def _may_hand_out(role: Role, caller: Staff) -> None:
    if not holdings(caller.roles).covers(given_by([role])):
        raise service.api.errors.forbidden()


@api.get("/admin/users/{id}/roles", errors=[USER_NOT_FOUND], needs={"table:read"})
def list_user_roles(id: str, caller: Staff) -> RoleNamesReply:
    """The names of the roles a user holds"""
    account = store.require(Account, USER_NOT_FOUND, id=id)
    return RoleNamesReply(roles=sorted(role.name for role in find_roles(account.roles).values()))


@api.post(
    "/admin/users/{id}/roles",
    errors=[ROLE_REQUIRED, ROLE_NOT_FOUND, USER_NOT_FOUND],
    needs={"table:write"},
    example={"role_name": "manager"},
)
def assign_role(id: str, body: RoleAssignment, caller: Staff) -> RoleAssigned:
    """Assign a role, named by its id or by its name, to a user

    It takes effect at once. Only an admin may assign `admin`; assigning a role again changes nothing.
    """
    if not (body.role_id or body.role_name):
        raise ROLE_REQUIRED()
    role = _role(body.role_id or role_id_named(body.role_name or ""))
    _may_hand_out(role, caller)
    role_store.assign(store.require(Account, USER_NOT_FOUND, id=id), role)
    return RoleAssigned(message="Role assigned successfully")


@api.delete(
    "/admin/users/{id}/roles/{roleId}",
    status=204,
    errors=[LAST_ADMIN, ROLE_NOT_FOUND, USER_NOT_FOUND],
    needs={"table:write"},
)
def remove_role(id: str, roleId: str, caller: Staff) -> None:  # noqa: N803 (the document's name)
    """Remove a role from a user

    It takes effect at once. Only an admin may remove `admin`, and never from the last one.
    """
    role = _role(roleId)
    _may_hand_out(role, caller)
    role_store.unassign(store.require(Account, USER_NOT_FOUND, id=id), role)
