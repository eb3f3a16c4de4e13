"""Word lists that show what a text speaks of, in all the product's languages at once, as pure functions.

A word of at least five letters finds what begins with it; a shorter one only itself; one in a script without spaces is
found anywhere, from its first character on.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from quintet.store.folding import fold, words

STEM = 5
"""Letters from which on a word also stands for longer ones."""

_SPACELESS = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL")


@dataclass(frozen=True, slots=True)
class Telltales:
    """Words to look for, by how they are found."""

    exact: frozenset[str]
    stems: tuple[str, ...]
    anywhere: tuple[str, ...]

    @classmethod
    def of(cls, listed: Iterable[str]) -> Telltales:
        """The lookup for words as somebody wrote them down; `grand-mère` is two words that must both be listed."""
        exact: set[str] = set()
        stems: set[str] = set()
        anywhere: set[str] = set()
        for word in listed:
            if spaceless(word):
                anywhere.add(_composed(word))
            else:
                exact.update(words(word))
                stems.update(part for part in words(word) if len(part) >= STEM)
        return cls(frozenset(exact), tuple(sorted(stems)), tuple(sorted(anywhere)))

    def found_in(self, text: str) -> bool:
        """Whether any of the words is in a text."""
        spoken, plain = spoken_words(text), _composed(text)
        return (
            not self.exact.isdisjoint(spoken)
            or any(word.startswith(self.stems) for word in spoken)
            or any(word in plain for word in self.anywhere)
        )


def spoken_words(text: str) -> set[str]:
    """The words of a text, folded; in Arabic also without the article and a joined `and`."""
    found = set(words(text))
    for word in tuple(found):
        bare = word.removeprefix("و").removeprefix("ب").removeprefix("ال")
        if len(bare) > 2:
            found.add(bare)
    return found


def spaceless(word: str) -> bool:
    """Whether a word is of a script that joins words, or joins endings to them."""
    return any(unicodedata.name(char, "").startswith(_SPACELESS) for char in word)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text)).casefold()


__all__ = ["Telltales", "fold", "spaceless", "spoken_words"]
