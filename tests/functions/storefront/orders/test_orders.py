"""Orders: placed from the cart in one transaction, listed and read by their owner."""

from collections.abc import Callable
from typing import Any
from unittest.mock import ANY

import pytest

from quintet.testing import Client
from storefront.cart.entities import Cart
from storefront.orders.entities import Order
from storefront.service import store
from tests.functions.storefront.conftest import SignIn
from tests.support.aws import sent_emails
from tests.support.calls import recorded
from tests.support.shop import (
    ADDRESS,
    UNTAXED,
    add,
    changed,
    filled,
    in_stock,
    offered,
    order,
    restock,
    stocked,
    usd,
    user_of,
)

ORDERS = "/api/v1/orders"
CART = "/api/v1/cart"
FIELDS = [
    "id",
    "order_number",
    "user_id",
    "status",
    "items",
    "shipping_address",
    "billing_address",
    "subtotal",
    "discount_total",
    "tax_total",
    "shipping_total",
    "total",
    "notes",
    "created_at",
    "updated_at",
    "promotions",
]


@pytest.fixture
def buyer(sign_in: SignIn) -> Client:
    return sign_in()


@pytest.fixture
def mails() -> Callable[[], list[dict[str, Any]]]:
    """`mails()` are the e-mails sent since the test began, oldest first."""
    before = len(sent_emails())
    return lambda: sent_emails()[before:]


def refusal(status: int, code: str, message: str, **more: Any) -> tuple[int, dict[str, Any]]:
    return status, {"error": {"code": code, "message": message, **more}}


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_the_documents_example_comes_out_to_the_cent(buyer: Client, version: Any) -> None:
    laptop = stocked()
    add(buyer, laptop)
    body = {
        "shipping_address": ADDRESS,
        "billing_address": {**ADDRESS, "company": "", "address2": None},
        "payment_method_id": "pm_123",
        "promotion_codes": ["SAVE10"],
        "shipping_method_id": "ship_standard",
        "notes": "Please deliver after 5 PM",
    }
    answer = buyer.speaking(version).post(ORDERS, body)
    assert answer.status == 201
    assert answer.body == {
        "data": {
            "id": ANY,
            "order_number": ANY,
            "user_id": user_of(buyer),
            "status": "pending",
            "items": [
                {
                    "id": ANY,
                    "product_id": laptop.id,
                    "sku": "LAPTOP-001",
                    "name": "Professional Laptop",
                    "unit_price": usd(99999),
                    "quantity": 1,
                    "discount_amount": usd(0),
                    "tax_amount": usd(8750),
                    "total": usd(108749),
                }
            ],
            "shipping_address": ADDRESS,
            "billing_address": {**ADDRESS, "company": "", "address2": ""},
            "subtotal": usd(99999),
            "discount_total": usd(0),
            "tax_total": usd(8750),
            "shipping_total": usd(0),
            "total": usd(108749),
            "notes": "Please deliver after 5 PM",
            "created_at": ANY,
            "updated_at": ANY,
            "promotions": [{"code": "SAVE10", "applied": False, "reason": "unknown"}],
        }
    }
    data = answer.data
    assert list(data) == FIELDS
    assert data["order_number"][:4] == "ORD-"
    assert data["order_number"][4:].isdigit()
    assert len(data["order_number"]) == 12
    assert data["created_at"] == data["updated_at"]
    assert in_stock("LAPTOP-001") == 9
    assert buyer.get(CART).data["items"] == []
    assert buyer.get(f"{ORDERS}/{data['id']}").data == data


def test_only_the_shipping_address_must_be_given(buyer: Client) -> None:
    add(buyer, stocked())
    nothing = ("billing_address", "payment_method_id", "promotion_codes", "shipping_method_id", "notes")
    answer = order(buyer, **dict.fromkeys(nothing))
    assert answer.status == 201
    assert answer.data["billing_address"] == answer.data["shipping_address"] == ADDRESS
    assert (answer.data["notes"], answer.data["shipping_total"], answer.data["promotions"]) == ("", usd(0), [])


def test_payment_method_and_attributes_are_kept(buyer: Client) -> None:
    add(buyer, stocked(), attributes={"color": "Black"}, variant_id="v1")
    found = order(buyer, payment_method_id="pm_123", shipping_method_id="ship_express").data
    kept = store.get(Order, id=found["id"])
    assert kept is not None
    assert (kept.payment_method_id, kept.shipping_method_id, kept.tax_rate) == ("pm_123", "ship_express", "8.75")
    assert (kept.items[0].attributes, kept.items[0].variant_id) == ({"color": "Black"}, "v1")
    assert found["shipping_total"] == usd(1500)
    assert found["total"] == usd(110249)


def test_an_anonymous_caller_cannot_order(shop: Client) -> None:
    expected = refusal(401, "unauthorized", "Authentication required")
    for answer in (shop.post(ORDERS, {"notes": 5}), shop.get(ORDERS), shop.get(f"{ORDERS}/x")):
        assert (answer.status, answer.body) == expected


def test_an_empty_cart_cannot_be_ordered(buyer: Client) -> None:
    for _ in range(2):  # before there is a cart, and with an empty one
        answer = order(buyer)
        assert (answer.status, answer.body) == refusal(400, "cart_empty", "Cart is empty")
        buyer.get(CART)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"shipping_address": None},
        {"shipping_address": "12 Main St"},
        {"shipping_address": {**ADDRESS, "city": 5}},
        {"shipping_address": ADDRESS, "promotion_codes": "SAVE10"},
        {"shipping_address": ADDRESS, "promotion_codes": [5]},
        {"shipping_address": ADDRESS, "promotion_codes": list("abcdef")},
        {"shipping_address": ADDRESS, "notes": "x" * 2001},
        {"shipping_address": ADDRESS, "notes": "a\x00b"},
        {"shipping_address": ADDRESS, "payment_method_id": 5},
        [],
    ],
)
def test_a_body_that_is_no_order_is_refused(buyer: Client, body: Any) -> None:
    add(buyer, stocked())
    answer = buyer.post(ORDERS, body)
    assert (answer.status, answer.body) == refusal(400, "invalid_request", "Invalid request body", details=ANY)
    assert in_stock("LAPTOP-001") == 10


def test_every_wrong_field_of_both_addresses_is_named(buyer: Client) -> None:
    add(buyer, stocked())
    answer = order(
        buyer,
        shipping_address={**ADDRESS, "city": " ", "state": "", "postal_code": "1"},
        billing_address={**ADDRESS, "country": "Atlantis"},
    )
    assert (answer.status, answer.error["code"], answer.error["message"]) == (400, "invalid_address", "Invalid address")
    assert [detail["field"] for detail in answer.error["details"]] == [
        "shipping_address.city",
        "shipping_address.state",
        "shipping_address.postal_code",
        "billing_address.country",
    ]
    assert buyer.get(CART).data["items"] != []


def test_an_unknown_shipping_method_is_refused(buyer: Client) -> None:
    add(buyer, stocked())
    answer = order(buyer, shipping_method_id="ship_rocket")
    assert (answer.status, answer.body) == refusal(400, "invalid_shipping_method", "Unknown shipping method")


def test_every_short_line_is_named_and_nothing_changes(buyer: Client) -> None:
    laptop, cup, pen = stocked(), stocked("CUP", 5, 500, name="Cup"), stocked("PEN", 5, 100, name="Pen")
    for product in (laptop, cup, pen):
        add(buyer, product, 4)
    lines = [item["id"] for item in buyer.get(CART).data["items"]]
    restock("LAPTOP-001", 3)
    restock("PEN", 0)
    answer = order(buyer)
    details = [
        {
            "item_id": lines[0],
            "product_id": laptop.id,
            "sku": "LAPTOP-001",
            "requested": 4,
            "available": 3,
            "message": "Only 3 of Professional Laptop available",
        },
        {
            "item_id": lines[2],
            "product_id": pen.id,
            "sku": "PEN",
            "requested": 4,
            "available": 0,
            "message": "Pen is out of stock",
        },
    ]
    assert (answer.status, answer.body) == refusal(400, "out_of_stock", "Product out of stock", details=details)
    assert [in_stock(sku) for sku in ("LAPTOP-001", "CUP", "PEN")] == [3, 5, 0]
    assert len(buyer.get(CART).data["items"]) == 3
    assert buyer.get(ORDERS).data == []


def test_lines_of_one_sku_are_summed(buyer: Client) -> None:
    laptop = stocked(quantity=5)
    add(buyer, laptop, 3, attributes={"color": "Red"})
    add(buyer, laptop, 2, attributes={"color": "Black"})
    restock("LAPTOP-001", 4)
    answer = order(buyer)
    short = [(detail["requested"], detail["available"]) for detail in answer.error["details"]]
    assert (answer.error["code"], short) == ("out_of_stock", [(2, 1)])
    restock("LAPTOP-001", 5)
    assert [item["quantity"] for item in order(buyer).data["items"]] == [3, 2]
    assert in_stock("LAPTOP-001") == 0


def test_a_price_the_buyer_has_not_seen_is_not_charged(buyer: Client) -> None:
    laptop = stocked()
    line = add(buyer, laptop).data["items"][0]["id"]
    changed(laptop, sale_price=laptop.base_price.model_copy(update={"amount": 89999}))
    answer = order(buyer)
    message = "The price of Professional Laptop changed from 999.99 USD to 899.99 USD"
    detail = {
        "item_id": line,
        "product_id": laptop.id,
        "sku": "LAPTOP-001",
        "previous_price": usd(99999),
        "current_price": usd(89999),
        "message": message,
    }
    assert (answer.status, answer.body) == refusal(400, "price_changed", message, details=[detail])
    assert buyer.get(CART).body["meta"]["warnings"][0]["code"] == "price_changed"
    assert order(buyer).data["subtotal"] == usd(89999)


def test_what_is_no_longer_sold_cannot_be_ordered(buyer: Client) -> None:
    laptop = stocked()
    line = add(buyer, laptop).data["items"][0]["id"]
    changed(laptop, status="archived")
    answer = order(buyer)
    message = "Professional Laptop is no longer available"
    detail = {"item_id": line, "product_id": laptop.id, "sku": "LAPTOP-001", "message": message}
    assert (answer.status, answer.body) == refusal(400, "product_unavailable", message, details=[detail])


def test_an_order_is_in_one_currency(buyer: Client) -> None:
    add(buyer, stocked())
    add(buyer, stocked("CUP", currency="EUR"))
    answer = order(buyer)
    expected = refusal(400, "mixed_currencies", "All items of an order must be in one currency")
    assert (answer.status, answer.body) == expected


def test_the_buyer_is_written_to(buyer: Client, mails: Callable[[], list[dict[str, Any]]]) -> None:
    add(buyer, stocked())
    data = order(buyer).data
    kept = store.get(Order, id=data["id"])
    assert kept is not None
    (mail,) = mails()
    assert mail["destinations"]["ToAddresses"] == [kept.email]
    assert mail["subject"] == f"We have received your order {data['order_number']}"
    assert "Total: 1,087.49 USD" in mail["body"]


def test_a_full_cart_with_promotions_fits_into_one_transaction(buyer: Client) -> None:
    codes = [offered(f"CODE{number}", type="amount", value=1).code for number in range(5)]
    products = [stocked(f"SKU-{number}", 1, 100) for number in range(80)]
    filled(buyer, [(product, 1) for product in products])
    answer = order(buyer, {"Idempotency-Key": "k"}, promotion_codes=codes, shipping_address=UNTAXED)
    assert answer.status == 201
    assert answer.data["total"] == usd(8000 - 5)
    assert in_stock("SKU-79") == 0


def test_an_order_takes_three_round_trips(buyer: Client) -> None:
    offered("SAVE10")
    add(buyer, stocked())
    with recorded() as calls:
        assert order(buyer, promotion_codes=["SAVE10"]).status == 201
    assert calls.names[:3] == ["GetItem", "BatchGetItem", "TransactWriteItems"]
    assert calls.names[3:] == ["DeleteItem"]  # the mail, once it is sent


def test_a_key_replays_the_answer_and_orders_once(buyer: Client) -> None:
    add(buyer, stocked(), 2)
    key = {"Idempotency-Key": "first"}
    first, second = order(buyer, key), order(buyer, key)
    assert (first.status, second.status, second.body) == (201, 201, first.body)
    assert second.headers["idempotency-replayed"] == "true"
    other = order(buyer, key, notes="another body")
    assert (other.status, other.error["code"]) == (422, "idempotency_key_reused")
    assert in_stock("LAPTOP-001") == 8
    assert len(buyer.get(ORDERS).data) == 1


def test_a_key_of_a_refused_order_can_be_used_again(buyer: Client) -> None:
    key = {"Idempotency-Key": "first"}
    assert order(buyer, key).error["code"] == "cart_empty"
    add(buyer, stocked())
    assert order(buyer, key).status == 201


def test_another_callers_key_is_another_key(buyer: Client, sign_in: SignIn) -> None:
    laptop, key = stocked(), {"Idempotency-Key": "same"}
    clients = [buyer, sign_in()]
    for client in clients:
        add(client, laptop)
    ids = {order(client, key).data["id"] for client in clients}
    assert len(ids) == 2


def test_a_taken_order_number_is_drawn_again(buyer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter(["ORD-00000001", "ORD-00000001", "ORD-00000002"])
    monkeypatch.setattr("storefront.orders.drafting.new_order_number", lambda: next(numbers))
    laptop = stocked()
    found = []
    for _ in range(2):
        add(buyer, laptop)
        found.append(order(buyer).data["order_number"])
    assert found == ["ORD-00000001", "ORD-00000002"]
    assert in_stock("LAPTOP-001") == 8


def test_a_cart_of_another_account_is_not_ordered(buyer: Client, sign_in: SignIn) -> None:
    add(buyer, stocked())
    assert order(sign_in()).error["code"] == "cart_empty"
    cart = store.get(Cart, user_id=user_of(buyer))
    assert cart is not None
    assert len(cart.items) == 1
