"""The lexicons: one data file per language, read and compiled when its language is first met.

An entry is a small regular expression. Spaces stand for any white space, `*` for any letters, apostrophes may be
missing. A final `!` makes a strong word, which counts double; a final `~` one that a negation belongs to (`nobody`),
so that it is never taken as negated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from memory_mirror.feelings.folding import fold

_UNSPACED = frozenset({"zh", "ja", "ko"})
_STRONG = 2.0


@dataclass(frozen=True, slots=True)
class Word:
    """What an entry of the lexicon says."""

    feeling: str
    weight: float
    fixed: bool


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language's words, compiled."""

    language: str
    feelings: re.Pattern[str]
    words: Mapping[str, Word]
    themes: Mapping[str, re.Pattern[str]]
    negated_before: re.Pattern[str] | None
    negated_after: re.Pattern[str] | None
    window: int
    stronger: re.Pattern[str]
    weaker: re.Pattern[str]
    asking: re.Pattern[str]
    urgent: re.Pattern[str]

    @property
    def unspaced(self) -> bool:
        """Whether words stand without spaces, so that reach is counted in characters."""
        return self.language in ("zh", "ja")


@cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of one of the product's languages."""
    path = Path(__file__).with_name("data") / f"{language}.json"
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    feelings, words = _feelings(language, data["feelings"])
    negation = data["negation"]
    return Lexicon(
        language=language,
        feelings=feelings,
        words=words,
        themes={theme: compiled(language, entries) for theme, entries in data["themes"].items()},
        negated_before=compiled(language, negation["before"]) if negation["before"] else None,
        negated_after=compiled(language, negation["after"]) if negation["after"] else None,
        window=negation["window"],
        stronger=compiled(language, data["intensifiers"]),
        weaker=compiled(language, data["softeners"]),
        asking=compiled(language, data["questions"]),
        urgent=compiled(language, data["urgent"]),
    )


def _feelings(language: str, data: Mapping[str, Iterable[str]]) -> tuple[re.Pattern[str], dict[str, Word]]:
    """All feelings in one expression whose groups are named after their entry; longer entries come first."""
    entries = [(entry, feeling) for feeling, found in data.items() for entry in found]
    entries.sort(key=lambda each: -len(each[0]))
    words: dict[str, Word] = {}
    groups = []
    for number, (entry, feeling) in enumerate(entries):
        bare = entry.rstrip("!~")
        marks = entry[len(bare) :]
        words[f"w{number}"] = Word(feeling, _STRONG if "!" in marks else 1.0, "~" in marks)
        groups.append(f"(?P<w{number}>{_expression(language, bare)})")
    return re.compile("|".join(groups)), words


def compiled(language: str, entries: Iterable[str]) -> re.Pattern[str]:
    """Entries of a language as one expression that finds any of them in a folded text."""
    ordered = sorted(entries, key=lambda entry: -len(entry))
    return re.compile("|".join(_expression(language, entry.rstrip("!~")) for entry in ordered))


def _expression(language: str, entry: str) -> str:
    body = fold(entry).text
    body = re.sub(r"\((?!\?)", "(?:", body).replace("*", r"\w*").replace("'", "'?").replace(" ", r"\s+")
    body = f"(?:{body})" if "|" in body else body
    if language in _UNSPACED:
        return rf"(?<!\w){body}" if language == "ko" and len(entry) == 1 else body
    start = r"(?<!\w)(?:[وفبلك]?(?:ال)?)" if language == "ar" else r"(?<![\w])"
    return rf"{start}{body}(?!\w)" if not entry.endswith("'") else rf"{start}{body}"
