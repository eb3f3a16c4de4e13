"""Permissions: rights that can be granted to roles."""

from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict

from quintet.api import ErrorType
from quintet.models import Length, Line, Text, new_id
from quintet.store import STALE
from storefront import service
from storefront.access import role_store
from storefront.access.callers import Staff
from storefront.access.role_store import PERMISSION_EXISTS, PERMISSION_NOT_FOUND
from storefront.access.roles import Permission, all_permissions, built_in_permissions, find_permission, holdings

api = service.api.section("permissions")

BUILT_IN = ErrorType(403, "insufficient_permissions", "Built-in permissions cannot be deleted")

Word = Annotated[Line, Length(1, 64)]


class PermissionBody(BaseModel):
    model_config = ConfigDict(defer_build=True)

    name: Word
    resource: Word
    action: Word
    description: Annotated[Text, Length(0, 500)] = ""


class PermissionFields(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    name: str
    resource: str
    action: str
    description: str


class PermissionReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    permission: PermissionFields


class PermissionsReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    permissions: list[PermissionFields]

    @classmethod
    def of(cls, permissions: Iterable[Permission]) -> Self:
        return cls(permissions=[PermissionFields.model_validate(p, from_attributes=True) for p in permissions])


_EXAMPLE = {
    "name": "manage_inventory",
    "resource": "inventory",
    "action": "manage",
    "description": "Full access to inventory management",
}


def _reply(permission: Permission) -> PermissionReply:
    return PermissionReply(permission=PermissionFields.model_validate(permission, from_attributes=True))


def _permission(id: str) -> Permission:
    permission = find_permission(id)
    if permission is None:
        raise PERMISSION_NOT_FOUND()
    return permission


@api.get("/admin/permissions", needs={"table:read"})
def list_permissions(caller: Staff) -> PermissionsReply:
    """All permissions, the built-in ones first"""
    return PermissionsReply.of(all_permissions())


@api.post(
    "/admin/permissions",
    status=201,
    errors=[PERMISSION_EXISTS],
    needs={"table:write"},
    idempotent=True,
    example=_EXAMPLE,
)
def create_permission(body: PermissionBody, caller: Staff) -> PermissionReply:
    """Create a permission, which nobody but `admin` holds yet

    Names are unique without regard to case.
    """
    permission = Permission(id=new_id(), **body.model_dump())
    role_store.add(permission)
    return _reply(permission)


@api.get("/admin/permissions/{id}", errors=[PERMISSION_NOT_FOUND], needs={"table:read"})
def get_permission(id: str, caller: Staff) -> PermissionReply:
    """One permission"""
    return _reply(_permission(id))


@api.put(
    "/admin/permissions/{id}",
    errors=[PERMISSION_NOT_FOUND, PERMISSION_EXISTS, STALE],
    needs={"table:write"},
    example={**_EXAMPLE, "description": "Updated description"},
)
def update_permission(id: str, body: PermissionBody, caller: Staff) -> PermissionReply:
    """Replace a permission's name, resource, action and description

    What a built-in permission allows does not depend on these.
    """
    permission, changes = _permission(id), body.model_dump()
    role_store.edit(permission, **changes)
    return _reply(permission.model_copy(update=changes))


@api.delete("/admin/permissions/{id}", status=204, errors=[BUILT_IN, PERMISSION_NOT_FOUND, STALE],
            needs={"table:write"})  # fmt: skip
def delete_permission(id: str, caller: Staff) -> None:
    """Delete a permission and take it from the roles that hold it

    Built-in permissions cannot be deleted. When a role holds the permission, so must the caller.
    """
    permission = _permission(id)
    if permission.id in built_in_permissions():
        raise BUILT_IN()
    holders = role_store.holders_of(permission)
    if holders and not holdings(caller.roles).has(permission.id):
        raise service.api.errors.forbidden()
    role_store.delete_permission(permission, holders)
