"""Figures that people mention in a message, and what follows from them: click rates, returns, costs, a split budget."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

_NUMBER: Final = (
    r"(?P<currency>[$€£₹])?\s?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"\s?(?P<scale>k|m|thousand|million)?\b"
)
_SCALES: Final = {"k": 1_000, "thousand": 1_000, "m": 1_000_000, "million": 1_000_000}
_NOUNS: Final = {
    "impressions": r"impressions?|views",
    "clicks": r"clicks?",
    "conversions": r"conversions?|orders?|sales|sign-?ups?|leads?",
    "spend": r"spent|spend|spending|costs?",
    "revenue": r"revenue|turnover|earned|made",
    "followers": r"followers?|subscribers?",
    "engagements": r"engagements?|likes?|interactions?",
    "budget": r"budget",
}
_MONEY: Final = frozenset({"spend", "revenue", "budget"})
_LARGEST: Final = 10**12
_SPLIT: Final = (("proven channels", 50), ("creators", 25), ("production", 15), ("tests of something new", 10))


@dataclass(frozen=True)
class Figure:
    """A number somebody mentioned, and the sign of its currency, if it had one."""

    value: float
    currency: str = ""

    @property
    def text(self) -> str:
        return f"{self.currency}{shown(self.value)}"


def mentioned(message: str) -> dict[str, Figure]:
    """The figures of a message by what they count: `1,200 clicks`, `spent $2k`, `a budget of 5000`."""
    found: dict[str, Figure] = {}
    for name in _NOUNS:
        for pattern in _patterns(name):
            match = pattern.search(message)
            if match:
                value = float(match["digits"].replace(",", "")) * _SCALES.get((match["scale"] or "").lower(), 1)
                if 0 < value <= _LARGEST:
                    found[name] = Figure(value, match["currency"] or "")
                    break
    return found


def worked_out(figures: Mapping[str, Figure]) -> list[str]:
    """One sentence for each measure that the figures make possible, with how it comes about."""
    sentences = [measure(figures) for needed, measure in _MEASURES if needed <= figures.keys()]
    if not sentences and "budget" in figures:
        sentences.append(_split(figures["budget"]))
    return sentences


def shown(value: float) -> str:
    """A number for people: thousands apart, and at most two decimals."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _split(budget: Figure) -> str:
    parts = [f"{budget.currency}{shown(budget.value * percent / 100)} for {what}" for what, percent in _SPLIT]
    return f"Of {budget.text}, a sound first split is {', '.join(parts[:-1])} and {parts[-1]}."


def _ctr(f: Mapping[str, Figure]) -> str:
    rate = 100 * f["clicks"].value / f["impressions"].value
    verdict = "above" if rate > 1 else "below"
    return (
        f"Your click-through rate is {shown(rate)} % ({f['clicks'].text} clicks of {f['impressions'].text} "
        f"impressions), {verdict} the 1 % that display and social feeds often see."
    )


def _conversion(f: Mapping[str, Figure]) -> str:
    rate = 100 * f["conversions"].value / f["clicks"].value
    advice = "the page convinces, so buy more traffic" if rate >= 3 else "look at the page before you buy more traffic"
    return f"{shown(rate)} % of the clicks convert ({f['conversions'].text} of {f['clicks'].text}): {advice}."


def _return(f: Mapping[str, Figure]) -> str:
    spend, revenue = f["spend"].value, f["revenue"].value
    return (
        f"Return on investment is {shown(100 * (revenue - spend) / spend)} %, (revenue − spend) ÷ spend; every "
        f"{f['spend'].currency}1 brought back {f['spend'].currency}{shown(revenue / spend)}."
    )


def _per(what: str, of: str, each: int = 1) -> Callable[[Mapping[str, Figure]], str]:
    def measure(f: Mapping[str, Figure]) -> str:
        return f"{what} is {f['spend'].currency}{shown(each * f['spend'].value / f[of].value)}."

    return measure


def _engagement(f: Mapping[str, Figure]) -> str:
    rate = 100 * f["engagements"].value / f["followers"].value
    verdict = "healthy" if rate >= 2 else "low: check for bought followers before you pay"
    return f"The engagement rate is {shown(rate)} % of the followers, which is {verdict}."


_MEASURES: Final[tuple[tuple[frozenset[str], Callable[[Mapping[str, Figure]], str]], ...]] = (
    (frozenset({"clicks", "impressions"}), _ctr),
    (frozenset({"conversions", "clicks"}), _conversion),
    (frozenset({"revenue", "spend"}), _return),
    (frozenset({"conversions", "spend"}), _per("The cost per conversion", "conversions")),
    (frozenset({"clicks", "spend"}), _per("The cost per click", "clicks")),
    (frozenset({"impressions", "spend"}), _per("The cost per thousand impressions", "impressions", 1000)),
    (frozenset({"engagements", "followers"}), _engagement),
)


@cache
def _patterns(name: str) -> tuple[re.Pattern[str], ...]:
    noun = rf"\b(?:{_NOUNS[name]})\b"
    before = rf"{_NUMBER}\s+(?:(?!and\b|with\b|on\b|from\b|of\b|for\b|in\b)[a-z]+\s+){{0,2}}?{noun}"
    after = rf"{noun}\s*(?:was|were|is|are|of|about|around|:|=|it)?\s*(?:about\s)?{_NUMBER}"
    order = (after, before) if name in _MONEY else (before, after)
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in order)
