"""Campaigns: who sees, makes, changes and deletes them."""

from __future__ import annotations

import pytest

from caidence.activity.log import page as activities
from caidence.campaigns.entities import Campaign
from caidence.directory.entities import Organization
from caidence.service import store
from quintet.models import SkipQuery
from quintet.models.time import frozen, rfc3339
from quintet.testing import Client
from tests.functions.caidence.campaigns.conftest import (
    CAMPAIGNS,
    MISSING,
    NOBODY,
    add,
    at,
    detail,
    fields,
    good,
    ids,
    make_campaign,
    report,
    stored,
)
from tests.functions.caidence.conftest import BASE, SignIn, account_of, lend, make_brand
from tests.support.aws import in_threads
from tests.support.calls import recorded

EVERYWHERE = [("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/launch"), ("POST", "/events"),
              ("POST", "/influencers")]  # fmt: skip
BODY = {"name": "Taken over", "event_type": "click"}
HANDLE = {"influencer_handle": "ana"}


def told(client: Client) -> list[tuple[str, str]]:
    """The activities that an account sees, the newest first."""
    return [(each.type, each.description) for each in activities(SkipQuery(), account_of(client)).items]


def test_without_a_token_nothing_of_campaigns_is_to_be_had(platform: Client, organization: Organization) -> None:
    campaign = make_campaign(organization)
    for method, path in [("GET", CAMPAIGNS), ("POST", CAMPAIGNS), ("GET", f"{CAMPAIGNS}/analytics/stats"),
                         *((method, at(campaign, rest)) for method, rest in EVERYWHERE)]:  # fmt: skip
        assert platform.request(method, path, {}).status == 401, (method, path)


def test_campaigns_are_listed_newest_first_within_what_the_caller_sees(
    super_admin: Client, viewer: Client, sign_in: SignIn, organization: Organization, other: Organization
) -> None:
    first, second, foreign = make_campaign(organization), make_campaign(organization), make_campaign(other)
    assert ids(super_admin.get(CAMPAIGNS)) == [foreign.id, second.id, first.id]
    page = viewer.get(CAMPAIGNS, query={"limit": 1})
    assert (ids(page), page.headers["x-total-count"]) == ([second.id], "2")
    link = page.headers["link"].partition("<")[2].partition(">")[0]
    assert ids(viewer.get(CAMPAIGNS + link)) == [first.id]
    assert ids(viewer.get(CAMPAIGNS + "/", query={"skip": 1})) == [first.id]
    assert sign_in("agency_admin", None).get(CAMPAIGNS).body == []
    assert fields(viewer.get(CAMPAIGNS, query={"limit": 101})) == ["query.limit"]


def test_a_page_is_one_query(viewer: Client, organization: Organization) -> None:
    for _ in range(3):
        make_campaign(organization)
    with recorded() as calls:
        viewer.get(CAMPAIGNS)
    assert calls.names == ["BatchGetItem", "Query"]


@pytest.mark.parametrize("role", ["agency_admin", "agency_member", "brand_admin"])
def test_a_campaign_is_made_as_a_draft(sign_in: SignIn, organization: Organization, role: str) -> None:
    brand = make_brand(organization)
    client = sign_in(role)
    body = {
        "name": "Summer", "description": "Fresh\nand cold", "objective": "Be known", "brand_id": brand.id,
        "budget": 150_000, "start_date": "2026-06-01", "end_date": "2026-06-01", "channels": ["Instagram", "tiktok"],
    }  # fmt: skip
    with frozen() as clock:
        made = good(client.post(CAMPAIGNS, {**body, "channels": ["Instagram", "tiktok", "INSTAGRAM"]}))
    moment = rfc3339(clock.at)
    assert made == {
        **body, "id": made["id"], "organization_id": organization.id, "status": "draft", "created_at": moment,
        "updated_at": moment,
    }  # fmt: skip
    assert good(client.get(f"{CAMPAIGNS}/{made['id']}")) == {**made, "influencers": [], "events": []}
    assert told(client) == [("campaign.created", "Created the campaign Summer")]
    usage = good(sign_in("agency_admin").get(f"{BASE}/organizations/{organization.id}/usage"))
    assert usage["campaigns"] == 1


@pytest.mark.parametrize("role", ["brand_member", "creator", "viewer"])
def test_readers_change_nothing(sign_in: SignIn, organization: Organization, role: str) -> None:
    client, campaign = sign_in(role), make_campaign(organization)
    assert good(client.get(at(campaign)))["id"] == campaign.id
    assert client.post(CAMPAIGNS, {"name": "Summer"}).status == 403
    for method, rest in EVERYWHERE[1:]:
        assert client.request(method, at(campaign, rest), BODY, query=HANDLE).status == 403, (method, rest)
    assert (stored(campaign), store.count(Campaign, organization_id=organization.id)) == (campaign, 1)


def test_what_is_forbidden_in_a_brand_says_by_which_rule(
    member: Client, organization: Organization
) -> None:  # fmt: skip
    brand = make_brand(organization)
    mine, denied = make_campaign(organization), make_campaign(organization, brand_id=brand.id)
    override = lend(member, "campaign:write", False, "brand", brand.id)
    reason = f"deny: override {override.id} (brand {brand.id})"
    for method, rest in EVERYWHERE[1:]:
        answer = member.request(method, at(denied, rest), BODY, query=HANDLE)
        assert detail(answer) == (403, reason), (method, rest)
    assert detail(member.put(at(mine), {"brand_id": brand.id})) == (403, reason)
    assert detail(member.post(CAMPAIGNS, {"name": "A", "brand_id": brand.id})) == (403, reason)
    assert member.get(at(denied)).status == member.put(at(mine), {"name": "Mine"}).status == 200


def test_who_writes_in_one_brand_takes_nothing_out_of_it(viewer: Client, organization: Organization) -> None:
    brand, another = make_brand(organization), make_brand(organization)
    campaign = make_campaign(organization, brand_id=brand.id)
    lend(viewer, "campaign:write", True, "brand", brand.id)
    reason = (403, "deny: role viewer does not grant campaign:write")
    assert detail(viewer.put(at(campaign), {"brand_id": None})) == reason
    assert detail(viewer.put(at(campaign), {"brand_id": another.id})) == reason
    assert detail(viewer.post(CAMPAIGNS, {"name": "A"})) == reason
    assert stored(campaign) == campaign
    assert good(viewer.put(at(campaign), {"brand_id": brand.id, "name": "B"}))["name"] == "B"
    assert good(viewer.post(CAMPAIGNS, {"name": "A", "brand_id": brand.id}))["brand_id"] == brand.id


def test_a_super_admin_names_the_organization(super_admin: Client, organization: Organization) -> None:
    refused = super_admin.post(CAMPAIGNS, {"name": "A"})
    assert fields(refused) == ["body.organization_id"]
    assert refused.body["detail"][0]["type"] == "missing"
    answer = super_admin.post(CAMPAIGNS, {"name": "A", "organization_id": NOBODY})
    assert detail(answer) == (404, "Organization not found")
    made = good(super_admin.post(CAMPAIGNS, {"name": "A", "organization_id": organization.id}))
    assert made["organization_id"] == organization.id
    assert good(super_admin.put(f"{CAMPAIGNS}/{made['id']}", {"name": "B"}))["name"] == "B"


def test_nothing_new_comes_to_a_deactivated_brand(member: Client, organization: Organization) -> None:
    brand, campaign = make_brand(organization), make_campaign(organization)
    store.replace(brand, brand.model_copy(update={"is_active": False}))
    creator = good(member.post(f"{BASE}/creators", {"handle": "ana", "platform": "tiktok"}))
    into = {"brand_id": brand.id}
    for refused in (
        member.post(CAMPAIGNS, {"name": "A", **into}),
        member.put(at(campaign), into),
        member.post(f"{BASE}/creators", {"handle": "bo", "platform": "tiktok", **into}),
        member.patch(f"{BASE}/creators/{creator['id']}", into),
    ):
        assert detail(refused) == (400, "The brand is deactivated")
    there = make_campaign(organization, brand_id=brand.id)
    assert good(member.put(at(there), {"name": "B", **into}))["name"] == "B", "what is there already goes on"


def test_a_super_admin_of_an_organization_names_it_too(sign_in: SignIn, organization: Organization) -> None:
    inside = sign_in("super_admin", organization)
    for path in ("/campaigns", "/brands", "/teams"):
        assert fields(inside.post(BASE + path, {"name": "A"})) == ["body.organization_id"]
        made = good(inside.post(BASE + path, {"name": "A", "organization_id": organization.id}))
        assert made["organization_id"] == organization.id
    brand = make_brand(organization)
    assert good(inside.post(CAMPAIGNS, {"name": "A", "brand_id": brand.id}))["organization_id"] == organization.id


def test_a_foreign_campaign_is_not_there(agency_admin: Client, other: Organization) -> None:
    foreign = make_campaign(other)
    for method, rest in EVERYWHERE:
        for path in (at(foreign, rest), f"{CAMPAIGNS}/{NOBODY}{rest}"):
            assert detail(agency_admin.request(method, path, BODY, query=HANDLE)) == MISSING, (method, path)
    assert stored(foreign) == foreign


def test_a_foreign_brand_takes_no_campaign(
    agency_admin: Client, super_admin: Client, organization: Organization, other: Organization
) -> None:
    brand, campaign = make_brand(other), make_campaign(organization)
    for answer in (
        agency_admin.post(CAMPAIGNS, {"name": "A", "brand_id": brand.id}),
        agency_admin.put(at(campaign), {"brand_id": brand.id}),
        super_admin.put(at(campaign), {"brand_id": brand.id}),
    ):
        assert detail(answer) == (404, "Brand not found")
    assert detail(agency_admin.post(CAMPAIGNS, {"name": "A", "organization_id": other.id}))[0] == 404
    assert stored(campaign) == campaign


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body.name"),
        ({"name": " "}, "body.name"),
        ({"name": None}, "body.name"),
        ({"name": "x" * 201}, "body.name"),
        ({"name": "A", "budget": -1}, "body.budget"),
        ({"name": "A", "budget": 10**12 + 1}, "body.budget"),
        ({"name": "A", "budget": "100"}, "body.budget"),
        ({"name": "A", "start_date": "1 June"}, "body.start_date"),
        ({"name": "A", "start_date": "86400"}, "body.start_date"),
        ({"name": "A", "end_date": 86400}, "body.end_date"),
        ({"name": "A", "end_date": "2026-02-30"}, "body.end_date"),
        ({"name": "A", "end_date": "2026-06-01T00:00:00"}, "body.end_date"),
        ({"name": "A", "start_date": "2026-06-02", "end_date": "2026-06-01"}, "body.end_date"),
        ({"name": "A", "channels": ["x"] * 21}, "body.channels"),
        ({"name": "A", "channels": [""]}, "body.channels.0"),
        ({"name": "A", "brand_id": "7"}, "body.brand_id"),
        ({"name": "A", "description": "x" * 5001}, "body.description"),
        ({"name": "A", "objective": "x" * 1001}, "body.objective"),
    ],
)
def test_a_bad_campaign_is_refused_by_field(agency_admin: Client, body: dict[str, object], field: str) -> None:
    assert fields(agency_admin.post(CAMPAIGNS, body)) == [field]


def test_changes_merge_and_null_clears_what_can_be_empty(member: Client, organization: Organization) -> None:
    brand = make_brand(organization)
    campaign = make_campaign(organization, budget=5, channels=["email"], description="D")
    whole = good(member.put(at(campaign), {"brand_id": brand.id, "start_date": "2026-06-01", "end_date": "2026-07-01"}))
    assert (whole["brand_id"], whole["end_date"], whole["budget"]) == (brand.id, "2026-07-01", 5)
    after = good(member.put(at(campaign), dict.fromkeys(whole)))
    assert after == {**whole, "brand_id": None, "budget": None, "start_date": None, "end_date": None,
                     "updated_at": after["updated_at"]}  # fmt: skip
    before = stored(campaign)
    assert good(member.put(at(campaign), {})) == after
    assert stored(campaign) == before
    assert good(member.put(at(campaign), {"description": "", "channels": []}))["channels"] == []


def test_dates_stay_in_order_with_what_is_stored(member: Client, organization: Organization) -> None:
    campaign = make_campaign(organization)
    good(member.put(at(campaign), {"start_date": "2026-06-10", "end_date": "2026-06-20"}))
    assert fields(member.put(at(campaign), {"end_date": "2026-06-09"})) == ["body.end_date"]
    assert fields(member.put(at(campaign), {"start_date": "2026-06-21"})) == ["body.start_date"]
    assert good(member.put(at(campaign), {"start_date": "2026-06-20"}))["start_date"] == "2026-06-20"


def test_parallel_changes_of_a_campaign_are_all_kept(member: Client, organization: Organization) -> None:
    campaign = make_campaign(organization)
    bodies: list[dict[str, object]] = [{"name": "N"}, {"objective": "O"}, {"budget": 7}]
    in_threads(4, lambda n: member.put(at(campaign), bodies[n]) if n < 3 else member.post(at(campaign, "/launch")))
    after = stored(campaign)
    assert (after.name, after.objective, after.budget, after.status) == ("N", "O", 7, "active")


def test_deleting_a_campaign_takes_it_out_of_sight_but_not_what_it_cost(
    agency_admin: Client, organization: Organization
) -> None:
    campaign = make_campaign(organization)
    good(agency_admin.post(at(campaign, "/launch")))
    assert add(agency_admin, campaign, "ana").status == 200
    report(agency_admin, campaign, "spend", value=900)
    answer = good(agency_admin.delete(at(campaign)))
    assert answer == {"message": "Campaign deleted", "id": campaign.id}
    assert detail(agency_admin.delete(at(campaign))) == detail(agency_admin.get(at(campaign))) == MISSING
    assert ids(agency_admin.get(CAMPAIGNS)) == []
    assert store.count(Campaign, "gsi2", organization_id=organization.id, status="active") == 0
    assert store.count(Campaign, "gsi3", status="archived") == 0
    assert good(agency_admin.get(f"{CAMPAIGNS}/analytics/stats"))["spend"] == 900
    assert told(agency_admin)[0] == ("campaign.deleted", "Deleted the campaign Summer")
