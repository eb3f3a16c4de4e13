"""Roles and the permissions granted to them.

The three staff roles may do all of this, but nobody gives or takes a permission they do not hold, and only `admin`
touches `admin`.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict

from quintet.api import ErrorType
from quintet.models import Length, Line, Text, new_id
from quintet.store import STALE
from storefront import service
from storefront.access import role_store
from storefront.access.callers import Staff
from storefront.access.holdings import ADMIN
from storefront.access.permission_operations import PermissionsReply
from storefront.access.role_store import PERMISSION_NOT_FOUND, ROLE_EXISTS, ROLE_IN_USE, ROLE_NOT_FOUND
from storefront.access.roles import (
    Permission,
    Role,
    all_permissions,
    all_roles,
    built_in_roles,
    find_permission,
    find_role,
    holdings,
)

api = service.api.section("roles")

BUILT_IN = ErrorType(403, "insufficient_permissions", "Built-in roles cannot be deleted")
ADMIN_HOLDS_ALL = ErrorType(403, "insufficient_permissions", "The admin role holds every permission")


class RoleBody(BaseModel):
    model_config = ConfigDict(defer_build=True)

    name: Annotated[Line, Length(1, 64)]
    description: Annotated[Text, Length(0, 500)] = ""


class PermissionGrant(BaseModel):
    model_config = ConfigDict(defer_build=True)

    permission_id: Annotated[Line, Length(1, 64)]


class RoleFields(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    name: str
    description: str


class RolesReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    roles: list[RoleFields]


class RoleReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    role: RoleFields


class PermissionGranted(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: Literal["Permission granted successfully"]


_EXAMPLE = {"name": "inventory_manager", "description": "Manages inventory levels"}


def _reply(role: Role) -> RoleReply:
    return RoleReply(role=RoleFields.model_validate(role, from_attributes=True))


def _role(id: str) -> Role:
    role = find_role(id)
    if role is None:
        raise ROLE_NOT_FOUND()
    return role


def _permission(id: str) -> Permission:
    permission = find_permission(id)
    if permission is None:
        raise PERMISSION_NOT_FOUND()
    return permission


def _only_admin_touches_admin(role: Role, caller: Staff) -> None:
    if role.id == ADMIN and ADMIN not in caller.roles:
        raise service.api.errors.forbidden()


def _may_pass_on(permission: Permission, role: Role, caller: Staff) -> None:
    _only_admin_touches_admin(role, caller)
    if not holdings(caller.roles).has(permission.id):
        raise service.api.errors.forbidden()


@api.get("/admin/roles", needs={"table:read"})
def list_roles(caller: Staff) -> RolesReply:
    """All roles, the built-in ones first"""
    return RolesReply(roles=[RoleFields.model_validate(role, from_attributes=True) for role in all_roles()])


@api.post(
    "/admin/roles",
    status=201,
    errors=[ROLE_EXISTS],
    needs={"table:write"},
    idempotent=True,
    example=_EXAMPLE,
)
def create_role(body: RoleBody, caller: Staff) -> RoleReply:
    """Create a role, which holds no permission yet

    Names are unique without regard to case.
    """
    role = Role(id=new_id(), name=body.name, description=body.description)
    role_store.add(role)
    return _reply(role)


@api.get("/admin/roles/{id}", errors=[ROLE_NOT_FOUND], needs={"table:read"})
def get_role(id: str, caller: Staff) -> RoleReply:
    """One role"""
    return _reply(_role(id))


@api.put(
    "/admin/roles/{id}",
    errors=[ROLE_NOT_FOUND, ROLE_EXISTS, STALE],
    needs={"table:write"},
    example={"name": "inventory_admin", "description": "Full inventory access"},
)
def update_role(id: str, body: RoleBody, caller: Staff) -> RoleReply:
    """Replace a role's name and description

    What a built-in role allows does not depend on its name. Only an admin may change `admin`.
    """
    role = _role(id)
    _only_admin_touches_admin(role, caller)
    role_store.edit(role, name=body.name, description=body.description)
    return _reply(role.model_copy(update={"name": body.name, "description": body.description}))


@api.delete("/admin/roles/{id}", status=204, errors=[BUILT_IN, ROLE_NOT_FOUND, ROLE_IN_USE, STALE],
            needs={"table:write"})  # fmt: skip
def delete_role(id: str, caller: Staff) -> None:
    """Delete a role that nobody holds

    Built-in roles cannot be deleted.
    """
    role = _role(id)
    if role.id in built_in_roles():
        raise BUILT_IN()
    role_store.delete_role(role)


@api.get("/admin/roles/{id}/permissions", errors=[ROLE_NOT_FOUND], needs={"table:read"})
def list_permissions(id: str, caller: Staff) -> PermissionsReply:
    """The permissions a role holds; `admin` holds all there are"""
    role = _role(id)
    held = [p for p in all_permissions() if role.id == ADMIN or p.id in role.permissions]
    return PermissionsReply.of(held)


@api.post(
    "/admin/roles/{id}/permissions",
    errors=[ROLE_NOT_FOUND, PERMISSION_NOT_FOUND],
    needs={"table:write"},
    example={"permission_id": "manage_products"},
)
def grant_permission(id: str, body: PermissionGrant, caller: Staff) -> PermissionGranted:
    """Grant a permission to a role

    The caller must hold the permission. Granting it again changes nothing.
    """
    role, permission = _role(id), _permission(body.permission_id)
    _may_pass_on(permission, role, caller)
    if role.id != ADMIN:
        role_store.grant(role, permission)
    return PermissionGranted(message="Permission granted successfully")


@api.delete(
    "/admin/roles/{id}/permissions/{permId}",
    status=204,
    errors=[ADMIN_HOLDS_ALL, ROLE_NOT_FOUND, PERMISSION_NOT_FOUND],
    needs={"table:write"},
)
def revoke_permission(id: str, permId: str, caller: Staff) -> None:  # noqa: N803 (the document's name)
    """Revoke a permission from a role

    The caller must hold the permission. Revoking what the role does not hold changes nothing.
    """
    role, permission = _role(id), _permission(permId)
    _may_pass_on(permission, role, caller)
    if role.id == ADMIN:
        raise ADMIN_HOLDS_ALL()
    role_store.revoke(role, permission)
