"""The life of an order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.orders.states import InvalidTransition, OrderStatus, Transition, allowed_from, transition

LEGAL = {
    ("pending", "paid"),
    ("pending", "cancelled"),
    ("paid", "shipped"),
    ("paid", "cancelled"),
    ("shipped", "delivered"),
}
EVERY_PAIR = [(before, after) for before in OrderStatus for after in OrderStatus]


@pytest.mark.parametrize(("before", "after"), [pair for pair in EVERY_PAIR if (*pair,) in LEGAL])
def test_legal_changes_and_only_cancelling_returns_stock(before: OrderStatus, after: OrderStatus) -> None:
    assert transition(before, after) == Transition(before, after, releases=after == "cancelled")


@pytest.mark.parametrize(("before", "after"), [pair for pair in EVERY_PAIR if (*pair,) not in LEGAL])
def test_everything_else_is_refused_with_what_would_be_allowed(before: OrderStatus, after: OrderStatus) -> None:
    with pytest.raises(InvalidTransition, match=f"that is {before} cannot become {after}") as caught:
        transition(before, after)
    assert caught.value.allowed == allowed_from(before)


@given(st.lists(st.sampled_from(OrderStatus), max_size=30))
def test_whatever_is_tried_stock_returns_at_most_once_and_never_after_shipping(wishes: list[OrderStatus]) -> None:
    status, path, returned = OrderStatus.PENDING, [OrderStatus.PENDING], 0
    for wanted in wishes:
        try:
            change = transition(status, wanted)
        except InvalidTransition:
            continue
        status = change.after
        path.append(status)
        returned += change.releases
    assert returned == path.count(OrderStatus.CANCELLED) <= 1
    assert not (returned and OrderStatus.SHIPPED in path)
    assert len(path) == len(set(path)) <= 4
