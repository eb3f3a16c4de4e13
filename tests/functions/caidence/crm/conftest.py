"""What tests of customer relations ask often."""

from __future__ import annotations

from typing import Any

from caidence.campaigns import changes, events
from caidence.campaigns.entities import Campaign, CampaignEvent, EventType, Influencer
from caidence.campaigns.influencers import named
from caidence.directory.entities import Organization, User
from caidence.service import store
from tests.functions.caidence.conftest import BASE, make_user

RELATIONSHIPS = f"{BASE}/crm/relationships"
REPORT = f"{BASE}/crm/generate-report"


def make_campaign(organization: Organization, name: str = "Summer", **fields: Any) -> Campaign:
    return store.create(Campaign(organization_id=organization.id, name=name, **fields))


def current(campaign: Campaign) -> Campaign:
    """A campaign as it is stored now."""
    found = store.get(Campaign, organization_id=campaign.organization_id, id=campaign.id)
    assert found is not None
    return found


def join(campaign: Campaign, handle: str) -> Influencer:
    """Take somebody into a campaign."""
    return changes.add_influencer(someone(), current(campaign), handle)


def launch(campaign: Campaign) -> Campaign:
    return changes.launch(someone(), current(campaign))


def happen(campaign: Campaign, event_type: EventType, *, value: int | None = None, count: int = 1) -> None:
    """Log an event of a campaign."""
    told = CampaignEvent(
        campaign_id=campaign.id, organization_id=campaign.organization_id, event_type=event_type, value=value,
        count=count,
    )  # fmt: skip
    events.log(current(campaign), told)


def influencer(organization: Organization, handle: str) -> Influencer:
    found = named(organization.id, handle)
    assert found is not None
    return found


def someone() -> User:
    """Who does what tests need done."""
    return make_user("agency_member", None)
