"""Creators: who adds, sees, changes and removes them, and what a creator may be."""

from __future__ import annotations

from typing import Any

import pytest

from caidence.activity.log import Activity
from caidence.creators.entities import Creator, HandleClaim
from caidence.directory.entities import Organization
from caidence.service import store
from quintet.models.time import frozen, rfc3339
from quintet.testing import Client
from tests.functions.caidence.conftest import SignIn, lend, make_brand
from tests.functions.caidence.creators.conftest import CREATORS, make_creator, stored
from tests.functions.caidence.tenancy.conftest import NOBODY, detail, fields, ids
from tests.support.aws import in_threads

MISSING = (404, "Creator not found")
TAKEN = (409, "A creator with this handle on this platform already exists")
ANA: dict[str, Any] = {
    "handle": "@Ana.Cooks ", "platform": "Instagram", "name": "Ana Ruiz", "email": "Ana@Example.com",
    "phone": "+34 612 34 56 78", "bio": "Cooks.\nSings.", "category": "food", "tier": "micro",
    "follower_count": 48_200, "engagement_rate": 3.25,
}  # fmt: skip
EMPTY: dict[str, Any] = {
    "brand_id": None, "name": "", "email": None, "phone": None, "bio": "", "category": "", "tier": "",
    "follower_count": None, "engagement_rate": None, "status": "prospect", "commission_rate": 0.0, "notes": "",
    "affiliate_code": None, "affiliate_url": None,
}  # fmt: skip


def activities(organization: Organization) -> list[str]:
    return [each.description for each in store.each(Activity, place=organization.id)]


def test_without_a_token_nothing_of_creators_is_to_be_had(platform: Client, organization: Organization) -> None:
    path = f"{CREATORS}/{make_creator(organization).id}"
    for method, at in [("GET", CREATORS), ("POST", CREATORS), ("GET", path), ("PATCH", path), ("DELETE", path)]:
        assert platform.request(method, at, {}).status == 401, (method, at)


def test_who_may_write_adds_a_creator(member: Client, organization: Organization) -> None:
    brand = make_brand(organization)
    with frozen() as clock:
        answer = member.post(CREATORS, {**ANA, "brand_id": brand.id})
    at = rfc3339(clock.at)
    assert answer.status == 200
    assert answer.body == {
        **EMPTY, **ANA, "id": answer.body["id"], "organization_id": organization.id, "brand_id": brand.id,
        "handle": "ana.cooks", "platform": "instagram", "email": "ana@example.com", "phone": "+34612345678",
        "created_at": at, "updated_at": at,
    }  # fmt: skip
    assert member.get(f"{CREATORS}/{answer.body['id']}").body == answer.body
    assert member.get(CREATORS).body == [answer.body]
    assert activities(organization) == ["Added @ana.cooks (instagram) to the roster"]


def test_a_handle_and_a_platform_are_enough(member: Client, organization: Organization) -> None:
    body = member.post(CREATORS, {"handle": "ana", "platform": "tiktok"}).body
    assert {name: body[name] for name in EMPTY} == EMPTY
    assert body["organization_id"] == organization.id


def test_readers_do_not_write_and_others_do_not_read(sign_in: SignIn, organization: Organization) -> None:
    creator = make_creator(organization)
    path = f"{CREATORS}/{creator.id}"
    for role, reads in (("brand_member", 200), ("viewer", 403), ("creator", 403)):
        client = sign_in(role)
        assert [client.get(CREATORS).status, client.get(path).status] == [reads, reads]
        writes = [client.post(CREATORS, ANA), client.patch(path, {"notes": "x"}), client.delete(path)]
        assert [answer.status for answer in writes] == [403, 403, 403], role
    assert stored(creator) == creator
    assert store.count(Creator, organization_id=organization.id) == 1


def test_a_permission_for_a_brand_is_one_for_its_creators_alone(viewer: Client, organization: Organization) -> None:
    brand, another = make_brand(organization), make_brand(organization)
    inside, beside, without = (make_creator(organization, at) for at in (brand, another, None))
    for permission in ("creators:read", "creators:write"):
        lend(viewer, permission, scope="brand", id=brand.id)
    assert ids(viewer.get(CREATORS, query={"brand_id": brand.id})) == [inside.id]
    assert viewer.get(f"{CREATORS}/{inside.id}").status == 200
    assert viewer.patch(f"{CREATORS}/{inside.id}", {"notes": "Call back"}).status == 200
    assert viewer.post(CREATORS, {**ANA, "brand_id": brand.id}).status == 200
    refused = [
        viewer.get(CREATORS),
        viewer.get(CREATORS, query={"status": "prospect"}),
        viewer.get(CREATORS, query={"brand_id": another.id}),
        viewer.get(f"{CREATORS}/{beside.id}"),
        viewer.patch(f"{CREATORS}/{without.id}", {"notes": "x"}),
        viewer.patch(f"{CREATORS}/{inside.id}", {"brand_id": another.id}),
        viewer.patch(f"{CREATORS}/{inside.id}", {"brand_id": None}),
        viewer.post(CREATORS, {**ANA, "handle": "eva"}),
    ]
    reason = "deny: role viewer does not grant creators:"
    assert [(answer.status, answer.body["detail"].startswith(reason)) for answer in refused] == [(403, True)] * 8
    assert stored(inside).brand_id == brand.id


def test_a_super_admin_without_the_permission_lists_only_where_it_was_lent(
    super_admin: Client, organization: Organization
) -> None:
    brand = make_brand(organization)
    creator = make_creator(organization, brand)
    lend(super_admin, "creators:read", allowed=False)
    lend(super_admin, "creators:read", scope="brand", id=brand.id)
    for query in ({}, {"status": "prospect"}):
        assert super_admin.get(CREATORS, query=query).status == 403
    assert ids(super_admin.get(CREATORS, query={"brand_id": brand.id})) == [creator.id]


def test_a_foreign_creator_is_not_there(agency_admin: Client, other: Organization) -> None:
    foreign = make_creator(other)
    for tried in (foreign.id, NOBODY):
        path = f"{CREATORS}/{tried}"
        for answer in (agency_admin.get(path), agency_admin.patch(path, {"notes": "x"}), agency_admin.delete(path)):
            assert detail(answer) == MISSING
    assert stored(foreign) == foreign


def test_a_foreign_organization_or_brand_is_not_there(
    agency_admin: Client, organization: Organization, other: Organization
) -> None:
    mine, brand = make_creator(organization), make_brand(other)
    assert detail(agency_admin.post(CREATORS, {**ANA, "organization_id": other.id}))[0] == 404
    for tried in (brand.id, NOBODY):
        gone = (404, "Brand not found")
        assert detail(agency_admin.post(CREATORS, {**ANA, "brand_id": tried})) == gone
        assert detail(agency_admin.patch(f"{CREATORS}/{mine.id}", {"brand_id": tried})) == gone
        assert detail(agency_admin.get(CREATORS, query={"brand_id": tried})) == gone
    assert stored(mine) == mine
    assert store.count(Creator, "gsi1") == 1


def test_super_admins_name_where_a_creator_goes(super_admin: Client, organization: Organization) -> None:
    assert fields(super_admin.post(CREATORS, ANA)) == ["body.organization_id"]
    brand = make_brand(organization)
    by_brand = super_admin.post(CREATORS, {**ANA, "brand_id": brand.id})
    assert (by_brand.body["organization_id"], by_brand.body["brand_id"]) == (organization.id, brand.id)
    named = super_admin.post(CREATORS, {**ANA, "handle": "eva", "organization_id": organization.id})
    assert super_admin.get(f"{CREATORS}/{named.body['id']}").body == named.body
    assert len(activities(organization)) == 2


def test_an_account_without_an_organization_has_no_roster(sign_in: SignIn, organization: Organization) -> None:
    make_creator(organization)
    client = sign_in("agency_admin", None)
    for query in ({}, {"status": "prospect"}):
        answer = client.get(CREATORS, query=query)
        assert (answer.body, answer.headers["x-total-count"]) == ([], "0")
    assert client.post(CREATORS, ANA).status == 403


@pytest.mark.parametrize("again", ["ana.cooks", "@ANA.COOKS", " @Ana.Cooks"])
def test_a_handle_is_there_once_on_each_platform(member: Client, organization: Organization, again: str) -> None:
    first = member.post(CREATORS, ANA)
    assert detail(member.post(CREATORS, {**ANA, "handle": again, "platform": " INSTAGRAM"})) == TAKEN
    assert member.post(CREATORS, {**ANA, "platform": "tiktok"}).status == 200
    assert store.count(Creator, organization_id=organization.id) == 2
    assert member.delete(f"{CREATORS}/{first.body['id']}").status == 200
    assert detail(member.post(CREATORS, ANA)) == TAKEN


@pytest.mark.parametrize(
    ("short", "whole"),
    [("X", "twitter"), ("IG", "Instagram"), ("yt", "YouTube"), ("TikTok Shop", "tiktok"), ("Meta", "facebook")],
)
def test_a_platform_has_one_name(member: Client, short: str, whole: str) -> None:
    assert member.post(CREATORS, {**ANA, "platform": short}).body["platform"] == whole.casefold()
    assert detail(member.post(CREATORS, {**ANA, "platform": whole})) == TAKEN


def test_two_organizations_may_know_the_same_creator(member: Client, sign_in: SignIn, other: Organization) -> None:
    assert [client.post(CREATORS, ANA).status for client in (member, sign_in("agency_member", other))] == [200, 200]


def test_of_many_who_add_a_handle_at_once_one_does(member: Client, organization: Organization) -> None:
    answers = in_threads(8, lambda _: member.post(CREATORS, ANA).status)
    assert (answers.count(200), answers.count(409)) == (1, 7)
    assert store.count(Creator, organization_id=organization.id) == 1
    assert store.count(Creator, "gsi2", organization_id=organization.id, status="prospect") == 1
    assert len(activities(organization)) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"platform": "tiktok"}, "handle"),
        ({"handle": "ana"}, "platform"),
        ({**ANA, "handle": None}, "handle"),
        ({**ANA, "handle": ""}, "handle"),
        ({**ANA, "handle": " @ "}, "handle"),
        ({**ANA, "handle": "..."}, "handle"),
        ({**ANA, "handle": "\u200b\u200b"}, "handle"),
        ({**ANA, "handle": "ana cooks"}, "handle"),
        ({**ANA, "handle": "ana#1"}, "handle"),
        ({**ANA, "handle": "@@ana"}, "handle"),
        ({**ANA, "handle": "https://instagram.com/ana"}, "handle"),
        ({**ANA, "handle": "a" * 101}, "handle"),
        ({**ANA, "platform": "  "}, "platform"),
        ({**ANA, "platform": "x" * 51}, "platform"),
        ({**ANA, "email": "ana"}, "email"),
        ({**ANA, "phone": "612"}, "phone"),
        ({**ANA, "name": "A\nB"}, "name"),
        ({**ANA, "bio": "x" * 5001}, "bio"),
        ({**ANA, "follower_count": -1}, "follower_count"),
        ({**ANA, "follower_count": "many"}, "follower_count"),
        ({**ANA, "engagement_rate": -0.1}, "engagement_rate"),
        ({**ANA, "engagement_rate": 1e5}, "engagement_rate"),
        ({**ANA, "brand_id": "7"}, "brand_id"),
        ({**ANA, "organization_id": "7"}, "organization_id"),
    ],
)
def test_a_bad_creator_is_refused_by_field(member: Client, body: dict[str, Any], field: str) -> None:
    assert fields(member.post(CREATORS, body)) == [f"body.{field}"]


@pytest.mark.parametrize(
    ("given", "kept"), [("İlker", "i̇lker"), ("Straße", "strasse"), ("किताब", "किताब"), ("小红书_1", "小红书_1")]
)
def test_handles_of_every_script_are_handles(member: Client, given: str, kept: str) -> None:
    assert member.post(CREATORS, {"handle": given, "platform": "youtube"}).body["handle"] == kept


@pytest.mark.parametrize(("given", "kept"), [(1e-300, 0.0), (3.123456, 3.1235), (7, 7.0), (10_000, 10_000.0)])
def test_an_engagement_rate_is_kept_to_four_decimals(member: Client, given: float, kept: float) -> None:
    assert member.post(CREATORS, {**ANA, "engagement_rate": given}).body["engagement_rate"] == kept


def test_what_is_left_out_of_a_change_stays(member: Client, organization: Organization) -> None:
    made = member.post(CREATORS, ANA).body
    path = f"{CREATORS}/{made['id']}"
    change = {"status": "active", "commission_rate": 12.5, "notes": "Answers fast", "tier": "macro"}
    with frozen() as clock:
        clock.advance(minutes=5)
        answer = member.patch(path, change)
    assert answer.body == {**made, **change, "updated_at": rfc3339(clock.at)}
    assert member.get(path).body == answer.body
    assert sorted(activities(organization)[:2]) == [
        "Made @ana.cooks (instagram) an active creator", "Set the commission of @ana.cooks (instagram) to 12.5%",
    ]  # fmt: skip
    for nothing in ({}, change, {"name": None, "status": None, "handle": "@ANA.cooks"}):
        assert member.patch(path, nothing).body == answer.body
    assert len(activities(organization)) == 3


def test_null_takes_away_what_may_be_absent(member: Client, organization: Organization) -> None:
    made = member.post(CREATORS, {**ANA, "brand_id": make_brand(organization).id}).body
    gone = dict.fromkeys(("brand_id", "email", "phone", "follower_count", "engagement_rate"))
    answer = member.patch(f"{CREATORS}/{made['id']}", gone)
    assert answer.body == {**made, **gone, "updated_at": answer.body["updated_at"]}


def test_a_new_handle_frees_the_old_one(member: Client, organization: Organization) -> None:
    ana, eva = (member.post(CREATORS, {**ANA, "handle": name}).body["id"] for name in ("ana", "eva"))
    assert detail(member.patch(f"{CREATORS}/{ana}", {"handle": "Eva"})) == TAKEN
    assert member.patch(f"{CREATORS}/{ana}", {"handle": "anna"}).body["handle"] == "anna"
    assert member.patch(f"{CREATORS}/{eva}", {"handle": "ana"}).status == 200
    assert member.patch(f"{CREATORS}/{ana}", {"platform": "tiktok", "handle": "ana"}).status == 200
    place = {"organization_id": organization.id, "platform": "instagram"}
    claims = [store.get(HandleClaim, **place, handle=name) for name in ("ana", "anna", "eva")]  # type: ignore[arg-type]
    assert [claim and claim.creator_id for claim in claims] == [eva, None, None]


def test_a_change_that_is_sent_twice_at_once_is_made(member: Client, organization: Organization) -> None:
    creator = make_creator(organization)
    change = {"handle": "anna", "status": "active"}
    answers = in_threads(6, lambda _: member.patch(f"{CREATORS}/{creator.id}", change).status)
    assert answers == [200] * 6
    assert store.count(Creator, "gsi2", organization_id=organization.id, status="active") == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"status": "gone"}, "status"),
        ({"commission_rate": -1}, "commission_rate"),
        ({"commission_rate": 100.01}, "commission_rate"),
        ({"commission_rate": 12.345}, "commission_rate"),
        ({"commission_rate": 1e-300}, "commission_rate"),
        ({"notes": "x" * 5001}, "notes"),
        ({"handle": ""}, "handle"),
        ({"email": ""}, "email"),
    ],
)
def test_a_bad_change_is_refused_by_field(
    member: Client, organization: Organization, body: dict[str, Any], field: str
) -> None:
    creator = make_creator(organization)
    assert fields(member.patch(f"{CREATORS}/{creator.id}", body)) == [f"body.{field}"]
    assert stored(creator) == creator


def test_removing_makes_past_and_keeps_in_sight(member: Client, organization: Organization) -> None:
    made = member.post(CREATORS, ANA).body
    path = f"{CREATORS}/{made['id']}"
    for _ in range(2):
        answer = member.delete(path)
        assert (answer.status, answer.body) == (200, {"message": "Creator removed", "id": made["id"]})
    assert member.get(path).body["status"] == "past"
    assert member.get(CREATORS).body[0]["status"] == "past"
    assert activities(organization)[0] == "Made @ana.cooks (instagram) a past creator"
    assert len(activities(organization)) == 2
    assert member.patch(path, {"status": "active"}).body["status"] == "active"


def test_a_malformed_id_is_refused(member: Client) -> None:
    for answer in (member.get(f"{CREATORS}/7"), member.patch(f"{CREATORS}/7", {}), member.delete(f"{CREATORS}/7")):
        assert fields(answer) == ["path.creator_id"]


def test_a_repeated_key_adds_once(member: Client, organization: Organization) -> None:
    answers = [member.post(CREATORS, ANA, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert answers[0].body == answers[1].body
    assert store.count(Creator, organization_id=organization.id) == 1
