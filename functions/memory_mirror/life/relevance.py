"""How well memories, pictures and music fit a conversation: words, themes, era, feeling, as pure functions.

Nothing that is not safe can be found: what may be offered is decided before anything is ranked. More in common never
ranks lower; among equals the newer comes first, then the smaller id, so that the order of the input does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from memory_mirror.eras.decades import distance
from memory_mirror.tales.quoting import grave, unhappy
from memory_mirror.tales.telltale import spaceless, spoken_words
from memory_mirror.tales.themes import themes_in

T = TypeVar("T")
Avoids = Callable[[str], bool]
"""Whether a text speaks of what somebody avoids."""

_TITLE, _TAG, _PERSON, _TEXT, _THEME, _COMFORT = 4, 4, 3, 2, 2, 1
"""Points for each word in common, by where it stands, and for each theme."""
_ERA = (4, 2, 1)
"""For the same decade, the one beside it, and the next."""
_ENDINGS = ("ing", "ed", "es", "en", "er", "s", "e", "n")
_SHORTEST = 3
READ = 2000
"""Characters of a text that ranking looks at; what may be offered is judged by all of it."""
_RUN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+")
_STOPWORDS = frozenset(
    word
    for row in (
        "about all and also any are been but can did does for from had has have her hers him his how into its just",
        "like more most not now one our out over she some talk talking talks than that the their them then there they",
        "this told user used uses very was were what when where which while who will with would you your person",
        "patient says said speak speaking mention mentioned conversation remember remembers something things seems",
        "feel feels feeling wants want enjoy enjoyed happy sad",
        "con del las los para pero por que sus una uno unos como esta este son era habla sobre",
        "avec dans des les est sont une pour sur que qui elle nous vous parle par pas",
        "und der die das den dem des ein eine einen ist sind war mit von fur auf sie wir ich spricht uber nicht",
        "في من على إلى عن مع هذا هذه كان كانت التي الذي هو هي",
    )
    for word in row.split()
)


@dataclass(frozen=True, slots=True)
class Item(Generic[T]):
    """Something that may be offered, with what it is judged by; `of` is what it stands for."""

    of: T
    id: str
    title: str
    text: str = ""
    tags: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    era: str | None = None
    sentiment: str | None = None
    safe: bool = True
    made: str = ""
    """When it was made, as text that sorts as time."""

    @property
    def whole(self) -> str:
        """All its words."""
        return " ".join((self.title, self.text, *self.tags, *self.people))


@dataclass(frozen=True, slots=True)
class Cue:
    """What the talk is about: its words and themes, the era, and topics that comfort."""

    tokens: frozenset[str] = frozenset()
    themes: frozenset[str] = frozenset()
    era: str | None = None
    comforts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, texts: Iterable[str], era: str | None = None, comforts: Iterable[str] = ()) -> Cue:
        """The cue that some texts give."""
        whole = " ".join(texts)
        return cls(tokens(whole), themes_in(whole), era, tokens(" ".join(comforts)))


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """An item that fits, its points, and the words that it shares with the talk."""

    item: Item[T]
    points: float
    shared: tuple[str, ...] = ()
    of_era: bool = False


def tokens(text: str) -> frozenset[str]:
    """The telling words of a text, without endings; pairs of characters where a script has no spaces."""
    found = {_stem(word) for word in spoken_words(text) if not spaceless(word) and _tells(word)}
    for run in _RUN.findall(text):
        found.update(run[start : start + 2] for start in range(len(run) - 1))
    return frozenset(found)


def avoiding(topics: Iterable[str]) -> Avoids:
    """A test for texts that speak of any topic; one of several words is spoken of when all its words are there."""
    wanted = [found for topic in topics if (found := tokens(topic))]

    def speaks(text: str) -> bool:
        own = tokens(text) if wanted else frozenset[str]()
        return any(topic <= own for topic in wanted)

    return speaks


def nothing(text: str) -> bool:
    """The test of somebody who avoids nothing."""
    return False


def positive(item: Item[T], avoids: Avoids = nothing) -> bool:
    """Whether a memory may be offered: safe, nothing the person avoids, and positive.

    One without a sentiment is judged by its words. What somebody marked as neutral, mixed or negative is not positive.
    """
    if not item.safe or avoids(item.whole):
        return False
    if item.sentiment is None:
        return not grave(item.whole) and not unhappy(item.whole)
    return item.sentiment == "positive"


def harmless(item: Item[T], avoids: Avoids = nothing) -> bool:
    """Whether a picture or a film may be offered: those are seldom marked, so neutral ones are fine too."""
    if not item.safe or item.sentiment in ("negative", "mixed") or avoids(item.whole):
        return False
    return item.sentiment == "positive" or not grave(item.whole)


def ranked(cue: Cue, items: Iterable[Item[T]], limit: int) -> list[Match[T]]:
    """The items that share something with the talk, best first, at most `limit`."""
    found = [match for item in items if (match := matched(cue, item)).points > 0]
    return in_order(found)[: max(limit, 0)]


def in_order(matches: Iterable[Match[T]]) -> list[Match[T]]:
    """Matches with the most points first, then the newest, then by id."""
    by_id = sorted(matches, key=lambda match: match.item.id)
    by_age = sorted(by_id, key=lambda match: match.item.made, reverse=True)
    return sorted(by_age, key=lambda match: -match.points)


def matched(cue: Cue, item: Item[T]) -> Match[T]:
    """What an item has in common with the talk; no points when it is nothing."""
    places = (
        (tokens(item.title), _TITLE),
        (tokens(" ".join(item.tags)), _TAG),
        (tokens(" ".join(item.people)), _PERSON),
        (tokens(item.text[:READ]), _TEXT),
    )
    points = float(sum(weight * len(cue.tokens & found) for found, weight in places))
    own = frozenset[str]().union(*(found for found, _ in places))
    points += _THEME * len(cue.themes & themes_in(item.whole[:READ])) + _COMFORT * len(cue.comforts & own)
    apart = distance(cue.era, item.era)
    points += _ERA[apart] if apart is not None and apart < len(_ERA) else 0
    return Match(item, points, tuple(sorted(cue.tokens & own)), apart == 0)


def shared_words(cue_texts: Iterable[str], matches: Iterable[Match[T]], limit: int = 5) -> list[str]:
    """The words of the talk, as they were said, that some matches share; for telling why they were chosen."""
    shared = {token for match in matches for token in match.shared}
    said = [word for text in cue_texts for word in re.findall(r"[^\W\d_]+", text)]
    found = [word for word in said if tokens(word) & shared]
    return list(dict.fromkeys(word.casefold() for word in found))[:limit]


def _tells(word: str) -> bool:
    if word in _STOPWORDS or word.isdigit():
        return False
    return len(word) >= _SHORTEST


def _stem(word: str) -> str:
    """A word without its endings: bakes, baked and baking are one. Crude, and the same for all Latin languages."""
    changed = word.isascii()
    while changed:
        changed = False
        for ending in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
                word, changed = word[: -len(ending)], True
                break
    return word
