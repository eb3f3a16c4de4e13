"""The people and the tenants of the platform as they are stored."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from caidence.directory.owned import Owned, owned_keys
from quintet.auth.permissions import Scope
from quintet.models import new_id, now
from quintet.store import Entity, Index, Keys

PlanTier = Literal["free", "pro", "enterprise"]


class User(Entity):
    """An account. `epoch` counts what ends all of its sessions: a token of an earlier one proves nothing."""

    kind: ClassVar[str] = "user"
    keys: ClassVar[Keys] = Keys(
        "USER#{id}",
        "USER",
        gsi1=Index("USERS", "{id}", counted=True, shards=4),
        gsi2=Index("ORG#{organization_id}#USERS", "{id}", counted=True),
        gsi3=Index("USERS#{role}#{is_approved}", "{id}", counted=True),
    )

    id: str = Field(default_factory=new_id)
    email: str
    full_name: str
    role: str
    organization_id: str | None = None
    is_active: bool = True
    is_approved: bool = False
    bio: str = ""
    avatar_url: str | None = None
    company: str = ""
    phone: str | None = None
    timezone: str = "UTC"
    language: str = "en"
    epoch: int = 0
    created_at: datetime = Field(default_factory=now)
    updated_at: datetime = Field(default_factory=now)

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """Where a request of theirs without a row is judged: their organization."""
        return (Scope("organization", self.organization_id),) if self.organization_id else ()


class EmailClaim(Entity):
    """Whose an e-mail address is, and the password that goes with it (None: none was set)."""

    kind: ClassVar[str] = "email"
    keys: ClassVar[Keys] = Keys("EMAIL#{email}", "EMAIL")

    email: str
    user_id: str
    password_hash: str | None = None


class Organization(Entity):
    """A customer of the platform."""

    kind: ClassVar[str] = "organization"
    keys: ClassVar[Keys] = Keys(
        "ORGS",
        "{id}",
        counted=True,
        shards=4,
        gsi1=Index("ORGS#{plan_tier}#{is_active}", "{id}", counted=True),
    )

    id: str = Field(default_factory=new_id)
    name: str
    slug: str
    logo_url: str | None = None
    plan_tier: PlanTier = "free"
    is_active: bool = True
    paying_since: datetime | None = None
    """Since when it pays without a break; None when it does not."""
    created_at: datetime = Field(default_factory=now)
    updated_at: datetime = Field(default_factory=now)

    @property
    def scopes(self) -> tuple[Scope, ...]:
        return (Scope("organization", self.id),)


class Brand(Owned):
    """A brand of an organization; deleting one deactivates it."""

    kind: ClassVar[str] = "brand"
    keys: ClassVar[Keys] = owned_keys("BRANDS")

    name: str
    slug: str
    logo_url: str | None = None
    industry: str = ""
    description: str = ""
    is_active: bool = True

    @property
    def scopes(self) -> tuple[Scope, ...]:
        return (Scope("brand", self.id), Scope("organization", self.organization_id))


class Team(Owned):
    """Some users of an organization, of which they all are."""

    kind: ClassVar[str] = "team"
    keys: ClassVar[Keys] = owned_keys("TEAMS")

    name: str
    description: str = ""
    members: list[str] = Field(default_factory=list)


class Memberships(Entity):
    """The teams of one organization that a user is in, so that the user's own teams are one read."""

    kind: ClassVar[str] = "memberships"
    keys: ClassVar[Keys] = Keys("USER#{user_id}", "TEAMS#{organization_id}")

    user_id: str
    organization_id: str
    teams: set[str] = Field(default_factory=set)


class SlugClaim(Entity):
    """Whose a slug is; `kind_of` says of what: an organization, or a brand of one."""

    kind: ClassVar[str] = "slug"
    keys: ClassVar[Keys] = Keys("SLUG#{kind_of}#{slug}", "SLUG")

    kind_of: str
    slug: str
    owner_id: str
