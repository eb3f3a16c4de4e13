"""What a buyer pays for one unit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.models import CurrencyMismatch, Money
from storefront.catalog.products import effective_price


def usd(amount: int) -> Money:
    return Money(amount=amount, currency="USD")


@given(st.integers(0, 10**6).map(usd), st.none() | st.integers(0, 10**6).map(usd))
def test_the_effective_price_is_the_lower_one(base: Money, sale: Money | None) -> None:
    assert effective_price(base, sale) == (base if sale is None else min(base, sale))


def test_a_sale_price_above_the_base_price_is_ignored() -> None:
    assert effective_price(usd(89999), usd(99999)) == usd(89999)
    assert effective_price(usd(99999), usd(89999)) == usd(89999)
    assert effective_price(usd(99999), None) == usd(99999)


def test_a_sale_price_in_another_currency_is_no_price() -> None:
    with pytest.raises(CurrencyMismatch):
        effective_price(usd(1), Money(amount=100, currency="EUR"))
