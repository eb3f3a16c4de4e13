"""Creators: whom an organization, or one of its brands, works with."""

from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from caidence.access.callers import CreatorsReader, CreatorsWriter
from caidence.access.rows import BRAND_INACTIVE, BRAND_NOT_FOUND, ORGANIZATION_NOT_FOUND, active_place_for, row
from caidence.campaigns.entities import TOO_MANY_PLATFORMS
from caidence.creators import roster
from caidence.creators.entities import CREATOR_EXISTS, CREATOR_NOT_FOUND, Creator, Status
from caidence.creators.fields import (
    Bio,
    Category,
    CommissionRate,
    CreatorName,
    EngagementRate,
    Followers,
    Notes,
    Platform,
    Tier,
)
from caidence.creators.links import link
from caidence.directory.fields import Handle
from caidence.envelope import Deleted, Id
from caidence.service import api, store
from quintet.api import Request
from quintet.models import Email, Page, Phone, SkipQuery, Timestamp, now
from quintet.store import until_settled


class CreatorsQuery(SkipQuery):
    brand_id: Annotated[Id | None, Field(description="Only the creators of this brand")] = None
    status: Annotated[Status | None, Field(description="Only the creators of this status")] = None


class NewCreator(BaseModel):
    model_config = ConfigDict(defer_build=True)

    handle: Handle
    platform: Platform
    organization_id: Annotated[Id | None, Field(description="The caller's own, or the brand's, when absent")] = None
    brand_id: Id | None = None
    name: CreatorName | None = None
    email: Email | None = None
    phone: Phone | None = None
    bio: Bio | None = None
    category: Category | None = None
    tier: Tier | None = None
    follower_count: Followers | None = None
    engagement_rate: EngagementRate | None = None


class CreatorChanges(BaseModel):
    """What is left out stays as it is; null takes away a brand, an e-mail address, a phone number or a figure."""

    model_config = ConfigDict(defer_build=True)

    handle: Handle | None = None
    platform: Platform | None = None
    brand_id: Id | None = None
    name: CreatorName | None = None
    email: Email | None = None
    phone: Phone | None = None
    bio: Bio | None = None
    category: Category | None = None
    tier: Tier | None = None
    follower_count: Followers | None = None
    engagement_rate: EngagementRate | None = None
    status: Status | None = None
    commission_rate: CommissionRate | None = None
    notes: Notes | None = None


CLEARABLE: Final = frozenset({"brand_id", "email", "phone", "follower_count", "engagement_rate"})
"""Fields of which null is a value; of the others it is the same as leaving them out."""


class CreatorReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    organization_id: str
    brand_id: str | None
    handle: str
    platform: str
    name: str
    email: str | None
    phone: str | None
    bio: str
    category: str
    tier: str
    follower_count: int | None
    engagement_rate: Annotated[float | None, Field(description="In percent")]
    status: Status
    commission_rate: Annotated[float, Field(description="In percent of a sale")]
    notes: str
    affiliate_code: str | None
    affiliate_url: str | None
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, creator: Creator, request: Request) -> Self:
        url = link(creator.affiliate_code, request) if creator.affiliate_code else None
        return cls.model_validate({**creator.model_dump(exclude={"version"}), "affiliate_url": url})


@api.get("/creators", errors=[BRAND_NOT_FOUND], needs={"table:read"})
def list_creators(query: CreatorsQuery, caller: CreatorsReader, request: Request) -> Page[CreatorReply]:
    """List creators, newest first

    All of them for super admins, for others those of their organization; of one brand, of one status, or both.
    """
    found = roster.listed(caller, query, query.brand_id, query.status)
    return found.map(lambda creator: CreatorReply.of(creator, request))


@api.post(
    "/creators",
    errors=[ORGANIZATION_NOT_FOUND, BRAND_NOT_FOUND, BRAND_INACTIVE, CREATOR_EXISTS, TOO_MANY_PLATFORMS],
    needs={"table:write"},
    idempotent=True,
    example={"handle": "@ana.cooks", "platform": "instagram", "name": "Ana Ruiz", "follower_count": 48200},
)
def create(body: NewCreator, caller: CreatorsWriter, request: Request) -> CreatorReply:
    """Add a creator to the roster

    A handle is there once on each platform, in one organization: 409 for one that is taken, by a past creator too.
    """
    organization_id, brand_id = active_place_for(caller, body.organization_id, body.brand_id)
    said = body.model_dump(exclude_none=True) | {"organization_id": organization_id, "brand_id": brand_id}
    new = Creator(**said)
    new.updated_at = new.created_at

    def attempt() -> None:
        tx = store.transaction()
        roster.add(tx, new, caller.account)
        tx.commit()

    until_settled(attempt)
    return CreatorReply.of(new, request)


@api.get("/creators/{creator_id}", errors=[CREATOR_NOT_FOUND], needs={"table:read"}, etag=True)
def get(creator_id: Id, caller: CreatorsReader, request: Request) -> CreatorReply:
    """Get creator details"""
    return CreatorReply.of(row(caller, Creator, creator_id, CREATOR_NOT_FOUND), request)


@api.patch(
    "/creators/{creator_id}",
    errors=[CREATOR_NOT_FOUND, BRAND_NOT_FOUND, BRAND_INACTIVE, CREATOR_EXISTS, TOO_MANY_PLATFORMS],
    needs={"table:write"},
    example={"status": "active", "commission_rate": 12.5},
)
def update(creator_id: Id, body: CreatorChanges, caller: CreatorsWriter, request: Request) -> CreatorReply:
    """Update a creator's profile, status, commission rate or notes

    Fields that are left out keep their value. A new commission rate counts for the sales from then on.
    """
    said = body.model_dump(exclude_unset=True)
    given = {name: value for name, value in said.items() if value is not None or name in CLEARABLE}

    def attempt() -> Creator:
        old = row(caller, Creator, creator_id, CREATOR_NOT_FOUND)
        if given.get("brand_id", old.brand_id) != old.brand_id:
            active_place_for(caller, old.organization_id, given["brand_id"])
        return _changed(caller, old, given)

    return CreatorReply.of(until_settled(attempt), request)


@api.delete("/creators/{creator_id}", errors=[CREATOR_NOT_FOUND], needs={"table:write"})
def delete(creator_id: Id, caller: CreatorsWriter) -> Deleted:
    """Remove a creator

    Their status becomes `past`; they stay in sight, and their affiliate link goes on leading where it leads.
    """

    def attempt() -> Creator:
        old = row(caller, Creator, creator_id, CREATOR_NOT_FOUND)
        return _changed(caller, old, {"status": "past"})

    return Deleted(message="Creator removed", id=until_settled(attempt).id)


def _changed(caller: CreatorsWriter, old: Creator, given: dict[str, Any]) -> Creator:
    if all(getattr(old, name) == value for name, value in given.items()):
        return old
    new = old.model_copy(update={**given, "updated_at": now()})
    tx = store.transaction()
    roster.change(tx, old, new, caller.account)
    tx.commit()
    return new
