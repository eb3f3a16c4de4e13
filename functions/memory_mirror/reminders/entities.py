"""Reminders as they are stored."""

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from memory_mirror.clock.due import Recurring, due_times
from memory_mirror.records.fields import Emails, LocalTime, Long, Rule, Short
from memory_mirror.records.record import Resource, listed
from memory_mirror.times.recurrence import Recurrence
from quintet.models.locale import Zone
from quintet.store import Keys


class Reminder(Recurring):
    """Something to be reminded of, at local times. GSI3 orders the active ones by when they are due."""

    kind: ClassVar[str] = "Reminder"
    keys: ClassVar[Keys] = listed("Reminder", "active", gsi3=due_times("Reminder"))
    resource: ClassVar[Resource | None] = "health_data"
    indexed: ClassVar[tuple[str, ...]] = ("active",)
    hidden: ClassVar[frozenset[str]] = frozenset({"subject", "version", "due_shard"})
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

    def recurrence(self) -> Recurrence | None:
        if not self.active:
            return None
        return Recurrence(datetime.fromisoformat(self.starts_at), self.timezone, self.rrule)
