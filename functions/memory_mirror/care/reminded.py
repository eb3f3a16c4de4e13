"""What became of a person's reminders in some days: how many were told, how many missed.

A bounded reading: the claims of the person's newest `MOST_REMINDERS` reminders, at most `MOST_CLAIMS` of each, and all
missed ones, also of reminders that are gone.
"""

from datetime import datetime

from memory_mirror.care.report import Reminded
from memory_mirror.clock.occurrences import OccurrenceClaim, missed_since
from memory_mirror.records.record import recent
from memory_mirror.reminders.entities import Reminder
from memory_mirror.service import store

MOST_REMINDERS = 50
MOST_CLAIMS = 300


def reminded_since(subject: str, since: datetime) -> Reminded:
    """How many occurrences that were due at `since` or later were told in time or caught up, and how many missed."""
    kept = 0
    for reminder in recent(Reminder, subject, MOST_REMINDERS):
        claims = store.query(OccurrenceClaim, subject=subject, begins=f"{reminder.id}#", limit=MOST_CLAIMS).items
        kept += sum(claim.status == "fired" and claim.instant >= since for claim in claims)
    return Reminded(kept, sum(claim.count for claim in missed_since(subject, since)))
