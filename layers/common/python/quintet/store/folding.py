"""Text to the words it is found by: case, accents and width do not matter, punctuation separates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

LONGEST_WORD = 64
"""Characters of a word that count; longer ones are cut, in texts and in questions alike."""
LONGEST_PIECE = 8
"""Characters that count of what is written without spaces, from each of its characters on."""

MOST_TERMS = 1000
"""Different terms that a document is found by, the first ones of its fields: the text of some five pages.

Each is a row to write. With the longest words they are 258 KB, and an item holds 400 KB.
"""

_LETTERS = str.maketrans(
    {
        **dict(zip("łøđðħŧıĸŋƒɓɖɗƙɨʉƶȼⱥɇɏƀɉǥ", "loddhtiknfbddkiuzcaeybjg", strict=True)),
        "œ": "oe",
        "æ": "ae",
        "þ": "th",
        **dict.fromkeys("\u2018\u2019\u02bb\u02bc\u2032", "'"),
    }
)
"""Letters with a stroke, ligatures and apostrophes: Unicode decomposes none of them."""
_UNSPACED = (
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Han, Kana and Hangul, whose words have no spaces between them, or not always."""
_SEGMENT = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_STARTS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_STROKE, _FIRST_POINT, _LAST_POINT, _FIRST_ACCENT = 1, 10, 36, 200
"""Combining classes of marks a word is found without: overlaid strokes, Hebrew and Arabic vowels, accents.

Those between belong to the word: the voicing of Kana, the signs of Indic, Thai and Tibetan scripts.
"""


def fold(text: str) -> str:
    """Text without case, accents and compatibility forms: `Café Größe Łódź ①` becomes `cafe grosse lodz 1`.

    Unicode's compatibility decomposition (NFKD) and full case folding (Unicode 3.13), accents and invisible
    characters removed, stroked letters and ligatures spelt out, the rest composed again.
    """
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept = "".join(char for char in plain if char.isascii() or not _is_ignored(char))
    return unicodedata.normalize("NFC", kept.translate(_LETTERS))


def words(text: str) -> list[str]:
    """The words of a text in order, repeated ones too; an apostrophe separates."""
    return [part[:LONGEST_WORD] for run in _runs(text) for part in run]


def terms(text: str) -> Iterator[str]:
    """What a text is found by: words, those with apostrophes as one too, unspaced writing from each character on."""
    for run in _runs(text):
        for word in run if len(run) == 1 else [*run, "".join(run)]:
            for segment in _SEGMENT.findall(word):
                if _STARTS_UNSPACED.match(segment):
                    yield from (segment[start : start + LONGEST_PIECE] for start in range(len(segment)))
                else:
                    yield segment[:LONGEST_WORD]


def ranked(fields: Sequence[str]) -> dict[str, int]:
    """The first MOST_TERMS terms of some fields, each with its rank: 0 when the first field has it, else 1."""
    found: dict[str, int] = {}
    for position, field in enumerate(fields):
        for term in terms(field):
            found.setdefault(term, min(position, 1))
            if len(found) == MOST_TERMS:
                return found
    return found


def needles(question: str) -> list[str]:
    """The beginnings of terms to look for, longest first, without those that another one implies.

    A word with apostrophes is looked for as one; unspaced writing in pieces that together cover it.
    """
    asked: set[str] = set()
    for run in _runs(question):
        for segment in _SEGMENT.findall("".join(run)):
            asked.update(_pieces(segment) if _STARTS_UNSPACED.match(segment) else [segment[:LONGEST_WORD]])
    return _unimplied(sorted(asked, key=lambda word: (-len(word), word)))


def rank_of(ranks: Mapping[str, int], wanted: Sequence[str]) -> int | None:
    """The rank of a document with these ranked terms for some needles; None when it lacks one."""
    found = [min((rank for term, rank in ranks.items() if term.startswith(one)), default=None) for one in wanted]
    return None if None in found else max((rank for rank in found if rank is not None), default=0)


def _is_ignored(char: str) -> bool:
    combining = unicodedata.combining(char)
    if combining:
        return combining == _STROKE or combining >= _FIRST_ACCENT or _FIRST_POINT <= combining <= _LAST_POINT
    return unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f"


def _runs(text: str) -> Iterator[list[str]]:
    """The words of a text, each as its parts between apostrophes."""
    folded = fold(text)
    if not folded.isascii():  # a mark is no letter to Python, but part of the word
        folded = "".join(c if c == "'" or c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in folded)
        found: Iterable[str] = (run.strip("'") for run in folded.split())
        yield from ([part for part in run.split("'") if part] for run in found if run)
        return
    for run in _WORD.findall(folded):
        yield run.split("'")


def _pieces(segment: str) -> list[str]:
    last = max(0, len(segment) - LONGEST_PIECE)
    return [segment[start : start + LONGEST_PIECE] for start in (*range(0, last, LONGEST_PIECE), last)]


def _unimplied(ordered: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for word in ordered:
        if not any(longer.startswith(word) for longer in kept):
            kept.append(word)
    return kept
