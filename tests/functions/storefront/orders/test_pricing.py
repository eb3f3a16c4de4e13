"""What an order costs, to the cent."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintet.models import CurrencyMismatch, Money
from storefront.catalog.products import MAX_UNIT_PRICE
from storefront.orders.pricing import (
    Item,
    PricedLine,
    PricedOrder,
    items_subtotal,
    price_order,
    rate_for,
    shipping_cost,
    spread_discounts,
)


def usd(amount: int) -> Money:
    return Money(amount=amount, currency="USD")


items = st.lists(st.builds(Item, st.integers(0, 5_000_000).map(usd), st.integers(1, 999)), min_size=1, max_size=12)
discounts = st.lists(st.integers(0, 2_000_000_000).map(usd), max_size=4)
rates = st.decimals(0, 25, places=3)


def test_the_documented_order_comes_out_to_the_cent() -> None:
    order = price_order(
        [Item(usd(99999), 1)], tax_rate=rate_for("US", "NY"), shipping=shipping_cost("ship_standard", "USD")
    )
    assert order == PricedOrder(
        lines=(PricedLine(usd(99999), 1, usd(99999), usd(0), usd(8750), usd(108749)),),
        subtotal=usd(99999),
        discount_total=usd(0),
        tax_total=usd(8750),
        shipping_total=usd(0),
        total=usd(108749),
    )


def test_tax_is_charged_on_what_the_discount_left_and_not_on_shipping() -> None:
    order = price_order(
        [Item(usd(1000), 2), Item(usd(500), 1)],
        discounts=[usd(250)],
        tax_rate=Decimal(10),
        shipping=shipping_cost("ship_express", "USD"),
    )
    assert [(line.discount, line.tax, line.total) for line in order.lines] == [
        (usd(200), usd(180), usd(1980)),
        (usd(50), usd(45), usd(495)),
    ]
    assert order.total == usd(1980 + 495 + 1500)


def test_half_a_cent_of_tax_is_rounded_up() -> None:
    order = price_order([Item(usd(50), 1)], tax_rate=Decimal(1), shipping=usd(0))
    assert order.tax_total == usd(1)


def test_a_cent_that_cannot_be_split_goes_to_the_largest_remainder_and_first_among_equals() -> None:
    assert spread_discounts([usd(100), usd(100), usd(100)], [usd(100)]) == [usd(34), usd(33), usd(33)]
    assert spread_discounts([usd(1), usd(2)], [usd(1)]) == [usd(0), usd(1)]


@given(items, discounts, rates, st.integers(0, 5000).map(usd))
@settings(max_examples=150)
def test_lines_sum_exactly_to_the_totals_and_nothing_is_negative(
    bought: list[Item], off: list[Money], rate: Decimal, shipping: Money
) -> None:
    order = price_order(bought, discounts=off, tax_rate=rate, shipping=shipping)
    for line in order.lines:
        assert line.subtotal == line.unit_price.times(line.quantity)
        assert line.total == line.subtotal - line.discount + line.tax
        assert usd(0) <= line.discount <= line.subtotal
        assert line.tax.amount >= 0
        assert abs(line.tax.amount - (line.subtotal - line.discount).amount * rate / 100) <= Decimal("0.5")
    assert order.subtotal == Money.sum((line.subtotal for line in order.lines), "USD") == items_subtotal(bought)
    assert order.discount_total == min(Money.sum(off, "USD"), order.subtotal)
    assert order.tax_total == Money.sum((line.tax for line in order.lines), "USD")
    assert order.total == Money.sum((line.total for line in order.lines), "USD") + shipping
    assert order.total == order.subtotal - order.discount_total + order.tax_total + shipping


@given(st.lists(st.integers(0, 10**9).map(usd), min_size=1, max_size=20), st.integers(0, 10**10).map(usd))
@settings(max_examples=150)
def test_one_discount_is_within_a_cent_of_proportional_and_follows_the_order_of_the_lines(
    subtotals: list[Money], discount: Money
) -> None:
    shares = spread_discounts(subtotals, [discount])
    whole = Money.sum(subtotals, "USD")
    taken = min(discount, whole)
    assert Money.sum(shares, "USD") == taken
    for subtotal, share in zip(subtotals, shares, strict=True):
        assert abs(share.amount * whole.amount - subtotal.amount * taken.amount) <= whole.amount
    ranked = sorted(zip(subtotals, shares, strict=True), key=lambda pair: pair[0].amount)
    assert all(before[1] <= after[1] for before, after in pairwise(ranked) if before[0] < after[0])


def test_currencies_do_not_mix() -> None:
    euros = Money(amount=100, currency="EUR")
    with pytest.raises(CurrencyMismatch):
        price_order([Item(usd(1), 1), Item(euros, 1)], tax_rate=Decimal(0), shipping=usd(0))
    with pytest.raises(CurrencyMismatch):
        price_order([Item(usd(1), 1)], discounts=[euros], tax_rate=Decimal(0), shipping=usd(0))
    with pytest.raises(CurrencyMismatch):
        price_order([Item(usd(1), 1)], tax_rate=Decimal(0), shipping=euros)


@pytest.mark.parametrize("bought", [[], [Item(usd(1), 0)], [Item(usd(-1), 1)]])
def test_nonsense_is_not_priced(bought: list[Item]) -> None:
    with pytest.raises(ValueError, match=r"an order needs|a line needs"):
        price_order(bought, tax_rate=Decimal(0), shipping=usd(0))


def test_a_negative_discount_or_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="discount must not be negative"):
        price_order([Item(usd(1), 1)], discounts=[usd(-1)], tax_rate=Decimal(0), shipping=usd(0))
    with pytest.raises(ValueError, match="tax rate"):
        price_order([Item(usd(1), 1)], tax_rate=Decimal(-1), shipping=usd(0))


def test_shipping_methods() -> None:
    assert shipping_cost("ship_standard", "USD") == usd(0)
    assert shipping_cost("ship_express", "USD") == usd(1500)


def test_the_largest_cart_at_the_highest_rate_can_be_priced() -> None:
    order = price_order([Item(usd(MAX_UNIT_PRICE), 999)] * 80, tax_rate=Decimal("11.5"), shipping=usd(1500))
    assert order.subtotal == usd(MAX_UNIT_PRICE * 999 * 80)
