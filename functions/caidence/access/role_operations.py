"""Roles: the eight built-in ones, and those that super admins add to them."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from caidence.access import catalogue
from caidence.access.audit import Actor
from caidence.access.callers import SuperAdmin, User
from caidence.access.catalogue import ROLE_IN_USE, TOO_MANY_ROLES
from caidence.access.levels import ROLE_NOT_FOUND, require_level_below, require_role_below
from caidence.access.roles import RESOURCES, Action, Resource, StoredRole, actions_of
from caidence.envelope import Deleted, Id
from caidence.service import api as platform
from quintet.api import ErrorType, Request
from quintet.models import Entries, Length, Text, Timestamp, new_id, now
from quintet.store import Transaction, until_settled

api = platform.section("rbac")

ROLE_EXISTS = ErrorType(409, "role_exists", "A role with this name already exists")
BUILT_IN_STAYS = ErrorType(409, "built_in_role", "A built-in role cannot be deleted")
BUILT_IN_IS = ErrorType(400, "built_in_role_fields", "A built-in role keeps its name and its level")


def _permissions(given: dict[Resource, list[Action]]) -> dict[Resource, list[Action]]:
    """In the document's order, each action once, no empty lists."""
    for resource, actions in given.items():
        known = actions_of(resource)
        if not set(actions) <= set(known):
            message = f"{resource} knows only {', '.join(known)}"
            raise ValueError(message)
    ordered = {resource: [a for a in actions_of(resource) if a in given[resource]] for resource in RESOURCES
               if resource in given}  # fmt: skip
    return {resource: actions for resource, actions in ordered.items() if actions}


Actions = Annotated[list[Action], Field(max_length=20)]
Permissions = Annotated[dict[Resource, Actions], Entries(50), AfterValidator(_permissions)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,49}$")]
Level = Annotated[int, Field(ge=1, le=100)]
Description = Annotated[Text, Length(0, 500)]


class RoleCreate(BaseModel):
    model_config = ConfigDict(defer_build=True)

    name: Name
    description: Description | None = None
    level: Level
    permissions_json: Permissions | None = None


class RoleUpdate(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(defer_build=True)

    name: Name | None = None
    description: Description | None = None
    level: Level | None = None
    permissions_json: Permissions | None = None


class RolePermissions(BaseModel):
    model_config = ConfigDict(defer_build=True)

    permissions_json: Permissions


class RoleReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    name: str
    description: str
    level: int
    is_builtin: bool
    permissions_json: dict[str, list[str]]
    user_count: int
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, role: StoredRole, users: int) -> Self:
        return cls(**role.model_dump(), user_count=users)


@api.get("/rbac/roles", needs={"table:read"})
def list_roles(caller: User) -> list[RoleReply]:
    """List all roles, the highest level first"""
    return _shown(caller.catalogue.roles)


@api.post(
    "/rbac/roles",
    status=201,
    errors=[ROLE_EXISTS, TOO_MANY_ROLES],
    needs={"table:write"},
    idempotent=True,
    example={"name": "account_lead", "level": 55, "permissions_json": {"campaign": ["read", "write"]}},
)
def create_role(body: RoleCreate, caller: SuperAdmin, request: Request) -> RoleReply:
    """Create a custom role below one's own level"""
    require_level_below(caller, body.level)

    def attempt() -> StoredRole:
        roles = catalogue.read()
        if roles.named(body.name):
            raise ROLE_EXISTS()
        at = now()
        role = StoredRole(
            id=new_id(), name=body.name, description=body.description or "", level=body.level,
            permissions_json=_plain(body.permissions_json or {}), created_at=at, updated_at=at,
        )  # fmt: skip
        catalogue.write(Actor.of(caller.account, request.id), roles, "role.create", None, role)
        return role

    return RoleReply.of(until_settled(attempt), 0)


@api.put(
    "/rbac/roles/{role_id}",
    errors=[ROLE_NOT_FOUND, ROLE_EXISTS, ROLE_IN_USE, BUILT_IN_IS],
    needs={"table:write"},
    example={"description": "Leads the accounts of a brand", "level": 54},
)
def update_role(role_id: Id, body: RoleUpdate, caller: SuperAdmin, request: Request) -> RoleReply:
    """Update a role

    Custom roles may be given another name while nobody has them. The roles of root and of super admins are root's to
    change.
    """
    given = body.model_dump(exclude_none=True)

    def attempt() -> StoredRole:
        roles = catalogue.read()
        role = _found(roles.by_id(role_id), caller)
        new = role.model_copy(update={**given, "updated_at": now()})
        if role.is_builtin and (new.name, new.level) != (role.name, role.level):
            raise BUILT_IN_IS()
        if new.level != role.level:
            require_level_below(caller, new.level)
        if new.name != role.name and roles.named(new.name):
            raise ROLE_EXISTS()
        if new.model_copy(update={"updated_at": role.updated_at}) == role:
            return role

        def unused(tx: Transaction) -> None:
            if new.name != role.name:
                catalogue.require_unused(tx, role.name)

        catalogue.write(Actor.of(caller.account, request.id), roles, "role.update", role, new, also=unused)
        return new

    return _shown([until_settled(attempt)])[0]


@api.delete("/rbac/roles/{role_id}", errors=[ROLE_NOT_FOUND, ROLE_IN_USE, BUILT_IN_STAYS], needs={"table:write"})
def delete_role(role_id: Id, caller: SuperAdmin, request: Request) -> Deleted:
    """Delete a custom role that nobody has"""

    def attempt() -> None:
        roles = catalogue.read()
        role = _found(roles.by_id(role_id), caller)
        if role.is_builtin:
            raise BUILT_IN_STAYS()

        def unused(tx: Transaction) -> None:
            catalogue.require_unused(tx, role.name)

        catalogue.write(Actor.of(caller.account, request.id), roles, "role.delete", role, None, also=unused)

    until_settled(attempt)
    return Deleted(message="Role deleted", id=role_id)


@api.put(
    "/rbac/roles/{role_id}/permissions",
    errors=[ROLE_NOT_FOUND],
    needs={"table:write"},
    example={"permissions_json": {"campaign": ["read", "write"], "analytics": ["read"]}},
)
def update_role_permissions(role_id: Id, body: RolePermissions, caller: SuperAdmin, request: Request) -> RoleReply:
    """Replace everything that a role grants

    It takes effect at the next request of everybody who has the role.
    """

    def attempt() -> StoredRole:
        roles = catalogue.read()
        role = _found(roles.by_id(role_id), caller)
        new = role.model_copy(update={"permissions_json": _plain(body.permissions_json), "updated_at": now()})
        catalogue.write(Actor.of(caller.account, request.id), roles, "role.permissions", role, new)
        return new

    return _shown([until_settled(attempt)])[0]


def _found(role: StoredRole | None, caller: User) -> StoredRole:
    if role is None:
        raise ROLE_NOT_FOUND()
    require_role_below(caller, role)
    return role


def _shown(roles: Sequence[StoredRole]) -> list[RoleReply]:
    counts = catalogue.user_counts([role.name for role in roles])
    return [RoleReply.of(role, counts[role.name]) for role in roles]


def _plain(permissions: dict[Resource, list[Action]]) -> dict[str, list[str]]:
    return {resource: list(actions) for resource, actions in permissions.items()}
