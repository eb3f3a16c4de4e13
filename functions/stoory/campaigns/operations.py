"""Campaigns: made and found. Changing, deleting and expiring them touches the applications to them, and is theirs."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict

from quintet.api import Once, Reply, Request
from quintet.models import Length, Line, Page, new_id, now
from quintet.store import BUSY
from stoory.campaigns.entities import Campaign
from stoory.campaigns.fields import CampaignReply, ChangedCampaign, NewCampaign, OneCampaign, stored_cover
from stoory.campaigns.listing import campaigns_for
from stoory.campaigns.rules import (
    SEARCH_MAX,
    SEARCH_MIN,
    CampaignType,
    Filter,
    InvalidCampaign,
    check_deadline,
    check_influencers,
    visible,
)
from stoory.campaigns.states import CampaignStatus, InvalidInitialStatus, initial
from stoory.campaigns.store import CAMPAIGN_NOT_FOUND, create_campaign, invalid
from stoory.envelope import Id, ListQuery, Pagination, link
from stoory.money.amounts import RupeesQuery, to_paise
from stoory.service import Brand, Role, User, api, store


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
    fields = {**body.given(), "status": status, "cover_image": stored_cover(body.cover_image)}
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


def _listed(page: Page[Campaign], request: Request) -> Reply[CampaignList]:
    campaigns = [CampaignReply.of(campaign) for campaign in page.items]
    return Reply(CampaignList(campaigns=campaigns, pagination=Pagination.of(page)), headers=link(request, page))
