"""Plural categories of the four languages: CLDR's `plurals.xml` and `ordinals.xml` (Unicode UTS #35, part 3)."""

from decimal import Decimal
from typing import Final, Literal

from softfactory.languages.message_format import Plural

Language = Literal["ko", "en", "ja", "zh"]
"""A language of the interface; ko is the source of the others."""

KEYWORDS: Final = ("zero", "one", "two", "few", "many", "other")
"""All categories of CLDR. One that a language does not have is never chosen there."""
_MORE: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("en", "plural"): ("one",),
    ("en", "selectordinal"): ("one", "two", "few"),
}


def categories(language: Language, kind: Plural) -> tuple[str, ...]:
    """The categories that numbers of a language fall into, `other` last."""
    return (*_MORE.get((language, kind), ()), "other")


def category(language: Language, kind: Plural, number: int | Decimal) -> str:
    """The category of a number as it is written: in English 1 is `one`, and 1.0 is `other`."""
    if language != "en":
        return "other"
    number = -number if number < 0 else number
    if kind == "plural":
        written_whole = not isinstance(number, Decimal) or number.as_tuple().exponent == 0
        return "one" if number == 1 and written_whole else "other"
    last, ten = number % 10, number % 100
    for digit, found in ((1, "one"), (2, "two"), (3, "few")):
        if last == digit and ten != digit + 10:
            return found
    return "other"


def names_one_number(language: Language, kind: Plural, found: str) -> bool:
    """Whether a case stands for a single number, so that it may be written in words: "one file"."""
    return found.startswith("=") or ((language, kind, found) == ("en", "plural", "one"))
