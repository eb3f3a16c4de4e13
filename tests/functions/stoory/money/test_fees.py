"""The fee to the paisa."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stoory.money.amounts import MAX_PAISE, Given, InvalidAmount
from stoory.money.fees import Split, split_fee, to_percent

amounts = st.integers(0, MAX_PAISE)
percents = st.decimals(0, 100, places=4)


@pytest.mark.parametrize("percent", [-1, Decimal("100.0001"), Decimal("1.00001"), float("nan"), False])
def test_a_percentage_is_from_0_to_100_with_four_decimals(percent: Given) -> None:
    with pytest.raises(InvalidAmount):
        to_percent(percent)
    assert to_percent(12.5) == Decimal("12.5")


@pytest.mark.parametrize(
    ("agreed", "percent", "split"),
    [
        (100000, "10", Split(100000, 10000, 90000)),
        (5, "10", Split(5, 1, 4)),  # half a paisa goes up
        (4, "10", Split(4, 0, 4)),
        (1999, "12.5", Split(1999, 250, 1749)),
        (15, "10", Split(15, 2, 13)),  # half to even would agree
        (25, "10", Split(25, 3, 22)),  # half to even would say 2
        (333, "0", Split(333, 0, 333)),
        (333, "100", Split(333, 333, 0)),
        (0, "50", Split(0, 0, 0)),
    ],
)
def test_the_fee_is_rounded_half_up_to_the_paisa(agreed: int, percent: str, split: Split) -> None:
    assert split_fee(agreed, Decimal(percent)) == split


@given(amounts, percents)
def test_fee_and_net_are_the_agreed_amount_and_the_fee_is_within_half_a_paisa(agreed: int, percent: Decimal) -> None:
    split = split_fee(agreed, percent)
    assert split.fee + split.net == split.agreed == agreed
    assert split.fee >= 0
    assert split.net >= 0
    error = Fraction(split.fee) - Fraction(agreed) * Fraction(percent) / 100
    assert Fraction(-1, 2) < error <= Fraction(1, 2)


@pytest.mark.parametrize("agreed", [-1, MAX_PAISE + 1])
def test_an_amount_out_of_range_is_not_split(agreed: int) -> None:
    with pytest.raises(InvalidAmount):
        split_fee(agreed, Decimal(10))
