"""Figures as people write them, here and elsewhere."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caidence.reading.figures import NUMBER, figure_of


def read(text: str) -> list[str]:
    return [figure_of(match).text for match in re.finditer(NUMBER, text, re.IGNORECASE)]


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("1,200 and 1.200 and 1'200 and 1’200", ["1,200"] * 4),
        ("1 000", ["1,000"]),
        ("12\u00a0345\u202f678", ["12,345,678"]),
        ("1.500,50 1,500.50 1500,50 1500.50 1 500,50", ["1,500.5"] * 5),
        ("1,234,567 1.234.567", ["1,234,567"] * 2),
        ("0.125 0,125 3,5 12.75", ["0.12", "0.12", "3.5", "12.75"]),
        ("1.250k 1,250k 2,5k 1.5 million", ["1,250", "1,250,000", "2,500", "1,500,000"]),
        ("$5 5$ 4.000 € €4,000 USD 7 7 dollars", ["$5", "$5", "€4,000", "€4,000", "$7", "$7"]),
        ("in 2026 500 clicks", ["2,026", "500"]),
        ("5 % 5% v2 Q4 10.0.0.1 3km", []),
        ("1.200.", ["1,200"]),
    ],
)
def test_figures_are_read(text: str, figures: list[str]) -> None:
    assert read(text) == figures


@given(st.integers(1, 10**9), st.sampled_from([",", ".", " ", "\u202f", "'", ""]))
def test_whatever_parts_the_thousands_the_number_is_the_same(number: int, mark: str) -> None:
    assert read(f"{number:,}".replace(",", mark)) == [f"{number:,}"]


@given(st.text("0123456789.,' kmKM$€%", max_size=40))
def test_any_text_is_read_quickly_and_without_failing(text: str) -> None:
    read(text)
