"""Text to the words it is found by: case, accents and width do not matter, punctuation separates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

LONGEST_WORD = 64
"""Characters of a word that count; longer ones are cut, in texts and in questions alike."""

_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Text without case, accents and compatibility forms: `Café Größe ①` becomes `cafe grosse 1`.

    Unicode's compatibility decomposition (NFKD), marks removed, full case folding (Unicode 3.13).
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


def words(text: str) -> list[str]:
    """The words of a text in order, repeated ones too."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(fold(text))]


def ranked(fields: Sequence[str]) -> dict[str, int]:
    """Each word of some fields with its rank: 0 when the first field has it, else 1."""
    found: dict[str, int] = {}
    for position, field in enumerate(fields):
        for word in words(field):
            found.setdefault(word, min(position, 1))
    return found


def needles(question: str) -> list[str]:
    """The words to look for, longest first, without those that another one implies by beginning with it."""
    return _unimplied(sorted(set(words(question)), key=lambda word: (-len(word), word)))


def _unimplied(ordered: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for word in ordered:
        if not any(longer.startswith(word) for longer in kept):
            kept.append(word)
    return kept
