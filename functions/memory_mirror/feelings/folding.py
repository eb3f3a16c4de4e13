"""Text as lexicons compare it, with the way back to how it was written.

Case, width, Latin accents, Arabic vowel signs and the variants of Arabic letters do not matter. Unlike the store's
folding this keeps the voicing marks of Japanese kana and whole Hangul syllables, whose loss would join other words.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_ARABIC = str.maketrans({
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي", "ء": "", "ـ": "",
    "’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'", "œ": "oe", "æ": "ae",
})  # fmt: skip
_LATIN_END = "\u024f"


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text; `origin[i]` is where its i-th character stands in the NFC form of the text."""

    text: str
    source: str
    origin: tuple[int, ...]

    def written(self, start: int, end: int) -> str:
        """The stretch as it was written."""
        return self.source[self.origin[start] : self.origin[end - 1] + 1].strip()


def fold(text: str) -> Folded:
    """A text ready for comparison."""
    source = unicodedata.normalize("NFC", text)
    out: list[str] = []
    origin: list[int] = []
    for place, char in enumerate(source):
        for folded in folded_char(char):
            out.append(folded)
            origin.append(place)
    return Folded("".join(out), source, tuple(origin))


def folded_char(char: str) -> str:
    """One character folded: none, one, or several (`ß` is `ss`)."""
    if "a" <= char <= "z" or char == " ":
        return char
    plain = unicodedata.normalize("NFKC", char).casefold().translate(_ARABIC)
    if plain and plain[0] <= _LATIN_END:
        plain = unicodedata.normalize("NFD", plain)
        return "".join(each for each in plain if not unicodedata.combining(each))
    return "" if unicodedata.combining(char) and "\u064b" <= char <= "\u0670" else plain
