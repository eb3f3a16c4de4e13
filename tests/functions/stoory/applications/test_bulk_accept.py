"""Bulk acceptance: each item for itself, in order, and one answer that says how it went."""

from typing import Any

import pytest

from quintet.models import new_id
from quintet.testing import Client
from quintet.testing.client import Answer
from tests.conftest import Systems
from tests.support.market import (
    BASE,
    FORBIDDEN,
    UNSIGNED,
    Party,
    accepted,
    anyone,
    applied,
    campaign,
    failure,
    party,
    refused,
    said,
    seen,
    status_of,
)

BULK = f"{BASE}/applications/bulk-accept"
DONE = "Application accepted successfully"
FULL = "Campaign has reached its maximum number of influencers"


@pytest.fixture(autouse=True)
def market(system: Systems) -> None:
    system("stoory")


@pytest.fixture
def brand() -> Party:
    return party("BRAND")


def item(ident: str, **more: Any) -> dict[str, Any]:
    return {"applicationId": ident, "agreedAmount": 200, "platformFeePercent": 15, **more}


def bulk(brand: Client, campaign_id: str, *items: dict[str, Any], **options: Any) -> Answer:
    return brand.post(BULK, {"campaignId": campaign_id, "applications": list(items)}, **options)


def current(brand: Client, ident: str) -> dict[str, Any]:
    found: dict[str, Any] = brand.get(f"{BASE}/applications/{ident}").body["application"]
    return found


def failed(ident: str, message: str) -> dict[str, Any]:
    return {"applicationId": ident, "success": False, "message": message}


def done(brand: Client, ident: str) -> dict[str, Any]:
    return {"applicationId": ident, "success": True, "message": DONE, "application": current(brand, ident)}


def test_all_are_accepted(brand: Party) -> None:
    made = campaign(brand, requires_script=True)["id"]
    ids = [applied(party("INFLUENCER"), made)["id"] for _ in range(3)]
    answer = bulk(brand, made, item(ids[2]), item(ids[0], requiresScript=True), item(ids[1], agreedAmount=0))
    order = [ids[2], ids[0], ids[1]]
    assert (answer.status, answer.body) == (
        200,
        {
            "success": True,
            "message": "Bulk accept completed. 3 succeeded, 0 failed.",
            "total": 3,
            "succeeded": 3,
            "failed": 0,
            "results": [done(brand, ident) for ident in order],
        },
    )
    shown = [current(brand, ident) for ident in order]
    assert [(one["status"], one["phase"]) for one in shown] == [
        ("ACCEPTED", "WORK"), ("ACCEPTED", "SCRIPT"), ("ACCEPTED", "WORK"),
    ]  # fmt: skip
    amounts = ("agreed_amount", "platform_fee_percent", "platform_fee_amount", "net_amount")
    assert [[one[name] for name in amounts] for one in shown] == [[200, 15, 30, 170]] * 2 + [[0, 15, 0, 0]]
    assert seen(brand, made)["accepted_count"] == 3


def test_some_are_accepted_and_the_others_say_why_not(brand: Party) -> None:
    made = campaign(brand, max_influencers=3)["id"]
    taken, one, two, late = (applied(party("INFLUENCER"), made)["id"] for _ in range(4))
    elsewhere = applied(party("INFLUENCER"), campaign(brand)["id"])["id"]
    accepted(brand, taken)
    unknown = new_id()
    answer = bulk(brand, made, *(item(ident) for ident in (taken, one, one, unknown, elsewhere, two, late)))
    refusals = {
        taken: "Cannot accept application. Current status: ACCEPTED",
        one: "Cannot accept application. Current status: ACCEPTED",
        unknown: "Application not found",
        elsewhere: "Application does not belong to this campaign",
        late: FULL,
    }
    assert (answer.status, answer.body) == (
        207,
        {
            "success": False,
            "message": "Bulk accept completed. 2 succeeded, 5 failed.",
            "total": 7,
            "succeeded": 2,
            "failed": 5,
            "results": [
                failed(taken, refusals[taken]),
                done(brand, one),
                failed(one, refusals[one]),
                failed(unknown, refusals[unknown]),
                failed(elsewhere, refusals[elsewhere]),
                done(brand, two),
                failed(late, refusals[late]),
            ],
            "errors": [{"applicationId": ident, "error": message} for ident, message in refusals.items()],
        },
    )
    assert (status_of(brand, elsewhere), status_of(brand, late)) == ("PENDING", "PENDING")
    assert seen(brand, made)["accepted_count"] == 3


def test_none_is_accepted(brand: Party) -> None:
    made = campaign(brand)["id"]
    unknown = new_id()
    assert refused(bulk(brand, made, item(unknown))) == (
        400,
        {
            "success": False,
            "message": "Bulk accept completed. 0 succeeded, 1 failed.",
            "total": 1,
            "succeeded": 0,
            "failed": 1,
            "results": [failed(unknown, "Application not found")],
            "errors": [{"applicationId": unknown, "error": "Application not found"}],
        },
    )


def test_the_same_key_gets_the_same_answer(brand: Party) -> None:
    made = campaign(brand)["id"]
    ident = applied(party("INFLUENCER"), made)["id"]
    first, second = (bulk(brand, made, item(ident), headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.status, second.status, second.body) == (200, 200, first.body)


def test_only_the_campaigns_brand_accepts(brand: Party) -> None:
    made = campaign(brand)["id"]
    ident = applied(party("INFLUENCER"), made)["id"]
    for stranger in (party("BRAND"), party("INFLUENCER"), party("ADMIN")):
        assert refused(bulk(stranger, made, item(ident))) == (403, FORBIDDEN)
    assert refused(bulk(anyone(), made, item(ident))) == (401, UNSIGNED)
    assert refused(bulk(brand, new_id(), item(ident))) == (404, failure("Campaign not found"))
    assert status_of(brand, ident) == "PENDING"


@pytest.mark.parametrize(
    ("body", "params"),
    [
        ({}, ["campaignId", "applications"]),
        ({"campaignId": "x", "applications": []}, ["campaignId", "applications"]),
        ({"campaignId": new_id(), "applications": [{}]},
         [f"applications.0.{name}" for name in ("agreedAmount", "platformFeePercent", "applicationId")]),
        ({"campaignId": new_id(), "applications": [item(new_id(), agreedAmount=-1), item("x")]},
         ["applications.0.agreedAmount", "applications.1.applicationId"]),
        ({"campaignId": new_id(), "applications": [item(new_id())] * 101}, ["applications"]),
    ],
)  # fmt: skip
def test_a_body_that_does_not_fit_names_every_problem(brand: Party, body: dict[str, Any], params: list[str]) -> None:
    answer = brand.post(BULK, body)
    assert said(answer) == (400, "Validation failed")
    assert answer.body["success"] is False
    assert [problem["param"] for problem in answer.body["errors"]] == params
    assert {problem["location"] for problem in answer.body["errors"]} == {"body"}
