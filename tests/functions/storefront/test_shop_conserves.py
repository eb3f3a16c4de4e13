"""Whatever buyers and staff do, and whatever happens in between: nothing is sold twice, and all sums agree.

Orders and moves also run with another operation slipped in between their reads and their transaction, which is
where a race would be lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from quintet.auth import tokens
from quintet.models import Money, new_id, now
from quintet.testing import Client
from quintet.testing.client import Answer
from storefront.accounts.entities import Account
from storefront.orders.entities import Order
from storefront.orders.states import OrderStatus, allowed_from
from storefront.service import api, store
from tests.support import aws
from tests.support.calls import crashing
from tests.support.shop import ADDRESS, changed, in_stock, offered, order, stocked, uses_of

SUPPLY = {"LAPTOP": 4, "CUP": 6}
CODES = ["LAST", "EACH", "MANY"]
LIMITS = {"LAST": 1}
PER_CUSTOMER = {"EACH": 1}
CART = "/api/v1/cart"

buyers = st.integers(0, 1)
skus = st.sampled_from(sorted(SUPPLY))
pieces = st.integers(1, 4)
codes = st.lists(st.sampled_from([*CODES, "NONE"]), max_size=3)
statuses = st.sampled_from(list(OrderStatus))
choice = st.integers(0, 20)


def account(*roles: str) -> Client:
    made = Account(
        id=new_id(), email=f"{new_id()}@example.com", first_name="Kim", last_name="Lee",
        roles=dict.fromkeys(roles, True), created_at=now(), updated_at=now(),
    )  # fmt: skip
    store.create(made)
    token, _ = tokens.issue(made.id, {"email": made.email}, timedelta(hours=1))
    return Client(api, token=token)


class Shop(RuleBasedStateMachine):
    """Two buyers, a manager, two products, promotions with a limit in all, a limit per customer, and none."""

    given: ClassVar[dict[str, str]] = {}
    """Settings of the shop beside the tests' own."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(aws.system("storefront", self.given))
        self.products = {sku: stocked(sku, n, 4999, name=sku.title()) for sku, n in SUPPLY.items()}
        self.supply = dict(SUPPLY)
        offered("LAST", usage_limit=LIMITS["LAST"])
        offered("EACH", usage_limit_per_customer=PER_CUSTOMER["EACH"])
        offered("MANY", type="amount", value=777, minimum_subtotal=5000)
        self.buyers = [account("user"), account("user")]
        self.manager = account("manager")
        self.orders: list[str] = []

    def teardown(self) -> None:
        self.stack.close()

    # What can happen, as calls that may also be slipped into another one.

    def put_in(self, who: int, sku: str, quantity: int, color: str) -> None:
        body = {"product_id": self.products[sku].id, "quantity": quantity, "attributes": {"color": color}}
        self.answered(self.buyers[who].post(f"{CART}/items", body), 200, "out_of_stock")

    def change(self, who: int, pick: int, quantity: int) -> None:
        items = self.buyers[who].get(CART).data["items"]
        if items:
            path = f"{CART}/items/{items[pick % len(items)]['id']}"
            self.answered(self.buyers[who].patch(path, {"quantity": quantity}), 200, "out_of_stock")

    def clear(self, who: int) -> None:
        self.answered(self.buyers[who].delete(CART), 200)

    def buy(self, who: int, promotions: list[str], key: str | None = None) -> None:
        headers = {"Idempotency-Key": key} if key else {}
        answer = order(self.buyers[who], headers, promotion_codes=promotions, shipping_address=ADDRESS)
        self.answered(answer, 201, "cart_empty", "out_of_stock", "price_changed")
        if answer.status == 201 and answer.data["id"] not in self.orders:
            self.orders.append(answer.data["id"])

    def move(self, pick: int, status: OrderStatus) -> None:
        if self.orders:
            path = f"/api/v1/admin/orders/{self.orders[pick % len(self.orders)]}/status"
            self.answered(self.manager.post(path, {"status": status}), 200, "invalid_transition")

    def restock(self, sku: str, quantity: int) -> None:
        self.supply[sku] += quantity - in_stock(sku)
        self.answered(self.manager.put(f"/api/v1/admin/inventory/{sku}", {"quantity": quantity}), 200)

    def reprice(self, sku: str, amount: int) -> None:
        self.products[sku] = changed(self.products[sku], base_price=Money(amount=amount, currency="USD"))

    def answered(self, answer: Answer, status: int, *refusals: str) -> None:
        assert answer.status == status or (400 <= answer.status < 500 and answer.error["code"] in refusals), answer

    # One thing after another.

    @rule(who=buyers, sku=skus, quantity=pieces, color=st.sampled_from(["Red", "Black"]))
    def a_buyer_adds(self, who: int, sku: str, quantity: int, color: str) -> None:
        self.put_in(who, sku, quantity, color)

    @rule(who=buyers, pick=choice, quantity=pieces)
    def a_buyer_changes_a_line(self, who: int, pick: int, quantity: int) -> None:
        self.change(who, pick, quantity)

    @rule(who=buyers, promotions=codes)
    def a_buyer_orders(self, who: int, promotions: list[str]) -> None:
        self.buy(who, promotions)

    @rule(who=buyers, key=st.sampled_from(["k1", "k2"]))
    def a_buyer_orders_with_a_key(self, who: int, key: str) -> None:
        self.buy(who, ["MANY"], key)

    @rule(sku=skus, quantity=st.integers(0, 6))
    def staff_count_the_stock(self, sku: str, quantity: int) -> None:
        self.restock(sku, quantity)

    @rule(sku=skus, amount=st.sampled_from([4999, 333]))
    def a_price_changes(self, sku: str, amount: int) -> None:
        self.reprice(sku, amount)

    @precondition(lambda self: self.orders)
    @rule(pick=choice, status=statuses)
    def staff_move_an_order(self, pick: int, status: OrderStatus) -> None:
        before = store.get(Order, id=self.orders[pick % len(self.orders)])
        assert before is not None
        self.move(pick, status)
        after = store.get(Order, id=before.id)
        assert after is not None
        assert after.status == (status if status in allowed_from(before.status) else before.status)

    # One thing in the middle of another.

    def meddling(self, how: int, who: int, sku: str, quantity: int, promotions: list[str]) -> Callable[[], None]:
        other = 1 - who
        return [
            partial(self.put_in, who, sku, quantity, "Red"),
            partial(self.clear, who),
            partial(self.buy, who, promotions),
            partial(self.bought_at_once, other, sku, promotions),
            partial(self.restock, sku, quantity - 1),
            partial(self.move, quantity, OrderStatus.CANCELLED),
            partial(self.move, quantity, OrderStatus.PAID),
        ][how]

    def bought_at_once(self, who: int, sku: str, promotions: list[str]) -> None:
        self.put_in(who, sku, 1, "Red")
        self.buy(who, promotions)

    def in_between(self, happen: Callable[[], None], work: Callable[[], None]) -> None:
        begun: list[bool] = []

        def once(_: dict[str, Any]) -> None:
            if not begun:
                begun.append(True)
                happen()

        with crashing("TransactWriteItems", once):
            work()

    @rule(who=buyers, how=st.integers(0, 6), sku=skus, quantity=pieces, promotions=codes, first=st.booleans())
    def something_happens_while_a_buyer_orders(
        self, who: int, how: int, sku: str, quantity: int, promotions: list[str], first: bool
    ) -> None:
        if first:
            self.put_in(who, sku, 1, "Black")
        meddle = self.meddling(how, who, sku, quantity, promotions)
        self.in_between(meddle, lambda: self.buy(who, promotions))

    @rule(who=buyers, sku=skus, promotions=codes)
    def two_buyers_want_all_there_is(self, who: int, sku: str, promotions: list[str]) -> None:
        for buyer in (0, 1):
            self.clear(buyer)
            if in_stock(sku):
                self.put_in(buyer, sku, in_stock(sku), "Red")
        self.in_between(partial(self.buy, 1 - who, promotions), lambda: self.buy(who, promotions))

    @rule(who=buyers, sku=skus)
    def two_buyers_use_the_same_codes(self, who: int, sku: str) -> None:
        self.restock(sku, max(2, in_stock(sku)))
        for buyer in (0, 1):
            self.clear(buyer)
            self.put_in(buyer, sku, 1, "Red")
        self.in_between(partial(self.buy, 1 - who, CODES), lambda: self.buy(who, CODES))

    @precondition(lambda self: self.orders)
    @rule(pick=choice)
    def an_order_is_cancelled_twice_at_once(self, pick: int) -> None:
        again = partial(self.move, pick, OrderStatus.CANCELLED)
        self.in_between(again, lambda: self.move(pick, OrderStatus.CANCELLED))

    @precondition(lambda self: self.orders)
    @rule(pick=choice, how=st.integers(2, 6), who=buyers, sku=skus, quantity=pieces)
    def something_happens_while_an_order_is_cancelled(
        self, pick: int, how: int, who: int, sku: str, quantity: int
    ) -> None:
        meddle = self.meddling(how, who, sku, quantity, CODES)
        self.in_between(meddle, lambda: self.move(pick, OrderStatus.CANCELLED))

    # What must hold at any time.

    @invariant()
    def stock_and_sold_are_what_there_was(self) -> None:
        orders = list(store.each(Order, "gsi2"))
        live = [found for found in orders if found.status is not OrderStatus.CANCELLED]
        sold = Counter[str]()
        for found in live:
            for item in found.items:
                sold[item.sku] += item.quantity
        assert {sku: in_stock(sku) + sold[sku] for sku in self.supply} == self.supply
        assert all(in_stock(sku) >= 0 for sku in self.supply)
        assert {found.id for found in orders} == set(self.orders)
        assert len({found.order_number for found in orders}) == len(orders)
        self.uses_are_counted(live)
        self.listings_are_counted(orders)
        for found in orders:
            adds_up(found)

    def uses_are_counted(self, live: list[Order]) -> None:
        for code in CODES:
            users = [found.user_id for found in live if code in found.applied_codes]
            assert uses_of(code) == len(users)
            for user_id in {found.user_id for found in live}:
                assert uses_of(code, user_id) == users.count(user_id)
            assert len(users) <= LIMITS.get(code, len(users))
            assert all(n <= PER_CUSTOMER.get(code, n) for n in Counter(users).values())

    def listings_are_counted(self, orders: list[Order]) -> None:
        assert store.count(Order, "gsi2") == len(orders)
        by_status = Counter(found.status for found in orders)
        counted = store.counts(Order, "gsi3", [{"status": status} for status in OrderStatus])
        assert counted == [by_status[status] for status in OrderStatus]
        for user_id, n in Counter(found.user_id for found in orders).items():
            assert store.count(Order, "gsi1", user_id=user_id) == n


def adds_up(found: Order) -> None:
    """The parts of an order add up to its totals, and none is negative."""
    zero = Money.zero("USD")
    items = found.items
    for item in items:
        assert item.total == item.unit_price.times(item.quantity) - item.discount_amount + item.tax_amount
        assert min(item.total, item.discount_amount, item.tax_amount) >= zero
    assert found.subtotal == Money.sum((item.unit_price.times(item.quantity) for item in items), "USD")
    assert found.discount_total == Money.sum((item.discount_amount for item in items), "USD")
    assert found.tax_total == Money.sum((item.tax_amount for item in items), "USD")
    assert found.total == Money.sum((item.total for item in items), "USD") + found.shipping_total
    assert (found.discount_total > zero) == bool(found.applied_codes)


BOUNDED = settings(
    max_examples=15,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)

TestShop = Shop.TestCase
TestShop.settings = BOUNDED
