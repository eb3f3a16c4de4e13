"""Figures as people write them: `1,200`, `1.200`, `1 200`, `1'200`, `2.5k`, `$1,500.50`, `1.500,50 €`, `500 euros`.

A separator before exactly three digits parts thousands, any other begins decimals; with a scale behind it (`1.250
million`) a point begins decimals always.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_BLANK: Final = r"[ \u00a0\u2009\u202f'\u2019]"
# Atomic: `1 000 days` must not be read as 1 where days are excluded.
_DIGITS: Final = (
    rf"(?>\d{{1,3}}(?:{_BLANK}\d{{3}})+(?:[.,]\d{{1,2}})?(?!{_BLANK}?\d)"
    r"|\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![.,]?\d)|\d{1,3}(?:\.\d{3})+(?:,\d+)?(?![.,]?\d)|\d+(?:[.,]\d+)?)"
)
_SCALES: Final = {
    "k": 1_000, "thousand": 1_000, "m": 1_000_000, "mn": 1_000_000, "mio": 1_000_000, "million": 1_000_000,
    "bn": 1_000_000_000, "billion": 1_000_000_000,
}  # fmt: skip
_CURRENCIES: Final = {
    "usd": "$", "dollar": "$", "dollars": "$", "bucks": "$", "eur": "€", "euro": "€", "euros": "€", "gbp": "£",
    "pounds": "£", "inr": "₹", "rupees": "₹", "chf": "CHF ", "francs": "CHF ",
}  # fmt: skip
_NAMED: Final = "|".join(sorted(_CURRENCIES, key=len, reverse=True))
NUMBER: Final = (
    rf"(?<![\w.,])(?:(?P<before>[$€£₹]|\b(?:{_NAMED})\b)\s?)?(?<![.,\d])(?P<digits>{_DIGITS})"
    rf"(?:\s?(?P<scale>{'|'.join(sorted(_SCALES, key=len, reverse=True))})\b)?(?![\w%]|\s?%|[.,]\d)"
    rf"(?(before)|(?:\s?(?P<after>[$€£₹]|(?:{_NAMED})\b))?)"
)
"""A pattern of one figure, not a percentage, to be matched whatever the letter case; `figure_of` reads its match."""


@dataclass(frozen=True)
class Figure:
    """A number somebody mentioned, and the sign of its currency, if it had one."""

    value: float
    currency: str = ""

    @property
    def text(self) -> str:
        return f"{self.currency}{shown(self.value)}"


def figure_of(match: re.Match[str]) -> Figure:
    """The figure that `NUMBER` matched."""
    named = (match["before"] or match["after"] or "").lower()
    scale = (match["scale"] or "").lower()
    return Figure(_value(match["digits"], scale) * _SCALES.get(scale, 1), _CURRENCIES.get(named, named))


def shown(value: float) -> str:
    """A number for people: thousands apart, and at most two decimals."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _value(digits: str, scale: str) -> float:
    plain = re.sub(_BLANK, "", digits)
    marks = [char for char in plain if char in ".,"]
    decimal = (
        marks[-1] if len(set(marks)) == 2 or (len(marks) == 1 and _begins_decimals(plain, marks[0], scale)) else ""
    )
    whole, _, part = plain.rpartition(decimal) if decimal else (plain, "", "")
    return float(f"{re.sub('[.,]', '', whole)}.{part or 0}")


def _begins_decimals(plain: str, mark: str, scale: str) -> bool:
    whole, _, part = plain.partition(mark)
    return len(part) != 3 or len(whole) > 3 or whole == "0" or (mark == "." and scale != "")


def sharing(figures: Mapping[str, Figure], *names: str) -> str | None:
    """The one currency of the named figures, empty where none has any; None where they have several."""
    found = {figures[name].currency for name in names} - {""}
    return None if len(found) > 1 else next(iter(found), "")
