"""Care: reminders, alerts, notifications, and what was observed."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from memory_mirror.accounts.people import Cognition
from memory_mirror.audit.trail import Resource
from memory_mirror.records.fields import (
    Emails,
    FreeObject,
    Level,
    LocalTime,
    Long,
    Rule,
    Short,
    Tags,
    Words,
    Zone,
)
from memory_mirror.records.record import Record, listed
from memory_mirror.times.moments import Moment
from quintet.models import Email, now
from quintet.store import Index, Keys

AlertKind = Literal[
    "anxiety_average", "anxiety_peak", "inactivity", "missed_reminder", "night_incident", "device_offline"
]
_SCHEDULED = frozenset({"subject", "version", "due_shard"})


class Reminder(Record):
    """Something to be reminded of, at local times. GSI3 orders the active ones by when they are due."""

    kind: ClassVar[str] = "Reminder"
    keys: ClassVar[Keys] = listed(
        "Reminder", "active", gsi3=Index("DUE#Reminder#{due_shard}", "{next_due}#{subject}#{id}", order="ascending")
    )
    resource: ClassVar[Resource | None] = "health_data"
    indexed: ClassVar[tuple[str, ...]] = ("active",)
    hidden: ClassVar[frozenset[str]] = _SCHEDULED
    read_only: ClassVar[frozenset[str]] = frozenset({"next_due"})

    title: Short
    message: Long = ""
    starts_at: LocalTime
    timezone: Zone
    rrule: Rule | None = None
    active: bool = True
    recipients: Emails = Field(default_factory=list)
    next_due: str | None = None
    """When it is due next, UTC to the minute; null when never again."""
    due_shard: str | None = None


class AlertCondition(Record):
    """What caregivers want to be told of. GSI3 orders the enabled ones by when they are looked at next."""

    kind: ClassVar[str] = "AlertCondition"
    keys: ClassVar[Keys] = listed(
        "AlertCondition",
        "enabled",
        gsi3=Index("DUE#AlertCondition#{due_shard}", "{next_due}#{subject}#{id}", order="ascending"),
    )
    resource: ClassVar[Resource | None] = "health_data"
    indexed: ClassVar[tuple[str, ...]] = ("enabled",)
    hidden: ClassVar[frozenset[str]] = frozenset({*_SCHEDULED, "next_due"})
    shown_as: ClassVar[Mapping[str, str]] = {"alert_kind": "kind"}

    name: Short
    alert_kind: AlertKind
    threshold: Annotated[float, Field(ge=0, le=100_000)] = 1
    window_hours: Annotated[float, Field(gt=0, le=24 * 90)] = 24
    cooldown_minutes: Annotated[int, Field(ge=0, le=60 * 24 * 7)] = 60
    enabled: bool = True
    contacts: Emails = Field(default_factory=list)
    next_due: str | None = None
    due_shard: str | None = None


class Notification(Record):
    """Something somebody was told: in the app, and by e-mail where `channel` says so."""

    kind: ClassVar[str] = "Notification"
    keys: ClassVar[Keys] = listed("Notification", "recipient_email", "status")
    resource: ClassVar[Resource | None] = "health_data"
    indexed: ClassVar[tuple[str, ...]] = ("recipient_email", "status")
    hidden: ClassVar[frozenset[str]] = frozenset({"subject", "version", "message_id"})

    recipient_email: Email
    title: Short
    message: Long
    type: Words = ""
    """What brought it about: reminder, alert, night_incident, chat."""
    channel: Literal["in_app", "email"] = "in_app"
    status: Literal["pending", "sent", "failed"] = "sent"
    read: bool = False
    related_id: str | None = None
    message_id: str | None = None
    """Its e-mail in the outbox."""


class CareJournalEntry(Record):
    """What a caregiver wrote down."""

    kind: ClassVar[str] = "CareJournalEntry"
    keys: ClassVar[Keys] = listed("CareJournalEntry", "category")
    resource: ClassVar[Resource | None] = "health_data"
    indexed: ClassVar[tuple[str, ...]] = ("category",)

    title: Words = ""
    content: Long
    category: Words | None = None
    """Such as sleep, meals, mood, medication, mobility, visit."""
    mood: Words = ""
    tags: Tags = Field(default_factory=list)


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


class NightIncident(Record):
    """Something that happened in the night; repeated signs of one incident raise its `level` and `sightings`."""

    kind: ClassVar[str] = "NightIncident"
    keys: ClassVar[Keys] = listed("NightIncident", "incident_type")
    resource: ClassVar[Resource | None] = "health_data"
    indexed: ClassVar[tuple[str, ...]] = ("incident_type",)

    incident_type: Short
    """Upper snake case: FALL, DISORIENTATION."""
    distress_level: Level = 0
    transcript: Long = ""
    response: Long = ""
    source: Words = ""
    evidence: Tags = Field(default_factory=list)
    caregivers_alerted: Emails = Field(default_factory=list)
    occurred_at: Moment = Field(default_factory=now)
    last_seen_at: Moment = Field(default_factory=now)
    sightings: Annotated[int, Field(ge=1)] = 1
    resolved: bool = False


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
