"""What the talk functions know of a person: where to lead a talk, what may be recalled, and the facts for a prompt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from memory_mirror.accounts.access import Person
from memory_mirror.eras import detection
from memory_mirror.eras.detection import Life
from memory_mirror.life.diary import Conversation
from memory_mirror.life.entities import Memory
from memory_mirror.life.offers import Library, avoids, era_of_youth, good_memories, library
from memory_mirror.life.portrait import Portrait, portrait
from memory_mirror.life.relevance import Cue, Item, ranked
from memory_mirror.life.zones import Guidance, guidance, places_of
from memory_mirror.records.record import recent
from quintet.models import now

EARLIER = 8
"""Exchanges that are looked back on, so that replies and memories do not repeat."""
_LEAST_FIT = 4.0
"""Points from which a memory fits what is said: a word of its title or a tag, or a theme and the era."""
_TOLD = 400
"""Characters of a memory that a prompt holds."""


@dataclass(frozen=True)
class Acquaintance:
    """A person as the companion knows them. Each part is read when it is first asked for."""

    portrait: Portrait

    @cached_property
    def earlier(self) -> list[Conversation]:
        """The last exchanges, newest first."""
        return recent(Conversation, self.portrait.person.subject, EARLIER)

    @cached_property
    def good_memories(self) -> list[Item[Memory]]:
        """The memories that may be offered, newest first."""
        return good_memories(self.portrait, avoids(self.portrait))

    @cached_property
    def stock(self) -> Library:
        """Their own pictures, films and music that may be offered."""
        return library(self.portrait, avoids(self.portrait))

    @property
    def topics(self) -> tuple[str, ...]:
        """What they like: interests, comforts, music."""
        profile = self.portrait.profile
        return (
            tuple(dict.fromkeys([*profile.interests, *profile.comforts, *profile.favourite_music])) if profile else ()
        )

    @property
    def loved(self) -> tuple[str, ...]:
        """The names of their loved ones."""
        return tuple(one.name for one in self.portrait.profile.loved_ones) if self.portrait.profile else ()

    @property
    def local(self) -> datetime:
        """The present time on their own clock."""
        try:
            return now().astimezone(ZoneInfo(self.portrait.timezone))
        except (ZoneInfoNotFoundError, ValueError):  # a zone that the installed database has no more
            return now()

    def guidance(self, text: str) -> Guidance:
        """Where their zones and profile lead a talk."""
        profile = self.portrait.profile
        avoid, comforts = (profile.topics_to_avoid, [*profile.comforts, *profile.interests]) if profile else ([], [])
        return guidance(text, self.portrait.zones, avoid, comforts)

    def era(self, texts: Sequence[str], language: str) -> str | None:
        """The decade that the first of some texts with a sign of one lives in; None when none has."""
        birth_year = self.portrait.profile.birth_year if self.portrait.profile else None
        life = Life(birth_year, places_of(self.portrait.zones))
        return next((found for text in texts if (found := detection.detect(text, language, life))), None)

    def recall(self, texts: Sequence[str], era: str | None, said: Sequence[str] = ()) -> Memory | None:
        """A good memory that fits what is said, and was not offered lately (its title is in none of `said`)."""
        fresh = [item for item in self.good_memories if not any(item.title in text for text in said)]
        found = ranked(Cue.of(texts, None if era == "present" else era), fresh, 5)
        # The decade alone brings no memory up: there must be a word or, beside the decade, a theme in common.
        fitting = (one for one in found if one.points >= (_LEAST_FIT if one.shared else _LEAST_FIT + 1))
        return next((one.item.of for one in fitting), None)

    def photos(self, texts: Sequence[str], era: str | None) -> tuple[tuple[str, str], ...]:
        """Titles and descriptions of pictures of their own that fit, the best first."""
        avoid = avoids(self.portrait)
        found = ranked(Cue.of(texts, era), library(self.portrait, avoid, music=False).photos, 2)
        return tuple((match.item.of.title, match.item.of.description) for match in found if match.points >= _LEAST_FIT)

    def favourite(self, turn: int) -> Memory | None:
        """One of their good memories when nothing is said yet: another one each turn."""
        found = self.good_memories
        return found[turn % len(found)].of if found else None

    def facts(self, memories: Sequence[Memory] = ()) -> dict[str, Any]:
        """What a prompt is told about them; who they are by first name, and no way to reach anybody."""
        profile = self.portrait.profile
        known: dict[str, Any] = {"preferred_name": self.portrait.name, "cognitive_level": self.portrait.level}
        if profile is not None:
            known |= {
                "loved_ones": [{"name": one.name.split()[0], "relation": one.relation} for one in profile.loved_ones],
                "interests": profile.interests,
                "comforts": profile.comforts,
                "occupation": profile.occupation,
                "era_of_youth": era_of_youth(self.portrait),
            }
        return {
            "person": {name: value for name, value in known.items() if value},
            "memories": [{"title": one.title, "content": one.content[:_TOLD], "era": one.era} for one in memories],
            "part_of_day": f"{self.local:%A, %H} o'clock",
        }


def acquainted(person: Person) -> Acquaintance:
    """What is known of a person; nothing is read yet."""
    return Acquaintance(portrait(person))


def zone_facts(guide: Guidance) -> dict[str, Any]:
    """Where a talk is to be led, for a prompt."""
    return {
        "safe_zones_it_is_in": guide.inside,
        "comforting_topics": guide.topics[:8],
        "never_mention": guide.avoid,
        "touches_what_hurts": guide.astray,
    }
