"""The list of relationships: who is in it, what it says of them, who sees it, and what it costs."""

from __future__ import annotations

from typing import Any

import pytest

from caidence.campaigns import changes
from caidence.campaigns.entities import Influencer
from caidence.campaigns.figures import organization as organization_figures
from caidence.campaigns.influencers import reach
from caidence.creators.entities import Creator
from caidence.crm import relationships
from caidence.directory.entities import Organization
from quintet.models.time import rfc3339
from quintet.testing import Client
from tests.functions.caidence.conftest import BASE, SignIn, lend
from tests.functions.caidence.creators.conftest import CREATORS, make_creator
from tests.functions.caidence.crm.conftest import (
    RELATIONSHIPS,
    current,
    happen,
    influencer,
    join,
    launch,
    make_campaign,
    someone,
)
from tests.functions.caidence.tenancy.conftest import detail, fields
from tests.support.aws import in_threads
from tests.support.calls import recorded

SOURCE = "x-data-source"


def told(who: Influencer, creator: Creator | None = None) -> dict[str, Any]:
    """What the rows say of ids and times."""
    return {
        "id": who.id, "creator_id": creator and creator.id, "created_at": rfc3339(who.created_at),
        "updated_at": rfc3339(who.updated_at),
    }  # fmt: skip


def handles(client: Client, **query: str) -> list[str]:
    answer = client.get(RELATIONSHIPS, query=query)
    assert answer.status == 200, answer
    return [row["handle"] for row in answer.body]


def test_a_relationship_has_its_campaigns_and_what_was_spent(member: Client, organization: Organization) -> None:
    first, second = make_campaign(organization, "Spring"), make_campaign(organization, "Summer")
    for campaign in (first, second):
        join(campaign, "ana.cooks")
    join(second, "bo")
    launch(second)
    happen(first, "spend", value=1_000)
    happen(second, "spend", value=501)
    answer = member.get(RELATIONSHIPS)
    ana, bo = influencer(organization, "ana.cooks"), influencer(organization, "bo")
    assert (answer.status, answer.headers["x-total-count"], answer.headers[SOURCE]) == (200, "2", "stored")
    spring = {"id": first.id, "name": "Spring", "status": "draft"}
    summer = {"id": second.id, "name": "Summer", "status": "active"}
    shares = {row["handle"]: row["total_spend"] for row in answer.body}
    assert sorted([shares["ana.cooks"] - 1_000, shares["bo"]]) == [250, 251], "equal parts that add up"
    assert answer.body == [
        {
            **told(bo), "organization_id": organization.id, "handle": "bo", "name": "bo", "platform": "instagram",
            "status": "active", "campaigns": 1, "total_spend": shares["bo"], "history": [summer],
        },
        {
            **told(ana), "organization_id": organization.id, "handle": "ana.cooks", "name": "ana.cooks",
            "platform": "instagram", "status": "active", "campaigns": 2, "total_spend": shares["ana.cooks"],
            "history": [summer, spring],
        },
    ]  # fmt: skip


def test_a_creator_of_the_roster_is_there_with_name_and_status(member: Client, organization: Organization) -> None:
    creator = make_creator(organization, handle="ana", platform="tiktok", name="Ana Ruiz", status="past")
    (row,) = member.get(RELATIONSHIPS).body
    assert row == {
        **told(influencer(organization, "ana"), creator), "organization_id": organization.id, "handle": creator.handle,
        "name": "Ana Ruiz", "platform": "tiktok", "status": "past", "campaigns": 0, "total_spend": 0, "history": [],
    }  # fmt: skip


def test_one_handle_is_one_relationship_whoever_came_first(agency_admin: Client, organization: Organization) -> None:
    """A creator added before a campaign names them, and one added after."""
    campaign = make_campaign(organization)
    make_creator(organization, handle="ana", platform="instagram", name="Ana", status="active")
    join(campaign, "ana")
    join(launch(campaign), "bo")
    added = agency_admin.post(CREATORS, {"handle": "@Bo", "platform": "tiktok", "name": "Bo B."})
    assert added.status == 200
    rows = {row["handle"]: row for row in agency_admin.get(RELATIONSHIPS).body}
    shown = {handle: (row["name"], row["platform"], row["status"], row["campaigns"]) for handle, row in rows.items()}
    assert shown == {"ana": ("Ana", "instagram", "active", 1), "bo": ("Bo B.", "tiktok", "prospect", 1)}


def test_a_change_on_the_roster_is_seen_here(agency_admin: Client, organization: Organization) -> None:
    creator = make_creator(organization, handle="ana", name="Ana")
    assert agency_admin.patch(f"{CREATORS}/{creator.id}", {"name": "Ana Ruiz", "status": "active"}).status == 200
    (row,) = agency_admin.get(RELATIONSHIPS).body
    assert (row["name"], row["status"]) == ("Ana Ruiz", "active")
    assert agency_admin.patch(f"{CREATORS}/{creator.id}", {"handle": "ana.ruiz"}).status == 200
    assert handles(agency_admin) == ["ana.ruiz"], "nobody is left with the old handle"


@pytest.mark.parametrize(
    ("active_in", "spend", "status"), [(1, 0, "active"), (2, 5, "active"), (0, 5, "past"), (0, 0, "prospect")]
)
def test_the_status_of_who_is_not_on_the_roster(active_in: int, spend: int, status: str) -> None:
    assert relationships.status_of(None, active_in=active_in, spend=spend) == status


def test_a_deleted_campaign_leaves_the_history_and_its_spend_stays(member: Client, organization: Organization) -> None:
    campaign = make_campaign(organization)
    join(campaign, "ana")
    happen(campaign, "spend", value=700)
    changes.delete(someone(), current(campaign))
    (row,) = member.get(RELATIONSHIPS).body
    assert (row["campaigns"], row["total_spend"], row["history"], row["status"]) == (1, 700, [], "past")


def test_the_history_has_the_newest_campaigns(member: Client, organization: Organization) -> None:
    for number in range(relationships.LATEST + 2):
        join(make_campaign(organization, f"No {number}"), "ana")
    (row,) = member.get(RELATIONSHIPS).body
    assert row["campaigns"] == relationships.LATEST + 2
    assert [campaign["name"] for campaign in row["history"]] == ["No 6", "No 5", "No 4", "No 3", "No 2"]


def test_pages_follow_one_another_without_gaps(member: Client, organization: Organization) -> None:
    for number in range(5):
        make_creator(organization, handle=f"ana{number}")
    assert handles(member) == ["ana4", "ana3", "ana2", "ana1", "ana0"]
    assert handles(member, skip="1", limit="2") == ["ana3", "ana2"]
    first = member.get(RELATIONSHIPS, query={"limit": "2"})
    assert first.headers["x-total-count"] == "5"
    cursor = first.headers["link"].partition("cursor=")[2].partition(">")[0].partition("&")[0]
    assert handles(member, limit="2", cursor=cursor) == ["ana2", "ana1"]


@pytest.mark.parametrize(
    ("query", "field"),
    [({"limit": "0"}, "query.limit"), ({"limit": "101"}, "query.limit"), ({"skip": "-1"}, "query.skip")],
)
def test_bad_paging_is_named(member: Client, query: dict[str, str], field: str) -> None:
    assert fields(member.get(RELATIONSHIPS, query=query)) == [field]


def test_others_relationships_stay_out_of_sight(
    member: Client, super_admin: Client, organization: Organization, other: Organization
) -> None:
    make_creator(organization, handle="ours")
    join(make_campaign(other), "theirs")
    assert handles(member) == ["ours"]
    assert handles(super_admin) == ["theirs", "ours"]


def test_an_account_without_an_organization_sees_none(sign_in: SignIn, organization: Organization) -> None:
    make_creator(organization, handle="ours")
    lonely = sign_in("agency_member", None)
    answer = lonely.get(RELATIONSHIPS)
    assert (answer.status, answer.body, answer.headers[SOURCE]) == (200, [], "stored")


@pytest.mark.parametrize("role", ["viewer", "creator", "brand_member"])
def test_who_may_not_read_customer_relations_is_refused(sign_in: SignIn, role: str) -> None:
    assert detail(sign_in(role).get(RELATIONSHIPS)) == (
        403, "Not enough permissions",
    )  # fmt: skip


def test_an_override_opens_the_list(viewer: Client, organization: Organization) -> None:
    make_creator(organization, handle="ours")
    lend(viewer, "crm:read")
    assert handles(viewer) == ["ours"]


def test_without_a_token_nobody_comes_in(platform: Client) -> None:
    assert detail(platform.get(RELATIONSHIPS)) == (401, "Could not validate credentials")


def test_only_an_empty_platform_shows_demo_values(
    member: Client, organization: Organization, other: Organization
) -> None:
    answer = member.get(RELATIONSHIPS)
    assert (answer.headers[SOURCE], answer.headers["x-total-count"]) == ("demo", "3")
    assert [row["handle"] for row in answer.body] == ["lena.bakes", "marcotrails", "aiko.writes"]
    assert answer.body[0]["campaigns"] == len(answer.body[0]["history"]) == 2
    assert handles(member, skip="1", limit="1") == ["marcotrails"]
    make_creator(other, handle="theirs")
    empty = member.get(RELATIONSHIPS)
    assert (empty.headers[SOURCE], empty.headers["x-total-count"], empty.body) == ("stored", "0", [])


def test_a_page_costs_the_same_however_many_campaigns_and_events_there_are(
    member: Client, organization: Organization
) -> None:
    campaign = make_campaign(organization)
    for handle in ("ana", "bo"):
        join(campaign, handle)
    with recorded() as few:
        member.get(RELATIONSHIPS)
    for number in range(12):
        more = make_campaign(organization, f"No {number}")
        join(more, "ana")
        for _ in range(3):
            happen(more, "spend", value=100)
    with recorded() as many:
        member.get(RELATIONSHIPS)
    assert many.names == few.names


def test_two_creators_of_one_handle_are_two_relationships(agency_admin: Client, organization: Organization) -> None:
    first = make_creator(organization, handle="ana", platform="instagram", follower_count=1_000, name="Ana")
    second = make_creator(organization, handle="ana", platform="tiktok", follower_count=500, name="Other Ana")
    join(make_campaign(organization, channels=["tiktok"]), "ana")
    assert agency_admin.patch(f"{CREATORS}/{second.id}", {"name": "Anna", "platform": "youtube"}).status == 200
    rows = {row["creator_id"]: row for row in agency_admin.get(RELATIONSHIPS).body}
    assert {who: (row["name"], row["platform"], row["campaigns"]) for who, row in rows.items()} == {
        first.id: ("Ana", "instagram", 0), second.id: ("Anna", "youtube", 1),
    }  # fmt: skip


def test_a_relationship_is_with_a_person_whatever_their_handle(
    agency_admin: Client, organization: Organization
) -> None:
    """Who gets a handle that somebody else had has none of their history."""
    campaign = launch(make_campaign(organization, channels=["tiktok"]))
    zed = make_creator(organization, handle="zed", platform="tiktok", name="First", follower_count=1_000)
    join(campaign, "zed")
    happen(campaign, "spend", value=777)
    assert agency_admin.patch(f"{CREATORS}/{zed.id}", {"handle": "znew"}).status == 200
    second = make_creator(organization, handle="zed", platform="tiktok", name="Second", follower_count=5)
    rows = {row["creator_id"]: row for row in agency_admin.get(RELATIONSHIPS).body}
    assert {who: (row["handle"], row["name"], row["campaigns"], row["total_spend"]) for who, row in rows.items()} == {
        zed.id: ("znew", "First", 1, 777), second.id: ("zed", "Second", 0, 0),
    }  # fmt: skip
    (inside,) = agency_admin.get(f"{BASE}/campaigns/{campaign.id}").body["influencers"]
    assert (inside["handle"], inside["name"]) == ("znew", "First")
    assert reach(organization_figures(organization.id)) == 1_000


def test_a_corrected_handle_finds_the_campaigns_that_named_it(agency_admin: Client, organization: Organization) -> None:
    join(make_campaign(organization), "ana.cooks")
    typo = make_creator(organization, handle="ana.coks", name="Ana")
    assert agency_admin.patch(f"{CREATORS}/{typo.id}", {"handle": "ana.cooks"}).status == 200
    (row,) = agency_admin.get(RELATIONSHIPS).body
    assert (row["handle"], row["creator_id"], row["campaigns"]) == ("ana.cooks", typo.id, 1)
    join(make_campaign(organization), "ana.coks")
    assert agency_admin.patch(f"{CREATORS}/{typo.id}", {"handle": "ana.coks"}).status == 200
    named = [(row["creator_id"], row["campaigns"]) for row in agency_admin.get(RELATIONSHIPS).body]
    assert named == [(None, 1), (typo.id, 1)], "who has a history keeps it"


def test_influencers_that_campaigns_and_the_roster_name_at_once_become_one(
    agency_admin: Client, organization: Organization
) -> None:
    campaign = make_campaign(organization)

    def work(number: int) -> int:
        if number % 2:
            return agency_admin.post(CREATORS, {"handle": "ana", "platform": f"p{number}", "name": "Ana"}).status
        return agency_admin.post(
            f"/api/v1/campaigns/{campaign.id}/influencers", query={"influencer_handle": "ana"}
        ).status  # fmt: skip

    assert in_threads(6, work) == [200] * 6
    rows = agency_admin.get(RELATIONSHIPS).body
    assert sorted(row["platform"] for row in rows) == ["p1", "p3", "p5"], "one for each of the roster, and no other"
    assert sum(row["campaigns"] for row in rows) == 1
