"""The roles and permissions of one account, and the report over all."""

from collections.abc import Callable
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from quintet.api import ErrorType, Request
from quintet.models import Page, Timestamp, now
from quintet.store import until_settled
from softfactory.access.callers import RbacAdmin, RbacReader
from softfactory.access.catalogue import highest_level
from softfactory.access.changes import LAST_ADMIN, ROLE_GONE, USER_NOT_FOUND, change_user, require_role
from softfactory.access.granting import FOR_EVER, RoleChoice, require_above, require_grantable, role_of
from softfactory.access.rights import Rights, all_rights, rights_of
from softfactory.access.roles import Role
from softfactory.lists import ListQuery
from softfactory.people.entities import HeldRole, Override, User
from softfactory.people.fields import End, Id
from softfactory.roles.operations import Permission
from softfactory.roles.replies import HeldReply, PermissionsReply, held_replies, in_order
from softfactory.service import api as suite
from softfactory.service import store
from softfactory.trail.log import Act, record

api = suite.section("rbac")

NOT_HELD = ErrorType(404, "role_not_held", "The user does not hold this role")
NO_OVERRIDE = ErrorType(404, "override_not_found", "The user has no override of this permission")
TOO_MANY_HELD = ErrorType(409, "too_many_roles", "The user holds as many roles as one may; take one away first")
MOST_HELD: Final = 20
Told = dict[str, Any] | None
"""What the trail tells of a role or an override; None where there is none."""


class Assignment(RoleChoice):
    """A role to give, for ever unless `expires_at` says when it ends."""

    expires_at: End | None = None


class OverrideChange(BaseModel):
    """One permission allowed (true) or denied (false); null takes the override of it back."""

    model_config = ConfigDict(defer_build=True)

    permission: Permission
    allowed: bool | None
    expires_at: End | None = None


class HeldRoles(BaseModel):
    model_config = ConfigDict(defer_build=True)

    roles: list[HeldReply]


class AssignedRoles(HeldRoles):
    user_id: str
    updated_at: Timestamp


class AccessReply(BaseModel):
    """What one account may do; `access_level` is the highest that it holds in any area."""

    model_config = ConfigDict(defer_build=True)

    user_id: str
    email: str
    roles: list[str]
    effective_permissions: list[str]
    access_level: Literal["none", "read", "write", "admin"]


class ReportQuery(ListQuery):
    sort: Literal["created_at", "-created_at"] = "-created_at"


@api.get("/rbac/users/{id}/roles", errors=[USER_NOT_FOUND], needs={"table:read"})
def list_user_roles(id: Id, caller: RbacReader) -> HeldRoles:
    """The roles that a user holds now"""
    return HeldRoles(roles=held_replies(_rights(id)))


@api.post(
    "/rbac/users/{id}/roles", errors=[USER_NOT_FOUND, ROLE_GONE, TOO_MANY_HELD, LAST_ADMIN], needs={"table:write"},
    example={"role_name": "moderator", "expires_at": "2099-12-31"},
)  # fmt: skip
def assign_role(id: Id, body: Assignment, caller: RbacAdmin, request: Request) -> AssignedRoles:
    """Give a user one more role, or a role they hold another end

    A role ends at the instant given, or with the day. Nobody gives a role of which they do not hold everything.
    """
    role = body.found()
    require_grantable(caller, role.grants, body.expires_at or FOR_EVER)

    def given(account: User) -> User:
        held = HeldRole(role_id=role.id, assigned_at=now(), assigned_by=caller.id, expires_at=body.expires_at)
        rest = [each for each in account.roles if each.role_id != role.id]
        if len(rest) >= MOST_HELD:
            raise TOO_MANY_HELD()
        return account.model_copy(update={"roles": [*rest, held]})

    account = _changed(id, caller, request, "role.assign", given, _as_held(role), role_id=role.id)
    rights = rights_of(account, now())
    return AssignedRoles(user_id=id, roles=held_replies(rights), updated_at=account.updated_at)


@api.delete(
    "/rbac/users/{id}/roles/{rid}", status=204, errors=[USER_NOT_FOUND, ROLE_GONE, NOT_HELD, LAST_ADMIN],
    needs={"table:write"},
)  # fmt: skip
def remove_role(id: Id, rid: Id, caller: RbacAdmin, request: Request) -> None:
    """Take a role from a user; the last administrator stays one"""
    role = role_of(rid)
    require_grantable(caller, role.grants, None)

    def taken(account: User) -> User:
        rest = [each for each in account.roles if each.role_id != rid]
        if len(rest) == len(account.roles):
            raise NOT_HELD()
        return account.model_copy(update={"roles": rest})

    _changed(id, caller, request, "role.remove", taken, _as_held(role))


@api.get("/rbac/users/{id}/permissions", errors=[USER_NOT_FOUND], needs={"table:read"})
def list_user_permissions(id: Id, caller: RbacReader) -> PermissionsReply:
    """What a user may do now, over all roles and overrides, and which rule decides"""
    return PermissionsReply.of(_rights(id))


@api.post(
    "/rbac/users/{id}/permissions", errors=[USER_NOT_FOUND, NO_OVERRIDE, LAST_ADMIN], needs={"table:write"},
    example={"permission": "FILES_WRITE", "allowed": False, "expires_at": None},
)  # fmt: skip
def override_permission(id: Id, body: OverrideChange, caller: RbacAdmin, request: Request) -> PermissionsReply:
    """Allow or deny a user one permission whatever their roles say, or take that back

    Denying takes exactly that permission; allowing gives what it implies, too. Nobody allows, denies or takes back what
    they do not hold.
    """
    until = (body.expires_at or FOR_EVER) if body.allowed else None
    require_grantable(caller, frozenset({body.permission}), until)

    def overridden(account: User) -> User:
        rest = [each for each in account.overrides if each.permission != body.permission]
        if body.allowed is None:
            if len(rest) == len(account.overrides):
                raise NO_OVERRIDE()
            return account.model_copy(update={"overrides": rest})
        made = Override(
            permission=body.permission, allowed=body.allowed, created_by=caller.id, created_at=now(),
            expires_at=body.expires_at,
        )  # fmt: skip
        return account.model_copy(update={"overrides": [*rest, made]})

    def told(account: User) -> Told:
        return _told(next((each for each in account.overrides if each.permission == body.permission), None))

    changed = _changed(id, caller, request, "permission.override", overridden, told)
    return PermissionsReply.of(rights_of(changed, now()))


@api.get("/rbac/access-report", rows="users", needs={"table:read"})
def access_report(query: ReportQuery, caller: RbacReader) -> Page[AccessReply]:
    """Who has access to what: every account with its roles, permissions and access level"""
    page = store.page(User, "gsi1", query, reverse=not query.descending)
    rights = all_rights(page.items, now())
    return Page([_access(each) for each in rights], page.total, page.page, page.page_size, page.next_cursor)


def _access(rights: Rights) -> AccessReply:
    open_to = (
        rights.effective
        if rights.account.standing(rights.at) == "active" and not rights.account.is_deleted
        else frozenset()
    )
    return AccessReply(
        user_id=rights.account.id,
        email=rights.account.email,
        roles=[role.name for role in rights.held],
        effective_permissions=in_order(open_to),
        access_level=highest_level(open_to),
    )


def _account(id: str) -> User:
    account = store.require(User, USER_NOT_FOUND, id=id)
    if account.is_deleted:
        raise USER_NOT_FOUND()
    return account


def _rights(id: str) -> Rights:
    return rights_of(_account(id), now())


def _as_held(role: Role) -> Callable[[User], Told]:
    """What the trail tells of a role that an account holds."""

    def told(account: User) -> Told:
        held = _told(next((each for each in account.roles if each.role_id == role.id), None))
        return held and {"role": role.name, "expires_at": held["expires_at"]}

    return told


def _told(given: HeldRole | Override | None) -> Told:
    """What was given, as it matters to whoever has it; who gave it is who acted in the entry."""
    return None if given is None else given.model_dump(mode="json", include={"permission", "allowed", "expires_at"})


def _changed(
    id: str,
    caller: RbacAdmin,
    request: Request,
    action: str,
    change: Callable[[User], User],
    told: Callable[[User], Told],
    *,
    role_id: str | None = None,
) -> User:
    """Change the rights of an account as it stands, with its entry in the trail: what is `told` of it before and after.

    `role_id` is a role that must be there when that is done. Where nothing changes nothing is written.
    """

    def once() -> User:
        account = _account(id)
        require_above(caller, account)
        wanted = change(account)
        before, after = told(account), told(wanted)
        if before == after:
            return account
        tx = store.transaction()
        changed = change_user(tx, account, wanted)
        if role_id is not None:
            require_role(tx, role_id)
        record(tx, Act.of(caller, request), action, resource="user", resource_id=id, before=before, after=after)
        tx.commit()
        return changed

    return until_settled(once)
