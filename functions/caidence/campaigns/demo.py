"""Demo data of campaigns: one that runs, one that is over, and what happened in both."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from caidence.campaigns import changes, events
from caidence.campaigns.entities import Campaign, CampaignEvent, EventType
from caidence.directory.entities import Brand, User
from caidence.service import store
from quintet.models import now

SUMMER, SPRING = (f"01930000-0000-7000-8000-0000000018{n:02}" for n in (1, 2))
"""Fixed ids, so that a seeding that was interrupted and is begun again makes nothing twice."""
PEOPLE: Final = ("ana.cooks", "citrus_runner")
"""Creators of the roster, whom its own demo data tells more of."""
_DEVICES: Final = ("mobile", "mobile", "desktop", "tablet")
"""Of each week, in turn, as the channels of the campaign are."""


def seed_campaigns(user: User, brand: Brand) -> list[Campaign]:
    """Give a brand its two campaigns, made by this user, and answer them as they are then.

    What is there already stays as it is.
    """
    today = now().date()
    summer = Campaign(
        id=SUMMER, organization_id=brand.organization_id, brand_id=brand.id, name="Summer of Citrus",
        description="Reels and recipes around the three new juices.", objective="Make the new flavours known",
        budget=1_500_000, channels=["instagram", "tiktok", "email", "youtube"],
        start_date=today - timedelta(days=42), end_date=today + timedelta(days=30),
    )  # fmt: skip
    spring = Campaign(
        id=SPRING, organization_id=brand.organization_id, brand_id=brand.id, name="Spring tasting",
        description="Tastings in twelve cities, told by those who came.", objective="Win tasters for the newsletter",
        budget=600_000, channels=["instagram", "email"],
        start_date=today - timedelta(days=210), end_date=today - timedelta(days=189),
    )  # fmt: skip
    _run(user, spring, ["ana.cooks"], weeks=3)
    _run(user, summer, list(PEOPLE), weeks=6)
    held = _stored(spring)
    if held is not None and held.status == "active":
        changes.update(user, held, {"status": "completed"})
    return [found for found in (_stored(summer), _stored(spring)) if found is not None]


def _run(user: User, campaign: Campaign, handles: list[str], *, weeks: int) -> None:
    """Make a campaign, launch it with its influencers, and let a week after the other happen."""
    held = _stored(campaign) or changes.create(user, campaign)
    for handle in handles:
        changes.add_influencer(user, _stored(campaign) or held, handle)
    held = _stored(campaign) or held
    if held.status == "draft":
        held = changes.launch(user, held)
    assert campaign.start_date is not None
    for week in range(weeks):
        _happen(held, campaign.start_date + timedelta(days=7 * week), week)


def _happen(campaign: Campaign, day: date, week: int) -> None:
    """What a week brought: the later the more."""
    seen = 18_000 + 4_100 * week
    told: dict[EventType, dict[str, Any]] = {
        "impression": {"count": seen},
        "engagement": {"count": seen * 45 // 1000},
        "click": {"count": seen * 28 // 1000},
        "conversion": {"count": seen // 900, "value": seen // 900 * 3_490},
        "spend": {"value": seen * 2},
    }
    for number, (kind, values) in enumerate(told.items()):
        at = datetime.combine(day + timedelta(days=number), time(9 + 2 * number), UTC)
        events.log(
            campaign,
            CampaignEvent(
                campaign_id=campaign.id, organization_id=campaign.organization_id, event_type=kind,
                channel=campaign.channels[week % len(campaign.channels)], device=_DEVICES[week % 4], occurred_at=at,
                external_id=f"demo-{week}-{kind}", **values,
            ),
        )  # fmt: skip


def _stored(campaign: Campaign) -> Campaign | None:
    return store.get(Campaign, organization_id=campaign.organization_id, id=campaign.id)
