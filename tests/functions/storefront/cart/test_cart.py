"""The cart: one for each account, merged, refreshed, guarded by its version."""

from typing import Any
from unittest.mock import ANY

import pytest

from quintet.net import patience
from quintet.net.patience import timed_by
from quintet.store import exists
from quintet.testing import Client
from quintet.testing.clock import Standing
from storefront.cart.entities import Cart
from storefront.service import store
from tests.functions.storefront.conftest import SignIn
from tests.support.aws import in_threads
from tests.support.calls import recorded
from tests.support.faulty import FAULTS, Plan, faulty
from tests.support.shop import add, changed, filled, in_stock, restock, stocked, usd

CART, ITEMS = "/api/v1/cart", "/api/v1/cart/items"
UNKNOWN_ID = "01890000-0000-7000-8000-000000000000"


@pytest.fixture
def buyer(sign_in: SignIn) -> Client:
    return sign_in()


def refusal(status: int, code: str, message: str, **more: Any) -> tuple[int, dict[str, Any]]:
    return status, {"error": {"code": code, "message": message, **more}}


ANONYMOUS = refusal(401, "unauthorized", "Authentication required")
NOT_IN_CART = refusal(404, "item_not_found", "Item not found in cart")
INVALID_QUANTITY = refusal(400, "invalid_quantity", "Quantity must be between 1 and 999")
STALE = refusal(412, "precondition_failed", "The resource has changed since you read it")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", CART, None),
        ("POST", ITEMS, {"quantity": "x"}),
        ("PATCH", f"{ITEMS}/some", {"quantity": "x"}),
        ("DELETE", f"{ITEMS}/some", None),
        ("DELETE", CART, None),
    ],
)
def test_an_anonymous_caller_has_no_cart(shop: Client, method: str, path: str, body: Any) -> None:
    answer = shop.request(method, path, body)
    assert (answer.status, answer.body) == ANONYMOUS


def test_a_cart_is_made_on_first_use_and_stays_the_same(buyer: Client) -> None:
    first, second = buyer.get(CART), buyer.get(CART)
    assert first.status == 200
    assert first.body == {
        "data": {"id": ANY, "user_id": ANY, "session_id": "", "items": [], "created_at": ANY, "updated_at": ANY},
        "meta": {"warnings": []},
    }
    assert list(first.data) == ["id", "user_id", "session_id", "items", "created_at", "updated_at"]
    assert (second.body, second.headers["etag"]) == (first.body, first.headers["etag"])


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_an_added_product_is_answered_with_the_whole_cart(buyer: Client, version: Any) -> None:
    laptop = stocked()
    body = {
        "product_id": laptop.id,
        "variant_id": None,
        "quantity": 2,
        "attributes": {"color": "Black", "size": "15-inch"},
    }
    answer = buyer.speaking(version).post(ITEMS, body)
    assert answer.status == 200
    assert answer.body == {
        "data": {
            "id": ANY,
            "user_id": ANY,
            "session_id": "",
            "items": [
                {
                    "id": ANY,
                    "product_id": laptop.id,
                    "variant_id": None,
                    "sku": "LAPTOP-001",
                    "name": "Professional Laptop",
                    "price": usd(99999),
                    "quantity": 2,
                    "attributes": {"color": "Black", "size": "15-inch"},
                }
            ],
            "created_at": ANY,
            "updated_at": ANY,
        }
    }
    assert buyer.get(CART).data == answer.data
    assert in_stock("LAPTOP-001") == 10


def test_the_sale_price_counts_when_it_is_lower(buyer: Client) -> None:
    on_sale, not_really = stocked(sale=89999), stocked("B", price=100, sale=200)
    add(buyer, on_sale)
    prices = [item["price"] for item in add(buyer, not_really).data["items"]]
    assert prices == [usd(89999), usd(100)]


def test_the_same_product_variant_and_attributes_are_one_line(buyer: Client) -> None:
    laptop = stocked(quantity=50)
    first = add(buyer, laptop, 2, attributes={"color": "Black", "size": "15"}).data["items"][0]["id"]
    add(buyer, laptop, 1, attributes={"color": "Red"})
    add(buyer, laptop, 1, variant_id="v2")
    items = add(buyer, laptop, 3, attributes={"size": "15", "color": "Black"}).data["items"]
    assert [(item["quantity"], item["variant_id"], item["attributes"]) for item in items] == [
        (5, None, {"color": "Black", "size": "15"}),
        (1, None, {"color": "Red"}),
        (1, "v2", {}),
    ]
    assert items[0]["id"] == first


def test_a_quantity_that_is_not_given_is_one(buyer: Client) -> None:
    assert buyer.post(ITEMS, {"product_id": stocked().id}).data["items"][0]["quantity"] == 1


@pytest.mark.parametrize("quantity", [0, -1, 1000, 10**30])
def test_a_line_has_one_to_999_pieces(buyer: Client, quantity: int) -> None:
    laptop = stocked(quantity=5000)
    answer = buyer.post(ITEMS, {"product_id": laptop.id, "quantity": quantity})
    assert (answer.status, answer.body) == INVALID_QUANTITY
    line = add(buyer, laptop, 999).data["items"][0]["id"]
    answer = buyer.patch(f"{ITEMS}/{line}", {"quantity": quantity})
    assert (answer.status, answer.body) == INVALID_QUANTITY
    answer = buyer.post(ITEMS, {"product_id": laptop.id, "quantity": 1})
    assert (answer.status, answer.body) == INVALID_QUANTITY


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"product_id": "", "quantity": 1},
        {"product_id": 5, "quantity": 1},
        {"product_id": "p", "quantity": "2"},
        {"product_id": "p", "quantity": 1.5},
        {"product_id": "p", "quantity": 1, "attributes": {"color": 5}},
        {"product_id": "p", "quantity": 1, "attributes": {str(n): "x" for n in range(21)}},
        {"product_id": "p", "quantity": 1, "attributes": {str(n): "ü" * 200 for n in range(19)}},
        [],
        "text",
    ],
)
def test_a_body_that_is_no_item_is_refused(buyer: Client, body: Any) -> None:
    answer = buyer.post(ITEMS, body)
    assert (answer.status, answer.body) == refusal(400, "invalid_request", "Invalid request body", details=ANY)


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_only_what_is_sold_can_be_added(buyer: Client, status: Any) -> None:
    hidden = stocked(status=status)
    for product in (hidden.id, UNKNOWN_ID):
        answer = buyer.post(ITEMS, {"product_id": product, "quantity": 1})
        assert (answer.status, answer.body) == refusal(404, "product_not_found", "Product not found")


def test_more_than_there_is_cannot_be_added(buyer: Client) -> None:
    laptop = stocked(quantity=3)
    add(buyer, laptop, 2)
    answer = buyer.post(ITEMS, {"product_id": laptop.id, "quantity": 2})
    details = [{"sku": "LAPTOP-001", "requested": 4, "available": 3}]
    short = refusal(400, "out_of_stock", "Only 3 of Professional Laptop available", details=details)
    assert (answer.status, answer.body) == short
    # another line of the same SKU draws on the same pieces
    answer = buyer.post(ITEMS, {"product_id": laptop.id, "quantity": 2, "attributes": {"color": "Red"}})
    assert (answer.status, answer.body) == short
    assert [item["quantity"] for item in buyer.get(CART).data["items"]] == [2]


def test_what_is_gone_is_out_of_stock(buyer: Client) -> None:
    answer = buyer.post(ITEMS, {"product_id": stocked(quantity=0).id, "quantity": 1})
    details = [{"sku": "LAPTOP-001", "requested": 1, "available": 0}]
    expected = refusal(400, "out_of_stock", "Professional Laptop is out of stock", details=details)
    assert (answer.status, answer.body) == expected


def test_a_cart_holds_eighty_lines(buyer: Client) -> None:
    cup = stocked("CUP", 100, 500)
    filled(buyer, [(cup, 1)] * 80)
    answer = buyer.post(ITEMS, {"product_id": cup.id, "quantity": 1})
    assert (answer.status, answer.body) == refusal(400, "cart_full", "A cart holds at most 80 different items")
    assert add(buyer, cup, 1, attributes={"line": "79"}).data["items"][79]["quantity"] == 2


def test_a_line_gets_another_quantity(buyer: Client) -> None:
    laptop, cup = stocked(), stocked("CUP")
    add(buyer, laptop, 2)
    before = add(buyer, cup, 1).data
    line = before["items"][0]["id"]
    answer = buyer.patch(f"{ITEMS}/{line}", {"quantity": 3})
    assert answer.status == 200
    assert answer.body == {
        "data": {**before, "items": [{**before["items"][0], "quantity": 3}, before["items"][1]], "updated_at": ANY}
    }
    answer = buyer.patch(f"{ITEMS}/{line}", {"quantity": 11})
    assert (answer.status, answer.error["code"]) == (400, "out_of_stock")


@pytest.mark.parametrize("body", [{}, {"quantity": "3"}, {"quantity": None}, {"quantity": 2.5}, []])
def test_a_change_needs_a_quantity(buyer: Client, body: Any) -> None:
    line = add(buyer, stocked()).data["items"][0]["id"]
    answer = buyer.patch(f"{ITEMS}/{line}", body)
    assert (answer.status, answer.body) == refusal(400, "invalid_request", "Invalid request body", details=ANY)


def test_a_line_of_something_no_longer_sold_cannot_be_changed(buyer: Client) -> None:
    laptop = stocked()
    line = add(buyer, laptop).data["items"][0]["id"]
    changed(laptop, status="archived")
    answer = buyer.patch(f"{ITEMS}/{line}", {"quantity": 2})
    assert (answer.status, answer.body) == refusal(404, "product_not_found", "Product not found")


def test_a_removed_line_leaves_the_others(buyer: Client) -> None:
    add(buyer, stocked(), 2)
    before = add(buyer, stocked("CUP"), 1).data
    answer = buyer.delete(f"{ITEMS}/{before['items'][0]['id']}")
    assert answer.status == 200
    assert answer.body == {"data": {**before, "items": before["items"][1:], "updated_at": ANY}}
    answer = buyer.delete(f"{ITEMS}/{before['items'][0]['id']}")
    assert (answer.status, answer.body) == NOT_IN_CART


def test_lines_of_another_cart_do_not_exist(buyer: Client, sign_in: SignIn) -> None:
    laptop, other = stocked(), sign_in()
    theirs = add(other, laptop, 2).data
    path = f"{ITEMS}/{theirs['items'][0]['id']}"
    for client in (buyer, sign_in()):
        client.get(CART)
        assert (client.delete(path).status, client.delete(path).body) == NOT_IN_CART
        assert (client.patch(path, {"quantity": 1}).status, client.patch(path, {"quantity": 1}).body) == NOT_IN_CART
    assert other.get(CART).data == theirs


def test_lines_do_not_exist_before_there_is_a_cart(buyer: Client) -> None:
    for answer in (buyer.delete(f"{ITEMS}/x"), buyer.patch(f"{ITEMS}/x", {"quantity": 1})):
        assert (answer.status, answer.body) == NOT_IN_CART


def test_a_blank_item_id_is_asked_for(buyer: Client) -> None:
    for answer in (buyer.delete(f"{ITEMS}/%20"), buyer.patch(f"{ITEMS}/%20", {"quantity": 1})):
        assert (answer.status, answer.body) == refusal(400, "item_id_required", "Item ID is required")


def test_a_cleared_cart_is_the_same_cart_and_empty(buyer: Client) -> None:
    before = add(buyer, stocked(), 2).data
    answer = buyer.delete(CART)
    assert (answer.status, answer.body) == (200, {"data": {**before, "items": [], "updated_at": ANY}})
    again = buyer.delete(CART)
    assert (again.status, again.body) == (200, answer.body)


def test_clearing_what_was_never_used_answers_an_empty_cart(buyer: Client) -> None:
    cleared = buyer.delete(CART)
    assert (cleared.status, cleared.data["items"]) == (200, [])
    assert buyer.get(CART).data == cleared.data


def test_reading_brings_prices_up_to_date_and_says_so_once(buyer: Client) -> None:
    laptop = stocked()
    line = add(buyer, laptop, 2).data["items"][0]["id"]
    changed(laptop, base_price=laptop.base_price.model_copy(update={"amount": 89999}), name="Laptop Pro")
    first = buyer.get(CART)
    assert first.body["meta"] == {
        "warnings": [
            {
                "code": "price_changed",
                "item_id": line,
                "message": "The price of Laptop Pro changed from 999.99 USD to 899.99 USD",
                "previous_price": usd(99999),
                "current_price": usd(89999),
            }
        ]
    }
    assert (first.data["items"][0]["name"], first.data["items"][0]["price"]) == ("Laptop Pro", usd(89999))
    second = buyer.get(CART)
    assert second.body == {"data": first.data, "meta": {"warnings": []}}
    assert second.headers["etag"] != first.headers["etag"]


def test_reading_warns_of_what_is_short_or_gone(buyer: Client) -> None:
    laptop, cup = stocked(), stocked("CUP", name="Cup")
    add(buyer, laptop, 5)
    lines = [item["id"] for item in add(buyer, cup, 1).data["items"]]
    tag = buyer.get(CART).headers["etag"]
    restock("LAPTOP-001", 3)
    changed(cup, status="archived")
    answer = buyer.get(CART, headers={"If-None-Match": tag})
    assert answer.body["meta"]["warnings"] == [
        {
            "code": "insufficient_stock",
            "item_id": lines[0],
            "message": "Only 3 of Professional Laptop available",
            "requested": 5,
            "available": 3,
        },
        {"code": "unavailable", "item_id": lines[1], "message": "Cup is no longer available"},
    ]
    assert [item["quantity"] for item in answer.data["items"]] == [5, 1]
    # the stock is no state of the cart's: what was read before may still be changed
    assert buyer.delete(f"{ITEMS}/{lines[1]}", headers={"If-Match": tag}).status == 200


def test_a_product_with_a_new_sku_keeps_its_line(buyer: Client) -> None:
    laptop = stocked()
    add(buyer, laptop, 2)
    stocked_again = stocked("OTHER", 1)
    store.update(type(laptop), laptop.own_key(), put={"sku": "OTHER"}, where=[exists()])
    store.update(Cart, Cart.key(user_id=buyer.get(CART).data["user_id"]), put={})
    answer = buyer.get(CART)
    # that SKU's pieces belong to another product, so there are none of this one
    assert stocked_again.sku == "OTHER"
    assert answer.data["items"][0]["sku"] == "OTHER"
    assert [warning["available"] for warning in answer.body["meta"]["warnings"]] == [0]


def test_an_unchanged_cart_is_not_sent_again(buyer: Client) -> None:
    add(buyer, stocked())
    tag = buyer.get(CART).headers["etag"]
    answer = buyer.get(CART, headers={"If-None-Match": tag})
    assert (answer.status, answer.body, answer.headers["etag"]) == (304, None, tag)


def test_if_match_lets_only_the_reader_of_the_current_cart_change_it(buyer: Client) -> None:
    laptop = stocked()
    old = add(buyer, laptop).headers["etag"]
    current = add(buyer, laptop)
    line = f"{ITEMS}/{current.data['items'][0]['id']}"
    requests: list[tuple[str, str, Any]] = [
        ("POST", ITEMS, {"product_id": laptop.id, "quantity": 1}),
        ("PATCH", line, {"quantity": 1}),
        ("DELETE", line, None),
        ("DELETE", CART, None),
    ]
    for method, path, body in requests:
        for stale in (old, f"W/{current.headers['etag']}", '"x"', "2", '"2-0anything"', '"2-"', '"2-00112233445é"'):
            answer = buyer.request(method, path, body, headers={"If-Match": stale})
            assert (answer.status, answer.body) == STALE
    tag = current.headers["etag"]
    for method, path, body in requests:
        answer = buyer.request(method, path, body, headers={"If-Match": f'"other", {tag}'})
        assert answer.status == 200
        tag = answer.headers["etag"]


def test_if_match_before_there_is_a_cart(buyer: Client) -> None:
    body = {"product_id": stocked().id, "quantity": 1}
    answer = buyer.post(ITEMS, body, headers={"If-Match": '"1"'})
    assert (answer.status, answer.body) == STALE
    assert buyer.post(ITEMS, body, headers={"If-Match": "*"}).status == 200


def test_a_repeated_request_with_a_key_adds_once(buyer: Client) -> None:
    body, key = {"product_id": stocked().id, "quantity": 2}, {"Idempotency-Key": "k1"}
    first, second = buyer.post(ITEMS, body, headers=key), buyer.post(ITEMS, body, headers=key)
    assert (second.status, second.body, second.headers["idempotency-replayed"]) == (200, first.body, "true")
    assert buyer.get(CART).data["items"][0]["quantity"] == 2


def test_of_adds_made_at_once_none_is_lost(buyer: Client) -> None:
    laptop = stocked(quantity=100)
    cups = [stocked(f"CUP-{number}") for number in range(6)]

    def work(number: int) -> int:
        return add(buyer, laptop if number % 2 else cups[number // 2], 1).status

    assert in_threads(12, work) == [200] * 12
    items = buyer.get(CART).data["items"]
    assert {item["sku"]: item["quantity"] for item in items} == {
        "LAPTOP-001": 6,
        **{cup.sku: 1 for cup in cups},
    }


def test_a_cart_of_many_lines_is_read_in_two_round_trips(buyer: Client) -> None:
    filled(buyer, [(stocked(f"SKU-{number}"), 1) for number in range(30)])
    with recorded() as calls:
        assert len(buyer.get(CART).data["items"]) == 30
    assert calls.names == ["GetItem", "BatchGetItem"]


def test_a_repeated_addition_adds_once_whatever_the_network_loses(buyer: Client) -> None:
    product = stocked(quantity=900)
    body, placed = {"product_id": product.id, "quantity": 1}, 0
    with timed_by(Standing().clock):
        for fault in FAULTS:
            for place in range(6):
                key = f"{fault}-{place}"
                patience.reset()
                with faulty(Plan(dict.fromkeys(range(place, place + 6), fault))):
                    first = buyer.post(ITEMS, body, headers={"Idempotency-Key": key})
                patience.reset()
                again = buyer.post(ITEMS, body, headers={"Idempotency-Key": key})
                assert (again.status, first.status in (200, 503)) == (200, True), key
                placed += 1
                assert again.data["items"][0]["quantity"] == placed, key
