"""What an order costs: discounts spread over lines, tax by destination, shipping, and their exact sums."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from quintet.models import CurrencyMismatch, Money

SHIPPING_METHODS: dict[str, int] = {"ship_standard": 0, "ship_express": 1500}
"""Shipping methods and what each costs, in minor units of the order's currency."""

_ANY_STATE = "*"
"""In the table of tax rates: every state of the country without a rate of its own."""


@dataclass(frozen=True, slots=True)
class Item:
    """What is bought: a unit price and how many of it (at least one)."""

    unit_price: Money
    quantity: int


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One order line; `total` = `subtotal` - `discount` + `tax`."""

    unit_price: Money
    quantity: int
    subtotal: Money
    discount: Money
    tax: Money
    total: Money


@dataclass(frozen=True, slots=True)
class PricedOrder:
    """The order's lines and totals; every total but shipping is the exact sum over the lines."""

    lines: tuple[PricedLine, ...]
    subtotal: Money
    discount_total: Money
    tax_total: Money
    shipping_total: Money
    total: Money


@cache
def _rates() -> dict[str, dict[str, Decimal]]:
    table = json.loads(Path(__file__).with_name("tax_rates.json").read_text(encoding="utf-8"))["rates"]
    return {country: {state: Decimal(rate) for state, rate in states.items()} for country, states in table.items()}


def rate_for(country: str, state: str = "") -> Decimal:
    """The tax rate in per cent for goods sent there: `Decimal("8.75")` for US, NY.

    `country` is ISO 3166 alpha-2, `state` the code a checked address carries. A place the table does
    not know is not taxed.
    """
    states = _rates().get(country.upper(), {})
    return states.get(state.upper(), states.get(_ANY_STATE, Decimal(0)))


def shipping_cost(method: str, currency: str) -> Money:
    """What `method`, one of SHIPPING_METHODS, costs in `currency`."""
    return Money(amount=SHIPPING_METHODS[method], currency=currency)


def items_subtotal(items: Sequence[Item]) -> Money:
    """Unit price times quantity, summed; raises CurrencyMismatch, and ValueError without items."""
    return Money.sum((item.unit_price.times(item.quantity) for item in items), common_currency(items))


def common_currency(items: Sequence[Item]) -> str:
    """The one currency of all items; raises CurrencyMismatch, and ValueError without items."""
    currencies = {item.unit_price.currency for item in items}
    if not currencies:
        raise ValueError("an order needs at least one line")
    if len(currencies) > 1:
        raise CurrencyMismatch(f"{' and '.join(sorted(currencies))} do not mix in one order")
    return currencies.pop()


def spread_discounts(subtotals: Sequence[Money], discounts: Sequence[Money]) -> list[Money]:
    """How much of the order's discounts each line carries.

    Discounts are taken in the order given. Each is split by largest remainder in proportion to what
    the lines still cost, and is cut down to that remaining sum, so that no line goes below zero.
    Raises ValueError for a negative discount.
    """
    remaining = list(subtotals)
    for discount in discounts:
        if discount.amount < 0:
            raise ValueError("a discount must not be negative")
        capped = min(discount, Money.sum(remaining, discount.currency))
        shares = capped.allocate([line.amount for line in remaining])
        remaining = [line - share for line, share in zip(remaining, shares, strict=True)]
    return [subtotal - rest for subtotal, rest in zip(subtotals, remaining, strict=True)]


def price_order(
    items: Sequence[Item], *, discounts: Sequence[Money] = (), tax_rate: Decimal, shipping: Money
) -> PricedOrder:
    """Price a whole order.

    `tax_rate` is in per cent and is charged per line on the discounted subtotal, rounded half-up;
    shipping is not taxed. Raises CurrencyMismatch when amounts of different currencies meet, and
    ValueError for no items, a quantity below one, or a negative price, rate, discount or shipping.
    """
    currency = common_currency(items)
    if any(item.quantity < 1 or item.unit_price.amount < 0 for item in items):
        raise ValueError("a line needs a quantity of at least one and a price that is not negative")
    if tax_rate < 0 or shipping.amount < 0:
        raise ValueError("tax rate and shipping must not be negative")
    subtotals = [item.unit_price.times(item.quantity) for item in items]
    shares = spread_discounts(subtotals, discounts)
    lines = tuple(
        _priced(item, subtotal, share, tax_rate) for item, subtotal, share in zip(items, subtotals, shares, strict=True)
    )
    return PricedOrder(
        lines=lines,
        subtotal=Money.sum((line.subtotal for line in lines), currency),
        discount_total=Money.sum((line.discount for line in lines), currency),
        tax_total=Money.sum((line.tax for line in lines), currency),
        shipping_total=shipping,
        total=Money.sum((line.total for line in lines), currency) + shipping,
    )


def _priced(item: Item, subtotal: Money, discount: Money, tax_rate: Decimal) -> PricedLine:
    taxable = subtotal - discount
    tax = taxable.percent(tax_rate)
    return PricedLine(
        unit_price=item.unit_price,
        quantity=item.quantity,
        subtotal=subtotal,
        discount=discount,
        tax=tax,
        total=taxable + tax,
    )
