"""Figures that people mention in a message, and what follows from them: click rates, returns, costs, a split budget."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from caidence.reading.figures import NUMBER, Figure, figure_of, sharing, shown

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
_UNMISTAKABLE: Final = re.compile(r"revenue|turnover|budget|(?:ad|media) (?:spend|costs?)", re.IGNORECASE)
"""Words of money alone: one can also spend minutes, and make posts."""
_AFTER_A_SUM: Final = (
    r"(?=\s*$|\s*[.,;:!?)–—-]|\s+(?:a|and|already|but|by|each|for|from|in|last|monthly|of|on|or|over|per|so|than|then|"
    r"this|to|today|total|weekly|which|while|with|within|yesterday)\b)"
)
"""What follows a sum without a currency: no noun, which would be what was spent or made."""
_LARGEST: Final = 10**12
_SPLIT: Final = (("proven channels", 50), ("creators", 25), ("production", 15), ("tests of something new", 10))


def mentioned(message: str) -> dict[str, Figure]:
    """The figures of a message by what they count: `1,200 clicks`, `spent $2k`, `a budget of 5.000 €`.

    Of spend and revenue both are told only where one has a currency or a word of money alone.
    """
    found: dict[str, Figure] = {}
    sure = False
    for name in _NOUNS:
        for pattern in _patterns(name):
            match = pattern.search(message)
            figure = figure_of(match) if match else None
            if match and figure and 0 < figure.value <= _LARGEST and _is_sum(name, match, figure):
                found[name] = figure
                sure |= name in _MONEY and bool(figure.currency or _UNMISTAKABLE.search(match[0]))
                break
    if {"spend", "revenue"} <= found.keys() and not sure:
        del found["revenue"]
    return found


def _is_sum(name: str, match: re.Match[str], figure: Figure) -> bool:
    """Whether a figure may be what its word says: `spend 20 minutes` is no money."""
    if name not in _MONEY or figure.currency or _UNMISTAKABLE.search(match[0]):
        return True
    return bool(re.compile(_AFTER_A_SUM, re.IGNORECASE).match(match.string, match.end()))


def worked_out(figures: Mapping[str, Figure]) -> list[str]:
    """One sentence for each measure that the figures make possible, with how it comes about."""
    sentences = [measure(figures) for needed, measure in _MEASURES if needed <= figures.keys()]
    if not sentences and "budget" in figures:
        sentences.append(_split(figures["budget"]))
    return sentences


def _split(budget: Figure) -> str:
    parts = [f"{budget.currency}{shown(budget.value * percent / 100)} for {what}" for what, percent in _SPLIT]
    return f"Of {budget.text}, a sound first split is {', '.join(parts[:-1])} and {parts[-1]}."


def _questioned(f: Mapping[str, Figure], part: str, whole: str) -> str:
    return (
        f"You name {f[part].text} {part} and {f[whole].text} {whole}, so more than all: are the two of the same period "
        f"and the same source, and not mixed up? Then I work out the rate."
    )


def _ctr(f: Mapping[str, Figure]) -> str:
    rate = 100 * f["clicks"].value / f["impressions"].value
    if rate > 100:
        return _questioned(f, "clicks", "impressions")
    verdict = "above" if rate > 1 else "below"
    return (
        f"Your click-through rate is {shown(rate)} % ({f['clicks'].text} clicks of {f['impressions'].text} "
        f"impressions), {verdict} the 1 % that display and social feeds often see."
    )


def _conversion(f: Mapping[str, Figure]) -> str:
    rate = 100 * f["conversions"].value / f["clicks"].value
    if rate > 100:
        return _questioned(f, "conversions", "clicks")
    advice = "the page convinces, so buy more traffic" if rate >= 3 else "look at the page before you buy more traffic"
    return f"{shown(rate)} % of the clicks convert ({f['conversions'].text} of {f['clicks'].text}): {advice}."


def _return(f: Mapping[str, Figure]) -> str:
    spend, revenue, sign = f["spend"].value, f["revenue"].value, sharing(f, "spend", "revenue")
    if sign is None:
        return f"You spent {f['spend'].text} and made {f['revenue'].text}: in one currency I work out the return."
    return (
        f"Return on investment is {shown(100 * (revenue - spend) / spend)} %, (revenue − spend) ÷ spend; every "
        f"{sign}1 brought back {sign}{shown(revenue / spend)}."
    )


def _per(what: str, of: str, each: int = 1) -> Callable[[Mapping[str, Figure]], str]:
    def measure(f: Mapping[str, Figure]) -> str:
        return f"{what} is {f['spend'].currency}{shown(each * f['spend'].value / f[of].value)}."

    return measure


def _engagement(f: Mapping[str, Figure]) -> str:
    rate = 100 * f["engagements"].value / f["followers"].value
    if rate > 100:
        return _questioned(f, "engagements", "followers")
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
    if name in _MONEY:
        noun = rf"\b(?:(?:ad|media)\s)?(?:{_NOUNS[name]})\b"
        between = r"(?:(?:in|of|as)\s+)?(?:(?:total|ad|media)\s+)?"
    else:
        between = r"(?:(?!and\b|with\b|on\b|from\b|of\b|for\b|in\b)[a-z]+\s+){0,2}?"
    before = rf"{NUMBER}\s+{between}{noun}"
    after = rf"{noun}\s*(?:was|were|is|are|of|about|around|:|=|it)?\s*(?:about\s)?{NUMBER}"
    order = (after, before) if name in _MONEY else (before, after)
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in order)
