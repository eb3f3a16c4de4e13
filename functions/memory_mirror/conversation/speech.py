"""Turns of speech taken apart for measuring: words, questions, letter pairs, and the marks of searching for a word."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from functools import cache
from typing import Final

from memory_mirror.feelings import compiled, fold

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff]+")
_SENTENCE = re.compile(r"[^.!?…。！？؟\n]+[.!?…。！？؟]*")
_BREAKS = re.compile(r"\.{2,}|…|—|--")
_TELLING = 4
"""Letters from which on a word tells something."""

_SEARCHING: Final = {
    "en": ("um", "uh", "erm", "er", "hmm", "thingy", "whatsit", "whatchamacallit", "the thing", "what's it called",
           "what do you call it", "you know", "what was i", "oh dear what"),
    "es": ("eh", "em", "mmm", "este", "pues", "la cosa esa", "el chisme", "como se llama", "ese de", "no me sale"),
    "fr": ("euh", "hum", "machin", "truc", "bidule", "comment ca s'appelle", "vous savez", "le chose"),
    "de": ("ah", "ahm", "hm", "dings", "dingsda", "dingsbums", "wie heisst das", "na sie wissen", "das ding"),
    "zh": ("嗯", "呃", "那个那个", "那个什么", "叫什么来着", "那什么", "怎么说"),
    "ja": ("えーと", "えっと", "ええと", "あのー", "あの、", "うーん", "なんだっけ", "あれあれ", "何て言う", "ほら、"),
    "ko": ("음", "어어", "그거", "그게 뭐", "뭐더라", "뭐라고 하", "저기 그"),
    "ar": ("يعني", "امم", "اه", "هذا الشيء", "ما اسمه", "شو اسمه", "ايش اسمه"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spoken:
    """One turn, or one question of it."""

    text: str
    tokens: tuple[str, ...]
    pairs: frozenset[str]
    questions: tuple[Spoken, ...]
    pauses: int

    @classmethod
    def of(cls, text: str, language: str) -> Spoken:
        """A turn taken apart."""
        questions = [one for one in _SENTENCE.findall(text[:4000]) if one.rstrip()[-1:] in ("?", "？", "؟")]
        return cls._plain(text, language, tuple(cls._plain(one, language, ()) for one in questions))

    @classmethod
    def _plain(cls, text: str, language: str, questions: tuple[Spoken, ...]) -> Spoken:
        folded = fold(text[:4000]).text
        pauses = len(_searching(language).findall(folded)) + len(_BREAKS.findall(text))
        return cls(text, tuple(tokens(folded)), pairs(folded), questions, pauses)

    @property
    def asks(self) -> bool:
        """Whether the turn asks something."""
        return bool(self.questions)

    @property
    def telling(self) -> frozenset[str]:
        """The words that say what it is about: longer ones, and pairs of characters in scripts without spaces."""
        return frozenset(one for one in self.tokens if len(one) >= _TELLING or _UNSPACED.match(one) or one > "\uac00")


def tokens(folded: str) -> list[str]:
    """The words of a folded text; where no spaces stand, each pair of neighbouring characters."""
    found: list[str] = []
    for word in _WORD.findall(folded):
        run = _UNSPACED.search(word)
        if run:
            found.extend(word[place : place + 2] for place in range(max(1, len(word) - 1)))
        else:
            found.append(word)
    return found


def pairs(folded: str) -> frozenset[str]:
    """All pairs of neighbouring letters."""
    letters = "".join(_WORD.findall(folded))
    return frozenset(letters[place : place + 2] for place in range(len(letters) - 1))


def overlap(one: Set[str], other: Set[str]) -> float:
    """What two sets share, of all they have (Jaccard)."""
    return len(one & other) / len(one | other) if one and other else 0.0


@cache
def _searching(language: str) -> re.Pattern[str]:
    return compiled(language, _SEARCHING.get(language, _SEARCHING["en"]))
