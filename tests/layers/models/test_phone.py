"""Phone numbers: one form per line, and only numbers that the plan of their country has."""

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from quintet.models import Phone
from quintet.models.phone import parse_phone, region_of, textable


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+14155550123", "+14155550123"),
        (" +1 (415) 555-0123 ", "+14155550123"),
        ("+1 415\u2010555\u20130123", "+14155550123"),
        ("+44 20 7946 0958", "+442079460958"),
        ("+91.98765.43210", "+919876543210"),
        ("+91 09820000001", "+919820000001"),  # the trunk zero, which India drops …
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("+390612345678", "+390612345678"),  # … and Italy keeps
        ("\u202a+91 98200 00001\u202c", "+919820000001"),  # marks a contact list puts around what is copied
        ("+9198\u200b2000\u00ad0001\ufeff", "+919820000001"),
        ("\uff0b\uff19\uff11 9820000001", "+919820000001"),
        ("+800 1234 5678", "+80012345678"),
    ],
)  # fmt: skip
def test_a_phone_number_has_one_form(typed: str, kept: str) -> None:
    assert TypeAdapter(Phone).validate_python(typed) == kept
    assert parse_phone(kept) == kept


@pytest.mark.parametrize(
    "bad",
    ["", "+", "4155550123", "0014155550123", "+04155550123", "+12345", "+1234567890123456", "+1415555O123",
     "+1415555\u0660123", "+14155550123\n;", "tel:+14155550123", "+1415CALLNOW", "+1 415 555 0123 ext 5",
     "+14155550123,+14155550124", "+" + "1" * 10_000, "+\ud800", "++14155550123"],
)  # fmt: skip
def test_what_is_no_international_number_is_refused(bad: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Phone).validate_python(bad)


@pytest.mark.parametrize(
    "nobodys",
    ["+10000000000", "+1234567890", "+99912345678", "+999999999999", "+2101234567", "+910000000000", "+441234",
     "+15550000000", "+4912", "+123456789012345"],
)  # fmt: skip
def test_a_number_that_no_country_has_is_refused(nobodys: str) -> None:
    with pytest.raises(ValueError, match="phone number"):
        parse_phone(nobodys)


@pytest.mark.parametrize(
    ("typed", "region", "kept"),
    [
        ("098200 00001", "IN", "+919820000001"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("06 12345678", "IT", "+390612345678"),
        ("010-1234-5678", "KR", "+821012345678"),
        ("+14155550123", "IN", "+14155550123"),
        ("00 1 415 555 0123", "IN", "+14155550123"),
    ],
)
def test_a_national_number_is_read_as_its_region_dials(typed: str, region: str, kept: str) -> None:
    assert parse_phone(typed, region) == kept


@pytest.mark.parametrize(
    ("number", "region"),
    [("+14155550123", "US"), ("+18765550123", "JM"), ("+77011234567", "KZ"), ("+79161234567", "RU"),
     ("+919820000001", "IN"), ("+870773111632", "001")],
)  # fmt: skip
def test_countries_that_share_a_code_are_told_apart(number: str, region: str) -> None:
    assert region_of(number) == region


def test_a_number_of_no_country_has_no_region() -> None:
    with pytest.raises(ValueError, match="phone number"):
        region_of("+10000000000")


@pytest.mark.parametrize(
    "number",
    ["+493012345678", "+18005550123", "+19005551234", "+448451234567", "+447012345678", "+33891234567",
     "+870771234567", "+881612345678", "+883510012345678"],
)  # fmt: skip
def test_texts_go_to_mobile_numbers_alone(number: str) -> None:
    assert parse_phone(number) == number
    with pytest.raises(ValueError, match="mobile number"):
        textable(number)


@pytest.mark.parametrize(
    "number", ["+14155550123", "+4915112345678", "+919876543210", "+34600123456", "+5511912345678"]
)
def test_mobile_numbers_take_texts(number: str) -> None:
    assert textable(number) == number


@given(st.text(st.sampled_from("+0123456789 ()-.\u200b\u202a"), max_size=30))
def test_reading_twice_changes_nothing(text: str) -> None:
    try:
        once = parse_phone(text)
    except ValueError:
        return
    assert parse_phone(once) == once
    assert once[1:].isdecimal()
    assert len(once) <= 16


def test_the_numbering_plans_load_only_where_a_number_is_read() -> None:
    probe = "import sys, quintet.models, quintet.providers.sms; sys.exit('phonenumbers' in sys.modules)"
    subprocess.run([sys.executable, "-c", probe], env={"PYTHONPATH": os.pathsep.join(sys.path)}, check=True)
