"""Events of campaigns: what is reported, once, and what it adds."""

from __future__ import annotations

from typing import Any

import pytest

from caidence.campaigns import figures
from caidence.campaigns.entities import CampaignEvent
from caidence.campaigns.figures import EVERYBODY, Sums
from caidence.campaigns.figures import organization as org
from caidence.directory.entities import Organization
from caidence.service import store
from quintet.testing import Client
from tests.functions.caidence.campaigns.conftest import at, detail, fields, good, make_campaign, report
from tests.support.aws import in_threads
from tests.support.calls import Refused, failing, recorded

pytestmark = pytest.mark.usefixtures("noon")


def total(organization: Organization) -> Sums:
    return figures.read(org(organization.id)).total


def test_an_event_is_answered_whole_and_stands_in_the_detail(member: Client, organization: Organization) -> None:
    campaign = make_campaign(organization)
    body: dict[str, Any] = {
        "event_type": "conversion", "channel": "Instagram", "device": "iPhone", "value": 4900, "count": 2,
        "occurred_at": "2026-11-29T23:59:59Z", "external_id": "order-1",
    }  # fmt: skip
    logged = report(member, campaign, **body)
    assert logged == {
        **body, "id": logged["id"], "campaign_id": campaign.id, "organization_id": organization.id,
        "created_at": "2026-11-30T12:00:00Z",
    }  # fmt: skip
    shown = good(member.get(at(campaign)))["events"]
    assert shown == [{name: logged[name] for name in logged.keys() - {"campaign_id", "device", "external_id"}}]
    assert shown[0]["count"] == 2


def test_the_detail_has_the_newest_events(member: Client, organization: Organization) -> None:
    campaign = make_campaign(organization)
    logged = [report(member, campaign, "click")["id"] for _ in range(22)]
    assert [event["id"] for event in good(member.get(at(campaign)))["events"]] == logged[:1:-1]


def test_an_event_without_more_happened_once_just_now(member: Client, organization: Organization) -> None:
    campaign = make_campaign(organization)
    logged = report(member, campaign, "click", channel=None, value=None, occurred_at=None)
    assert (logged["count"], logged["occurred_at"]) == (1, "2026-11-30T12:00:00Z")
    assert (logged["channel"], logged["device"], logged["value"], logged["external_id"]) == (None,) * 4


def test_what_each_kind_of_event_adds(member: Client, organization: Organization, other: Organization) -> None:
    campaign, foreign = make_campaign(organization), make_campaign(other)
    report(member, campaign, "impression", count=1000, value=5)
    report(member, campaign, "click", count=40, value=5)
    report(member, campaign, "engagement", count=60)
    report(member, campaign, "conversion", count=3, value=9000)
    report(member, campaign, "conversion")
    report(member, campaign, "spend", value=6000, count=9)
    report(member, campaign, "spend", value=0)
    expected = Sums(impressions=1000, clicks=40, conversions=4, engagements=60, spend=6000, revenue=9000)
    assert total(organization) == figures.read(EVERYBODY).total == expected
    assert figures.of_campaigns([foreign.id, campaign.id]) == [Sums(), expected]
    assert total(other) == Sums()
    assert (expected.ctr, expected.engagement_rate, expected.conversion_rate, expected.roi) == (4.0, 6.0, 10.0, 50.0)
    assert (Sums().ctr, Sums().engagement_rate, Sums().conversion_rate, Sums(revenue=5).roi) == (0, 0, 0, 0)


def test_a_repeated_event_counts_once(member: Client, organization: Organization) -> None:
    campaign, another = make_campaign(organization), make_campaign(organization)
    first = report(member, campaign, "click", external_id="7")
    assert report(member, campaign, "spend", value=5, external_id="7") == first
    report(member, another, "click", external_id="7")
    assert total(organization) == Sums(clicks=2)


def test_of_parallel_repetitions_one_counts(member: Client, organization: Organization) -> None:
    campaign = make_campaign(organization)
    answers = in_threads(4, lambda _: report(member, campaign, "click", external_id="7")["id"])
    assert len(set(map(str, answers))) == 1, answers
    assert total(organization) == Sums(clicks=1)
    assert len(store.query(CampaignEvent, campaign_id=campaign.id).items) == 1


def test_an_event_and_its_figures_are_stored_together_or_not_at_all(member: Client, organization: Organization) -> None:
    campaign = make_campaign(organization)
    with failing("TransactWriteItems", lambda _: Refused("ValidationException")):
        assert member.post(at(campaign, "/events"), {"event_type": "click", "external_id": "7"}).status == 500
    assert (total(organization), store.query(CampaignEvent, campaign_id=campaign.id).items) == (Sums(), [])
    report(member, campaign, "click", external_id="7")
    assert total(organization) == Sums(clicks=1)


def test_an_event_is_one_transaction_that_leaves_the_campaign_alone(member: Client, organization: Organization) -> None:
    campaign = make_campaign(organization)
    with recorded() as calls:
        report(member, campaign, "click")
    assert calls.names == ["BatchGetItem", "GetItem", "TransactWriteItems"]
    written = [next(iter(action.values())) for action in calls.of("TransactWriteItems")[0].params["TransactItems"]]
    keys = [each.get("Key", each.get("Item"))["PK"]["S"] for each in written]
    assert len(keys) == len(set(keys)) == 6
    assert sum(key.startswith("METER#") for key in keys) == 5


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body.event_type"),
        ({"event_type": "launch"}, "body.event_type"),
        ({"event_type": "spend"}, "body.value"),
        ({"event_type": "spend", "value": None}, "body.value"),
        ({"event_type": "spend", "value": -1}, "body.value"),
        ({"event_type": "spend", "value": 10**12 + 1}, "body.value"),
        ({"event_type": "click", "count": 0}, "body.count"),
        ({"event_type": "click", "count": 1_000_001}, "body.count"),
        ({"event_type": "click", "channel": " "}, "body.channel"),
        ({"event_type": "click", "device": "x" * 51}, "body.device"),
        ({"event_type": "click", "external_id": ""}, "body.external_id"),
        ({"event_type": "click", "external_id": "x" * 201}, "body.external_id"),
        ({"event_type": "click", "occurred_at": "yesterday"}, "body.occurred_at"),
        ({"event_type": "click", "occurred_at": "1999-12-31T23:59:59Z"}, "body.occurred_at"),
        ({"event_type": "click", "occurred_at": "2026-11-30T12:10:01Z"}, "body.occurred_at"),
    ],
)
def test_a_bad_event_is_refused_by_field_and_adds_nothing(
    member: Client, organization: Organization, body: dict[str, object], field: str
) -> None:
    campaign = make_campaign(organization)
    assert fields(member.post(at(campaign, "/events"), body)) == [field]
    assert (total(organization), store.query(CampaignEvent, campaign_id=campaign.id).items) == (Sums(), [])


def test_a_clock_that_is_some_minutes_ahead_is_believed(member: Client, organization: Organization) -> None:
    report(member, make_campaign(organization), "click", occurred_at="2026-11-30T12:10:00Z")
    assert total(organization) == Sums(clicks=1)


def test_a_key_replays_the_answer(member: Client, organization: Organization) -> None:
    campaign = make_campaign(organization)
    answers = [
        member.post(at(campaign, "/events"), {"event_type": "click"}, headers={"Idempotency-Key": "k"})
        for _ in range(2)
    ]  # fmt: skip
    assert answers[0].body == answers[1].body
    assert total(organization) == Sums(clicks=1)
    assert (
        detail(member.post(at(campaign, "/events"), {"event_type": "view"}, headers={"Idempotency-Key": "k"}))[0] == 422
    )
