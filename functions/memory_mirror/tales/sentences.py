"""The sentences of a language by section, and how their gaps are filled."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from memory_mirror.eras.decades import PRESENT, decade
from memory_mirror.languages.spoken import supported

_SECTION = re.compile(r"\[([a-z_.]+)\]")
_GAP = re.compile(r"\{([a-z]+)\}")
_JOINED = frozenset({"zh", "ja"})
"""Languages that put no space between sentences."""

_MARKS = {
    "en": "“{text}”", "es": "«{text}»", "fr": "« {text} »", "de": "„{text}“",
    "zh": "“{text}”", "ja": "『{text}』", "ko": "“{text}”", "ar": "«{text}»",
}  # fmt: skip

_COLONS = {"zh": "：", "ja": "：", "fr": " : "}


def quoted(language: str, text: str) -> str:
    """A text in the language's quotation marks."""
    return fill(_MARKS[supported(language)], text=text)


def labelled(language: str, head: str, rest: str) -> str:
    """Two parts with the language's colon between them."""
    return head + _COLONS.get(supported(language), ": ") + rest


def lines(language: str, section: str) -> tuple[str, ...]:
    """The sentences of a section, in the product's language that a BCP 47 tag means. Raises KeyError for none."""
    return _sections(supported(language))[section]


def line(language: str, section: str, **values: object) -> str:
    """The first sentence of a section with its gaps filled."""
    return fill(lines(language, section)[0], **values)


def fill(sentence: str, **values: object) -> str:
    """A sentence with its gaps filled, in one pass: a value that holds `{title}` stays as it is."""
    return _GAP.sub(lambda gap: str(values[gap[1]]), sentence)


def joined(language: str, sentences: list[str]) -> str:
    """Sentences as running text."""
    return ("" if supported(language) in _JOINED else " ").join(sentences)


def said_era(language: str, era: str | None) -> str:
    """A decade as the language says it: `1960s`, `los años 1960`; empty for the present and for none."""
    start = decade(era or "")
    return "" if start is None or era == PRESENT else line(language, "decade", year=start)


@cache
def _sections(language: str) -> dict[str, tuple[str, ...]]:
    text = (Path(__file__).parent / "sentences" / f"{language}.txt").read_text(encoding="utf-8")
    return sections(text)


def sections(text: str) -> dict[str, tuple[str, ...]]:
    """The sections of a data file: `[name]`, then a line each; `#` begins a comment."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for row in text.splitlines():
        head = _SECTION.fullmatch(row)
        if head:
            current = found.setdefault(head[1], [])
        elif row and not row.startswith("#"):
            current.append(row)
    return {name: tuple(rows) for name, rows in found.items()}
