"""Rupees and paise."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stoory.money.amounts import MAX_PAISE, Given, InvalidAmount, to_paise, to_rupees

amounts = st.integers(0, MAX_PAISE)


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
