"""Applications: applied for, accepted, rejected, cancelled and completed, each by whom it is up to."""

from datetime import timedelta
from typing import Any

import pytest

from quintet.models import new_id, now, rfc3339
from quintet.models.time import frozen
from quintet.testing import Client
from tests.conftest import Systems
from tests.support.market import (
    BASE,
    FORBIDDEN,
    UNSIGNED,
    Party,
    accept,
    accepted,
    anyone,
    applied,
    apply,
    campaign,
    failure,
    party,
    refused,
    said,
    seen,
    status_of,
    wrong,
)

APPLICATIONS = f"{BASE}/applications"
NOT_FOUND = (404, failure("Application not found"))
TERMS = {"agreedAmount": 1000, "platformFeePercent": 10}


@pytest.fixture(autouse=True)
def market(system: Systems) -> None:
    system("stoory")


@pytest.fixture
def brand() -> Party:
    return party("BRAND")


@pytest.fixture
def influencer() -> Party:
    return party("INFLUENCER")


@pytest.fixture
def live(brand: Party) -> str:
    """A live campaign of the brand's, without a limit."""
    return str(campaign(brand)["id"])


def test_an_application_is_pending_until_the_brand_decides(brand: Party, influencer: Party, live: str) -> None:
    with frozen() as clock:
        answer = apply(influencer, live)
        moment = rfc3339(clock.at)
    made = answer.body["application"]
    assert (answer.status, answer.body) == (
        201,
        {
            "success": True,
            "message": "Application submitted successfully",
            "application": {
                "id": made["id"], "campaign_id": live, "influencer_id": influencer.id, "brand_id": brand.id,
                "status": "PENDING", "phase": None, "requires_script": None, "agreed_amount": None,
                "platform_fee_percent": None, "platform_fee_amount": None, "net_amount": None,
                "created_at": moment, "updated_at": moment,
            },
        },
    )  # fmt: skip
    for viewer in (brand, influencer, party("ADMIN")):
        assert viewer.get(f"{APPLICATIONS}/{made['id']}").body == {"success": True, "application": made}


def test_only_influencers_apply(brand: Party, live: str) -> None:
    assert refused(apply(anyone(), live)) == (401, UNSIGNED)
    assert refused(apply(brand, live)) == (403, FORBIDDEN)
    assert refused(apply(party("ADMIN"), live)) == (403, FORBIDDEN)


@pytest.mark.parametrize(("body", "message"), [({}, "Field required"), ({"campaignId": "12"}, "must be a UUID")])
def test_an_application_names_its_campaign(influencer: Party, body: dict[str, str], message: str) -> None:
    assert refused(influencer.post(APPLICATIONS, body)) == (400, wrong("campaignId", message))


def test_nobody_applies_to_what_is_not_there(brand: Party, influencer: Party) -> None:
    draft = campaign(brand, status="DRAFT")["id"]
    for ident in (new_id(), draft):
        assert refused(apply(influencer, ident)) == (404, failure("Campaign not found"))


def test_an_influencer_applies_once_whatever_became_of_it(brand: Party, influencer: Party, live: str) -> None:
    first = applied(influencer, live)["id"]
    twice = (400, failure("Already applied to this campaign"))
    assert refused(apply(influencer, live)) == twice
    influencer.post(f"{APPLICATIONS}/{first}/cancel")
    assert refused(apply(influencer, live)) == twice
    brand.put(f"{BASE}/campaigns/{live}", {"status": "LOCKED"})
    assert refused(apply(influencer, live)) == twice
    assert influencer.get(APPLICATIONS).body["pagination"]["total"] == 1


def test_the_same_key_applies_once_with_one_answer(influencer: Party, live: str) -> None:
    body, key = {"campaignId": live}, {"Idempotency-Key": "k"}
    first, second = (influencer.post(APPLICATIONS, body, headers=key) for _ in range(2))
    assert (first.status, second.status, second.body) == (201, 201, first.body)


def test_a_campaign_takes_applications_only_while_it_is_live(brand: Party, influencer: Party, live: str) -> None:
    closed = (400, failure("Campaign is not accepting applications"))
    for status in ("LOCKED", "ACTIVE", "COMPLETED"):
        brand.put(f"{BASE}/campaigns/{live}", {"status": status})
        assert refused(apply(influencer, live)) == closed
    over = campaign(brand, start_deadline=rfc3339(now() + timedelta(minutes=5)))["id"]
    with frozen(now() + timedelta(minutes=6)):
        assert refused(apply(influencer, over)) == closed  # the clock has not come by yet


def test_a_full_campaign_takes_no_application(brand: Party, influencer: Party) -> None:
    full = campaign(brand, max_influencers=1)["id"]
    accepted(brand, applied(influencer, full)["id"])
    answer = apply(party("INFLUENCER"), full)
    assert refused(answer) == (400, failure("Campaign has reached its maximum number of influencers"))


@pytest.mark.parametrize(
    ("asks", "says", "phase"),
    [(None, False, "WORK"), (None, True, "SCRIPT"), (True, False, "SCRIPT"), (False, True, "WORK")],
)
def test_accepting_fixes_amounts_and_phase(
    brand: Party, influencer: Party, asks: bool | None, says: bool, phase: str
) -> None:
    made = campaign(brand, requires_script=says)
    pending = applied(influencer, made["id"])
    more = {} if asks is None else {"requiresScript": asks}
    with frozen(now() + timedelta(minutes=1)) as clock:
        answer = accept(brand, pending["id"], 333.33, 12.5, **more)
        moment = rfc3339(clock.at)
    expected = {
        **pending, "status": "ACCEPTED", "phase": phase, "requires_script": phase == "SCRIPT",
        "agreed_amount": 333.33, "platform_fee_percent": 12.5, "platform_fee_amount": 41.67, "net_amount": 291.66,
        "updated_at": moment,
    }  # fmt: skip
    assert (answer.status, answer.body) == (
        200,
        {"success": True, "message": "Application accepted successfully", "application": expected},
    )
    assert seen(brand, made["id"])["accepted_count"] == 1
    chat = influencer.get(f"{BASE}/chat/{pending['id']}")
    assert chat.body["chat"]["application_id"] == pending["id"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("agreedAmount", -1),
        ("agreedAmount", "5"),
        ("agreedAmount", 1.234),
        ("agreedAmount", 1e12),
        ("agreedAmount", None),
        ("platformFeePercent", 101),
        ("platformFeePercent", -0.5),
        ("platformFeePercent", True),
        ("requiresScript", "yes"),
    ],
)
def test_terms_that_do_not_fit_are_named(brand: Party, influencer: Party, live: str, field: str, value: object) -> None:
    ident = applied(influencer, live)["id"]
    answer = brand.post(f"{APPLICATIONS}/{ident}/accept", {**TERMS, field: value})
    assert said(answer) == (400, "Validation failed")
    assert [problem["param"] for problem in answer.body["errors"]] == [field]
    assert status_of(brand, ident) == "PENDING"


def test_no_more_are_accepted_than_there_are_places(brand: Party) -> None:
    made = campaign(brand, max_influencers=1)["id"]
    one, other = (applied(party("INFLUENCER"), made)["id"] for _ in range(2))
    accepted(brand, one)
    full = (400, failure("Campaign has reached its maximum number of influencers"))
    assert refused(accept(brand, other)) == full
    brand.post(f"{APPLICATIONS}/{one}/cancel")
    assert accept(brand, other).status == 200
    assert seen(brand, made)["accepted_count"] == 1


@pytest.mark.parametrize("status", ["LOCKED", "ACTIVE"])
def test_a_brand_still_accepts_when_nobody_can_apply_any_more(
    brand: Party, influencer: Party, live: str, status: str
) -> None:
    ident = applied(influencer, live)["id"]
    for step in ("LOCKED", "ACTIVE")[: 1 + (status == "ACTIVE")]:
        brand.put(f"{BASE}/campaigns/{live}", {"status": step})
    assert accept(brand, ident).status == 200


def moves(verb: str) -> tuple[str, dict[str, Any] | None]:
    return f"{APPLICATIONS}/{{}}/{verb}", TERMS if verb == "accept" else None


@pytest.mark.parametrize("verb", ["accept", "reject", "cancel", "complete"])
def test_a_move_is_refused_to_whom_it_is_not_up_to(brand: Party, influencer: Party, live: str, verb: str) -> None:
    ident = applied(influencer, live)["id"]
    path, body = moves(verb)
    strangers: list[Client] = [party("BRAND"), party("INFLUENCER")]
    if verb in ("accept", "reject"):
        strangers += [influencer, party("ADMIN")]
    elif verb == "cancel":
        strangers += [party("ADMIN")]
    else:
        strangers += [brand, influencer]
    for stranger in strangers:
        assert refused(stranger.post(path.format(ident), body)) == (403, FORBIDDEN)
    assert refused(anyone().post(path.format(ident), body)) == (401, UNSIGNED)
    assert status_of(brand, ident) == "PENDING"


@pytest.mark.parametrize("verb", ["accept", "reject", "cancel", "complete"])
def test_moves_of_what_is_not_there(brand: Party, verb: str) -> None:
    path, body = moves(verb)
    mover = party("ADMIN") if verb == "complete" else brand
    assert refused(mover.post(path.format(new_id()), body)) == NOT_FOUND
    assert refused(mover.post(path.format("12"), body)) == (400, wrong("id", "id is malformed", "params"))


def test_a_brand_rejects_what_is_pending(brand: Party, influencer: Party, live: str) -> None:
    pending = applied(influencer, live)
    answer = brand.post(f"{APPLICATIONS}/{pending['id']}/reject")
    changed = answer.body["application"]
    expected = {**pending, "status": "REJECTED", "updated_at": changed["updated_at"]}
    assert (answer.status, answer.body) == (
        200,
        {"success": True, "message": "Application rejected successfully", "application": expected},
    )
    for verb in ("accept", "reject", "cancel"):
        path, body = moves(verb)
        message = f"Cannot {verb} application. Current status: REJECTED"
        assert refused(brand.post(path.format(pending["id"]), body)) == (400, failure(message))


@pytest.mark.parametrize("by", ["BRAND", "INFLUENCER"])
@pytest.mark.parametrize("taken", [False, True])
def test_either_side_cancels_before_the_end(brand: Party, influencer: Party, live: str, by: str, taken: bool) -> None:
    found = applied(influencer, live)
    if taken:
        found = accepted(brand, found["id"])
    mover = brand if by == "BRAND" else influencer
    answer = mover.post(f"{APPLICATIONS}/{found['id']}/cancel")
    changed = answer.body["application"]
    expected = {**found, "status": "CANCELLED", "updated_at": changed["updated_at"]}
    assert (answer.status, answer.body) == (
        200,
        {"success": True, "message": "Application cancelled successfully", "application": expected},
    )
    assert seen(brand, live)["accepted_count"] == 0
    again = mover.post(f"{APPLICATIONS}/{found['id']}/cancel")
    assert refused(again) == (400, failure("Cannot cancel application. Current status: CANCELLED"))


def test_an_admin_completes_what_was_accepted(brand: Party, influencer: Party, live: str) -> None:
    admin, ident = party("ADMIN"), applied(influencer, live)["id"]
    early = admin.post(f"{APPLICATIONS}/{ident}/complete")
    assert refused(early) == (400, failure("Cannot complete application. Current status: PENDING"))
    found = accepted(brand, ident)
    answer = admin.post(f"{APPLICATIONS}/{ident}/complete")
    changed = answer.body["application"]
    expected = {**found, "status": "COMPLETED", "updated_at": changed["updated_at"]}
    assert (answer.status, answer.body) == (
        200,
        {"success": True, "message": "Application marked as completed", "application": expected},
    )
    assert seen(brand, live)["accepted_count"] == 1
    for mover in (brand, influencer):
        late = mover.post(f"{APPLICATIONS}/{ident}/cancel")
        assert refused(late) == (400, failure("Cannot cancel application. Current status: COMPLETED"))


def test_an_application_is_private(brand: Party, influencer: Party, live: str) -> None:
    ident = applied(influencer, live)["id"]
    for stranger in (party("BRAND"), party("INFLUENCER")):
        assert refused(stranger.get(f"{APPLICATIONS}/{ident}")) == NOT_FOUND
    assert refused(brand.get(f"{APPLICATIONS}/{new_id()}")) == NOT_FOUND
    assert refused(brand.get(f"{APPLICATIONS}/x")) == (400, wrong("id", "id is malformed", "params"))
    assert refused(anyone().get(f"{APPLICATIONS}/{ident}")) == (401, UNSIGNED)


def listed(viewer: Client, query: str = "") -> list[str]:
    body = viewer.get(f"{APPLICATIONS}?limit=100&{query}").body
    found = [str(one["id"]) for one in body["applications"]]
    assert body["pagination"] == {"page": 1, "limit": 100, "total": len(found), "totalPages": min(1, len(found))}
    return found


def test_applications_are_listed_for_both_sides(brand: Party, influencer: Party, live: str) -> None:
    other, second = party("INFLUENCER"), campaign(brand)["id"]
    one, two, three = (
        applied(influencer, live)["id"], applied(other, live)["id"], applied(influencer, second)["id"],
    )  # fmt: skip
    accepted(brand, two)
    assert listed(brand) == [three, two, one]
    assert listed(brand, f"campaignId={live}") == listed(party("ADMIN"), f"campaignId={live}") == [two, one]
    assert listed(brand, "status=PENDING") == [three, one]
    assert listed(brand, f"status=ACCEPTED&campaignId={live}") == [two]
    assert listed(influencer) == [three, one]
    assert listed(influencer, f"campaignId={live}") == [one]
    assert listed(influencer, f"campaignId={live}&status=ACCEPTED") == []
    assert listed(other, "status=ACCEPTED") == [two]
    assert listed(party("INFLUENCER")) == listed(party("BRAND")) == []
    whole = influencer.get(f"{APPLICATIONS}?limit=1")
    (shown,) = whole.body["applications"]
    assert shown == influencer.get(f"{APPLICATIONS}/{three}").body["application"]
    assert whole.body["pagination"] == {"page": 1, "limit": 1, "total": 2, "totalPages": 2}
    (following,) = influencer.get(APPLICATIONS + whole.headers["link"].partition(">")[0][1:]).body["applications"]
    assert following["id"] == one


def test_what_comes_between_two_pages_repeats_and_skips_nothing(brand: Party, live: str) -> None:
    made = [applied(party("INFLUENCER"), live)["id"] for _ in range(3)][::-1]
    query = f"status=PENDING&campaignId={live}"
    link = brand.get(f"{APPLICATIONS}?limit=1&{query}").headers["link"].partition(">")[0][1:]
    applied(party("INFLUENCER"), live)
    rest = brand.get(APPLICATIONS + link.replace("limit=1", "limit=50")).body
    assert [one["id"] for one in rest["applications"]] == made[1:]
    assert rest["pagination"]["total"] == 4


def test_lists_of_applications_that_are_refused(brand: Party, live: str) -> None:
    assert refused(anyone().get(APPLICATIONS)) == (401, UNSIGNED)
    assert refused(party("BRAND").get(f"{APPLICATIONS}?campaignId={live}")) == (403, FORBIDDEN)
    missing = brand.get(f"{APPLICATIONS}?campaignId={new_id()}")
    assert refused(missing) == (404, failure("Campaign not found"))
    unnamed = party("ADMIN").get(APPLICATIONS)
    assert refused(unnamed) == (400, wrong("campaignId", "campaignId is required", "query"))
    assert said(brand.get(f"{APPLICATIONS}?status=DONE")) == (400, "Validation failed")
    assert refused(brand.get(f"{APPLICATIONS}?campaignId=x")) == (400, wrong("campaignId", "must be a UUID", "query"))
