"""Zones and languages."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from quintet.models.locale import Language, Zone


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"])
def test_a_zone_is_one_of_the_iana_database(zone: str) -> None:
    assert TypeAdapter(Zone).validate_python(zone) == zone


@pytest.mark.parametrize(
    "wrong",
    ["", "Europe", "Mars/Base", "../etc/passwd", "posix/Europe/Berlin", "europe/berlin", "Factory", "+02:00"],
)
def test_what_is_no_zone_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError, match="IANA time zone"):
        TypeAdapter(Zone).validate_python(wrong)


@pytest.mark.parametrize("code", ["en", "pt-BR", "zh-Hant-TW", "gsw"])
def test_a_language_is_a_bcp_47_code(code: str) -> None:
    assert TypeAdapter(Language).validate_python(code) == code


@pytest.mark.parametrize("wrong", ["", "e", "english", "en_GB", "en-", "en-GB\n", "de-" + "x" * 9, "a-b-c"])
def test_what_is_no_language_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError, match="BCP-47"):
        TypeAdapter(Language).validate_python(wrong)
