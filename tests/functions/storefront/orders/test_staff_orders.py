"""Managing orders: listing all, moving one on, and what a cancellation gives back."""

from typing import Any
from unittest.mock import ANY

import pytest

from quintet.testing import Client
from storefront.catalog.products import Product, Stock
from storefront.orders.entities import Order
from storefront.service import store
from tests.functions.storefront.conftest import SignIn
from tests.support.aws import in_threads, sent_emails
from tests.support.shop import ADDRESS, add, changed, in_stock, offered, order, stocked, user_of, uses_of

ORDERS = "/api/v1/admin/orders"
UNKNOWN = "01890000-0000-7000-8000-000000000000"


@pytest.fixture
def buyer(sign_in: SignIn) -> Client:
    return sign_in()


def placed(buyer: Client, product: Product, quantity: int = 1, **fields: Any) -> dict[str, Any]:
    add(buyer, product, quantity)
    data: dict[str, Any] = order(buyer, **fields).data
    return data


def move(client: Client, order_id: str, status: Any) -> Any:
    return client.post(f"{ORDERS}/{order_id}/status", {"status": status})


def refusal(status: int, code: str, message: str, **more: Any) -> tuple[int, dict[str, Any]]:
    return status, {"error": {"code": code, "message": message, **more}}


def test_anonymous_callers_learn_nothing(shop: Client) -> None:
    expected = refusal(401, "unauthorized", "Authentication required")
    for answer in (shop.get(ORDERS), shop.post(f"{ORDERS}/x/status", {"status": 5})):
        assert (answer.status, answer.body) == expected


@pytest.mark.parametrize("role", ["user", "customer_experience"])
def test_managing_orders_needs_its_permission(sign_in: SignIn, role: str) -> None:
    client = sign_in(role)
    expected = refusal(403, "insufficient_permissions", "Insufficient permissions")
    for answer in (client.get(ORDERS), move(client, "x", "nonsense")):
        assert (answer.status, answer.body) == expected


def test_an_order_goes_from_pending_to_delivered(buyer: Client, manager: Client) -> None:
    before = len(sent_emails())
    data = placed(buyer, stocked(), 2, payment_method_id="pm_1")
    answer = None
    for status in ("paid", "shipped", "delivered"):
        answer = move(manager, data["id"], status)
        assert (answer.status, answer.data["status"]) == (200, status)
    assert answer is not None
    kept = store.get(Order, id=data["id"])
    assert kept is not None
    staff = user_of(manager)
    assert answer.body == {
        "data": {
            **data,
            "status": "delivered",
            "items": [{**data["items"][0], "variant_id": None, "attributes": {}}],
            "updated_at": ANY,
            "email": kept.email,
            "payment_method_id": "pm_1",
            "shipping_method_id": "ship_standard",
            "history": [
                {"status": "pending", "at": data["created_at"], "by": data["user_id"]},
                {"status": "paid", "at": ANY, "by": staff},
                {"status": "shipped", "at": ANY, "by": staff},
                {"status": "delivered", "at": ANY, "by": staff},
            ],
        }
    }
    seen = buyer.get(f"/api/v1/orders/{data['id']}").data
    assert seen == {**data, "status": "delivered", "updated_at": answer.data["updated_at"]}
    number = data["order_number"]
    assert [mail["subject"] for mail in sent_emails()[before:]] == [
        f"We have received your order {number}",
        f"Payment received for your order {number}",
        f"Your order {number} is on its way",
        f"Your order {number} has been delivered",
    ]
    assert in_stock("LAPTOP-001") == 8


@pytest.mark.parametrize("paid", [False, True])
def test_a_cancelled_order_returns_stock_and_promotion_uses(buyer: Client, manager: Client, paid: bool) -> None:
    offered("SAVE10", usage_limit=1, usage_limit_per_customer=1)
    laptop = stocked()
    add(buyer, laptop, 1, attributes={"color": "Red"})
    data = placed(buyer, laptop, 2, promotion_codes=["SAVE10"])
    assert (in_stock("LAPTOP-001"), uses_of("SAVE10")) == (7, 1)
    if paid:
        move(manager, data["id"], "paid")
    assert move(manager, data["id"], "cancelled").data["status"] == "cancelled"
    assert (in_stock("LAPTOP-001"), uses_of("SAVE10"), uses_of("SAVE10", data["user_id"])) == (10, 0, 0)
    again = placed(buyer, laptop, 1, promotion_codes=["SAVE10"])
    assert again["promotions"] == [{"code": "SAVE10", "applied": True, "reason": None}]


def test_returned_pieces_go_to_where_the_product_is_counted_now(buyer: Client, manager: Client) -> None:
    laptop = stocked()
    data = placed(buyer, laptop, 3)
    stock = store.get(Stock, sku="LAPTOP-001")
    assert stock is not None
    tx = store.transaction()
    tx.delete(stock)
    tx.create(stock.model_copy(update={"sku": "LAPTOP-002"}))
    tx.commit()
    changed(laptop, sku="LAPTOP-002")
    assert move(manager, data["id"], "cancelled").status == 200
    assert in_stock("LAPTOP-002") == 10


@pytest.mark.parametrize(
    ("path", "wanted", "allowed"),
    [
        ([], "pending", ["paid", "cancelled"]),
        ([], "shipped", ["paid", "cancelled"]),
        (["paid"], "paid", ["shipped", "cancelled"]),
        (["paid", "shipped"], "cancelled", ["delivered"]),
        (["paid", "shipped", "delivered"], "cancelled", []),
        (["cancelled"], "paid", []),
        (["cancelled"], "cancelled", []),
    ],
)
def test_no_other_way_leads_anywhere(
    buyer: Client, manager: Client, path: list[str], wanted: str, allowed: list[str]
) -> None:
    data = placed(buyer, stocked())
    for status in path:
        move(manager, data["id"], status)
    left = in_stock("LAPTOP-001")
    current = path[-1] if path else "pending"
    answer = move(manager, data["id"], wanted)
    assert (answer.status, answer.body) == refusal(
        409,
        "invalid_transition",
        f"An order that is {current} cannot become {wanted}",
        details=[{"status": current, "requested": wanted, "allowed": allowed}],
    )
    assert in_stock("LAPTOP-001") == left


@pytest.mark.parametrize("body", [{}, {"status": "returned"}, {"status": None}, {"status": 5}, []])
def test_a_status_there_is_not_is_refused(manager: Client, body: Any) -> None:
    answer = manager.post(f"{ORDERS}/{UNKNOWN}/status", body)
    assert (answer.status, answer.body) == refusal(400, "invalid_request", "Invalid request body", details=ANY)


def test_an_order_there_is_not(manager: Client) -> None:
    answer = move(manager, UNKNOWN, "paid")
    assert (answer.status, answer.body) == refusal(404, "order_not_found", "Order not found")


def test_of_two_who_move_an_order_at_once_one_does(buyer: Client, manager: Client) -> None:
    offered("SAVE10")
    data = placed(buyer, stocked(), 4, promotion_codes=["SAVE10"])
    statuses = in_threads(6, lambda _: move(manager, data["id"], "cancelled").status)
    assert sorted(statuses, key=str) == [200, 409, 409, 409, 409, 409]
    assert (in_stock("LAPTOP-001"), uses_of("SAVE10")) == (10, 0)
    kept = store.get(Order, id=data["id"])
    assert kept is not None
    assert [str(entry.status) for entry in kept.history] == ["pending", "cancelled"]


def test_a_repeated_move_with_a_key_is_answered_again(buyer: Client, manager: Client) -> None:
    data = placed(buyer, stocked())
    path, body, key = f"{ORDERS}/{data['id']}/status", {"status": "paid"}, {"Idempotency-Key": "k"}
    first, second = manager.post(path, body, headers=key), manager.post(path, body, headers=key)
    assert (second.status, second.body) == (200, first.body)


def test_all_orders_are_listed_newest_first_and_by_status(buyer: Client, sign_in: SignIn, manager: Client) -> None:
    laptop = stocked()
    ids = [placed(client, laptop)["id"] for client in (buyer, sign_in(), buyer)]
    move(manager, ids[0], "paid")

    def listed(**query: Any) -> tuple[list[str], int]:
        answer = manager.get(ORDERS, query=query)
        assert answer.status == 200
        return [found["id"] for found in answer.data], answer.body["meta"]["total_items"]

    assert listed() == (ids[::-1], 3)
    assert listed(page=2, page_size=2) == (ids[:1], 3)
    assert listed(status="pending") == ([ids[2], ids[1]], 2)
    assert listed(status="paid") == ([ids[0]], 1)
    assert listed(status="cancelled") == ([], 0)
    item = manager.get(ORDERS, query={"status": "paid"}).data[0]
    assert item["shipping_address"] == ADDRESS
    assert [entry["status"] for entry in item["history"]] == ["pending", "paid"]
    answer = manager.get(ORDERS, query={"status": "lost"})
    assert (answer.status, answer.body) == refusal(400, "invalid_request", "Invalid request", details=ANY)
