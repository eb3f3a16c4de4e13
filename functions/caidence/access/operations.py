"""Questions to the permission engine, of now and of then, and the log of everything that changed its answers."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from caidence.access import audit
from caidence.access.audit import DENIED, Actor, Entry
from caidence.access.callers import SuperAdmin, User
from caidence.access.grants import Grants, Principal
from caidence.access.levels import USER_NOT_FOUND, located_user
from caidence.access.moments import AsOf, effective, rights_asked, roles_asked
from caidence.access.override_operations import OverrideReply
from caidence.access.rows import BRAND_NOT_FOUND, ORGANIZATION_NOT_FOUND
from caidence.access.scopes import InScope, Permission, seen_scopes
from caidence.envelope import Id
from caidence.service import api as platform
from caidence.service import store
from quintet.api import Request
from quintet.auth.permissions import decide
from quintet.models import Page
from quintet.models.time import as_utc, epoch

api = platform.section("rbac")


class EffectivePermissions(BaseModel):
    model_config = ConfigDict(defer_build=True)

    user_id: str
    role: str
    permissions: dict[str, list[str]]
    overrides: list[OverrideReply]


class Question(InScope, Permission):
    pass


class CheckReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    allowed: bool
    resource: str
    action: str
    reason: str


class AuditQuery(BaseModel):
    """Paging as the document spells it here, and what to narrow the log to."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    limit: Annotated[int, Field(ge=1, le=200, description="Entries to show")] = 50
    offset: Annotated[int, Field(ge=0, le=1_000_000, description="Entries to skip")] = 0
    action_filter: Annotated[
        str | None,
        Field(min_length=1, max_length=50, description="An action, or what stands before the dot of several"),
    ] = None
    target_user_id: Id | None = None
    cursor: Annotated[
        str | None,
        Field(min_length=1, max_length=2048, description="Where the page before ended; overrules `offset`"),
    ] = None

    @property
    def number(self) -> int:
        """Which page this is, from 1: the one in which the first entry shown would be."""
        return self.offset // self.limit + 1

    @property
    def size(self) -> int:
        """How many entries a page has at most."""
        return self.limit


def _to_the_microsecond(at: datetime) -> str:
    return audit.moment_of(as_utc(at))


Precise = Annotated[
    datetime,
    PlainSerializer(_to_the_microsecond, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class AuditEntry(BaseModel):
    """An entry of the log. `created_at` is to the microsecond, so that `?at=` it answers as the change left things."""

    model_config = ConfigDict(defer_build=True)

    id: str
    action: audit.Action
    actor_id: str
    actor_email: str
    target_user_id: str | None
    resource: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str | None
    request_id: str
    created_at: Precise

    @classmethod
    def of(cls, entry: Entry) -> Self:
        return cls.model_validate(entry, from_attributes=True)


@api.get("/rbac/permissions/me", errors=[USER_NOT_FOUND], needs={"table:read"})
def get_my_permissions(query: AsOf, caller: User) -> EffectivePermissions:
    """Get one's own effective permissions

    What the role and global overrides come to; in an organization or for a brand more or less may be allowed, which
    `/rbac/check` tells.
    """
    return _effective(_self(caller), caller, query.at)


@api.get("/rbac/users/{user_id}/permissions", errors=[USER_NOT_FOUND], needs={"table:read"})
def get_user_permissions(user_id: Id, query: AsOf, caller: SuperAdmin) -> EffectivePermissions:
    """Get the effective permissions of any user"""
    return _effective(located_user(caller, user_id), caller, query.at)


@api.post(
    "/rbac/check",
    errors=[USER_NOT_FOUND, ORGANIZATION_NOT_FOUND, BRAND_NOT_FOUND],
    needs={"table:write"},
    example={"resource": "campaign", "action": "write"},
)
def check(body: Question, query: AsOf, caller: User, request: Request) -> CheckReply:
    """Check whether one has a permission, and by which rule

    In a brand its own overrides count before those of its organization, and those before global ones. A denial enters
    the audit log.
    """
    where = seen_scopes(caller, body.kind, body.scope_id)
    permission = f"{body.resource}:{body.action}"
    subject = rights_asked(_self(caller), query.at).subject(caller.id)
    decision = decide(subject, roles_asked(caller, query.at), permission, where, at=epoch(query.at))
    if not decision.allowed:
        tx = store.transaction()
        actor = Actor.of(caller.account, request.id)
        audit.record(tx, actor, DENIED, target=caller.id, resource=permission, reason=decision.reason)
        tx.commit()
    return CheckReply(allowed=decision.allowed, resource=body.resource, action=body.action, reason=decision.reason)


@api.get("/rbac/audit-log", needs={"table:read"})
def list_audit_log(query: AuditQuery, caller: SuperAdmin) -> Page[AuditEntry]:
    """Read the audit log, newest first

    `action_filter` names one action, such as `override.create`, or a family of them, such as `override`.
    """
    return audit.page(query, query.action_filter, query.target_user_id).map(AuditEntry.of)


def _self(caller: User) -> Principal:
    return Principal(caller.account, caller.grants or Grants(user_id=caller.id))


def _effective(held: Principal, caller: User, at: datetime | None) -> EffectivePermissions:
    rights = rights_asked(held, at)
    user_id = held.user.id
    return EffectivePermissions(
        user_id=user_id,
        role=rights.role,
        permissions=effective(user_id, rights, roles_asked(caller, at), at=at),
        overrides=[OverrideReply.of(user_id, override) for override in reversed(rights.overrides)],
    )
