"""Campaigns: made, read, changed and deleted by their brand, in JSON and as a form."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from quintet.models import new_id, now, rfc3339
from quintet.models.time import frozen
from quintet.providers import storage
from quintet.testing.client import Answer
from stoory.campaigns.entities import Campaign, Deadline
from stoory.service import store
from tests.conftest import Systems
from tests.support.market import (
    BASE,
    FORBIDDEN,
    FORM,
    UNSIGNED,
    Party,
    accepted,
    anyone,
    applied,
    campaign,
    failure,
    form,
    party,
    png,
    refused,
    said,
    seen,
    status_of,
    wanted,
    wrong,
)

CAMPAIGNS = f"{BASE}/campaigns"
NOT_FOUND = (404, failure("Campaign not found"))
DETAILS = {
    "title": "Autumn Looks",
    "type": "BULK",
    "min_influencers": 2,
    "max_influencers": 5,
    "requires_script": True,
    "budget": 1234.5,
    "description": "Wool & tweed",
    "platform": ["instagram", "youtube"],
    "content_type": ["reel"],
    "influencer_tier": "MICRO",
    "categories": "fashion",
    "language": "hi",
    "brand_guideline": "No logos.\nNo music.",
}


@pytest.fixture(autouse=True)
def market(system: Systems) -> None:
    system("stoory")


@pytest.fixture
def brand() -> Party:
    return party("BRAND")


@pytest.fixture
def influencer() -> Party:
    return party("INFLUENCER")


def put(brand: Party, ident: str, **fields: Any) -> Answer:
    return brand.put(f"{CAMPAIGNS}/{ident}", fields)


def test_a_campaign_is_made_with_everything_it_was_given(brand: Party) -> None:
    with frozen() as clock:
        deadline = rfc3339(clock.at + timedelta(days=30))
        answer = brand.post(CAMPAIGNS, {**DETAILS, "status": "LIVE", "start_deadline": deadline})
        moment = rfc3339(clock.at)
    assert answer.status == 201
    made = answer.body["campaign"]
    assert answer.body == {
        "success": True,
        "message": "Campaign created successfully",
        "campaign": {
            "id": made["id"], "brand_id": brand.id, **DETAILS, "status": "LIVE", "start_deadline": deadline,
            "cover_image": None, "accepted_count": 0, "created_at": moment, "updated_at": moment,
        },
    }  # fmt: skip
    assert brand.get(f"{CAMPAIGNS}/{made['id']}").body == {"success": True, "campaign": made}


def test_a_campaign_is_a_normal_draft_unless_it_says_otherwise(brand: Party) -> None:
    made = campaign(brand, status=...)
    assert (made["type"], made["status"]) == ("NORMAL", "DRAFT")
    unsaid = ("min_influencers", "max_influencers", "budget", "influencer_tier", "cover_image")
    assert [made[name] for name in unsaid] == [None] * 5
    assert (made["description"], made["platform"], made["requires_script"]) == ("", [], False)


def test_a_form_makes_the_same_campaign_as_json(brand: Party) -> None:
    body = wanted(**DETAILS)
    by_json = brand.post(CAMPAIGNS, body)
    by_form = brand.post(CAMPAIGNS, form(body), headers=FORM)
    assert (by_json.status, by_form.status) == (201, 201)
    own = {"id", "created_at", "updated_at"}
    first, second = by_json.body["campaign"], by_form.body["campaign"]
    assert {k: v for k, v in first.items() if k not in own} == {k: v for k, v in second.items() if k not in own}


def test_a_cover_image_is_stored_by_its_content_and_answered_as_a_url(brand: Party) -> None:
    picture = png(padding=5000)
    answer = brand.post(CAMPAIGNS, form(wanted(), coverImage=picture), headers=FORM)
    assert answer.status == 201
    url = urlsplit(answer.body["campaign"]["cover_image"])
    stored = store.get(Campaign, id=answer.body["campaign"]["id"])
    assert stored is not None
    assert stored.cover_image is not None
    assert stored.cover_image.startswith("campaigns/")
    assert url.path.endswith(f"stoory/{stored.cover_image}")
    kept = storage.head(stored.cover_image)
    assert kept is not None
    assert (kept.size, kept.content_type) == (len(picture), "image/png")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"GIF89a is no picture for us", "Image must be a JPEG, PNG or WebP file"),
        (png(padding=5 * 1024 * 1024), "Image must be at most 5MB"),
    ],
)
def test_a_cover_that_is_no_picture_or_too_large_is_refused(brand: Party, content: bytes, message: str) -> None:
    expected = (400, wrong("coverImage", message))
    assert refused(brand.post(CAMPAIGNS, form(wanted(), coverImage=content), headers=FORM)) == expected
    ident = campaign(brand)["id"]
    assert refused(brand.put(f"{CAMPAIGNS}/{ident}", form({}, coverImage=content), headers=FORM)) == expected
    assert seen(brand, ident)["cover_image"] is None


def test_a_cover_comes_only_by_form(brand: Party) -> None:
    answer = brand.post(CAMPAIGNS, wanted(coverImage="data:image/png;base64,AA=="))
    assert answer.status == 400
    assert [problem["param"] for problem in answer.body["errors"]] == ["coverImage"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "ab"),
        ("title", "x" * 201),
        ("title", None),
        ("title", ...),
        ("title", 12),
        ("type", "HUGE"),
        ("status", "OPEN"),
        ("status", "LOCKED"),
        ("status", "EXPIRED"),
        ("min_influencers", -1),
        ("min_influencers", "3"),
        ("max_influencers", 0),
        ("requires_script", "yes"),
        ("start_deadline", ...),
        ("start_deadline", "soon"),
        ("start_deadline", "2020-01-01T00:00:00Z"),
        ("budget", -1),
        ("budget", 10.005),
        ("budget", "100"),
        ("description", "x" * 5001),
        ("platform", "instagram"),
        ("content_type", [1]),
        ("influencer_tier", "GIGA"),
        ("categories", "x" * 501),
        ("language", "x" * 51),
        ("brand_guideline", "x" * 10_001),
    ],
)
def test_a_field_that_does_not_fit_is_named(brand: Party, field: str, value: object) -> None:
    answer = brand.post(CAMPAIGNS, wanted(**{field: value}))
    assert said(answer) == (400, "Validation failed")
    assert {problem["param"].split(".")[0] for problem in answer.body["errors"]} == {field}
    assert {problem["location"] for problem in answer.body["errors"]} == {"body"}


def test_the_most_influencers_are_no_fewer_than_the_least(brand: Party) -> None:
    expected = (400, wrong("max_influencers", "max_influencers must be >= min_influencers"))
    assert refused(brand.post(CAMPAIGNS, wanted(min_influencers=3, max_influencers=2))) == expected
    ident = campaign(brand, min_influencers=3)["id"]
    assert refused(put(brand, ident, max_influencers=2)) == expected


def test_only_brands_make_campaigns(influencer: Party) -> None:
    assert refused(anyone().post(CAMPAIGNS, {})) == (401, UNSIGNED)
    assert refused(influencer.post(CAMPAIGNS, wanted())) == (403, FORBIDDEN)
    assert refused(party("ADMIN").post(CAMPAIGNS, wanted())) == (403, FORBIDDEN)


def test_the_same_key_makes_one_campaign(brand: Party) -> None:
    body, key = wanted(), {"Idempotency-Key": "k1"}
    first, second = (brand.post(CAMPAIGNS, body, headers=key) for _ in range(2))
    assert (first.status, second.status, first.body) == (201, 201, second.body)
    assert brand.get(f"{CAMPAIGNS}/my").body["pagination"]["total"] == 1


def test_anyone_signed_in_reads_a_live_campaign(brand: Party, influencer: Party) -> None:
    made = campaign(brand)
    for viewer in (brand, influencer, party("BRAND"), party("ADMIN")):
        answer = viewer.get(f"{CAMPAIGNS}/{made['id']}")
        assert (answer.status, answer.body) == (200, {"success": True, "campaign": made})
    assert refused(anyone().get(f"{CAMPAIGNS}/{made['id']}")) == (401, UNSIGNED)


def test_a_draft_is_its_brands_and_the_admins_alone(brand: Party, influencer: Party) -> None:
    draft = campaign(brand, status="DRAFT")["id"]
    assert [viewer.get(f"{CAMPAIGNS}/{draft}").status for viewer in (brand, party("ADMIN"))] == [200, 200]
    for viewer in (influencer, party("BRAND")):
        assert refused(viewer.get(f"{CAMPAIGNS}/{draft}")) == NOT_FOUND


def test_unknown_ids_are_404_and_malformed_ones_400(brand: Party) -> None:
    for call in (brand.get, brand.delete, lambda path: brand.put(path, {})):
        assert refused(call(f"{CAMPAIGNS}/{new_id()}")) == NOT_FOUND
        assert refused(call(f"{CAMPAIGNS}/12")) == (400, wrong("id", "id is malformed", "params"))
    ident = campaign(brand)["id"]
    assert brand.get(f"{CAMPAIGNS}/{ident.upper()}").status == 200


def test_a_change_touches_what_it_names(brand: Party) -> None:
    made = campaign(brand, **DETAILS)
    with frozen(now() + timedelta(hours=1)) as clock:
        answer = put(brand, made["id"], title="Winter Looks", budget=99, max_influencers=None, description=None)
        expected = {**made, "title": "Winter Looks", "budget": 99, "max_influencers": None, "description": "",
                    "updated_at": rfc3339(clock.at)}  # fmt: skip
    assert answer.status == 200
    assert answer.body == {"success": True, "message": "Campaign updated successfully", "campaign": expected}
    assert seen(brand, made["id"]) == expected


def test_a_form_changes_a_campaign_and_its_cover(brand: Party) -> None:
    ident = campaign(brand)["id"]
    answer = brand.put(f"{CAMPAIGNS}/{ident}", form({"budget": 7}, coverImage=png()), headers=FORM)
    assert said(answer) == (200, "Campaign updated successfully")
    assert answer.body["campaign"]["budget"] == 7
    assert ".png" in answer.body["campaign"]["cover_image"]
    assert put(brand, ident, coverImage=None).body["campaign"]["cover_image"] is None


def test_a_campaign_goes_through_its_life(brand: Party) -> None:
    ident = campaign(brand, status="DRAFT")["id"]
    for status in ("LIVE", "LOCKED", "ACTIVE", "COMPLETED"):
        assert put(brand, ident, status=status).body["campaign"]["status"] == status
    assert refused(put(brand, ident, title="Too late")) == (
        400,
        failure("Cannot update campaign. Current status: COMPLETED"),
    )


@pytest.mark.parametrize(
    ("before", "after", "verb"),
    [("DRAFT", "LOCKED", "lock"), ("DRAFT", "ACTIVE", "start"), ("LIVE", "DRAFT", "redraft"),
     ("LIVE", "COMPLETED", "complete"), ("LIVE", "EXPIRED", "expire")],
)  # fmt: skip
def test_a_step_that_is_not_next_is_refused(brand: Party, before: str, after: str, verb: str) -> None:
    ident = campaign(brand, status=before)["id"]
    assert refused(put(brand, ident, status=after)) == (
        400,
        failure(f"Cannot {verb} campaign. Current status: {before}"),
    )
    assert seen(brand, ident)["status"] == before


def test_the_deadline_is_in_the_future_when_it_is_set_or_the_campaign_goes_live(brand: Party) -> None:
    expected = (400, wrong("start_deadline", "start_deadline must be in the future"))
    ident = campaign(brand, status="DRAFT")["id"]
    assert refused(put(brand, ident, start_deadline="2020-01-01T00:00:00Z")) == expected
    with frozen(now() + timedelta(days=8)):
        brand = _renewed(brand)
        assert refused(put(brand, ident, status="LIVE")) == expected
        assert put(brand, ident, title="Still a draft").status == 200


def _renewed(brand: Party) -> Party:
    again = party("BRAND")
    from quintet.auth import tokens

    again.id = brand.id
    again.token, _ = tokens.issue(brand.id, {"role": "BRAND"}, timedelta(hours=1))
    return again


def test_others_may_not_change_or_delete_a_campaign(brand: Party, influencer: Party) -> None:
    ident = campaign(brand)["id"]
    for other, body in ((party("BRAND"), FORBIDDEN), (influencer, FORBIDDEN), (party("ADMIN"), FORBIDDEN)):
        assert refused(put(other, ident, title="Mine now")) == (403, body)
        assert refused(other.delete(f"{CAMPAIGNS}/{ident}")) == (403, body)
    assert refused(anyone().put(f"{CAMPAIGNS}/{ident}", {})) == (401, UNSIGNED)
    assert refused(anyone().delete(f"{CAMPAIGNS}/{ident}")) == (401, UNSIGNED)
    assert seen(brand, ident)["title"] == "Summer Launch"


def test_places_cannot_fall_below_those_taken(brand: Party) -> None:
    made = campaign(brand, max_influencers=3)
    for _ in range(2):
        accepted(brand, applied(party("INFLUENCER"), made["id"])["id"])
    answer = put(brand, made["id"], max_influencers=1)
    assert refused(answer) == (400, wrong("max_influencers", "max_influencers must be >= the 2 already accepted"))
    assert put(brand, made["id"], max_influencers=2).body["campaign"]["accepted_count"] == 2


@pytest.mark.parametrize("status", ["DRAFT", "LIVE"])
def test_a_campaign_is_deleted_with_all_that_finds_it(brand: Party, status: str) -> None:
    ident = campaign(brand, status=status)["id"]
    answer = brand.delete(f"{CAMPAIGNS}/{ident}")
    assert (answer.status, answer.body) == (200, {"success": True, "message": "Campaign deleted successfully"})
    assert refused(brand.get(f"{CAMPAIGNS}/{ident}")) == NOT_FOUND
    for path in ("", "/my", "?search=summer", f"?brand_id={brand.id}"):
        assert brand.get(CAMPAIGNS + path).body["pagination"]["total"] == 0
    assert list(store.each(Deadline)) == []
    assert refused(brand.delete(f"{CAMPAIGNS}/{ident}")) == NOT_FOUND


def test_deleting_withdraws_what_is_pending(brand: Party, influencer: Party) -> None:
    made = campaign(brand)
    pending = applied(influencer, made["id"])["id"]
    assert brand.delete(f"{CAMPAIGNS}/{made['id']}").status == 200
    assert status_of(influencer, pending) == "CANCELLED"


def test_a_campaign_with_somebody_accepted_or_under_way_stays(brand: Party, influencer: Party) -> None:
    made = campaign(brand)
    accepted(brand, applied(influencer, made["id"])["id"])
    path = f"{CAMPAIGNS}/{made['id']}"
    assert refused(brand.delete(path)) == (400, failure("Cannot delete campaign with accepted applications"))
    locked = campaign(brand)["id"]
    put(brand, locked, status="LOCKED")
    expected = (400, failure("Cannot delete campaign. Current status: LOCKED"))
    assert refused(brand.delete(f"{CAMPAIGNS}/{locked}")) == expected


def test_cancelling_a_campaign_withdraws_what_is_pending_and_keeps_who_is_accepted(brand: Party) -> None:
    made = campaign(brand)
    one, other = party("INFLUENCER"), party("INFLUENCER")
    pending, taken = applied(one, made["id"])["id"], applied(other, made["id"])["id"]
    accepted(brand, taken)
    assert put(brand, made["id"], status="CANCELLED").body["campaign"]["status"] == "CANCELLED"
    assert (status_of(one, pending), status_of(other, taken)) == ("CANCELLED", "ACCEPTED")
