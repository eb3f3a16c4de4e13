"""Organizations: the customers of the platform, their settings, what they use and who belongs to them."""

from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from caidence.access.audit import Actor
from caidence.access.callers import SuperAdmin, User
from caidence.access.rows import ORGANIZATION_NOT_FOUND
from caidence.activity.log import record
from caidence.directory.entities import Organization, PlanTier
from caidence.directory.entities import User as Account
from caidence.directory.replies import UserReply
from caidence.envelope import Id
from caidence.service import api as platform
from caidence.service import store
from caidence.tenancy import organizations, usage
from caidence.tenancy.changes import given_in
from caidence.tenancy.naming import SLUG_EXISTS
from caidence.tenancy.standing import ADMINS, require
from quintet.api import Request
from quintet.models import Name, Page, SkipQuery, Timestamp, WebAddress
from quintet.models.slugs import Slug
from quintet.store import Transaction, cursors

api = platform.section("organizations")

FOR_SUPER_ADMINS: Final = frozenset({"plan_tier", "is_active"})


class NewOrganization(BaseModel):
    model_config = ConfigDict(defer_build=True)

    name: Name
    slug: Annotated[Slug | None, Field(description="Made from the name when absent")] = None
    logo_url: WebAddress | None = None
    plan_tier: PlanTier = "free"


class OrganizationChanges(BaseModel):
    """What is left out stays as it is; null takes the logo away."""

    model_config = ConfigDict(defer_build=True)

    name: Name | None = None
    slug: Slug | None = None
    logo_url: WebAddress | None = None
    plan_tier: Annotated[PlanTier | None, Field(description="For super admins")] = None
    is_active: Annotated[bool | None, Field(description="For super admins")] = None


class OrganizationReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    name: str
    slug: str
    logo_url: str | None
    plan_tier: PlanTier
    is_active: bool
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, organization: Organization) -> Self:
        return cls.model_validate(organization.model_dump(exclude={"version", "paying_since"}))


class UsageReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    brands: int
    users: int
    campaigns: int
    storage: Annotated[int, Field(description="Bytes of the files that are kept")]


@api.get("/organizations", needs={"table:read"})
def list_organizations(query: SkipQuery, caller: User) -> Page[OrganizationReply]:
    """List organizations, newest first

    All of them for super admins, for others their own.
    """
    if caller.is_super:
        return store.page(Organization, "main", query).map(OrganizationReply.of)
    own = store.get(Organization, id=caller.organization_id) if caller.organization_id else None
    return cursors.cut([own] if own else [], query, "own", lambda each: each.id).map(OrganizationReply.of)


@api.post(
    "/organizations",
    errors=[SLUG_EXISTS],
    needs={"table:write"},
    idempotent=True,
    example={"name": "Northwind Agency", "slug": "northwind", "plan_tier": "pro"},
)
def create(body: NewOrganization, caller: SuperAdmin, request: Request) -> OrganizationReply:
    """Create a new organization

    For super admins.
    """
    new = Organization(name=body.name, slug="", logo_url=body.logo_url, plan_tier=body.plan_tier)
    new.updated_at = new.created_at

    def join(tx: Transaction) -> None:
        text = f"Created the organization {new.name}"
        record(tx, caller.account, "organization.created", text, organization_id=new.id)

    return OrganizationReply.of(organizations.create(Actor.of(caller.account, request.id), new, body.slug, join))


@api.get("/organizations/{org_id}", errors=[ORGANIZATION_NOT_FOUND], needs={"table:read"}, etag=True)
def get(org_id: Id, caller: User) -> OrganizationReply:
    """Get organization details

    Of the caller's own one, and of any for super admins.
    """
    return OrganizationReply.of(seen(caller, org_id))


@api.patch(
    "/organizations/{org_id}",
    errors=[ORGANIZATION_NOT_FOUND, SLUG_EXISTS],
    needs={"table:write"},
    example={"name": "Northwind Studio", "logo_url": "https://example.com/logo.png"},
)
def update(org_id: Id, body: OrganizationChanges, caller: User, request: Request) -> OrganizationReply:
    """Update organization settings

    For super admins, and for agency admins of the organization; only the former change `plan_tier` and `is_active`.
    """
    organization = seen(caller, org_id)
    require(caller, ADMINS, organization.scopes, "Only agency admins and super admins update an organization")
    given = given_in(body, clearing={"logo_url"})
    if not caller.is_super and not FOR_SUPER_ADMINS.isdisjoint(given):
        raise platform.errors.forbidden("Only super admins change plan_tier and is_active")

    def join(tx: Transaction) -> None:
        text = f"Updated the organization {given.get('name', organization.name)}"
        record(tx, caller.account, "organization.updated", text, organization_id=org_id)

    return OrganizationReply.of(organizations.change(Actor.of(caller.account, request.id), org_id, given, join))


@api.get("/organizations/{org_id}/usage", errors=[ORGANIZATION_NOT_FOUND], needs={"table:read"})
def get_usage(org_id: Id, caller: User) -> UsageReply:
    """Get usage statistics of an organization

    How many brands, users and campaigns it has, and the bytes of its files.
    """
    used = usage.of_organization(seen(caller, org_id).id)
    return UsageReply(brands=used.brands, users=used.users, campaigns=used.campaigns, storage=used.storage)


@api.get("/organizations/{org_id}/users", errors=[ORGANIZATION_NOT_FOUND], needs={"table:read"})
def list_users(org_id: Id, query: SkipQuery, caller: User) -> Page[UserReply]:
    """List the users of an organization, newest first"""
    return store.page(Account, "gsi2", query, organization_id=seen(caller, org_id).id).map(UserReply.of)


def seen(caller: User, organization_id: str) -> Organization:
    """An organization that the caller may see; raises 404."""
    if organization_id != caller.organization_id and not caller.is_super:
        raise ORGANIZATION_NOT_FOUND()
    return store.require(Organization, ORGANIZATION_NOT_FOUND, id=organization_id)
