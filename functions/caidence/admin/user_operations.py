"""The users of the whole platform: listed with their overrides, changed, approved, and granted single permissions."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from caidence.access import changes, overrides
from caidence.access.audit import Actor
from caidence.access.callers import SuperAdmin
from caidence.access.changes import LAST_ROOT
from caidence.access.grants import Grants, Principal
from caidence.access.levels import USER_NOT_FOUND, located_user, require_above
from caidence.access.override_operations import OVERRIDE_NOT_FOUND, OverrideReply
from caidence.access.overrides import TOO_MANY_OVERRIDES, AccessLevel
from caidence.access.roles import Resource
from caidence.access.rows import ORGANIZATION_NOT_FOUND
from caidence.activity.log import record
from caidence.admin.roles import RoleName, require_role
from caidence.directory.entities import Organization, User
from caidence.directory.replies import UserReply
from caidence.envelope import Deleted, Id
from caidence.service import api, store
from caidence.tenancy import teams
from caidence.tenancy.changes import given_in
from quintet.api import Request
from quintet.models import Page, SkipQuery, now
from quintet.store import until_settled
from quintet.store.merge import merged_page


class UserQuery(SkipQuery):
    """Paging, and which users."""

    role: RoleName | None = None
    is_approved: bool | None = None


class UserChanges(BaseModel):
    """What is left out stays as it is; a null organization takes the user out of theirs."""

    model_config = ConfigDict(defer_build=True)

    role: RoleName | None = None
    is_active: bool | None = None
    is_approved: bool | None = None
    organization_id: Id | None = None


class ModuleAccess(BaseModel):
    """`none` denies reading and writing, `read` allows the one and denies the other, `write` allows both."""

    model_config = ConfigDict(defer_build=True)

    module: Resource
    access_level: AccessLevel


class AdminUser(UserReply):
    """An account with what was granted to it beyond its role."""

    permission_overrides: Annotated[list[OverrideReply], Field(description="Oldest first")]

    @classmethod
    def with_grants(cls, user: User, grants: Grants | None) -> Self:
        held = grants.overrides if grants else []
        shown = UserReply.of(user).model_dump()
        return cls(**shown, permission_overrides=[OverrideReply.of(user.id, override) for override in held])


@api.get("/admin/users", needs={"table:read"})
def list_users(query: UserQuery, caller: SuperAdmin) -> Page[AdminUser]:
    """List all users with their custom permission overrides, newest first"""
    page = _users(query, [role.name for role in caller.catalogue.roles])
    grants = store.get_all([Grants.ref(user_id=user.id) for user in page.items], consistent=False)
    held = dict(zip([user.id for user in page.items], grants, strict=True))
    return page.map(lambda user: AdminUser.with_grants(user, held[user.id]))


@api.patch(
    "/admin/users/{user_id}",
    errors=[USER_NOT_FOUND, ORGANIZATION_NOT_FOUND, LAST_ROOT],
    needs={"table:write"},
    example={"is_approved": True, "role": "brand_admin"},
)
def update_user(user_id: Id, body: UserChanges, caller: SuperAdmin, request: Request) -> AdminUser:
    """Update a user's role, activity, approval or organization

    This is where a registered account is approved. It needs a higher level than the user's and than the role given;
    root may change other roots. Who moves to another organization leaves the teams of the old one.
    """
    given = given_in(body, clearing={"organization_id"})
    actor = Actor.of(caller.account, request.id)

    def attempt() -> AdminUser:
        held = located_user(caller, user_id)
        require_above(caller, held.user)
        after = _after(caller, held.user, given)
        if after != held.user:
            _write(actor, caller, held, after)
        return AdminUser.with_grants(after, held.grants)

    return until_settled(attempt)


@api.post(
    "/admin/users/{user_id}/permissions",
    errors=[USER_NOT_FOUND, TOO_MANY_OVERRIDES],
    needs={"table:write"},
    example={"module": "crm", "access_level": "read"},
)
def set_user_permission(user_id: Id, body: ModuleAccess, caller: SuperAdmin, request: Request) -> AdminUser:
    """Create or update a user's override of one module

    It is the same store as `/rbac/overrides`: a module's level is its global overrides.
    """
    return until_settled(
        lambda: _granted(
            caller, request, user_id,
            lambda held: overrides.with_access(held.grants, body.module, body.access_level, caller.id),
        )
    )  # fmt: skip


@api.delete(
    "/admin/users/{user_id}/permissions/{resource}",
    errors=[USER_NOT_FOUND, OVERRIDE_NOT_FOUND],
    needs={"table:write"},
)
def delete_user_permission(user_id: Id, resource: Resource, caller: SuperAdmin, request: Request) -> Deleted:
    """Remove a user's override of one module

    Those of an organization or a brand stay; they go by `/rbac/overrides`.
    """

    def less(held: Principal) -> Grants:
        after = overrides.without_module(held.grants, resource)
        if after.overrides == held.grants.overrides:
            raise OVERRIDE_NOT_FOUND()
        return after

    until_settled(lambda: _granted(caller, request, user_id, less))
    return Deleted(message="Permission override removed", id=resource)


def _users(query: UserQuery, roles: Sequence[str]) -> Page[User]:
    """A page of all users, or of the listings by role and approval that the filters leave."""
    if query.role is None and query.is_approved is None:
        return store.page(User, "gsi1", query)
    if query.role is not None and query.is_approved is not None:
        return store.page(User, "gsi3", query, role=query.role, is_approved=query.is_approved)
    approvals = (True, False) if query.is_approved is None else (query.is_approved,)
    listings = [
        {"role": role, "is_approved": approved}
        for role in ([query.role] if query.role is not None else roles)
        for approved in approvals
    ]
    return merged_page(store, User, "gsi3", query, listings, f"users|{query.role}|{query.is_approved}")


def _after(caller: SuperAdmin, user: User, given: dict[str, Any]) -> User:
    """The user with the changes, each of which the caller may make."""
    if given.get("role", user.role) != user.role:
        require_role(caller, given["role"])
    if given.get("organization_id") not in (None, user.organization_id):
        store.require(Organization, ORGANIZATION_NOT_FOUND, id=given["organization_id"])
    after = user.model_copy(update=given)
    return user if after == user else after.model_copy(update={"updated_at": now()})


def _write(actor: Actor, caller: SuperAdmin, held: Principal, after: User) -> None:
    tx = store.transaction()
    changes.change_user(tx, actor, held, after, catalogue=caller.catalogue)
    left = held.user.organization_id
    if left is not None and after.organization_id != left:
        teams.leave(tx, after.id, left)
    if after.is_approved and not held.user.is_approved:
        text = f"Approved {after.full_name}"
        record(tx, caller.account, "user.approved", text, organization_id=after.organization_id)
    tx.commit()


def _granted(
    caller: SuperAdmin, request: Request, user_id: str, change: Callable[[Principal], Grants]
) -> AdminUser:  # fmt: skip
    """The user with other overrides; nothing is written where they stay the same."""
    held = located_user(caller, user_id)
    require_above(caller, held.user)
    after = change(held)
    if after.overrides != held.grants.overrides:
        tx = store.transaction()
        changes.change_overrides(tx, Actor.of(caller.account, request.id), held, after)
        tx.commit()
    return AdminUser.with_grants(held.user, after)
