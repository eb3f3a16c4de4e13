"""Roles: listing, making, changing and deleting them."""

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from quintet.api import ErrorType, Request
from quintet.models import Length, Line, Page, Text, now
from quintet.models.text import is_seen_whole
from quintet.store import STALE, Transaction, cursors, until_settled
from softfactory.access.callers import RbacAdmin, RbacReader
from softfactory.access.catalogue import AREAS, PERMISSIONS
from softfactory.access.changes import ROLE_GONE, Holder
from softfactory.access.ending import settle_ended
from softfactory.access.granting import require_grantable, role_of
from softfactory.access.roles import BUILT_IN, BUILT_IN_NAMED, Role, RoleName, folded
from softfactory.lists import ListQuery
from softfactory.people.fields import Id
from softfactory.roles.replies import RoleReply, in_order, role_replies
from softfactory.service import api as suite
from softfactory.service import store
from softfactory.trail.log import Act, record

api = suite.section("rbac")

NAME_TAKEN = ErrorType(409, "role_exists", "A role with this name already exists")
TOO_MANY_ROLES = ErrorType(409, "too_many_roles", "There are as many custom roles as there may be; delete one first")
BUILT_IN_ROLE = ErrorType(403, "built_in_role", "Built-in roles can be neither changed nor deleted")
ROLE_IN_USE = ErrorType(409, "role_in_use", "The role is held by somebody; take it from them first")
MOST_ROLES: Final = 100


def _known(permission: str) -> str:
    if permission not in PERMISSIONS:
        raise ValueError("must be a permission, such as SNS_READ")
    return permission


def _shown(name: str) -> str:
    if not is_seen_whole(name):
        raise ValueError("must not contain invisible characters")
    return name


Permission = Annotated[str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(PERMISSIONS)})]
Name = Annotated[Line, AfterValidator(_shown), Length(1, 100)]
Description = Annotated[Text, Length(0, 1000)]
Permissions = Annotated[list[Permission], Field(max_length=len(PERMISSIONS))]


class RoleQuery(ListQuery):
    sort: Literal["created_at", "-created_at", "name", "-name"] = "-created_at"


class PermissionQuery(ListQuery):
    sort: Literal["name", "-name"] = "name"


class NewRole(BaseModel):
    model_config = ConfigDict(defer_build=True)

    name: Name
    description: Description
    permissions: Permissions


class RoleChange(BaseModel):
    """What is left out, or null, stays as it is."""

    model_config = ConfigDict(defer_build=True)

    name: Name | None = None
    description: Description | None = None
    permissions: Permissions | None = None


class PermissionReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    name: str
    area: str
    level: Literal["READ", "WRITE", "ADMIN"]
    description: str


@api.get("/rbac/roles", rows="roles", needs={"table:write"})
def list_roles(query: RoleQuery, caller: RbacReader) -> Page[RoleReply]:
    """All roles, the built-in ones among them, with how many permissions they give and how many accounts hold them"""
    settle_ended()
    custom = store.query(Role, "gsi1", limit=2 * MOST_ROLES).items
    place = _by_name if query.by == "name" else _by_age
    roles = sorted([*BUILT_IN.values(), *custom], key=place, reverse=query.descending)
    page = cursors.cut(roles, query, f"roles|{query.sort}", place, descending=query.descending)
    return Page(role_replies(page.items), page.total, page.page, page.page_size, page.next_cursor)


@api.post(
    "/rbac/roles", status=201, errors=[NAME_TAKEN, TOO_MANY_ROLES], needs={"table:write"},
    example={"name": "support", "description": "Answers customers", "permissions": ["SNS_READ", "ADMIN_READ"]},
)  # fmt: skip
def create_role(body: NewRole, caller: RbacAdmin, request: Request) -> RoleReply:
    """Make a custom role. Its name is unique without regard to case; nobody puts into it what they do not hold"""
    role = Role(name=body.name, description=body.description, permissions=in_order(body.permissions))
    require_grantable(caller, role.grants, None)
    if store.count(Role, "gsi1") >= MOST_ROLES:
        raise TOO_MANY_ROLES()
    tx = store.transaction()
    tx.create(role)
    _claim(tx, role)
    record(tx, Act.of(caller, request), "role.create", resource="role", resource_id=role.id, after=_state(role))
    tx.commit()
    return role_replies([role])[0]


@api.get("/rbac/roles/{id}", errors=[ROLE_GONE], needs={"table:write"})
def get_role(id: Id, caller: RbacReader) -> RoleReply:
    """A role with its permissions"""
    settle_ended()
    return role_replies([role_of(id)])[0]


@api.put(
    "/rbac/roles/{id}", errors=[ROLE_GONE, BUILT_IN_ROLE, NAME_TAKEN, STALE], needs={"table:write"},
    example={"permissions": ["SNS_READ", "REVIEW_READ"]},
)  # fmt: skip
def update_role(id: Id, body: RoleChange, caller: RbacAdmin, request: Request) -> RoleReply:
    """Change a custom role; whoever holds it has its new permissions from their next request on"""
    before = _custom(id)
    given = body.model_dump(exclude_none=True)
    if "permissions" in given:
        given["permissions"] = in_order(given["permissions"])
    after = before.model_copy(update={**given, "updated_at": now()})
    require_grantable(caller, before.grants | after.grants, None)
    if _state(before) == _state(after):
        return role_replies([before])[0]
    tx = store.transaction()
    tx.replace(before, after)
    if folded(before.name) != folded(after.name):
        tx.remove(RoleName.key(name=folded(before.name)))
        _claim(tx, after)
    act = Act.of(caller, request)
    record(tx, act, "role.update", resource="role", resource_id=id, before=_state(before), after=_state(after))
    tx.commit()
    return role_replies([after])[0]


@api.delete("/rbac/roles/{id}", status=204, errors=[ROLE_GONE, BUILT_IN_ROLE, ROLE_IN_USE], needs={"table:write"})
def delete_role(id: Id, caller: RbacAdmin, request: Request) -> None:
    """Delete a custom role that nobody holds"""

    settle_ended()

    def attempt() -> None:
        role = _custom(id)
        require_grantable(caller, role.grants, None)
        tx = store.transaction()
        tx.delete(role, refused=None)
        tx.remove(RoleName.key(name=folded(role.name)))
        tx.check_empty(Holder, "gsi2", ROLE_IN_USE, role_id=id)
        record(tx, Act.of(caller, request), "role.delete", resource="role", resource_id=id, before=_state(role))
        tx.commit()

    until_settled(attempt)


@api.get("/rbac/permissions", rows="permissions")
def list_permissions(query: PermissionQuery, caller: RbacReader) -> Page[PermissionReply]:
    """Every permission that can be given"""
    names = sorted(PERMISSIONS, reverse=query.descending)
    page = cursors.cut(names, query, f"permissions|{query.sort}", str, descending=query.descending)
    return page.map(_permission_reply)


_VERBS: Final = {
    "READ": "See {what}", "WRITE": "See and change {what}", "ADMIN": "Do everything with {what}, also of others"
}  # fmt: skip
_WHATS: Final[dict[str, str]] = dict(
    zip(
        AREAS,
        ("posts", "payments", "files", "review campaigns", "recipes and shopping lists", "searches", "translations",
         "accounts and figures of the suite", "roles and permissions", "reported content"),
        strict=True,
    )
)  # fmt: skip


def _permission_reply(name: str) -> PermissionReply:
    area, _, level = name.rpartition("_")
    described = _VERBS[level].format(what=_WHATS[area])
    return PermissionReply(name=name, area=area, level=level, description=described)


def _custom(id: str) -> Role:
    role = role_of(id)
    if role.is_builtin:
        raise BUILT_IN_ROLE()
    return role


def _claim(tx: Transaction, role: Role) -> None:
    """Take the role's name, which no other role has."""
    name = folded(role.name)
    if name in BUILT_IN_NAMED:
        raise NAME_TAKEN()
    tx.create(RoleName(name=name, role_id=role.id), NAME_TAKEN)


def _state(role: Role) -> dict[str, Any]:
    return role.model_dump(mode="json", include={"name", "description", "permissions"})


def _by_name(role: Role) -> str:
    return f"{folded(role.name)}\0{role.id}"


def _by_age(role: Role) -> str:
    return f"{role.created_at.isoformat()}\0{role.id}"
