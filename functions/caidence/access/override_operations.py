"""Overrides: single permissions allowed or denied to one user, whatever their role says."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator

from caidence.access import changes, overrides
from caidence.access.audit import Actor
from caidence.access.callers import SuperAdmin, User
from caidence.access.grants import Grants, Override, Principal, ScopeType, owner_of
from caidence.access.levels import USER_NOT_FOUND, located_user, located_users, require_above
from caidence.access.moments import AsOf, rights_asked
from caidence.access.overrides import OVERRIDE_EXISTS, TOO_MANY_OVERRIDES
from caidence.access.roles import Action, Resource
from caidence.access.rows import BRAND_NOT_FOUND, ORGANIZATION_NOT_FOUND
from caidence.access.scopes import InScope, Permission, require_known, seen_scopes
from caidence.envelope import Deleted, Id
from caidence.service import api as platform
from caidence.service import store
from quintet.api import ErrorType, Request
from quintet.models import Page, SkipQuery, Timestamp, now
from quintet.store import cursors, until_settled

api = platform.section("rbac")

OVERRIDE_NOT_FOUND = ErrorType(404, "override_not_found", "Permission override not found")
MOST_AT_ONCE = 40
"""Entries of a bulk: forty users with their grants and audit entries are what fits into one transaction."""


class NewOverride(InScope, Permission):
    user_id: Id
    is_allowed: bool


class OverrideChanges(InScope):
    """What is left out stays as it is; a scope is given as a whole."""

    resource: Resource | None = None
    action: Action | None = None
    is_allowed: bool | None = None


class BulkEntry(Permission):
    user_id: Id
    is_allowed: bool


class Bulk(BaseModel):
    model_config = ConfigDict(defer_build=True)

    permissions: Annotated[list[BulkEntry], Field(min_length=1, max_length=MOST_AT_ONCE)]

    @field_validator("permissions")
    @classmethod
    def _distinct(cls, value: list[BulkEntry]) -> list[BulkEntry]:
        if len({(entry.user_id, entry.resource, entry.action) for entry in value}) < len(value):
            raise ValueError("names a user's permission twice")
        return value


class OverrideReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    user_id: str
    resource: str
    action: str
    scope_type: ScopeType
    scope_id: str | None
    is_allowed: bool
    created_by: str
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, user_id: str, override: Override) -> Self:
        return cls(user_id=user_id, **override.model_dump())


class OverrideQuery(SkipQuery, AsOf):
    """Paging, and the moment as of which to answer."""


@api.get("/rbac/overrides/{user_id}", errors=[USER_NOT_FOUND], needs={"table:read"})
def list_overrides(user_id: Id, query: OverrideQuery, caller: User) -> Page[OverrideReply]:
    """List a user's permission overrides, newest first

    For the user and for super admins.
    """
    held = located_user(caller, user_id)
    if user_id != caller.id and not caller.is_super:
        raise platform.errors.forbidden("Only super admins read the overrides of others")
    found = rights_asked(held, query.at).overrides
    return _page(user_id, sorted(found, key=lambda o: o.id, reverse=True), query)


@api.post(
    "/rbac/overrides",
    errors=[USER_NOT_FOUND, ORGANIZATION_NOT_FOUND, BRAND_NOT_FOUND, OVERRIDE_EXISTS, TOO_MANY_OVERRIDES],
    needs={"table:write"},
    idempotent=True,
    example={
        "user_id": "0198c0de-0000-7000-8000-000000000001", "resource": "crm", "action": "read",
        "scope_type": "global", "is_allowed": True,
    },
)  # fmt: skip
def create_override(body: NewOverride, caller: SuperAdmin, request: Request) -> OverrideReply:
    """Allow or deny one permission to a user, everywhere, in an organization or for a brand"""

    def attempt() -> Override:
        held = _changeable(caller, body.user_id)
        seen_scopes(caller, body.kind, body.scope_id)
        if overrides.found(held.grants, (body.resource, body.action, body.kind, body.scope_id)):
            raise OVERRIDE_EXISTS()
        after, new = overrides.placed(
            held.grants, body.resource, body.action, body.is_allowed, caller.id,
            scope_type=body.kind, scope_id=body.scope_id,
        )  # fmt: skip
        _write(caller, request, held, after)
        return new

    return OverrideReply.of(body.user_id, until_settled(attempt))


@api.put(
    "/rbac/overrides/{override_id}",
    errors=[OVERRIDE_NOT_FOUND, ORGANIZATION_NOT_FOUND, BRAND_NOT_FOUND, OVERRIDE_EXISTS],
    needs={"table:write"},
    example={"is_allowed": False},
)
def update_override(override_id: Id, body: OverrideChanges, caller: SuperAdmin, request: Request) -> OverrideReply:
    """Update a permission override"""
    given: dict[str, Any] = body.model_dump(exclude_none=True, include={"resource", "action", "is_allowed"})
    if body.scope_type is not None:
        given |= {"scope_type": body.scope_type, "scope_id": body.scope_id}

    def attempt() -> tuple[Principal, Override]:
        held, old = _owned(caller, override_id)
        seen_scopes(caller, body.kind, body.scope_id)
        new = old.model_copy(update=given)
        _require_known(new)
        if new == old:
            return held, old
        new.updated_at = now()
        _write(caller, request, held, overrides.exchanged(held.grants, old, new))
        return held, new

    held, override = until_settled(attempt)
    return OverrideReply.of(held.user.id, override)


@api.delete("/rbac/overrides/{override_id}", errors=[OVERRIDE_NOT_FOUND], needs={"table:write"})
def delete_override(override_id: Id, caller: SuperAdmin, request: Request) -> Deleted:
    """Delete a permission override"""

    def attempt() -> None:
        held, old = _owned(caller, override_id)
        _write(caller, request, held, overrides.without(held.grants, lambda o: o.id == old.id))

    until_settled(attempt)
    return Deleted(message="Permission override deleted", id=override_id)


@api.post(
    "/rbac/overrides/bulk",
    errors=[USER_NOT_FOUND, TOO_MANY_OVERRIDES],
    needs={"table:write"},
    example={
        "permissions": [
            {"user_id": "0198c0de-0000-7000-8000-000000000001", "resource": "crm", "action": "read", "is_allowed": True}
        ]
    },
)
def bulk_upsert_overrides(body: Bulk, caller: SuperAdmin, request: Request) -> list[OverrideReply]:
    """Create or update up to 40 global permission overrides, all or none

    Answers them in the order given.
    """
    user_ids = list({entry.user_id: None for entry in body.permissions})

    def attempt() -> list[OverrideReply]:
        before = {held.user.id: held for held in located_users(caller, user_ids)}
        after = {user_id: held.grants for user_id, held in before.items()}
        written = []
        for held in before.values():
            require_above(caller, held.user)
        for entry in body.permissions:
            after[entry.user_id], override = overrides.placed(
                after[entry.user_id], entry.resource, entry.action, entry.is_allowed, caller.id
            )
            written.append(OverrideReply.of(entry.user_id, override))
        tx = store.transaction()
        for user_id, held in before.items():
            if after[user_id].overrides != held.grants.overrides:
                changes.change_overrides(tx, Actor.of(caller.account, request.id), held, after[user_id])
        tx.commit()
        return written

    return until_settled(attempt)


def _changeable(caller: SuperAdmin, user_id: str) -> Principal:
    held = located_user(caller, user_id)
    require_above(caller, held.user)
    return held


def _owned(caller: SuperAdmin, override_id: str) -> tuple[Principal, Override]:
    """An override with the user who has it, whom the caller may change."""
    found = owner_of(override_id)
    if found is None:
        raise OVERRIDE_NOT_FOUND()
    require_above(caller, found[0].user)
    return found


def _require_known(override: Override) -> None:
    try:
        require_known(override.resource, override.action)
    except ValueError as error:
        raise platform.errors.invalid_body(details=[{"field": "action", "message": str(error)}]) from None


def _write(caller: User, request: Request, before: Principal, after: Grants) -> None:
    tx = store.transaction()
    changes.change_overrides(tx, Actor.of(caller.account, request.id), before, after)
    tx.commit()


def _page(user_id: str, found: list[Override], query: SkipQuery) -> Page[OverrideReply]:
    """A page of a list that is read whole: it is part of one item."""
    scope, number, start = f"overrides|{user_id}", query.number, query.offset
    if query.cursor:
        number, position = cursors.read(query.cursor, scope)
        start = sum(override.id >= position["after"]["S"] for override in found)
    shown = found[start : start + query.size]
    more = start + query.size < len(found)
    cursor = cursors.write(number + 1, {"after": {"S": shown[-1].id}}, scope) if more else None
    return Page([OverrideReply.of(user_id, each) for each in shown], len(found), number, query.size, cursor)
