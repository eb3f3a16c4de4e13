"""Signs of a decade in a text, weighed: a year said outright, then public events, then ages and roles in life.

Ages and roles need the year of birth: a mother who waits at home means childhood, children to be fetched from school
mean the years around thirty.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from memory_mirror.eras.decades import FIRST, LAST, decade
from memory_mirror.feelings import compiled, fold
from memory_mirror.languages.spoken import spoken, supported

ChatEra = Literal["1940s", "1960s", "1980s", "present"]
"""The eras that chatWithAI knows (the document's closed set)."""
PRESENT: Final = "present"

_YEAR = re.compile(r"(?<!\d)(19\d\d|20[0-2]\d)(?!\d)")
_SHORT_DECADE = re.compile(r"(?<!\d)'?([3-9])0\s?(?:'?s\b|er\b|年代|년대)|(?:anos|annees)\s+([3-9])0\b")
_SHOWA = re.compile(r"昭和(\d{1,2})年")
_ROLE_AGES = {"child": 8, "young": 20, "parent": 32}
_WEIGHTS = {"year": 4.0, "age": 3.5, "event": 2.0, "role": 1.5, "place": 1.0}
_ADULT = 60
"""From this age on `I am 82 years old` is the present."""


@dataclass(frozen=True, slots=True)
class Life:
    """What the profile knows that places a text in time."""

    birth_year: int | None = None
    places: Mapping[str, str] | None = None
    """Places and people of safe zones and memories, each with its era."""


@dataclass(frozen=True, slots=True)
class _Signs:
    decades: Mapping[str, re.Pattern[str]]
    roles: Mapping[str, re.Pattern[str]]
    ages: tuple[re.Pattern[str], ...]


def detect(text: str, language: str | None = None, life: Life | None = None) -> str | None:
    """The decade, `1930s` to `2020s`, or `present`, that a text lives in; None without a sign of one.

    `language` (BCP 47) counts when the text itself does not tell.
    """
    life = life or Life()
    folded = fold(text[:5000]).text
    scores: dict[str, float] = defaultdict(float)
    for era in _said(folded):
        scores[era] += _WEIGHTS["year"]
    signs = _signs(spoken(text, supported(language)))
    for era, pattern in signs.decades.items():
        scores[era] += _WEIGHTS["event"] * len(set(pattern.findall(folded)))
    if life.birth_year is not None:
        _read_life(folded, signs, life.birth_year, scores)
    for place, era in (life.places or {}).items():
        if len(place) > 1 and fold(place).text in folded:
            scores[era] += _WEIGHTS["place"]
    found = [(score, era) for era, score in scores.items() if score]
    return max(found, key=lambda each: (each[0], each[1]), default=(0.0, None))[1]


def in_chat(era: str | None, otherwise: ChatEra = PRESENT) -> ChatEra:
    """An era among the four that the chat knows: its own, or the one that covers it."""
    start = decade(era) if era else None
    if era == PRESENT:
        return PRESENT
    if start is None:
        return otherwise
    bounds: tuple[tuple[int, ChatEra], ...] = ((1950, "1940s"), (1970, "1960s"), (2000, "1980s"))
    return next((name for end, name in bounds if start < end), PRESENT)


def _said(folded: str) -> Iterable[str]:
    for year in _YEAR.findall(folded):
        yield _era(int(year))
    for digits in _SHORT_DECADE.findall(folded):
        yield _era(1900 + 10 * int(next(each for each in digits if each)))
    for year in _SHOWA.findall(folded):
        yield _era(1925 + int(year))


def _read_life(folded: str, signs: _Signs, born: int, scores: dict[str, float]) -> None:
    for pattern in signs.ages:
        for age in map(int, pattern.findall(folded)):
            scores[PRESENT if age >= _ADULT else _era(born + age)] += _WEIGHTS["age"]
    for role, pattern in signs.roles.items():
        if pattern.search(folded):
            scores[_era(born + _ROLE_AGES[role])] += _WEIGHTS["role"]


def _era(year: int) -> str:
    start = min(max(year // 10 * 10, FIRST + 30), LAST)
    return PRESENT if start == LAST else f"{start}s"


@cache
def _signs(language: str) -> _Signs:
    path = Path(__file__).with_name("data") / f"{language}.json"
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return _Signs(
        decades={era: compiled(language, entries) for era, entries in data["decades"].items()},
        roles={role: compiled(language, entries) for role, entries in data["roles"].items()},
        ages=tuple(re.compile(fold(entry).text) for entry in data["age"]),
    )
