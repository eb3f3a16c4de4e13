"""What was granted to one user beyond their role: scoped roles, and permissions allowed or denied one by one."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from caidence.directory.entities import User
from caidence.service import store
from quintet.auth import permissions
from quintet.auth.permissions import GLOBAL, Assignment, Scope, Subject
from quintet.models import now
from quintet.store import Entity, Keys

ScopeType = Literal["global", "organization", "brand"]

_OWNER: Final = 28
"""Characters of a user's id that begin the ids of their overrides: all but its last 32 bits."""


class Override(BaseModel):
    """One permission allowed or denied, whatever the role says."""

    model_config = ConfigDict(defer_build=True)

    id: str
    resource: str
    action: str
    scope_type: ScopeType = "global"
    scope_id: str | None = None
    is_allowed: bool
    created_by: str
    created_at: datetime = Field(default_factory=now)
    updated_at: datetime = Field(default_factory=now)

    @property
    def place(self) -> tuple[str, str, str, str | None]:
        """What there is one override of: resource, action and scope."""
        return self.resource, self.action, self.scope_type, self.scope_id

    def as_rule(self) -> permissions.Override:
        return permissions.Override(
            self.id, f"{self.resource}:{self.action}", self.is_allowed, scope_of(self.scope_type, self.scope_id)
        )


class ScopedRole(BaseModel):
    """A role that a user holds inside one organization or brand only."""

    model_config = ConfigDict(defer_build=True)

    role: str
    scope_type: ScopeType
    scope_id: str | None = None
    created_by: str
    created_at: datetime = Field(default_factory=now)

    @property
    def place(self) -> tuple[str, str | None]:
        """What a user has one scoped role in."""
        return self.scope_type, self.scope_id

    def as_rule(self) -> Assignment:
        return Assignment(self.role, scope_of(self.scope_type, self.scope_id))


class Grants(Entity):
    """All grants of one user in one item, read together with the user; absent (`version` 0) before the first change.

    Every change of the user's rights writes it, so that its version puts the changes into one order.
    """

    kind: ClassVar[str] = "grants"
    keys: ClassVar[Keys] = Keys("USER#{user_id}", "GRANTS")

    version: int = 0
    user_id: str
    overrides: list[Override] = Field(default_factory=list)
    assignments: list[ScopedRole] = Field(default_factory=list)
    changes: dict[str, int] = Field(default_factory=dict)
    """How many changes of this user the audit log has, by action."""
    changed_at: datetime | None = None
    """When the last of them was made; they never share a moment."""
    numbered: int = 0
    """How many overrides there ever were."""

    def numbered_id(self) -> str:
        """The id of a new override, and its number is taken.

        It begins as the user's own id does, so that whose it is can be told without an item that says so.
        """
        self.numbered += 1
        return f"{self.user_id[:_OWNER]}{self.numbered:08x}"


@dataclass(frozen=True, slots=True)
class Principal:
    """A user with their grants, as they were read together."""

    user: User
    grants: Grants


def principal(user_id: str) -> Principal | None:
    """A user and what was granted to them, in one read; None when there is no such user."""
    user, grants = store.get_all([User.ref(id=user_id), Grants.ref(user_id=user_id)])
    return Principal(user, grants or Grants(user_id=user_id)) if user else None


def owner_of(override_id: str) -> tuple[Principal, Override] | None:
    """An override by its id, with the user who has it; None when there is none."""
    users = store.query(User, "gsi1", begins=override_id[:_OWNER], limit=8).items
    for user in users:
        found = principal(user.id)
        override = next((o for o in found.grants.overrides if o.id == override_id), None) if found else None
        if found and override:
            return found, override
    return None


def subject_of(user: User, grants: Grants | None) -> Subject:
    """What the permission engine judges an account by."""
    return Subject(
        [Assignment(user.role), *(a.as_rule() for a in (grants.assignments if grants else ()))],
        [o.as_rule() for o in (grants.overrides if grants else ())],
        barred(user),
    )


def barred(user: User) -> str:
    """Why an account may do nothing at all; empty when it may."""
    return barred_by(user.id, is_active=user.is_active, is_approved=user.is_approved)


def barred_by(user_id: str, *, is_active: bool, is_approved: bool) -> str:
    """`barred`, of an account that was so at some time."""
    if not is_active:
        return f"user {user_id} is inactive"
    return "" if is_approved else f"user {user_id} is not approved"


def scope_of(kind: ScopeType, id: str | None) -> Scope:
    """The engine's scope of a grant's two columns."""
    return GLOBAL if kind == "global" else Scope(kind, id or "")
