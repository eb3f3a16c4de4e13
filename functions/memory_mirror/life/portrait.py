"""A person as prompts and fallbacks see them: profile, cognitive level, safe zones, memories."""

from dataclasses import dataclass
from functools import cached_property

from memory_mirror.accounts.access import Person
from memory_mirror.accounts.people import Cognition, UserProfile
from memory_mirror.life.diary import CognitiveAssessment
from memory_mirror.life.entities import Memory, SafeMemoryZone
from memory_mirror.records.record import recent


@dataclass(frozen=True)
class Portrait:
    """What is known of a person. Each part is read when it is first asked for."""

    person: Person

    @cached_property
    def profile(self) -> UserProfile | None:
        """The newest profile."""
        return next(iter(recent(UserProfile, self.person.subject, 1)), None)

    @cached_property
    def level(self) -> Cognition:
        """The latest assessment's level, else the profile's, else mild."""
        latest = next(iter(recent(CognitiveAssessment, self.person.subject, 1)), None)
        if latest is not None:
            return latest.cognitive_level
        return (self.profile.cognitive_level if self.profile else None) or "mild"

    @cached_property
    def zones(self) -> list[SafeMemoryZone]:
        """The active safe memory zones, newest first."""
        return [zone for zone in recent(SafeMemoryZone, self.person.subject, 30) if zone.active]

    @cached_property
    def memories(self) -> list[Memory]:
        """The newest hundred memories; also those that are not safe, which callers must leave out."""
        return recent(Memory, self.person.subject, 100)

    @property
    def language(self) -> str:
        """The profile's language as a BCP-47 code, en when there is no profile."""
        return self.profile.language if self.profile else "en"

    @property
    def timezone(self) -> str:
        """The profile's IANA zone, UTC when there is no profile."""
        return self.profile.timezone if self.profile else "UTC"

    @property
    def name(self) -> str:
        """What the person likes to be called; empty when nobody said."""
        if self.profile is None:
            return ""
        return self.profile.preferred_name or self.profile.full_name.split()[0]


def portrait(person: Person) -> Portrait:
    """The portrait of a person; nothing is read yet."""
    return Portrait(person)
