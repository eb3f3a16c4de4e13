"""What must be impossible: selling what is not there, using a promotion too often, ordering a cart twice."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from quintet.testing.client import Answer
from storefront.orders.entities import Order
from storefront.service import store
from tests.functions.storefront.conftest import SignIn
from tests.support.aws import in_threads
from tests.support.calls import answering, crashing
from tests.support.shop import (
    add,
    filled,
    in_stock,
    offered,
    order,
    stocked,
    user_of,
    uses_of,
)


def told(answers: list[Any]) -> Counter[tuple[int, str]]:
    """How often each status and error code was answered."""
    for answer in answers:
        assert isinstance(answer, Answer), answer
    return Counter((a.status, "" if a.status < 400 else a.error["code"]) for a in answers)


def applied(answer: Answer) -> tuple[bool, str | None]:
    (outcome,) = answer.data["promotions"]
    return outcome["applied"], outcome["reason"]


def test_fifty_buyers_of_ten_pieces_get_ten_orders(sign_in: SignIn) -> None:
    laptop = stocked(quantity=10)
    buyers = [sign_in() for _ in range(50)]
    for buyer in buyers:
        add(buyer, laptop)
    answers = in_threads(50, lambda number: order(buyers[number]))
    assert told(answers) == {(201, ""): 10, (400, "out_of_stock"): 40}
    for buyer, answer in zip(buyers, answers, strict=True):
        assert isinstance(answer, Answer)
        if answer.status == 400:
            assert answer.error["details"][0]["available"] == 0
        lines = len(buyer.get("/api/v1/cart").data["items"])
        assert (answer.status, lines) in ((201, 0), (400, 1))
    assert in_stock("LAPTOP-001") == 0
    assert store.count(Order, "gsi2") == 10
    assert store.count(Order, "gsi3", status="pending") == 10


def test_lines_of_one_sku_in_one_cart_never_oversell_together(sign_in: SignIn) -> None:
    laptop = stocked(quantity=9)
    buyers = [sign_in() for _ in range(8)]
    for buyer in buyers:
        filled(buyer, [(laptop, 1), (laptop, 2)])
    answers = in_threads(8, lambda number: order(buyers[number]))
    assert told(answers) == {(201, ""): 3, (400, "out_of_stock"): 5}
    assert in_stock("LAPTOP-001") == 0


def test_a_promotion_is_used_as_often_as_its_limit_says(sign_in: SignIn) -> None:
    offered("FIRST5", usage_limit=5)
    laptop = stocked(quantity=100)
    buyers = [sign_in() for _ in range(12)]
    for buyer in buyers:
        add(buyer, laptop)
    answers = in_threads(12, lambda number: order(buyers[number], promotion_codes=["FIRST5"]))
    assert told(answers) == {(201, ""): 12}
    outcomes = Counter(applied(answer) for answer in answers if isinstance(answer, Answer))
    assert outcomes == {(True, None): 5, (False, "exhausted"): 7}
    assert uses_of("FIRST5") == 5
    for answer in answers:
        assert isinstance(answer, Answer)
        assert (answer.data["discount_total"]["amount"] > 0) == applied(answer)[0]


def test_a_customers_limit_holds_when_its_orders_race(sign_in: SignIn) -> None:
    offered("TWICE", usage_limit_per_customer=2)
    laptop, buyer = stocked(quantity=100), sign_in()

    def buy(_: int) -> list[Answer]:
        answers = []
        for _ in range(3):
            buyer.post("/api/v1/cart/items", {"product_id": laptop.id, "quantity": 1})
            answers.append(order(buyer, promotion_codes=["TWICE"]))
        return answers

    done: list[Answer] = []
    for answers in in_threads(4, buy):
        assert isinstance(answers, list)
        done += answers
    placed = [answer for answer in done if answer.status == 201]
    assert set(told(done)) <= {(201, ""), (400, "cart_empty")}
    assert Counter(applied(answer)[0] for answer in placed)[True] == min(2, len(placed)) == 2
    assert uses_of("TWICE", user_of(buyer)) == uses_of("TWICE") == 2
    sold = sum(item["quantity"] for answer in placed for item in answer.data["items"])
    left = sum(item["quantity"] for item in buyer.get("/api/v1/cart").data["items"])
    assert sold + left == 12
    assert in_stock("LAPTOP-001") == 100 - sold


def test_a_cart_submitted_ten_times_at_once_is_one_order(sign_in: SignIn) -> None:
    laptop, buyer = stocked(quantity=100), sign_in()
    add(buyer, laptop, 3)
    answers = in_threads(10, lambda _: order(buyer))
    assert told(answers) == {(201, ""): 1, (400, "cart_empty"): 9}
    assert in_stock("LAPTOP-001") == 97
    assert buyer.get("/api/v1/orders").body["meta"]["total_items"] == 1


def test_a_key_sent_ten_times_at_once_is_one_order_and_one_answer(sign_in: SignIn) -> None:
    laptop, buyer = stocked(quantity=100), sign_in()
    add(buyer, laptop, 3)
    answers = in_threads(10, lambda _: order(buyer, {"Idempotency-Key": "once"}))
    assert told(answers) == {(201, ""): 10}
    assert len({answer.raw for answer in answers if isinstance(answer, Answer)}) == 1
    assert in_stock("LAPTOP-001") == 97
    assert buyer.get("/api/v1/orders").body["meta"]["total_items"] == 1


DROPPED = ConnectionClosedError(endpoint_url="https://dynamodb.test/")

Change = Callable[[dict[str, Any]], tuple[dict[str, Any], Callable[[Any], Any]]]


def lose_replies(count: int) -> Change:
    """The first `count` answers are lost on the way back, after what was asked has been done."""
    left = [count]

    def change(params: dict[str, Any]) -> tuple[dict[str, Any], Callable[[Any], Any]]:
        def reshape(body: Any) -> Any:
            if left[0] > 0:
                left[0] -= 1
                raise DROPPED
            return body

        return params, reshape

    return change


@pytest.mark.parametrize("lost", [1, 2, 4])
def test_a_lost_reply_of_the_table_goes_unnoticed(sign_in: SignIn, lost: int) -> None:
    offered("SAVE10", usage_limit=1)
    laptop, buyer = stocked(quantity=3), sign_in()
    add(buyer, laptop, 3)
    with answering("TransactWriteItems", lose_replies(lost)):
        answer = order(buyer, promotion_codes=["SAVE10"])
    assert answer.status == 201
    assert applied(answer) == (True, None)
    assert buyer.get("/api/v1/orders").data == [answer.data]
    assert (in_stock("LAPTOP-001"), uses_of("SAVE10")) == (0, 1)


@pytest.mark.parametrize("lost", [3, 20])
def test_a_caller_who_never_got_its_reply_gets_it_with_its_key(sign_in: SignIn, lost: int) -> None:
    laptop, buyer, key = stocked(quantity=5), sign_in(), {"Idempotency-Key": "again"}
    add(buyer, laptop, 2)
    with answering("TransactWriteItems", lose_replies(lost)):
        first = order(buyer, key)
    second = order(buyer, key)
    assert (second.status, second.headers["idempotency-replayed"]) == (201, "true")
    # the pipeline looks for the record before it gives up, so even the first caller is answered
    assert (first.status, first.body) == (201, second.body)
    assert in_stock("LAPTOP-001") == 3
    assert buyer.get("/api/v1/orders").data == [second.data]


def test_without_a_key_a_retry_after_a_lost_reply_orders_nothing_more(sign_in: SignIn) -> None:
    laptop, buyer = stocked(quantity=5), sign_in()
    add(buyer, laptop, 2)
    with answering("TransactWriteItems", lose_replies(20)):
        first = order(buyer)
    assert (first.status, first.error["code"]) == (503, "unconfirmed")
    assert order(buyer).error["code"] == "cart_empty"
    assert in_stock("LAPTOP-001") == 3
    assert len(buyer.get("/api/v1/orders").data) == 1


def between(happen: Callable[[], Any]) -> Callable[[dict[str, Any]], None]:
    """Do something once, just before the order's transaction is sent: after all it rests upon was read."""
    done: list[bool] = []

    def before(_: dict[str, Any]) -> None:
        if not done:
            done.append(True)
            happen()

    return before


def test_a_line_added_while_the_order_is_placed_is_in_it(sign_in: SignIn) -> None:
    laptop, cup, buyer = stocked(), stocked("CUP"), sign_in()
    add(buyer, laptop)
    with crashing("TransactWriteItems", between(lambda: add(buyer, cup))):
        answer = order(buyer)
    assert [item["sku"] for item in answer.data["items"]] == ["LAPTOP-001", "CUP"]
    assert buyer.get("/api/v1/cart").data["items"] == []


def test_a_cart_cleared_while_the_order_is_placed_is_empty(sign_in: SignIn) -> None:
    laptop, buyer = stocked(), sign_in()
    add(buyer, laptop)
    with crashing("TransactWriteItems", between(lambda: buyer.delete("/api/v1/cart"))):
        answer = order(buyer)
    assert (answer.status, answer.error["code"]) == (400, "cart_empty")
    assert in_stock("LAPTOP-001") == 10


def test_the_last_use_taken_meanwhile_is_reported(sign_in: SignIn) -> None:
    offered("LAST", usage_limit=1)
    laptop, buyer, other = stocked(), sign_in(), sign_in()
    for client in (buyer, other):
        add(client, laptop)
    with crashing("TransactWriteItems", between(lambda: order(other, promotion_codes=["LAST"]))):
        answer = order(buyer, promotion_codes=["LAST"])
    assert applied(answer) == (False, "exhausted")
    assert uses_of("LAST") == 1
