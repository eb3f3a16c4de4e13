"""Rupees and paise, and the fee to the paisa."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stoory.money.amounts import MAX_PAISE, Given, InvalidAmount, to_paise, to_rupees
from stoory.money.fees import Split, split_fee, to_percent

amounts = st.integers(0, MAX_PAISE)
percents = st.decimals(0, 100, places=4)


@pytest.mark.parametrize(
    ("rupees", "paise"),
    [(0, 0), (1500, 150000), (0.1, 10), (19.99, 1999), (1.1, 110), (Decimal("0.01"), 1), (Decimal("1E+3"), 100000)],
)
def test_rupees_become_the_paise_they_are_written_as(rupees: Given, paise: int) -> None:
    assert to_paise(rupees) == paise


@pytest.mark.parametrize(
    ("rupees", "says"),
    [
        (-1, "must not be negative"),
        (Decimal("-0.01"), "must not be negative"),
        (0.001, "must have at most 2 decimals"),
        (Decimal("19.999"), "must have at most 2 decimals"),
        (1e9 + 0.01, "is too large"),
        (Decimal("1E+999999"), "is too large"),
        (Decimal("1E-999999"), "has too many digits"),
        (Decimal("1." + "0" * 40 + "1"), "has too many digits"),
        (float("nan"), "must be a number"),
        (float("inf"), "must be a number"),
        (True, "must be a number"),
    ],
)
def test_what_is_no_amount_is_refused(rupees: Given, says: str) -> None:
    with pytest.raises(InvalidAmount, match=f"^{says}$"):
        to_paise(rupees)


@given(amounts)
def test_paise_survive_the_way_to_rupees_and_back(paise: int) -> None:
    assert to_paise(to_rupees(paise)) == paise


def test_whole_rupees_are_written_without_a_fraction() -> None:
    assert repr([to_rupees(150000), to_rupees(1999), to_rupees(10)]) == "[1500, 19.99, 0.1]"


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
