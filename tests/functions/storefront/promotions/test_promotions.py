"""Managing promotions: making, listing, disabling."""

from typing import Any
from unittest.mock import ANY

import pytest

from quintet.testing import Client
from tests.functions.storefront.conftest import SignIn
from tests.support.aws import in_threads
from tests.support.shop import add, offered, order, stocked

PROMOTIONS = "/api/v1/admin/promotions"
SAVE10 = {"code": "SAVE10", "type": "percent", "value": 10, "minimum_subtotal": 50000}


def refusal(status: int, code: str, message: str, **more: Any) -> tuple[int, dict[str, Any]]:
    return status, {"error": {"code": code, "message": message, **more}}


def test_anonymous_callers_learn_nothing(shop: Client) -> None:
    expected = refusal(401, "unauthorized", "Authentication required")
    for answer in (shop.get(PROMOTIONS), shop.post(PROMOTIONS, {}), shop.delete(f"{PROMOTIONS}/X")):
        assert (answer.status, answer.body) == expected


@pytest.mark.parametrize("role", ["user", "customer_experience"])
def test_managing_promotions_needs_its_permission(sign_in: SignIn, role: str) -> None:
    client, expected = sign_in(role), refusal(403, "insufficient_permissions", "Insufficient permissions")
    for answer in (client.get(PROMOTIONS), client.post(PROMOTIONS, {}), client.delete(f"{PROMOTIONS}/X")):
        assert (answer.status, answer.body) == expected


def test_a_promotion_is_made_with_its_terms(manager: Client) -> None:
    body = {
        "code": " summer-24 ",
        "type": "amount",
        "value": 500,
        "minimum_subtotal": 2000,
        "starts_at": "2026-06-01T00:00:00+02:00",
        "ends_at": "2026-09-01T00:00:00Z",
        "usage_limit": 100,
        "usage_limit_per_customer": 1,
    }
    answer = manager.post(PROMOTIONS, body)
    assert answer.status == 201
    assert answer.body == {
        "data": {
            **body,
            "code": "SUMMER-24",
            "starts_at": "2026-05-31T22:00:00Z",
            "disabled": False,
            "uses": 0,
            "created_at": ANY,
            "updated_at": ANY,
        }
    }
    assert manager.get(PROMOTIONS).data == [answer.data]


def test_only_code_type_and_value_must_be_given(manager: Client) -> None:
    assert manager.post(PROMOTIONS, {"code": "A", "type": "percent", "value": 100}).data == {
        "code": "A",
        "type": "percent",
        "value": 100,
        "minimum_subtotal": 0,
        "starts_at": None,
        "ends_at": None,
        "usage_limit": None,
        "usage_limit_per_customer": None,
        "disabled": False,
        "uses": 0,
        "created_at": ANY,
        "updated_at": ANY,
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": ""},
        {"code": "A B"},
        {"code": "A/B"},
        {"code": "x" * 51},
        {"type": "gift"},
        {"value": 0},
        {"value": 101},
        {"value": "10"},
        {"usage_limit": 0},
        {"usage_limit_per_customer": -1},
        {"minimum_subtotal": -1},
        {"starts_at": "tomorrow"},
        {"starts_at": "2026-02-01T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"},
    ],
)
def test_terms_that_make_no_sense_are_refused(manager: Client, wrong: dict[str, Any]) -> None:
    answer = manager.post(PROMOTIONS, {**SAVE10, **wrong})
    assert (answer.status, answer.body) == refusal(400, "invalid_request", "Invalid request body", details=ANY)
    assert manager.get(PROMOTIONS).data == []


def test_a_code_is_taken_once_whatever_its_case(manager: Client) -> None:
    assert manager.post(PROMOTIONS, SAVE10).status == 201
    answer = manager.post(PROMOTIONS, {**SAVE10, "code": "save10", "value": 20})
    expected = refusal(409, "promotion_exists", "A promotion with this code already exists")
    assert (answer.status, answer.body) == expected
    assert [found["value"] for found in manager.get(PROMOTIONS).data] == [10]


def test_of_many_who_make_a_code_at_once_one_does(manager: Client) -> None:
    statuses = in_threads(5, lambda _: manager.post(PROMOTIONS, SAVE10).status)
    assert sorted(statuses, key=str) == [201, 409, 409, 409, 409]
    assert manager.get(PROMOTIONS).body["meta"]["total_items"] == 1


def test_a_repeated_request_with_a_key_is_answered_again(manager: Client) -> None:
    key = {"Idempotency-Key": "k"}
    first = manager.post(PROMOTIONS, SAVE10, headers=key)
    assert manager.post(PROMOTIONS, SAVE10, headers=key).body == first.body


def test_a_disabled_promotion_gives_nothing_any_more(manager: Client, sign_in: SignIn) -> None:
    offered("SAVE10")
    buyer = sign_in()
    for _ in range(2):
        answer = manager.delete(f"{PROMOTIONS}/save10")
        assert (answer.status, answer.body) == (204, None)
    add(buyer, stocked())
    outcome = order(buyer, promotion_codes=["SAVE10"]).data["promotions"]
    assert outcome == [{"code": "SAVE10", "applied": False, "reason": "disabled"}]
    assert manager.get(PROMOTIONS).data[0]["disabled"] is True
    assert manager.post(PROMOTIONS, SAVE10).status == 409


def test_a_promotion_there_is_not(manager: Client) -> None:
    answer = manager.delete(f"{PROMOTIONS}/NOPE")
    assert (answer.status, answer.body) == refusal(404, "promotion_not_found", "Promotion not found")
    assert manager.get(PROMOTIONS).data == []


def test_promotions_are_listed_newest_first_with_their_uses(manager: Client, sign_in: SignIn) -> None:
    for code in ("A", "B", "C"):
        offered(code)
    buyer = sign_in()
    add(buyer, stocked())
    order(buyer, promotion_codes=["B"])
    answer = manager.get(PROMOTIONS, query={"page_size": 2})
    assert [(found["code"], found["uses"]) for found in answer.data] == [("C", 0), ("B", 1)]
    assert answer.body["meta"] == {
        "page": 1,
        "page_size": 2,
        "total_items": 3,
        "total_pages": 2,
        "has_next": True,
        "has_prev": False,
    }
    assert [found["code"] for found in manager.get(PROMOTIONS, query={"page": 2, "page_size": 2}).data] == ["A"]
