"""Brands: what an agency's organization works for."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from caidence.access.callers import User
from caidence.access.rows import BRAND_NOT_FOUND, ORGANIZATION_NOT_FOUND, home, located
from caidence.activity.log import record
from caidence.directory.entities import Brand
from caidence.directory.entities import User as Account
from caidence.directory.fields import Description
from caidence.envelope import Deleted, Id
from caidence.service import api as platform
from caidence.service import store
from caidence.tenancy.changes import given_in
from caidence.tenancy.naming import SLUG_EXISTS, create_named, rename
from caidence.tenancy.standing import ADMINS, AGENCY, BRAND_ADMINS, holds, require
from quintet.auth.permissions import Scope
from quintet.models import Length, Line, Name, Page, SkipQuery, Timestamp, WebAddress, now
from quintet.models.slugs import Slug
from quintet.store import Transaction, until_settled

api = platform.section("brands")

Industry = Annotated[Line, Length(0, 100)]


class NewBrand(BaseModel):
    model_config = ConfigDict(defer_build=True)

    name: Name
    organization_id: Annotated[Id | None, Field(description="The caller's own when absent")] = None
    slug: Annotated[Slug | None, Field(description="Made from the name when absent")] = None
    logo_url: WebAddress | None = None
    industry: Industry | None = None
    description: Description | None = None


class BrandChanges(BaseModel):
    """What is left out stays as it is; null takes the logo away."""

    model_config = ConfigDict(defer_build=True)

    name: Name | None = None
    slug: Slug | None = None
    logo_url: WebAddress | None = None
    industry: Industry | None = None
    description: Description | None = None
    is_active: Annotated[bool | None, Field(description="For agency admins and super admins")] = None


class BrandReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    organization_id: str
    name: str
    slug: str
    logo_url: str | None
    industry: str
    description: str
    is_active: bool
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, brand: Brand) -> Self:
        return cls.model_validate(brand.model_dump(exclude={"version", "brand_id"}))


@api.get("/brands", needs={"table:read"})
def list_brands(query: SkipQuery, caller: User) -> Page[BrandReply]:
    """List brands, newest first

    All of them for super admins, for others those of their organization.
    """
    if caller.is_super:
        return store.page(Brand, "gsi1", query).map(BrandReply.of)
    if caller.organization_id is None:
        return Page([], 0, query.number, query.size)
    return store.page(Brand, "main", query, organization_id=caller.organization_id).map(BrandReply.of)


@api.post(
    "/brands",
    errors=[ORGANIZATION_NOT_FOUND, SLUG_EXISTS],
    needs={"table:write"},
    idempotent=True,
    example={"name": "Fizz", "industry": "Beverages", "description": "Sparkling water for the young at heart"},
)
def create(body: NewBrand, caller: User) -> BrandReply:
    """Create a brand

    For agency admins and agency members, in their organization, and for super admins, who name one.
    """
    own = caller.account.scopes
    require(caller, AGENCY, own, "Only agency admins, agency members and super admins create brands")
    organization_id, _ = home(caller, body.organization_id)
    new = Brand(
        organization_id=organization_id, name=body.name, slug="", logo_url=body.logo_url,
        industry=body.industry or "", description=body.description or "",
    )  # fmt: skip
    new.updated_at = new.created_at
    return BrandReply.of(create_named(new, body.slug, lambda tx: _tell(tx, caller.account, new, "created", "Created")))


@api.get("/brands/{brand_id}", errors=[BRAND_NOT_FOUND], needs={"table:read"}, etag=True)
def get(brand_id: Id, caller: User) -> BrandReply:
    """Get brand details"""
    return BrandReply.of(located(caller, Brand, brand_id, BRAND_NOT_FOUND))


@api.patch(
    "/brands/{brand_id}",
    errors=[BRAND_NOT_FOUND, SLUG_EXISTS],
    needs={"table:write"},
    example={"industry": "Soft drinks"},
)
def update(brand_id: Id, body: BrandChanges, caller: User) -> BrandReply:
    """Update a brand

    For super admins, agency admins and brand admins; the last do not change `is_active`.
    """
    given = given_in(body, clearing={"logo_url"})

    def attempt() -> Brand:
        old = located(caller, Brand, brand_id, BRAND_NOT_FOUND)
        _require_changeable(caller, old.scopes, activity="is_active" in given)
        return _changed(caller.account, old, given)

    return BrandReply.of(until_settled(attempt))


@api.delete("/brands/{brand_id}", errors=[BRAND_NOT_FOUND], needs={"table:write"})
def delete(brand_id: Id, caller: User) -> Deleted:
    """Delete a brand

    It is deactivated and stays in sight. For agency admins and super admins.
    """

    def attempt() -> Brand:
        old = located(caller, Brand, brand_id, BRAND_NOT_FOUND)
        require(caller, ADMINS, old.scopes, "Only agency admins and super admins delete brands")
        return _changed(caller.account, old, {"is_active": False})

    return Deleted(message="Brand deactivated", id=until_settled(attempt).id)


def _require_changeable(caller: User, where: tuple[Scope, ...], *, activity: bool) -> None:
    require(caller, BRAND_ADMINS, where, "Only agency admins, brand admins and super admins update brands")
    if activity and not holds(caller, ADMINS, where):
        raise platform.errors.forbidden("Only agency admins and super admins change is_active")


def _changed(user: Account, old: Brand, given: dict[str, object]) -> Brand:
    if all(getattr(old, name) == value for name, value in given.items()):
        return old
    new = old.model_copy(update={**given, "updated_at": now()})
    tx = store.transaction()
    tx.replace(old, new, refused=None)
    rename(tx, old, new)
    if old.is_active and not new.is_active:
        _tell(tx, user, new, "deactivated", "Deactivated")
    else:
        _tell(tx, user, new, "updated", "Updated")
    tx.commit()
    return new


def _tell(tx: Transaction, user: Account, brand: Brand, what: str, verb: str) -> None:
    record(tx, user, f"brand.{what}", f"{verb} the brand {brand.name}", organization_id=brand.organization_id)
