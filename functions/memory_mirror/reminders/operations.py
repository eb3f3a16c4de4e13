"""Reminders that the clock tells when they are due.

The operation may also be called over HTTP, by anybody, as the document has it. So its reply names reminders by id and
counts them, and tells nothing of the people they are about; and however often or at once it is called, each occurrence
is told once.
"""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from memory_mirror import service
from memory_mirror.clock.occurrences import fire_due
from memory_mirror.messages.notices import Notice, deliver
from memory_mirror.reminders.entities import Reminder
from memory_mirror.reminders.reminding import remind
from memory_mirror.times.moments import Moment
from memory_mirror.times.recurrence import Occurrence
from quintet.models import now

api = service.api.section("notifications")

PATIENCE = 35.0
"""Seconds within which a run claims another reminder; what is left waits for the next."""
MAILING = 45.0
"""Seconds after its begin within which a run sends another e-mail; the rest goes with the outbox's sweep."""


class ToldReminder(BaseModel):
    """One occurrence that was told."""

    model_config = ConfigDict(defer_build=True)

    reminder_id: str
    occurrence: str
    """The local time that names it, such as `2026-03-29T02:30`."""
    due_at: Moment
    caught_up: bool
    """Whether it comes more than a minute late."""


class RemindersReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    triggered: int
    reminders: list[ToldReminder]
    timestamp: Moment


@api.post("/triggerReminders", schedule="rate(1 minute)", needs={"table:write", "email"}, timeout=55)
def trigger_reminders() -> RemindersReply:
    """Tell the reminders that are due

    Each occurrence is told once, however many runs there are at once: in the app to the person, by e-mail to the
    reminder's recipients. Up to two hours late it is caught up; what is older is noted as missed. The reply names
    reminders by id only.
    """
    at, began = now(), time.monotonic()
    fired = list(fire_due(Reminder, at, lambda tx, reminder, _: remind(tx, reminder), seconds=PATIENCE))
    _mail((one.result for one in fired), began + MAILING)
    told = [_told(one.record, one.occurrence, at) for one in fired]
    return RemindersReply(triggered=len(told), reminders=told, timestamp=at)


def _told(reminder: Reminder, occurrence: Occurrence, at: datetime) -> ToldReminder:
    return ToldReminder(
        reminder_id=reminder.id,
        occurrence=occurrence.local.isoformat(timespec="minutes"),
        due_at=occurrence.instant,
        caught_up=at - occurrence.instant > timedelta(minutes=1),
    )


def _mail(told: Iterable[list[Notice]], ends: float) -> None:
    for notices in told:
        if time.monotonic() >= ends:
            return
        deliver(notices)
