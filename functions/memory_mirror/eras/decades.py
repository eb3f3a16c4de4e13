"""Eras as the product writes them: decade strings `1930s` to `2020s`, and `present`."""

import re
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

PRESENT = "present"
FIRST, LAST = 1800, 2020
FARTHEST = 12
"""The distance of eras that have nothing to do with each other, in decades."""

_YEAR = re.compile(r"(?:the )?((?:18|19|20)\d\d)s?")
_SHORT = re.compile(r"(?:the )?'?([2-9]0)s")


@lru_cache(512)
def decade(text: str) -> int | None:
    """The first year of the decade that `1960s`, `60s`, `1964` or `present` means; None for anything else."""
    plain = text.strip().casefold()
    if plain == PRESENT:
        return LAST
    full, short = _YEAR.fullmatch(plain), _SHORT.fullmatch(plain)
    if full:
        start = int(full[1]) // 10 * 10
    elif short:
        start = 1900 + int(short[1])
    else:
        return None
    return start if FIRST <= start <= LAST else None


def era_of(year: int) -> str:
    """The decade of a year: 1964 is `1960s`."""
    return f"{year // 10 * 10}s"


def distance(one: str | None, other: str | None) -> int | None:
    """How many decades lie between two eras; None when either is unknown."""
    first, second = decade(one or ""), decade(other or "")
    return None if first is None or second is None else abs(first - second) // 10


def normalised(text: str) -> str:
    """An era as the product writes it. Raises ValueError for what is none."""
    start = decade(text)
    if start is None:
        raise ValueError("must be a decade such as 1960s, or present")
    return PRESENT if text.strip().casefold() == PRESENT else f"{start}s"


Era = Annotated[
    str,
    AfterValidator(normalised),
    WithJsonSchema({"type": "string", "maxLength": 20, "examples": ["1960s", "present"]}),
]
"""A wire field with an era; `60s` and `1964` are read too."""
