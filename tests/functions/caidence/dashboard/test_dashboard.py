"""The dashboard: what everybody with an account sees of their organization."""

from __future__ import annotations

import pytest

from caidence.activity.log import record
from caidence.dashboard.counts import Content, Conversations, Workflows
from caidence.directory.entities import Organization
from caidence.service import store
from quintet.testing import Client
from tests.functions.caidence.campaigns.conftest import (
    CAMPAIGNS,
    at,
    detail,
    fields,
    good,
    ids,
    make_campaign,
    report,
)
from tests.functions.caidence.conftest import BASE, SignIn, account_of, lend

DASHBOARD = f"{BASE}/dashboard"
PLACES = ("stats", "activities", "campaigns")

pytestmark = pytest.mark.usefixtures("noon")


def test_in_production_a_token_is_needed(platform: Client) -> None:
    assert [platform.get(f"{DASHBOARD}/{place}").status for place in PLACES] == [401] * 3


def test_in_development_a_missing_token_acts_as_the_default_account(development: Client) -> None:
    development.post(CAMPAIGNS, {"name": "Nobody's"})
    stats = good(development.get(f"{DASHBOARD}/stats"))
    assert (stats["active_campaigns"], stats["featured_campaign"], len(stats["performance_timeline"])) == (0, None, 6)
    assert [good(development.get(f"{DASHBOARD}/{place}")) for place in PLACES[1:]] == [[], []]


def test_stats_count_what_the_organization_has(
    sign_in: SignIn, member: Client, super_admin: Client, organization: Organization, other: Organization
) -> None:
    store.create(Workflows(organization_id=organization.id))
    for where in (organization, organization, other):
        store.create(Content(organization_id=where.id))
    make_campaign(organization, status="active")
    newest = make_campaign(organization, name="Newest", status="active")
    make_campaign(organization)
    make_campaign(other, status="active")
    answer = sign_in("creator").get(f"{DASHBOARD}/stats")
    stats = good(answer)
    assert answer.headers["x-data-source"] == "stored"
    counted = {name: stats[name] for name in stats if isinstance(stats[name], int)}
    assert counted == {"active_campaigns": 2, "ai_workflows": 1, "content_generated": 2, "ai_conversations": 0}
    assert stats["featured_campaign"]["id"] == newest.id
    everywhere = good(super_admin.get(f"{DASHBOARD}/stats"))
    assert (everywhere["active_campaigns"], everywhere["content_generated"]) == (3, 3)
    nobody = good(sign_in("viewer", None).get(f"{DASHBOARD}/stats"))
    assert {nobody[name] for name in counted} == {0}
    assert nobody["featured_campaign"] is None


def test_conversations_are_the_callers_own(viewer: Client, member: Client) -> None:
    class Chat(Conversations):
        user_id: str
        id: str
        latest: str

    store.create(Chat(user_id=account_of(viewer).id, id="1", latest="1"))
    assert good(viewer.get(f"{DASHBOARD}/stats"))["ai_conversations"] == 1
    assert good(member.get(f"{DASHBOARD}/stats"))["ai_conversations"] == 0


def test_the_featured_campaign_comes_with_its_figures(member: Client, organization: Organization) -> None:
    campaign = make_campaign(organization, budget=5000)
    report(member, campaign, "impression", count=200)
    report(member, campaign, "click", count=3)
    report(member, campaign, "spend", value=100)
    report(member, campaign, "conversion", value=250)
    report(member, make_campaign(organization, status="archived"), "click", count=99)
    assert good(member.get(f"{DASHBOARD}/stats"))["featured_campaign"]["clicks"] == 99
    launched = good(member.post(at(campaign, "/launch")))
    assert good(member.get(f"{DASHBOARD}/stats"))["featured_campaign"] == {
        **launched, "impressions": 200, "clicks": 3, "conversions": 1, "engagements": 0, "spend": 100, "revenue": 250,
        "ctr": 1.5, "roi": 150.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("range", "points", "first", "clicks"),
    [
        ("7d", 7, "2026-11-24", 1), ("30d", 30, "2026-11-01", 3), ("3m", 13, "2026-09-01", 7),
        ("6m", 6, "2026-06-01", 15), (None, 6, "2026-06-01", 15),
    ],
)  # fmt: skip
def test_the_range_chooses_the_period(
    member: Client, organization: Organization, range: str | None, points: int, first: str, clicks: int
) -> None:
    campaign = make_campaign(organization)
    days = ["2026-11-24", "2026-11-01", "2026-09-01", "2026-06-01", "2026-05-31"]
    for number, day in enumerate(days):
        report(member, campaign, "click", count=2**number, occurred_at=f"{day}T00:00:00Z")
    query = {"range": range} if range else {}
    timeline = good(member.get(f"{DASHBOARD}/stats", query=query))["performance_timeline"]
    assert (len(timeline), timeline[0]["date"]) == (points, first)
    assert sum(point["clicks"] for point in timeline) == clicks


def test_an_unknown_range_is_refused(viewer: Client) -> None:
    assert fields(viewer.get(f"{DASHBOARD}/stats", query={"range": "1y"})) == ["query.range"]


def test_activities_are_listed_newest_first_five_at_a_time(
    member: Client, super_admin: Client, sign_in: SignIn, organization: Organization, other: Organization
) -> None:
    for number in range(6):
        good(member.post(CAMPAIGNS, {"name": f"C{number}"}))
    good(super_admin.post(CAMPAIGNS, {"name": "Foreign", "organization_id": other.id}))
    reader = sign_in("viewer")
    answer = reader.get(f"{DASHBOARD}/activities")
    assert answer.headers["x-total-count"] == "6"
    assert [each["description"] for each in good(answer)] == [f"Created the campaign C{n}" for n in (5, 4, 3, 2, 1)]
    assert answer.body[0] == {
        "id": answer.body[0]["id"], "organization_id": organization.id, "user_id": account_of(member).id,
        "type": "campaign.created", "description": "Created the campaign C5", "created_at": "2026-11-30T12:00:00Z",
    }  # fmt: skip
    link = answer.headers["link"].partition("<")[2].partition(">")[0]
    assert [each["description"] for each in good(reader.get(f"{DASHBOARD}/activities{link}"))] == [
        "Created the campaign C0"
    ]
    everywhere = super_admin.get(f"{DASHBOARD}/activities", query={"limit": 1, "skip": 0})
    assert (everywhere.headers["x-total-count"], everywhere.body[0]["organization_id"]) == ("7", other.id)
    foreign = sign_in("viewer", other).get(f"{DASHBOARD}/activities")
    assert [each["description"] for each in good(foreign)] == ["Created the campaign Foreign"]


def test_activities_are_those_on_what_the_caller_may_read(
    sign_in: SignIn, super_admin: Client, member: Client, organization: Organization, other: Organization
) -> None:
    types = ["campaign.created", "creator.added", "report.generated", "team.created", "design.generated", "sms.sent"]
    for where in (organization, other):
        for kind in types:
            tx = store.transaction()
            record(tx, account_of(member), kind, f"{kind} {where.name}", organization_id=where.id)
            tx.commit()

    def told(client: Client, **query: int) -> list[str]:
        return [each["type"] for each in good(client.get(f"{DASHBOARD}/activities", query={"limit": 20, **query}))]

    viewer, brand_member = sign_in("viewer"), sign_in("brand_member")
    assert told(viewer) == ["team.created", "campaign.created"]
    assert told(brand_member) == ["sms.sent", "design.generated", "team.created", "creator.added", "campaign.created"]
    assert told(member) == types[::-1]
    first = viewer.get(f"{DASHBOARD}/activities", query={"limit": 1})
    assert (first.headers["x-total-count"], first.body[0]["type"]) == ("2", "team.created")
    link = first.headers["link"].partition("<")[2].partition(">")[0]
    assert [each["type"] for each in good(viewer.get(f"{DASHBOARD}/activities{link}"))] == ["campaign.created"]
    assert told(viewer, skip=1) == ["campaign.created"]
    lend(viewer, "crm:read", True, "organization", organization.id)
    lend(viewer, "campaign:read", False)
    assert told(viewer) == ["team.created", "report.generated"]
    lend(super_admin, "marcom:read", False)
    assert told(super_admin) == 2 * [kind for kind in types[::-1] if kind != "sms.sent"]


def test_who_has_no_organization_sees_what_they_did_alone(sign_in: SignIn, member: Client) -> None:
    alone, stranger = sign_in("creator", None), sign_in("creator", None)
    tx = store.transaction()
    record(tx, account_of(alone), "project.created", "Created the project Mine")
    tx.commit()
    assert [each["description"] for each in good(alone.get(f"{DASHBOARD}/activities"))] == ["Created the project Mine"]
    assert good(stranger.get(f"{DASHBOARD}/activities")) == good(member.get(f"{DASHBOARD}/activities")) == []


def test_campaigns_are_listed_ten_at_a_time(
    viewer: Client, super_admin: Client, sign_in: SignIn, organization: Organization, other: Organization
) -> None:
    made = [make_campaign(organization) for _ in range(11)]
    foreign = make_campaign(other)
    answer = viewer.get(f"{DASHBOARD}/campaigns")
    assert ids(answer) == [campaign.id for campaign in made[:0:-1]]
    assert answer.headers["x-total-count"] == "11"
    assert answer.body[0] == good(viewer.get(CAMPAIGNS))[0]
    assert ids(super_admin.get(f"{DASHBOARD}/campaigns", query={"limit": 1})) == [foreign.id]
    assert ids(sign_in("viewer", None).get(f"{DASHBOARD}/campaigns")) == []


def test_who_may_not_read_campaigns_sees_none_of_them_here_either(
    viewer: Client, organization: Organization, member: Client
) -> None:
    report(member, make_campaign(organization, status="active"), "click")
    override = lend(viewer, "campaign:read", False)
    assert detail(viewer.get(f"{DASHBOARD}/campaigns")) == (403, f"deny: override {override.id} (global)")
    stats = good(viewer.get(f"{DASHBOARD}/stats"))
    assert (stats["active_campaigns"], stats["featured_campaign"]) == (0, None)
    assert sum(point["clicks"] for point in stats["performance_timeline"]) == 0


@pytest.mark.parametrize("place", ["activities", "campaigns"])
def test_a_page_too_large_is_refused(viewer: Client, place: str) -> None:
    assert fields(viewer.get(f"{DASHBOARD}/{place}", query={"limit": 101})) == ["query.limit"]
    assert fields(viewer.get(f"{DASHBOARD}/{place}", query={"skip": -1})) == ["query.skip"]
