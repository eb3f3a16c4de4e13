"""Figures: what is kept with every event is what all events say, and reading it costs the same for any number."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caidence.campaigns import charts, events, figures
from caidence.campaigns.dimensions import CHANNELS, DEVICES, OTHER, UNASSIGNED, channel_of, device_of
from caidence.campaigns.entities import Campaign, CampaignEvent
from caidence.campaigns.figures import EVERYBODY, Sums, added, sums_of
from caidence.campaigns.figures import organization as org
from caidence.directory.entities import Organization
from caidence.service import store
from quintet.models import new_id
from quintet.testing import Client
from tests.conftest import NOON
from tests.functions.caidence.campaigns.conftest import CAMPAIGNS, good, make_campaign
from tests.support.calls import recorded

EVENTS = st.fixed_dictionaries(
    {
        "event_type": st.sampled_from(["impression", "click", "conversion", "spend", "engagement", "launch"]),
        "channel": st.sampled_from([None, "Instagram", "IG", "e-mail", "Zeppelin", "channel:x|#"]),
        "device": st.sampled_from([None, "mobile", "iPad", "fridge"]),
        "value": st.integers(0, 10**9),
        "count": st.integers(1, 10**6),
        "occurred_at": st.integers(0, 420).map(lambda days: NOON - timedelta(days=days, hours=11)),
        "external_id": st.sampled_from([None, None, "a", "b"]),
    }
)

pytestmark = pytest.mark.usefixtures("noon")


def happen(campaign: Campaign, **values: Any) -> None:
    events.log(campaign, CampaignEvent(campaign_id=campaign.id, organization_id=campaign.organization_id, **values))


def by(stored: Iterable[CampaignEvent], place: Any) -> dict[Any, Sums]:
    """The sums of events by what `place` says of each, where there are some."""
    found: dict[Any, Sums] = {}
    for event in stored:
        if sums_of(event) != Sums():
            found[place(event)] = found.get(place(event), Sums()).plus(sums_of(event))
    return found


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(st.tuples(st.integers(0, 1), EVENTS), max_size=8))
def test_figures_are_what_the_stored_events_say(platform: Client, told: list[tuple[int, dict[str, Any]]]) -> None:
    before = figures.read(EVERYBODY).total
    campaigns = [store.create(Campaign(organization_id=new_id(), name="A"))]
    campaigns.append(store.create(Campaign(organization_id=campaigns[0].organization_id, name="B")))
    for number, values in told:
        happen(campaigns[number], **values)
    each = [list(store.each(CampaignEvent, campaign_id=campaign.id)) for campaign in campaigns]
    stored = [event for some in each for event in some]
    keys = [(number, values["external_id"]) for number, values in told if values["external_id"]]
    assert len(stored) == len(told) - len(keys) + len(set(keys))
    whose = org(campaigns[0].organization_id)
    found = figures.read(whose)
    assert found.total == added(map(sums_of, stored))
    assert found.channels == by(stored, lambda event: channel_of(event.channel))
    assert found.devices == by(stored, lambda event: device_of(event.device))
    assert figures.of_campaigns([campaign.id for campaign in campaigns]) == [added(map(sums_of, s)) for s in each]
    assert figures.read(EVERYBODY).total == before.plus(found.total)
    first, last = date(2025, 12, 15), date(2026, 11, 15)
    days = by(stored, lambda event: event.occurred_at.date())
    within = {day: sums for day, sums in days.items() if first <= day <= last}
    assert figures.by_day(whose, first, last) == within


def test_reading_costs_the_same_for_any_number_of_events(
    agency_admin: Client, super_admin: Client, organization: Organization
) -> None:
    """The same requests for as many items, none of which grows with the events."""
    campaign = make_campaign(organization, status="active")

    def asked() -> tuple[list[str], int, int]:
        with recorded() as calls:
            for client in (agency_admin, super_admin):
                for path in ("/campaigns/analytics/stats", "/analytics/dashboard", "/dashboard/stats"):
                    good(client.get("/api/v1" + path))
        tables = [call.params["RequestItems"] for call in calls.of("BatchGetItem")]
        keys = sum(len(table["Keys"]) for each in tables for table in each.values())
        return sorted(calls.names), keys, len(store.query(CampaignEvent, campaign_id=campaign.id).items)

    def fill(times: int) -> None:
        for _ in range(times):
            for kind in ("impression", "click"):
                happen(campaign, event_type=kind, channel="email", device="mobile", count=10**6)

    fill(5)
    first = asked()
    fill(30)
    later = asked()
    assert (first[2], later[2]) == (10, 70)
    assert later[:2] == first[:2]
    assert len(first[0]) < 60


def test_a_day_ends_at_midnight_in_utc(platform: Client, organization: Organization) -> None:
    campaign = make_campaign(organization)
    for text in ("2026-03-01T00:00:00+00:00", "2026-03-01T23:59:59+00:00", "2026-03-02T00:00:00+00:00"):
        happen(campaign, event_type="click", occurred_at=datetime.fromisoformat(text))
    assert figures.by_day(org(organization.id), date(2026, 2, 1), date(2026, 3, 31)) == {
        date(2026, 3, 1): Sums(clicks=2), date(2026, 3, 2): Sums(clicks=1),
    }  # fmt: skip
    assert figures.by_day(None, date(2026, 2, 1), date(2026, 3, 31)) == {}


def test_words_for_channels_and_devices() -> None:
    assert [channel_of(word) for word in ("Instagram", " X ", "Google Ads", "blimp", None, " ")] == [
        "instagram", "twitter", "search", OTHER, UNASSIGNED, UNASSIGNED,
    ]  # fmt: skip
    words = ("Meta", "TikTok Shop", "linkedin ads", "youtube shorts", "insta", "facebook-ads", "video", "ads")
    assert [channel_of(word) for word in words] == [
        "facebook", "tiktok", "linkedin", "youtube", "instagram", "facebook", "video", "display",
    ]  # fmt: skip
    assert [device_of(word) for word in ("iOS", "Smart TV", "toaster", None)] == ["mobile", "tv", OTHER, UNASSIGNED]
    assert all(channel_of(name) == name for name in CHANNELS)
    assert all(device_of(name) == name for name in DEVICES)


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 10**6), max_size=8), st.sampled_from([100, 1000]))
def test_shares_add_up_and_are_at_most_one_part_off(weights: dict[str, int], whole: int) -> None:
    parts = figures.shares(weights, whole)
    total = sum(weights.values())
    assert parts.keys() == weights.keys()
    assert sum(parts.values()) == (whole if total else 0)
    assert all(abs(parts[name] - weight * whole / (total or 1)) < 1 for name, weight in weights.items())
    assert parts == figures.shares(dict(reversed(weights.items())), whole)


@given(st.dates(date(2001, 1, 1), date(2030, 12, 31)), st.lists(st.integers(0, 400), max_size=5))
def test_charts_lose_no_day_and_count_none_twice(last: date, ages: list[int]) -> None:
    days = {last - timedelta(days=age): Sums(clicks=1) for age in ages}
    for points, first in (
        (charts.daily(days, last, 30), last - timedelta(days=29)),
        (charts.weekly(days, last, 13), last - timedelta(days=90)),
        (charts.monthly(days, last, 12), charts.month_before(last, 11)),
    ):
        assert points[0].date == first
        assert sum(point.clicks for point in points) == sum(first <= day <= last for day in days)
        assert [point.date for point in points] == sorted({point.date for point in points})
    assert [len(charts.daily({}, last, 7)), len(charts.weekly({}, last, 13)), len(charts.monthly({}, last, 12))] == [
        7,
        13,
        12,
    ]


def test_the_overview_shows_spend_return_and_channels(
    viewer: Client, super_admin: Client, organization: Organization, other: Organization
) -> None:
    campaign, foreign = make_campaign(organization), make_campaign(other)
    happen(campaign, event_type="impression", count=600, channel="instagram")
    happen(campaign, event_type="impression", count=300, channel="tiktok", occurred_at=NOON - timedelta(days=29))
    happen(campaign, event_type="click", count=18, channel="tiktok", occurred_at=NOON - timedelta(days=30))
    happen(campaign, event_type="conversion", count=2, value=3000)
    happen(campaign, event_type="spend", value=2000, channel="instagram")
    happen(foreign, event_type="spend", value=7)
    answer = viewer.get(f"{CAMPAIGNS}/analytics/stats")
    found = good(answer)
    assert answer.headers["x-data-source"] == "stored"
    assert good(super_admin.get(f"{CAMPAIGNS}/analytics/stats"))["spend"] == 2007
    assert (found["spend"], found["roi"], found["conversions"], found["ctr"]) == (2000, 50.0, 2, 2.0)
    chart = found["performance_chart"]
    assert (len(chart), chart[0]["date"], chart[-1]["date"]) == (30, "2026-11-01", "2026-11-30")
    assert chart[0] == {
        "date": "2026-11-01", "impressions": 300, "clicks": 0, "conversions": 0, "engagements": 0, "spend": 0,
        "revenue": 0,
    }  # fmt: skip
    assert [(each["channel"], each["percentage"], each["spend"]) for each in found["channel_distribution"]] == [
        ("instagram", 65.2, 2000), ("tiktok", 34.6, 0), (UNASSIGNED, 0.2, 0),
    ]  # fmt: skip


def test_an_organization_without_events_has_zeros(viewer: Client, member: Client, sign_in: Any) -> None:
    for client in (viewer, sign_in("agency_admin", None)):
        found = good(client.get(f"{CAMPAIGNS}/analytics/stats"))
        assert {name: found[name] for name in ("spend", "roi", "conversions", "ctr", "channel_distribution")} == {
            "spend": 0, "roi": 0.0, "conversions": 0, "ctr": 0.0, "channel_distribution": [],
        }  # fmt: skip
        assert len(found["performance_chart"]) == 30
