"""A language's phrases of danger and how it denies, remembers, quotes and exaggerates: data files, compiled once.

`lexicons/<language>.json` holds, in the pattern language of `patterns`:
    danger      class of signs → patterns; `sets` are what they refer to
    negation    cues before and after a phrase, how many words (or letters) they reach, and `inert` phrases that deny
                nothing; a phrase beginning with one of the `subjects` is denied by `opinions` alone (I don't
                think …); `breaks` are the words at which a denial ends
    past, quoted, now    talk of another time or by another person, and what undoes both
    turns       words at which a speaker returns from what another said to what happens to them
    undated     classes whose patterns carry no tense, as if all had the mark `~`
    figurative  phrases that are not meant
    hints       frequent words, to know the language by
    fuzzy, real_words    words also known when misspelt by one letter, and words that are no misspellings of those
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from memory_mirror.safety.folding import fold
from memory_mirror.safety.patterns import Pattern, compiled, joint

LANGUAGES = ("en", "es", "fr", "de", "zh", "ja", "ko", "ar")

_YEAR = r"(?<!\d)(?:1[89]\d\d|20[01]\d)(?!\d)"


@dataclass(frozen=True, slots=True)
class Negation:
    """Cues of denial and how far they reach: words in spaced text, letters in joined text."""

    before: re.Pattern[str]
    after: re.Pattern[str]
    reach_before: int
    reach_after: int
    inert: re.Pattern[str]
    subjects: re.Pattern[str]
    opinions: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Lexicon:
    language: str
    is_spaced: bool
    apostrophe: str
    fuzzy: frozenset[str]
    real_words: frozenset[str]
    breaks: re.Pattern[str]
    turns: re.Pattern[str]
    negation: Negation
    past: re.Pattern[str]
    now: re.Pattern[str]
    quoted: re.Pattern[str]
    figurative: re.Pattern[str]
    undated: frozenset[str]
    danger: tuple[tuple[str, Pattern], ...]


@cache
def lexicon(language: str) -> Lexicon:
    """The compiled rules of one of the `LANGUAGES`; some 0.1 s of work when first asked for."""
    return _compiled(_data(language))


@cache
def hints(language: str) -> frozenset[str]:
    """Frequent words of a language, to know it by; nothing is compiled for them."""
    return frozenset(map(fold, _data(language)["hints"]))


@cache
def _data(language: str) -> dict[str, Any]:
    files = resources.files("memory_mirror.safety").joinpath("lexicons")
    found: dict[str, Any] = json.loads(files.joinpath(f"{language}.json").read_text("utf-8"))
    return found


def _compiled(data: dict[str, Any]) -> Lexicon:
    is_spaced, prefix, sets = data["words"] == "spaced", data.get("prefix", ""), data["sets"]

    def one(patterns: list[str]) -> re.Pattern[str]:
        return joint(patterns, sets, is_spaced=is_spaced, prefix=prefix)

    denial, past = data["negation"], one(data["past"]).pattern
    return Lexicon(
        language=data["language"],
        is_spaced=is_spaced,
        apostrophe=data.get("apostrophe", ""),
        fuzzy=frozenset(map(fold, data.get("fuzzy", []))),
        real_words=hints(data["language"]) | frozenset(map(fold, data.get("real_words", []))),
        breaks=one(data["breaks"]),
        turns=one(data.get("turns", [])),
        negation=Negation(
            before=one(denial["before"]),
            after=one(denial["after"]),
            reach_before=denial["reach_before"],
            reach_after=denial["reach_after"],
            inert=one(denial["inert"]),
            subjects=one([f"^ {word}" for word in denial.get("subjects", [])]),
            opinions=one(denial.get("opinions", [])),
        ),
        past=re.compile(f"{past}|{_YEAR}"),
        now=one(data["now"]),
        quoted=one(data["quoted"]),
        figurative=one(data["figurative"]),
        undated=frozenset(data.get("undated", [])),
        danger=tuple(
            (name, compiled(pattern, sets, is_spaced=is_spaced, prefix=prefix))
            for name, patterns in data["danger"].items()
            for pattern in patterns
        ),
    )
