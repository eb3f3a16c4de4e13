"""Which addresses an order may be sent to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storefront.orders.addresses import (
    LIMITS,
    Address,
    AddressInput,
    InvalidAddress,
    check_address,
    countries,
    us_states,
)

DOCUMENTED = {
    "first_name": "John",
    "last_name": "Doe",
    "company": "Tech Corp",
    "address1": "123 Main St",
    "address2": "Apt 4B",
    "city": "New York",
    "state": "NY",
    "postal_code": "10001",
    "country": "US",
    "phone_number": "555-0100",
}


def checked(**changes: Any) -> Address:
    return check_address(AddressInput.model_validate({**DOCUMENTED, **changes}))


def refusal(**changes: Any) -> list[dict[str, str]]:
    with pytest.raises(InvalidAddress, match=r"^Invalid address$") as caught:
        checked(**changes)
    return caught.value.details


def test_the_documented_address_passes_unchanged() -> None:
    assert checked().model_dump() == DOCUMENTED


def test_optional_fields_may_be_absent_empty_or_null() -> None:
    given_fields = {name: DOCUMENTED[name] for name in DOCUMENTED.keys() - {"company", "phone_number"}}
    address = check_address(AddressInput.model_validate({**given_fields, "address2": None}))
    assert (address.company, address.address2, address.phone_number) == ("", "", "")


def test_everything_missing_is_listed_at_once_in_the_documented_order() -> None:
    with pytest.raises(InvalidAddress) as caught:
        check_address(AddressInput(), prefix="shipping_address.")
    assert caught.value.details == [
        {"field": f"shipping_address.{name}", "message": "is required"}
        for name in ("first_name", "last_name", "address1", "city", "postal_code", "country")
    ]


def test_codes_are_trimmed_and_put_in_upper_case() -> None:
    address = checked(country=" us ", state=" new york ", city="  New York ")
    assert (address.country, address.state, address.city) == ("US", "NY", "New York")


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"state": ""}, "state", "is required for US addresses"),
        ({"state": "ZZ"}, "state", "must be a US state or territory, such as NY"),
        ({"country": "USA"}, "country", "must be an ISO 3166 alpha-2 country code, such as US"),
        ({"country": "XX"}, "country", "must be an ISO 3166 alpha-2 country code, such as US"),
        ({"postal_code": "1000"}, "postal_code", "must be a US ZIP code, such as 10001 or 10001-1234"),
        ({"postal_code": "１０００１"}, "postal_code", "must be a US ZIP code, such as 10001 or 10001-1234"),
        ({"postal_code": "1" * 21, "country": "DE"}, "postal_code", "must be at most 20 characters"),
        ({"state": "x" * 101, "country": "DE"}, "state", "must be at most 100 characters"),
        ({"first_name": " \t "}, "first_name", "is required"),
        ({"city": "x" * 101}, "city", "must be at most 100 characters"),
        ({"phone_number": "call me"}, "phone_number", "must be a phone number, such as 555-0100 or +1 212 555 0100"),
        ({"address1": "1 St\nBcc: all"}, "address1", "must not contain control characters or line breaks"),
    ],
)
def test_a_bad_field_is_named_with_what_is_wrong(changes: dict[str, str], field: str, message: str) -> None:
    assert refusal(**changes) == [{"field": field, "message": message}]


def test_other_countries_need_no_state_and_have_their_own_postal_codes() -> None:
    address = checked(country="GB", state="", postal_code="SW1A 2AA", phone_number="+44 (0)20 7946 0000")
    assert (address.country, address.state, address.postal_code) == ("GB", "", "SW1A 2AA")


@pytest.mark.parametrize("postal_code", ["10001", "10001-1234"])
def test_both_forms_of_zip_codes(postal_code: str) -> None:
    assert checked(postal_code=postal_code).postal_code == postal_code


def test_all_usps_states_and_iso_countries_are_known() -> None:
    assert len(us_states()) == 50 + 1 + 5 + 3 + 3  # states, DC, territories, associated states, military
    assert len(countries()) == 249
    assert all(checked(state=name).state == code for code, name in us_states().items())


@given(st.fixed_dictionaries({name: st.none() | st.text(max_size=25) for name in LIMITS}))
@settings(max_examples=150)
def test_any_text_is_either_refused_by_field_or_a_fixed_point(fields: dict[str, str | None]) -> None:
    try:
        address = check_address(AddressInput.model_validate(fields))
    except InvalidAddress as error:
        names = [entry["field"] for entry in error.details]
        assert names
        assert len(names) == len(set(names))
        assert set(names) <= set(LIMITS)
    else:
        assert check_address(address) == address


@given(st.sampled_from(sorted(countries())), st.text(min_size=1, max_size=20))
@settings(max_examples=100)
def test_checking_twice_changes_nothing(country: str, text: str) -> None:
    try:
        once = checked(country=country, city=text, last_name=text, postal_code="12345")
    except InvalidAddress:
        return
    assert check_address(once) == once
