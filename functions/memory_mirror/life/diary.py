"""The diary: what was seen of a person's days, what they said, and how they were."""

from typing import Annotated, ClassVar

from pydantic import Field

from memory_mirror.accounts.people import Cognition
from memory_mirror.records.fields import (
    FreeObject,
    Level,
    Long,
    Short,
    Words,
)
from memory_mirror.records.record import Record, Resource, listed
from memory_mirror.times.moments import Moment
from quintet.models import now
from quintet.store import Keys


class ActivityLog(Record):
    """Something that happened: an app opened, a device switched, a walk."""

    kind: ClassVar[str] = "ActivityLog"
    keys: ClassVar[Keys] = listed("ActivityLog", "activity_type")
    resource: ClassVar[Resource | None] = "health_data"
    indexed: ClassVar[tuple[str, ...]] = ("activity_type",)

    activity_type: Short
    description: Words = ""
    details: FreeObject = Field(default_factory=dict)
    duration_minutes: Annotated[float, Field(ge=0, le=10_000)] | None = None


class AnxietyTrend(Record):
    """One reading of anxiety, 0 to 10."""

    kind: ClassVar[str] = "AnxietyTrend"
    keys: ClassVar[Keys] = listed("AnxietyTrend")
    resource: ClassVar[Resource | None] = "health_data"

    level: Level
    recorded_at: Moment = Field(default_factory=now)
    trigger: Words = ""
    source: Words = ""


class Conversation(Record):
    """One exchange, or one turn captured offline."""

    kind: ClassVar[str] = "Conversation"
    keys: ClassVar[Keys] = listed("Conversation")
    resource: ClassVar[Resource | None] = "memory"

    message: Long = ""
    """What the person said."""
    response: Long = ""
    """What the companion answered."""
    detected_era: Words = ""
    language: Words = ""
    anxiety_level: Level | None = None
    emotional_tone: Words = ""
    said_at: Moment | None = None
    client_id: Words = ""
    """The id that an offline device gave it."""
    extra: FreeObject = Field(default_factory=dict)
    """What that device said of it beyond these fields."""


class CognitiveAssessment(Record):
    """An estimate of the cognitive level, and what it rests on."""

    kind: ClassVar[str] = "CognitiveAssessment"
    keys: ClassVar[Keys] = listed("CognitiveAssessment")
    resource: ClassVar[Resource | None] = "health_data"

    cognitive_level: Cognition
    score: Annotated[float, Field(ge=0, le=100)] | None = None
    """0 no sign, 100 the strongest signs."""
    trend: Words = ""
    indicators: Annotated[list[FreeObject | str], Field(max_length=100)] = Field(default_factory=list)
    reasoning: Long = ""
    turns: Annotated[int, Field(ge=0)] = 0
