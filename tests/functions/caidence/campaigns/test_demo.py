"""The demo data of campaigns."""

from __future__ import annotations

import pytest

from caidence.campaigns import events
from caidence.campaigns.demo import seed_campaigns
from caidence.campaigns.entities import CampaignEvent
from caidence.directory.entities import Organization
from quintet.testing import Client
from tests.functions.caidence.campaigns.conftest import CAMPAIGNS, good
from tests.functions.caidence.conftest import BASE, account_of, make_brand


def test_a_demo_brand_has_a_running_and_a_finished_campaign_with_figures(
    member: Client, organization: Organization
) -> None:
    summer, spring = seed_campaigns(account_of(member), make_brand(organization))
    assert (summer.status, spring.status) == ("active", "completed")
    detail = good(member.get(f"{CAMPAIGNS}/{summer.id}"))
    assert (len(detail["influencers"]), len(detail["events"])) == (2, 20)
    stats = good(member.get(f"{CAMPAIGNS}/analytics/stats"))
    assert {each["channel"] for each in stats["channel_distribution"]} == {"instagram", "tiktok", "email", "youtube"}
    assert stats["spend"] > 0
    assert sum(point["clicks"] for point in stats["performance_chart"]) > 0
    analytics = member.get(f"{BASE}/analytics/dashboard")
    assert (analytics.headers["x-data-source"], good(analytics)["total_reach"]) == ("stored", 235_800)
    assert sum(point["conversions"] > 0 for point in analytics.body["timeline"]) >= 2


def test_an_interrupted_seeding_is_completed_and_makes_nothing_twice(
    member: Client, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    brand, user, log = make_brand(organization), account_of(member), events.log

    def stop(_: object, event: CampaignEvent) -> CampaignEvent:
        raise InterruptedError

    monkeypatch.setattr(events, "log", stop)
    with pytest.raises(InterruptedError):
        seed_campaigns(user, brand)
    monkeypatch.setattr(events, "log", log)
    seed_campaigns(user, brand)
    before = good(member.get(f"{CAMPAIGNS}/analytics/stats")), good(member.get(CAMPAIGNS))
    seed_campaigns(user, brand)
    assert (good(member.get(f"{CAMPAIGNS}/analytics/stats")), good(member.get(CAMPAIGNS))) == before
    assert len(before[1]) == 2
