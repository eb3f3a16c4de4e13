"""Campaigns: making, changing and launching them, and taking influencers in."""

from datetime import timedelta
from typing import Any, Final

from caidence.access.callers import CampaignReader, CampaignWriter
from caidence.access.rows import (
    BRAND_INACTIVE,
    BRAND_NOT_FOUND,
    ORGANIZATION_NOT_FOUND,
    active_place_for,
    located,
    page,
    row,
)
from caidence.campaigns import changes, events, influencers, states
from caidence.campaigns.changes import TOO_MANY_INFLUENCERS
from caidence.campaigns.entities import CAMPAIGN_NOT_FOUND, Campaign, Influencer
from caidence.campaigns.fields import (
    CLEARABLE,
    AddedInfluencer,
    CampaignChanges,
    CampaignCreate,
    CampaignDetail,
    CampaignReply,
    EventReply,
    InfluencerReply,
    shown,
)
from caidence.directory.entities import Brand
from caidence.directory.fields import Handle
from caidence.envelope import Deleted, Id
from caidence.service import api
from caidence.tenancy.changes import given_in
from quintet.models import Page, SkipQuery, now
from quintet.store import until_settled

ZONES: Final = timedelta(hours=12)
"""How long after it ended in UTC the last day of a campaign goes on somewhere."""


@api.get("/campaigns", needs={"table:read"})
def list_campaigns(query: SkipQuery, caller: CampaignReader) -> Page[CampaignReply]:
    """List campaigns, newest first

    All of them for super admins, for others those of their organization.
    """
    return page(caller, Campaign, query).map(CampaignReply.of)


@api.post(
    "/campaigns",
    errors=[ORGANIZATION_NOT_FOUND, BRAND_NOT_FOUND, BRAND_INACTIVE],
    needs={"table:write"},
    idempotent=True,
    example={
        "name": "Summer launch", "objective": "Make the new flavours known", "budget": 1_500_000,
        "start_date": "2026-06-01", "end_date": "2026-08-31", "channels": ["instagram", "tiktok"],
    },
)  # fmt: skip
def create(body: CampaignCreate, caller: CampaignWriter) -> CampaignReply:
    """Create a new campaign

    A draft, in the caller's organization; super admins name one.
    """
    organization_id, brand_id = active_place_for(caller, body.organization_id, body.brand_id)
    _require_order(body.start_date, body.end_date)
    new = Campaign(
        organization_id=organization_id, brand_id=brand_id, name=body.name, description=body.description or "",
        objective=body.objective or "", budget=body.budget, channels=body.channels or [],
        start_date=body.start_date, end_date=body.end_date,
    )  # fmt: skip
    new.updated_at = new.created_at
    return CampaignReply.of(changes.create(caller.account, new))


@api.get("/campaigns/{campaign_id}", errors=[CAMPAIGN_NOT_FOUND], needs={"table:read"}, etag=True)
def get(campaign_id: Id, caller: CampaignReader) -> CampaignDetail:
    """Get a campaign with its influencers and its newest events"""
    campaign = row(caller, Campaign, campaign_id, CAMPAIGN_NOT_FOUND)
    return CampaignDetail(
        **shown(campaign),
        influencers=[InfluencerReply.of(each) for each in influencers.of_campaign(campaign)],
        events=[EventReply.of(each) for each in events.newest(campaign.id)],
    )


@api.put(
    "/campaigns/{campaign_id}",
    errors=[CAMPAIGN_NOT_FOUND, BRAND_NOT_FOUND, BRAND_INACTIVE, states.ILLEGAL_MOVE],
    needs={"table:write"},
    example={"budget": 2_000_000, "status": "paused"},
)
def update(campaign_id: Id, body: CampaignChanges, caller: CampaignWriter) -> CampaignReply:
    """Update a campaign

    Fields that are left out keep their value. A draft or a paused campaign becomes active by launching it.
    """
    given = given_in(body, clearing=CLEARABLE)

    def attempt() -> Campaign:
        old = row(caller, Campaign, campaign_id, CAMPAIGN_NOT_FOUND)
        _judge(caller, old, given)
        return changes.update(caller.account, old, given)

    return CampaignReply.of(until_settled(attempt))


@api.delete("/campaigns/{campaign_id}", errors=[CAMPAIGN_NOT_FOUND], needs={"table:write"})
def delete(campaign_id: Id, caller: CampaignWriter) -> Deleted:
    """Delete a campaign

    What happened in it stays in the organization's figures. A draft in which nothing happened is forgotten: nobody was
    in it.
    """

    def attempt() -> bool:
        return changes.delete(caller.account, row(caller, Campaign, campaign_id, CAMPAIGN_NOT_FOUND))

    while not until_settled(attempt):
        pass
    return Deleted(message="Campaign deleted", id=campaign_id)


@api.post(
    "/campaigns/{campaign_id}/launch",
    errors=[CAMPAIGN_NOT_FOUND, states.NOT_LAUNCHABLE, states.OVER],
    needs={"table:write"},
)
def launch(campaign_id: Id, caller: CampaignWriter) -> CampaignReply:
    """Launch a campaign

    It becomes active, and the launch stands among its events; an active one stays as it is. One whose last day is past
    is not launched: 400.
    """

    def attempt() -> Campaign:
        campaign = row(caller, Campaign, campaign_id, CAMPAIGN_NOT_FOUND)
        wakes = states.launched(campaign.status) != campaign.status
        if wakes and campaign.end_date is not None and campaign.end_date < (now() - ZONES).date():
            raise states.OVER()
        return changes.launch(caller.account, campaign)

    return CampaignReply.of(until_settled(attempt))


@api.post(
    "/campaigns/{campaign_id}/influencers",
    errors=[CAMPAIGN_NOT_FOUND, TOO_MANY_INFLUENCERS],
    needs={"table:write"},
)
def add_influencer(campaign_id: Id, influencer_handle: Handle, caller: CampaignWriter) -> AddedInfluencer:
    """Add an influencer to a campaign by handle

    Who is unknown yet becomes known. Adding somebody twice changes nothing.
    """

    def attempt() -> Influencer:
        campaign = row(caller, Campaign, campaign_id, CAMPAIGN_NOT_FOUND)
        return changes.add_influencer(caller.account, campaign, influencer_handle)

    added = until_settled(attempt)
    return AddedInfluencer(
        message="Influencer added to campaign", campaign_id=campaign_id, influencer=InfluencerReply.of(added)
    )


def _judge(caller: CampaignWriter, old: Campaign, given: dict[str, Any]) -> None:
    """Raise 404, 403 or 400 for a brand, 409 for a status, 422 for dates that a campaign cannot have."""
    after = old.model_copy(update=given)
    if after.brand_id != old.brand_id:
        brand = located(caller, Brand, after.brand_id, BRAND_NOT_FOUND) if after.brand_id is not None else None
        if brand is not None and brand.organization_id != old.organization_id:
            raise BRAND_NOT_FOUND()
        caller.require(after.scopes)
        if brand is not None and not brand.is_active:
            raise BRAND_INACTIVE()
    states.moved(old.status, after.status)
    _require_order(after.start_date, after.end_date, "end_date" if "end_date" in given else "start_date")


def _require_order(start: Any, end: Any, field: str = "end_date") -> None:
    if start is not None and end is not None and end < start:
        message = "must not be before start_date" if field == "end_date" else "must not be after end_date"
        raise api.errors.invalid_body(details=[{"field": field, "message": message}])
