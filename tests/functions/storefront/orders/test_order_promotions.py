"""Promotion codes on orders: what they take off, and why they do not."""

from datetime import timedelta
from typing import Any

import pytest

from quintet.models import now
from quintet.testing import Client
from tests.functions.storefront.conftest import SignIn
from tests.support.shop import add, offered, order, stocked, usd, uses_of


@pytest.fixture
def buyer(sign_in: SignIn) -> Client:
    return sign_in()


def test_a_promotion_is_spread_over_the_lines_and_adds_up(buyer: Client) -> None:
    offered("SAVE10", minimum_subtotal=50000, usage_limit_per_customer=1)
    add(buyer, stocked(), 1)
    add(buyer, stocked("CUP", 10, 333), 3)
    data = order(buyer, promotion_codes=["save10 ", "SAVE10", "NOPE"]).data
    assert data["promotions"] == [
        {"code": "SAVE10", "applied": True, "reason": None},
        {"code": "NOPE", "applied": False, "reason": "unknown"},
    ]
    assert data["subtotal"] == usd(100998)
    assert data["discount_total"] == usd(10100)
    assert [item["discount_amount"] for item in data["items"]] == [usd(10000), usd(100)]
    assert [item["tax_amount"] for item in data["items"]] == [usd(7875), usd(79)]
    assert data["total"] == usd(sum(item["total"]["amount"] for item in data["items"])) == usd(98852)
    assert (uses_of("SAVE10"), uses_of("SAVE10", data["user_id"])) == (1, 1)


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"minimum_subtotal": 100000}, "below_minimum"),
        ({"starts_at": now() + timedelta(days=1)}, "not_started"),
        ({"ends_at": now() - timedelta(days=1)}, "ended"),
        ({"disabled": True}, "disabled"),
        ({"usage_limit": 1, "uses": 1}, "exhausted"),
    ],
)
def test_a_promotion_that_does_not_apply_says_why(buyer: Client, terms: Any, reason: str) -> None:
    before = offered("SAVE10", **terms)
    add(buyer, stocked())
    data = order(buyer, promotion_codes=["SAVE10"]).data
    assert data["promotions"] == [{"code": "SAVE10", "applied": False, "reason": reason}]
    assert data["discount_total"] == usd(0)
    assert uses_of("SAVE10") == before.uses


def test_a_customer_uses_a_promotion_as_often_as_it_allows(buyer: Client, sign_in: SignIn) -> None:
    offered("ONCE", usage_limit_per_customer=1)
    laptop = stocked()
    for client, applied in ((buyer, True), (buyer, False), (sign_in(), True)):
        add(client, laptop)
        found = order(client, promotion_codes=["ONCE"]).data["promotions"][0]
        assert (found["applied"], found["reason"]) == (applied, None if applied else "exhausted_for_customer")
    assert uses_of("ONCE") == 2


def test_an_order_free_of_charge_is_an_order(buyer: Client) -> None:
    offered("GIFT", type="amount", value=10**9)
    add(buyer, stocked())
    data = order(buyer, promotion_codes=["GIFT"]).data
    assert (data["discount_total"], data["tax_total"], data["total"]) == (usd(99999), usd(0), usd(0))
