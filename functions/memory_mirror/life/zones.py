"""Safe memory zones: whether talk is in one, what to lead it to, and what to keep away from, as pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from memory_mirror.feelings import fold
from memory_mirror.life.entities import SafeMemoryZone
from memory_mirror.life.relevance import avoiding


@dataclass(frozen=True, slots=True)
class Guidance:
    """Where to lead a talk. `inside` names the zones it is in; `astray` says that it touched what hurts."""

    inside: tuple[str, ...] = ()
    era: str | None = None
    topics: tuple[str, ...] = ()
    """Comforting topics, those of the zones it is in first."""
    avoid: tuple[str, ...] = ()
    astray: bool = False

    @property
    def steers(self) -> bool:
        """Whether the reply leads to a comforting topic."""
        return bool(self.topics) and (self.astray or bool(self.inside))

    def harms(self, text: str) -> bool:
        """Whether a text speaks of something to keep away from."""
        return _touches(text, self.avoid)


def guidance(
    text: str, zones: Iterable[SafeMemoryZone], avoid: Iterable[str] = (), comforts: Iterable[str] = ()
) -> Guidance:
    """What the zones and the profile (its topics to avoid, its comforts) say about a text.

    A topic that is to be avoided never comforts, whoever listed it as comforting.
    """
    active = [zone for zone in zones if zone.active]
    inside = [zone for zone in active if any(mentions(text, trigger) for trigger in zone.triggers)]
    outside = [zone for zone in active if zone not in inside]
    avoided = tuple(dict.fromkeys([*avoid, *(topic for zone in active for topic in zone.topics_to_avoid)]))
    offered = [topic for zone in [*inside, *outside] for topic in zone.comforting_topics] + list(comforts)
    return Guidance(
        inside=tuple(zone.name for zone in inside),
        era=next((zone.era for zone in inside if zone.era), None),
        topics=tuple(topic for topic in dict.fromkeys(offered) if not _touches(topic, avoided)),
        avoid=avoided,
        astray=_touches(text, avoided),
    )


def _touches(text: str, topics: Sequence[str]) -> bool:
    """Whether a text speaks of any topic: in its words in any order, or as it stands (a topic of one character)."""
    return avoiding(topics)(text) or any(mentions(text, topic) for topic in topics)


def mentions(text: str, words: str) -> bool:
    """Whether a text has some words as they stand; in scripts with spaces they begin and end as words."""
    wanted = fold(words).text.strip()
    return bool(wanted) and _stands(fold(text).text, wanted)


def _stands(text: str, wanted: str) -> bool:
    place = text.find(wanted)
    while place >= 0:
        end = place + len(wanted)
        if not _joined(text[place - 1 : place], wanted[0]) and not _joined(wanted[-1], text[end : end + 1]):
            return True
        place = text.find(wanted, place + 1)
    return False


def _joined(left: str, right: str) -> bool:
    """Whether two characters belong to one word of a script with spaces."""
    return all(char.isalnum() and char < "\u0600" for char in (left, right) if char) and bool(left and right)


def places_of(zones: Sequence[SafeMemoryZone]) -> dict[str, str]:
    """Words that place a text in time, each with its era: the triggers of the zones that have one."""
    return {trigger: zone.era for zone in zones if zone.era and zone.active for trigger in zone.triggers}


__all__ = ["Guidance", "guidance", "mentions", "places_of"]
