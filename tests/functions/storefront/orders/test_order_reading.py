"""Orders read by their owner and by staff: listed, looked at, unchanged by what the catalogue becomes."""

from typing import Any
from unittest.mock import ANY

import pytest

from quintet.testing import Client
from tests.functions.storefront.conftest import SignIn
from tests.support.shop import add, changed, order, stocked

ORDERS = "/api/v1/orders"


@pytest.fixture
def buyer(sign_in: SignIn) -> Client:
    return sign_in()


def refusal(status: int, code: str, message: str, **more: Any) -> tuple[int, dict[str, Any]]:
    return status, {"error": {"code": code, "message": message, **more}}


def test_an_order_remembers_what_it_was(buyer: Client) -> None:
    laptop = stocked()
    add(buyer, laptop)
    before = order(buyer).data
    changed(laptop, name="Other", base_price=laptop.base_price.model_copy(update={"amount": 1}), status="archived")
    assert buyer.get(f"{ORDERS}/{before['id']}").data == before


def test_orders_are_listed_newest_first_and_only_ones_own(buyer: Client, sign_in: SignIn) -> None:
    laptop, other = stocked(), sign_in()
    placed: list[dict[str, Any]] = []
    for _ in range(3):
        add(buyer, laptop)
        placed.insert(0, order(buyer).data)
    add(other, laptop)
    order(other)
    answer = buyer.get(ORDERS)
    assert answer.status == 200
    assert answer.body == {
        "data": placed,
        "meta": {
            "page": 1,
            "page_size": 20,
            "total_items": 3,
            "total_pages": 1,
            "has_next": False,
            "has_prev": False,
        },
    }
    page = buyer.get(ORDERS, query={"page": 2, "page_size": 2})
    assert page.data == placed[2:]
    assert page.body["meta"]["total_items"] == 3
    assert page.body["meta"]["has_prev"] is True
    first = buyer.get(ORDERS, query={"page_size": 2})
    target = first.headers["link"].partition(">")[0].lstrip("<")
    assert buyer.get(ORDERS + target).data == placed[2:]
    stolen = other.get(ORDERS + target)
    assert (stolen.status, stolen.error["code"]) == (400, "invalid_cursor")


@pytest.mark.parametrize("query", [{"page": 0}, {"page": "x"}, {"page_size": 101}, {"page_size": 0}])
def test_a_page_that_cannot_be_is_refused(buyer: Client, query: dict[str, Any]) -> None:
    answer = buyer.get(ORDERS, query=query)
    assert (answer.status, answer.body) == refusal(400, "invalid_request", "Invalid request", details=ANY)


@pytest.mark.parametrize("role", ["admin", "manager", "customer_experience"])
def test_an_order_is_for_its_owner_and_for_staff(buyer: Client, sign_in: SignIn, role: str) -> None:
    add(buyer, stocked())
    data = order(buyer).data
    assert sign_in(role).get(f"{ORDERS}/{data['id']}").data == data
    answer = sign_in().get(f"{ORDERS}/{data['id']}")
    assert (answer.status, answer.body) == refusal(
        403, "insufficient_permissions", "You don't have permission to view this order"
    )


def test_an_order_that_is_none(buyer: Client) -> None:
    answer = buyer.get(f"{ORDERS}/01890000-0000-7000-8000-000000000000")
    assert (answer.status, answer.body) == refusal(404, "order_not_found", "Order not found")
    answer = buyer.get(f"{ORDERS}/%20")
    assert (answer.status, answer.body) == refusal(400, "order_id_required", "Order ID is required")


def test_an_unchanged_order_is_not_sent_again(buyer: Client) -> None:
    add(buyer, stocked())
    path = f"{ORDERS}/{order(buyer).data['id']}"
    tag = buyer.get(path).headers["etag"]
    assert buyer.get(path, headers={"If-None-Match": tag}).status == 304
