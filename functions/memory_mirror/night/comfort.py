"""Comforting words at night, without a model: fitted to what is happening, the language, and the person.

A reply is a sentence of presence (with the name), one for what is happening, that the caregivers know when they do, and
in a worry of the mind something that does the person good: what calms them, a loved one, a good memory. It never says
that help comes unless somebody was told, and gives no advice but, in a fire, to go outside.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from zlib import crc32

from memory_mirror.languages.spoken import supported
from memory_mirror.life.portrait import Portrait
from memory_mirror.safety import Kind

_OFFERS_FIT = frozenset({Kind.DISORIENTATION, Kind.DISTRESS, Kind.NONE, Kind.WANDERING})
LONGEST_THING = 80
"""Characters of something of the person's own that still fit into a sentence."""


@dataclass(frozen=True, slots=True)
class Known:
    """What comforting words may use of a person: their name and what does them good, in their own language."""

    name: str = ""
    language: str = "en"
    comforts: Sequence[str] = ()
    loved_ones: Sequence[str] = ()
    memories: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Texts:
    here: str
    here_named: str
    told: str
    offers: dict[str, str]
    kinds: dict[str, list[str]]


def known(portrait: Portrait) -> Known:
    """What the portrait holds for comfort: nothing that hurts, nothing the person is to be spared.

    Memories are read only when the profile names nothing that does them good.
    """
    profile = portrait.profile
    if profile is None:
        return Known(language=supported(portrait.language))
    avoided = [topic.casefold() for topic in profile.topics_to_avoid]

    def kept(texts: Sequence[str]) -> tuple[str, ...]:
        fitting = (text for text in texts if text and len(text) <= LONGEST_THING)
        return tuple(text for text in fitting if not any(topic in text.casefold() for topic in avoided))

    comforts = kept(profile.comforts)
    loved_ones = kept([one.name.split()[0] for one in profile.loved_ones if one.name.split()])
    memories = [] if comforts or loved_ones else portrait.memories
    return Known(
        name=portrait.name,
        language=supported(portrait.language),
        comforts=comforts,
        loved_ones=loved_ones,
        memories=kept([one.title for one in memories if one.safe and one.sentiment in ("positive", None)]),
    )


def comforting(
    kind: Kind, language: str | None, person: Known, *, told: bool = False, said: str = "", before: Sequence[str] = ()
) -> str:
    """What to say, in one of the product's languages (English for any other).

    `told` is whether a caregiver was told; `said` chooses between wordings, the same for the same words; a wording
    that `before`, the last replies, has is not repeated while there is another.
    """
    language = supported(language)
    texts = _texts(language)
    here = texts.here_named.format(name=person.name) if person.name else texts.here
    parts = [here, _fresh(texts.kinds[kind.value], said, before)]
    if told:
        parts.append(texts.told)
    offer = _offer(texts, person, said, before) if kind in _OFFERS_FIT and person.language == language else None
    return _joined([*parts, offer] if offer else parts, language)


def _offer(texts: _Texts, person: Known, said: str, before: Sequence[str]) -> str | None:
    """Something of the person's own to turn to; None when nothing is known."""
    offers = [texts.offers["comfort"].format(thing=thing.rstrip(".。")) for thing in person.comforts[:10]]
    offers += [texts.offers["loved"].format(name=name) for name in person.loved_ones[:10]]
    offers += [texts.offers["memory"].format(title=title) for title in person.memories[:10]]
    return _fresh(offers, said, before) if offers else None


def _fresh(wordings: Sequence[str], said: str, before: Sequence[str]) -> str:
    """One of some wordings: one that was not said lately, if there is one; always the same for the same words."""
    fresh = [text for text in wordings if not any(text in earlier for earlier in before)] or list(wordings)
    return fresh[crc32(said.encode("utf-8", "replace")) % len(fresh)]


def _joined(parts: Sequence[str], language: str) -> str:
    return ("" if language in ("zh", "ja") else " ").join(parts)


@cache
def _texts(language: str) -> _Texts:
    place = resources.files("memory_mirror.night").joinpath("comfort").joinpath(f"{language}.json")
    data = json.loads(place.read_text("utf-8"))
    offers = {name: data[name] for name in ("comfort", "loved", "memory")}
    return _Texts(data["here"], data["here_named"], data["told"], offers, data["kinds"])
