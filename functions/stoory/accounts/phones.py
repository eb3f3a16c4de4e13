"""Phone numbers as the marketplace takes them, and which country's they are."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

UNASSIGNED = "0"
"""Stands for every number no country has; no country code begins with 0."""
INTERNATIONAL = "001"
"""Stands for satellite and shared-cost networks, which are no country's."""
_PHONE = re.compile(r"\+[1-9][0-9]{6,16}")
_LONGEST_CODE = 7


class InvalidPhone(ValueError):
    """Not a phone number with country code."""


def normalise_phone(value: str) -> str:
    """`+` and 7 to 17 digits in all, the first of them not 0; blanks around it are dropped. Raises InvalidPhone."""
    phone = value.strip()
    if _PHONE.fullmatch(phone) is None:
        raise InvalidPhone("must be a phone number with country code, such as +919876543210")
    return phone


Phone = Annotated[
    str,
    AfterValidator(normalise_phone),
    Field(description="With country code, 7 to 17 digits after the +", examples=["+919876543210"]),
]
"""A phone in a body."""


def country_prefix(phone: str) -> str:
    """The country code a normalised number begins with, the longest that fits, or UNASSIGNED.

    Codes are those of ITU-T E.164 (list of assigned country codes). Where several countries share
    one, the digits that tell them apart belong to it: 1876 is Jamaica, other 1 the United States and Canada.
    """
    for length in range(_LONGEST_CODE, 0, -1):
        code = phone[1 : 1 + length]
        if code in _regions():
            return code
    return UNASSIGNED


def region(prefix: str) -> str | None:
    """The ISO 3166-1 code of a prefix's country, `001` for networks of no country, None for UNASSIGNED."""
    return _regions().get(prefix)


@cache
def _regions() -> dict[str, str]:
    text = Path(__file__).with_name("calling_codes.json").read_text(encoding="utf-8")
    regions: dict[str, list[str]] = json.loads(text)
    return {code: name for name, codes in regions.items() for code in codes}
