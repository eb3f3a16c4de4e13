"""Which numbers are phones, and whose country they are of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import stoory.accounts.phones as rules
from stoory.accounts.phones import InvalidPhone, country_prefix, normalise_phone, region


@pytest.mark.parametrize("phone", ["+1234567", "+919876543210", "+12345678901234567", "  +919876543210\n"])
def test_a_plus_and_seven_to_seventeen_digits_are_a_phone(phone: str) -> None:
    assert normalise_phone(phone) == phone.strip()


@pytest.mark.parametrize(
    "phone",
    [
        "",
        "+",
        "919876543210",
        "+123456",
        "+123456789012345678",
        "+0919876543210",
        "+91 98765 43210",
        "+9198765x3210",
        "+٩١٩٨٧٦٥٤٣٢١٠",
        "++919876543210",
        "+919876543210\n5",
    ],
)
def test_anything_else_is_not(phone: str) -> None:
    with pytest.raises(InvalidPhone):
        normalise_phone(phone)


@pytest.mark.parametrize(
    ("phone", "prefix", "country"),
    [
        ("+919876543210", "91", "IN"),
        ("+12125550123", "1", "US"),
        ("+18765550123", "1876", "JM"),
        ("+79161234567", "7", "RU"),
        ("+77011234567", "77", "KZ"),
        ("+447911123456", "44", "GB"),
        ("+441534123456", "441534", "JE"),
        ("+3934712345678", "39", "IT"),
        ("+390669812345", "3906698", "VA"),
        ("+8801712345678", "880", "BD"),
        ("+8816123456789", "881", "001"),
        ("+9991234567", "0", None),
        ("+2101234567", "0", None),
    ],
)
def test_a_number_belongs_to_the_longest_code_it_begins_with(phone: str, prefix: str, country: str | None) -> None:
    assert country_prefix(phone) == prefix
    assert region(prefix) == country


def test_no_code_stands_twice_in_the_table() -> None:
    data = json.loads(Path(rules.__file__).with_name("calling_codes.json").read_text("utf-8"))
    codes = [code for each in data.values() for code in each]
    assert len(codes) == len(set(codes))
    assert all(code.isdecimal() and code[0] != "0" and len(code) <= 7 for code in codes)


@given(st.from_regex(r"\+[1-9][0-9]{6,16}", fullmatch=True))
def test_every_phone_has_a_prefix_of_its_own_digits_or_is_unassigned(phone: str) -> None:
    prefix = country_prefix(normalise_phone(phone))
    assert phone.startswith(f"+{prefix}") or prefix == rules.UNASSIGNED
