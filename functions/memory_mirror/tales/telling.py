"""What stories are told from: the person as composers see them, and the tale they make."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from memory_mirror.tales.levels import Level
from quintet.store.folding import words

_LATEST = 10
_SENTENCE = re.compile(r"[^.!?…。！？؟\n]+")

MediumKind = Literal["photo", "video", "music"]


@dataclass(frozen=True, slots=True)
class Medium:
    """A picture, a film or a piece of music that a session shows."""

    id: str | None
    type: MediumKind
    title: str
    url: str | None = None
    era: str | None = None
    artist: str = ""
    source: str = "library"


@dataclass(frozen=True, slots=True)
class Remembered:
    """A memory that may be told: it is good, and safe."""

    title: str
    text: str
    era: str | None = None
    id: str | None = None
    tags: tuple[str, ...] = ()

    @property
    def whole(self) -> str:
        """All its words."""
        return " ".join((self.title, self.text, *self.tags))


@dataclass(frozen=True, slots=True)
class Teller:
    """For whom a text is composed, and from what."""

    language: str
    level: Level = "mild"
    name: str = ""
    interests: tuple[str, ...] = ()
    memories: tuple[Remembered, ...] = ()
    era: str | None = None
    avoids: Callable[[str], bool] = lambda _: False
    """Whether a text speaks of what the person avoids; no such sentence is quoted."""


@dataclass(frozen=True, slots=True)
class Tale:
    """A composed text and the memories it uses."""

    title: str
    content: str
    theme: str
    used: tuple[Remembered, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What was told before: fingerprints of whole texts and of sentences, and which memories were used, newest last."""

    texts: frozenset[str] = frozenset()
    sentences: frozenset[str] = frozenset()
    memories: tuple[str, ...] = ()
    latest: frozenset[str] = frozenset()
    """The sentences of the last text."""
    count: int = 0
    """How many texts there have been; the seed of the next."""

    def again(self, content: str) -> bool:
        """Whether this very text was told before."""
        return fingerprint(content) in self.texts

    def shared(self, content: str) -> int:
        """How much of a text was told before: its sentences that were, those of the last text many times over."""
        found = sentence_prints(content)
        return sum(each in self.sentences for each in found) + _LATEST * sum(each in self.latest for each in found)

    def fresh_first(self, memories: Iterable[Remembered]) -> list[Remembered]:
        """Memories in their order, those used lately after the others, the latest used last."""
        places = {name: place for place, name in enumerate(self.memories, 1)}
        return sorted(memories, key=lambda memory: places.get(memory_print(memory), 0))


@dataclass(frozen=True, slots=True)
class Wish:
    """What a text shall be like; `seed` makes one person's texts differ from another's."""

    theme: str | None = None
    mood: str | None = None
    form: str = "story"
    seed: str = ""
    told: Told = field(default_factory=Told)


def fingerprint(text: str) -> str:
    """The same for texts with the same words."""
    return _print(" ".join(words(text)))


def sentence_prints(text: str) -> list[str]:
    """The fingerprint of each sentence of a text."""
    return [_print(" ".join(found)) for part in _SENTENCE.findall(text) if (found := words(part))]


def memory_print(memory: Remembered) -> str:
    """A short name for a memory: by its id, else by its words."""
    return _print(memory.id or memory.whole)


def told_before(texts: Sequence[str], memories: Sequence[str] = ()) -> Told:
    """What a list of earlier texts amounts to."""
    prints = frozenset(fingerprint(text) for text in texts)
    sentences = frozenset(each for text in texts for each in sentence_prints(text))
    latest = frozenset(sentence_prints(texts[-1])) if texts else frozenset[str]()
    return Told(prints, sentences, tuple(memories), latest, len(texts))


def _print(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
