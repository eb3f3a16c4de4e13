"""What was granted to one user beyond their role: scoped roles, and permissions allowed or denied one by one."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from caidence.directory.entities import User
from quintet.auth import permissions
from quintet.auth.permissions import GLOBAL, Assignment, Scope, Subject
from quintet.models import new_id, now
from quintet.models.time import epoch
from quintet.store import Entity, Keys

ScopeType = Literal["global", "organization", "brand"]


class Override(BaseModel):
    """One permission allowed or denied, whatever the role says."""

    model_config = ConfigDict(defer_build=True)

    id: str = Field(default_factory=new_id)
    resource: str
    action: str
    scope_type: ScopeType = "global"
    scope_id: str | None = None
    is_allowed: bool
    expires_at: datetime | None = None
    created_by: str
    created_at: datetime = Field(default_factory=now)
    updated_at: datetime = Field(default_factory=now)

    @property
    def place(self) -> tuple[str, str, str, str | None]:
        """What there is one override of: resource, action and scope."""
        return self.resource, self.action, self.scope_type, self.scope_id

    def as_rule(self) -> permissions.Override:
        until = None if self.expires_at is None else epoch(self.expires_at)
        return permissions.Override(
            self.id, f"{self.resource}:{self.action}", self.is_allowed, _scope(self.scope_type, self.scope_id), until
        )


class ScopedRole(BaseModel):
    """A role that a user holds inside one organization or brand only."""

    model_config = ConfigDict(defer_build=True)

    role: str
    scope_type: ScopeType
    scope_id: str | None = None
    created_by: str
    created_at: datetime = Field(default_factory=now)

    def as_rule(self) -> Assignment:
        return Assignment(self.role, _scope(self.scope_type, self.scope_id))


class Grants(Entity):
    """All grants of one user in one item, read together with the user; absent when there are none."""

    kind: ClassVar[str] = "grants"
    keys: ClassVar[Keys] = Keys("USER#{user_id}", "GRANTS")

    user_id: str
    overrides: list[Override] = Field(default_factory=list)
    assignments: list[ScopedRole] = Field(default_factory=list)


def subject_of(user: User, grants: Grants | None) -> Subject:
    """What the permission engine judges an account by."""
    return Subject(
        [Assignment(user.role), *(a.as_rule() for a in (grants.assignments if grants else ()))],
        [o.as_rule() for o in (grants.overrides if grants else ())],
        barred(user),
    )


def barred(user: User) -> str:
    """Why an account may do nothing at all; empty when it may."""
    if not user.is_active:
        return f"user {user.id} is inactive"
    return "" if user.is_approved else f"user {user.id} is not approved"


def _scope(kind: ScopeType, id: str | None) -> Scope:
    return GLOBAL if kind == "global" else Scope(kind, id or "")
