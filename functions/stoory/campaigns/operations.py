"""Campaigns: made, found, changed and deleted by their brands; expired by the clock."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from quintet.api import Once, Reply, Request, Upload, UploadedFile
from quintet.media import images
from quintet.models import Length, Line, Page, Text, Timestamp, new_id, now
from quintet.store import BUSY
from stoory.campaigns.entities import Campaign
from stoory.campaigns.listing import campaigns_for
from stoory.campaigns.rules import (
    CATEGORIES_MAX,
    DESCRIPTION_MAX,
    GUIDELINE_MAX,
    LANGUAGE_MAX,
    SEARCH_MAX,
    SEARCH_MIN,
    TITLE_MAX,
    TITLE_MIN,
    CampaignType,
    Filter,
    InvalidCampaign,
    check_deadline,
    check_influencers,
    visible,
)
from stoory.campaigns.states import CampaignStatus, InvalidInitialStatus, initial
from stoory.campaigns.store import (
    CAMPAIGN_NOT_FOUND,
    ILLEGAL_MOVE,
    change_campaign,
    create_campaign,
    delete_campaign,
    expire_due,
    invalid,
    owned,
)
from stoory.envelope import Done, Id, ListQuery, Pagination, link
from stoory.money.amounts import Number, Rupees, RupeesQuery
from stoory.money.fees import to_paise, to_rupees
from stoory.profiles.choices import Tier
from stoory.service import Brand, Role, User, api, store

MOST_INFLUENCERS = 1_000_000
LONGEST_LIST = 100
Title = Annotated[Line, Length(TITLE_MIN, TITLE_MAX)]
Names = Annotated[list[Annotated[Line, Length(1, 100)]], Field(max_length=LONGEST_LIST)]


class CampaignFields(BaseModel):
    """What a request may say of a campaign; in a form, lists travel as JSON text."""

    model_config = ConfigDict(defer_build=True)

    type: CampaignType | None = None
    status: CampaignStatus | None = None
    min_influencers: Annotated[StrictInt, Field(ge=0, le=MOST_INFLUENCERS)] | None = None
    max_influencers: Annotated[StrictInt, Field(ge=1, le=MOST_INFLUENCERS)] | None = None
    requires_script: StrictBool | None = None
    budget: Rupees | None = None
    description: Annotated[Text, Length(0, DESCRIPTION_MAX)] | None = None
    platform: Names | None = None
    content_type: Names | None = None
    influencer_tier: Tier | None = None
    categories: Annotated[Line, Length(0, CATEGORIES_MAX)] | None = None
    language: Annotated[Line, Length(0, LANGUAGE_MAX)] | None = None
    brand_guideline: Annotated[Text, Length(0, GUIDELINE_MAX)] | None = None
    cover_image: Annotated[Upload | None, Field(alias="coverImage")] = None

    def given(self) -> dict[str, Any]:
        """The fields of the entity that the request names; null empties one that can be empty."""
        found = {name: getattr(self, name) for name in self.model_fields_set}
        if found.get("budget") is not None:
            found["budget"] = to_paise(found["budget"])
        for name, value in list(found.items()):
            if value is None and name not in _NULLABLE:
                del found[name]
                if name in _EMPTY:
                    found[name] = _EMPTY[name]
        return found


_NULLABLE = {"min_influencers", "max_influencers", "budget", "influencer_tier", "cover_image"}
_EMPTY: dict[str, Any] = {
    "description": "", "categories": "", "language": "", "brand_guideline": "", "platform": [], "content_type": [],
}  # fmt: skip


class NewCampaign(CampaignFields):
    title: Title
    start_deadline: Timestamp


class CampaignChanges(CampaignFields):
    title: Title | None = None
    start_deadline: Timestamp | None = None


class CampaignReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    title: str
    brand_id: str
    type: CampaignType
    status: CampaignStatus
    min_influencers: int | None
    max_influencers: int | None
    requires_script: bool
    start_deadline: Timestamp
    budget: Annotated[Number | None, Field(description="Rupees")]
    description: str
    platform: list[str]
    content_type: list[str]
    influencer_tier: Tier | None
    categories: str
    language: str
    brand_guideline: str
    cover_image: Annotated[str | None, Field(description="Where the picture can be read for some hours")]
    accepted_count: int
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, campaign: Campaign) -> Self:
        """A stored campaign as replies show it."""
        stored = {**campaign.__dict__}
        stored["budget"] = None if campaign.budget is None else to_rupees(campaign.budget)
        stored["cover_image"] = None if campaign.cover_image is None else images.public_url(campaign.cover_image)
        return cls.model_validate(stored)


class OneCampaign(BaseModel):
    model_config = ConfigDict(defer_build=True)

    campaign: CampaignReply


class ChangedCampaign(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: str
    campaign: CampaignReply


class CampaignList(BaseModel):
    model_config = ConfigDict(defer_build=True)

    campaigns: list[CampaignReply]
    pagination: Pagination


class CampaignQuery(ListQuery):
    """Filters of a list of campaigns; budgets are rupees, both bounds included."""

    status: CampaignStatus | None = None
    type: CampaignType | None = None
    brand_id: Id | None = None
    min_budget: RupeesQuery | None = None
    max_budget: RupeesQuery | None = None
    search: Annotated[Line, Length(SEARCH_MIN, SEARCH_MAX)] | None = None

    @property
    def filter(self) -> Filter:
        return Filter(
            status=self.status,
            type=self.type,
            brand_id=self.brand_id,
            min_budget=None if self.min_budget is None else to_paise(self.min_budget),
            max_budget=None if self.max_budget is None else to_paise(self.max_budget),
            search=self.search,
        )


@api.post(
    "/campaigns",
    status=201,
    errors=[BUSY],
    needs={"table:write", "storage:write", "storage:read"},
    multipart=True,
)
def create(body: NewCampaign, caller: Brand, once: Once) -> ChangedCampaign:
    """Create a campaign of the calling brand

    A draft unless `status` is LIVE. As a form it may bring a `coverImage`: JPEG, PNG or WebP, at most 5 MB.
    """
    at = now()
    try:
        status = initial(body.status)
        check_influencers(body.min_influencers, body.max_influencers)
        check_deadline(body.start_deadline, at)
    except InvalidInitialStatus as error:
        raise invalid("status", str(error)) from None
    except InvalidCampaign as error:
        raise invalid(error.param, str(error)) from None
    fields = {**body.given(), "status": status, "cover_image": _kept(body.cover_image)}
    campaign = Campaign(id=new_id(), brand_id=caller.id, created_at=at, updated_at=at, **fields)
    reply = ChangedCampaign(message="Campaign created successfully", campaign=CampaignReply.of(campaign))
    create_campaign(campaign, lambda tx: once.record(tx, reply))
    return reply


@api.get("/campaigns", needs={"table:read", "storage:read"})
def list_campaigns(query: CampaignQuery, caller: User, request: Request) -> Reply[CampaignList]:
    """List campaigns, newest first

    Drafts are listed for their brand and for admins. `search` finds campaigns that have every word, or one beginning
    with it, in title or description; those with all of them in the title come first.
    """
    return _listed(campaigns_for(caller, query.filter, query.wanted), request)


@api.get("/campaigns/my", needs={"table:read", "storage:read"})
def list_my(query: CampaignQuery, caller: Brand, request: Request) -> Reply[CampaignList]:
    """List the calling brand's campaigns, drafts included, newest first"""
    if query.brand_id not in (None, caller.id):
        return _listed(Page([], 0, query.page, query.limit), request)
    mine = query.model_copy(update={"brand_id": caller.id})
    return _listed(campaigns_for(caller, mine.filter, mine.wanted), request)


@api.get("/campaigns/{id}", errors=[CAMPAIGN_NOT_FOUND], needs={"table:read", "storage:read"})
def get(id: Id, caller: User) -> OneCampaign:
    """Get one campaign

    A draft is found by its brand and by admins only.
    """
    campaign = store.require(Campaign, CAMPAIGN_NOT_FOUND, id=id)
    if not visible(campaign.facts(), Role(caller.role), caller.id):
        raise CAMPAIGN_NOT_FOUND()
    return OneCampaign(campaign=CampaignReply.of(campaign))


@api.put(
    "/campaigns/{id}",
    errors=[CAMPAIGN_NOT_FOUND, ILLEGAL_MOVE, BUSY],
    needs={"table:write", "storage:write", "storage:read"},
    multipart=True,
)
def update(id: Id, body: CampaignChanges, caller: Brand) -> ChangedCampaign:
    """Change fields of a campaign of the calling brand

    `status` goes DRAFT → LIVE → LOCKED → ACTIVE → COMPLETED, or to CANCELLED before that. Applications still pending
    when a campaign ends are withdrawn.
    """
    changes = body.given()
    if body.cover_image is not None:
        owned(id, caller.id)
        changes["cover_image"] = _kept(body.cover_image)
    campaign = change_campaign(id, caller.id, changes)
    return ChangedCampaign(message="Campaign updated successfully", campaign=CampaignReply.of(campaign))


@api.delete("/campaigns/{id}", errors=[CAMPAIGN_NOT_FOUND, ILLEGAL_MOVE, BUSY], needs={"table:write"})
def delete(id: Id, caller: Brand) -> Done:
    """Delete a campaign of the calling brand

    In DRAFT or LIVE and without accepted applications; pending ones are withdrawn.
    """
    delete_campaign(id, caller.id)
    return Done(message="Campaign deleted successfully")


@api.event(schedule="rate(5 minutes)", needs={"table:write"}, timeout=300)
def expire() -> None:
    """Expire live campaigns whose start deadline has passed, and withdraw what ended campaigns left undecided"""
    expire_due(now())


def _listed(page: Page[Campaign], request: Request) -> Reply[CampaignList]:
    campaigns = [CampaignReply.of(campaign) for campaign in page.items]
    return Reply(CampaignList(campaigns=campaigns, pagination=Pagination.of(page)), headers=link(request, page))


def _kept(file: UploadedFile | None) -> str | None:
    """Store an uploaded picture and answer its key; raises 400 when it is none."""
    if file is None:
        return None
    if not isinstance(file, UploadedFile):
        raise invalid("coverImage", "must be a file of a multipart/form-data body")
    try:
        return images.store_image(file.content, "campaigns")
    except (images.ImageTooLarge, images.NotAnImage) as error:
        raise invalid("coverImage", str(error)) from None
