"""Identifiers, ranges and platforms of a profile."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from stoory.profiles.fields import ProfileFields
from stoory.profiles.rules import (
    InvalidField,
    SocialPlatform,
    check_platforms,
    check_value_range,
    mask_pan,
    normalise_pan,
    normalise_upi,
)

ACCOUNT: dict[str, Any] = {
    "platform_name": "Instagram",
    "username": "asha",
    "profile_url": "https://instagram.com/asha",
    "follower_count": 12000,
    "engagement_rate": 3.4,
    "data_source": "MANUAL",
}


@given(st.from_regex(r"[A-Z]{5}[0-9]{4}[A-Z]", fullmatch=True))
def test_a_pan_is_taken_in_any_case_and_shown_without_its_digits(pan: str) -> None:
    assert normalise_pan(f" {pan.lower()} ") == pan
    assert mask_pan(pan) == f"{pan[:5]}****{pan[9]}"


def test_the_documented_mask() -> None:
    assert mask_pan(normalise_pan("abcde1234f")) == "ABCDE****F"


@pytest.mark.parametrize(
    "pan", ["", "VWXYZ1234", "ABCDE12345", "ABCD11234F", "ABCDE1234FX", "ABCDE١٢٣٤F", "ÄBCDE1234F"]
)
def test_what_is_no_pan_is_refused(pan: str) -> None:
    with pytest.raises(InvalidField) as refused:
        normalise_pan(pan)
    assert refused.value.param == "pan_number"
    assert not pan or pan not in str(refused.value)


@pytest.mark.parametrize("upi", ["asha@okicici", "9876543210@ybl", "A.sha-1_x@Upi", " asha@paytm "])
def test_a_upi_id_is_a_name_at_a_handle(upi: str) -> None:
    assert normalise_upi(upi) == upi.strip().lower()


@pytest.mark.parametrize(
    "upi", ["", "asha", "@upi", "asha@", "a@upi", "asha@upi@x", "asha@o.com", "as ha@upi", "asha@1x"]
)
def test_what_is_no_upi_id_is_refused(upi: str) -> None:
    with pytest.raises(InvalidField) as refused:
        normalise_upi(upi)
    assert refused.value.param == "upi_id"


@pytest.mark.parametrize(("least", "most"), [(None, None), (1, None), (None, 1), (1, 1), (1, 2)])
def test_a_range_may_be_open_or_a_point(least: int | None, most: int | None) -> None:
    check_value_range(least, most)


def test_a_range_does_not_run_backwards() -> None:
    with pytest.raises(InvalidField, match="must not be below min_value"):
        check_value_range(2, 1)


def test_a_platform_account_keeps_its_fields() -> None:
    assert SocialPlatform.model_validate(ACCOUNT).model_dump(mode="json") == ACCOUNT


@pytest.mark.parametrize(
    "change",
    [
        {"platform_name": ""},
        {"username": " "},
        {"profile_url": "javascript:alert(1)"},
        {"profile_url": "https://"},
        {"profile_url": "https://user:pass@example.com/"},
        {"profile_url": "https://exa mple.com/"},
        {"profile_url": "http://[::1"},
        {"profile_url": "https://example.com:99999/"},
        {"follower_count": -1},
        {"engagement_rate": 100.1},
        {"engagement_rate": float("nan")},
        {"data_source": "GUESS"},
    ],
)
def test_a_platform_account_out_of_form_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SocialPlatform.model_validate(ACCOUNT | change)


def test_an_account_is_listed_once_and_there_are_at_most_twenty() -> None:
    one = SocialPlatform.model_validate(ACCOUNT)
    others = [SocialPlatform.model_validate(ACCOUNT | {"username": f"u{number}"}) for number in range(20)]
    check_platforms([one, *others[:19]])
    with pytest.raises(InvalidField, match="must not list an account twice"):
        check_platforms([one, one.model_copy(update={"username": "ASHA"})])
    many: list[Any] = [ACCOUNT | {"username": f"u{number}"} for number in range(21)]
    empty: list[Any] = [{}] * 1000
    for full in (many, empty):
        with pytest.raises(ValidationError, match="at most 20 items") as refused:
            ProfileFields.model_validate_json(json.dumps({"social_platforms": full}), strict=True)
        assert refused.value.error_count() == 1
