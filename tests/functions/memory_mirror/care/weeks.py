"""Four weeks of somebody's life in the table: steady days, and what a test adds to them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from memory_mirror.accounts.people import UserProfile
from memory_mirror.care.entities import CareJournalEntry
from memory_mirror.life.diary import ActivityLog, AnxietyTrend, Conversation
from memory_mirror.records.record import Record, create, new
from quintet.models.time import frozen
from quintet.store.calls import batch_write

STEADY_LEVELS = [3.0, 2.0, 4.0, 3.0, 3.5, 2.0, 3.0]


def made(subject: str, at: datetime, kind: type[Record], **fields: Any) -> Record:
    """A record of an instant, not stored yet."""
    with frozen(at):
        return new(kind, subject, "carer@example.com", **fields)


def put(subject: str, at: datetime, kind: type[Record], **fields: Any) -> Record:
    """A stored record of an instant."""
    return create(made(subject, at, kind, **fields))


def profile(subject: str, at: datetime, timezone: str = "Europe/Berlin") -> None:
    put(subject, at, UserProfile, full_name="Rose Miller", timezone=timezone)


def steady_weeks(subject: str, end: datetime, days: int = 28) -> None:
    """Days like each other up to the one of `end`, oldest first: walks and meals, a talk, a reading, a journal line."""
    records: list[Record] = []
    for ago in range(days - 1, -1, -1):
        noon = end.replace(hour=12) - timedelta(days=ago)
        number = ago % 7
        talk = {"message": "Hello", "detected_era": "1960s", "emotional_tone": "calm", "anxiety_level": 1}
        for _ in range(2 + number % 3):
            records.append(made(subject, noon, ActivityLog, activity_type="walk" if number % 2 else "meal"))
        records.append(made(subject, noon, AnxietyTrend, level=STEADY_LEVELS[number], recorded_at=noon))
        records.append(made(subject, noon, Conversation, **talk))
        if number == 0:
            entry = {"content": "Slept well.", "category": "sleep", "tags": ["rest"]}
            records.append(made(subject, noon, CareJournalEntry, **entry))
    batch_write([{"PutRequest": {"Item": record.item()}} for record in records])
