"""One-time codes by phone: which numbers get them, and how many, so that nobody is paid to make us send."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DIGITS = 6
LIFETIME = 300
"""Seconds a code lives."""
TRIES = 5
"""Wrong or right, the fifth try is the last."""
COOLDOWN = 30
"""Seconds between two codes to one phone."""

HOUR = 3600
PER_PHONE = 5
PER_IP = 20
HOME = "91"
PER_HOME = 2000
PER_COUNTRY = 100
PER_UNASSIGNED = 10

UNASSIGNED = "0"
"""Stands for every number no country has; no country code begins with 0."""
_INTERNATIONAL = "001"
_PHONE = re.compile(r"\+[1-9][0-9]{6,16}")
_LONGEST_CODE = 7


class InvalidPhone(ValueError):
    """Not a phone number with country code."""


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `most` codes in each window of `per` seconds for one thing, such as `phone:+919876543210`."""

    what: str
    most: int
    per: int = HOUR


def normalise_phone(value: str) -> str:
    """`+` and 7 to 17 digits in all, the first of them not 0; blanks around it are dropped. Raises InvalidPhone."""
    phone = value.strip()
    if _PHONE.fullmatch(phone) is None:
        raise InvalidPhone("must be a phone number with country code, such as +919876543210")
    return phone


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


def caps(phone: str, ip: str) -> tuple[Cap, ...]:
    """Everything one more code to `phone`, asked for from `ip`, counts against; all must hold.

    The cap per country stops fraud that spreads over many numbers and addresses (traffic pumped to
    numbers that earn their owner a share). The home market's is wide, so that it stays out of the way;
    numbers of no country, satellite and shared-cost networks, where such numbers are cheapest, get little.
    """
    prefix = country_prefix(phone)
    return (Cap(f"phone:{phone}", PER_PHONE), Cap(f"ip:{ip}", PER_IP), Cap(f"prefix:{prefix}", _most(prefix)))


def wait(sent_at: int, now: int) -> int:
    """Seconds until another code may go to a phone that got one at `sent_at` (both epoch seconds); 0: now."""
    return max(0, sent_at + COOLDOWN - now)


def usable(sent_at: int, tries: int, now: int) -> bool:
    """Whether a code sent at `sent_at` and tried `tries` times before may be tried at `now`."""
    return tries < TRIES and now < sent_at + LIFETIME


def _most(prefix: str) -> int:
    if prefix == HOME:
        return PER_HOME
    return PER_UNASSIGNED if region(prefix) in {None, _INTERNATIONAL} else PER_COUNTRY


@cache
def _regions() -> dict[str, str]:
    text = Path(__file__).with_name("calling_codes.json").read_text(encoding="utf-8")
    regions: dict[str, list[str]] = json.loads(text)
    return {code: name for name, codes in regions.items() for code in codes}
