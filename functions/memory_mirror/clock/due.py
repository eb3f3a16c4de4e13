"""When what the clock looks after is due next, and what is due now.

Reminders, playlists with a schedule, and alert conditions carry `next_due` (UTC, RFC 3339, whole minutes) and a shard;
GSI3 orders those that have one. So a look at the clock reads what is due and nothing else, however many there are:

    due records of a kind, earliest first    GSI3 DUE#<kind>#<shard> / <next_due>#<subject>#<id>, below the next minute

Who stores such a record passes it through `prepared` first.
"""

import heapq
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TypeVar
from zlib import crc32

from memory_mirror.entities.kinds import AlertCondition, Playlist, Reminder
from memory_mirror.records.record import Record
from memory_mirror.service import store
from memory_mirror.times.recurrence import Recurrence, next_after
from quintet.models.time import as_utc, rfc3339

SHARDS = 4
"""Partitions of a kind's due times; a look at the clock asks each of them once."""
CATCH_UP = timedelta(hours=2)
"""How late something still happens. What is older is missed."""
_MINUTE = timedelta(minutes=1)
_MOMENT = timedelta(seconds=1)

Clocked = Reminder | Playlist
R = TypeVar("R", bound=Record)
C = TypeVar("C", Reminder, Playlist)


def prepared(record: R, at: datetime) -> R:
    """A record with the `next_due` and shard that belong to its other fields, to be stored at the instant `at`.

    Records that no clock looks after are answered as they are.
    """
    clocked = record if isinstance(record, AlertCondition | Playlist | Reminder) else None
    if clocked is None:
        return record
    due = first_due(clocked, at)
    return record.model_copy(update={"next_due": due, "due_shard": shard_of(record.id) if due else None})


def first_due(record: AlertCondition | Clocked, at: datetime) -> str | None:
    """When a record that is stored at `at` is due first; None when it is switched off or never due again.

    A new one still catches up with what it names of the last two hours; a changed one keeps what it was already due
    for, as long as it still names it, and else begins with the present minute, so that a change repeats nothing.
    """
    if isinstance(record, AlertCondition):
        return (record.next_due or minute(at)) if record.enabled else None
    rule = recurrence_of(record)
    if rule is None:
        return None
    if record.created_date == record.updated_date:
        return due_after(rule, at - CATCH_UP - _MOMENT)
    if record.next_due is not None and record.next_due <= minute(at):
        before = instant(record.next_due) - _MOMENT
        if due_after(rule, before) == record.next_due:
            return record.next_due
    return due_after(rule, instant(minute(at)) - _MOMENT)


def recurrence_of(record: Clocked) -> Recurrence | None:
    """When a record happens; None when it is switched off or has no schedule."""
    on = record.active if isinstance(record, Reminder) else record.enabled
    schedule = record if isinstance(record, Reminder) else record.schedule
    if schedule is None or not on:
        return None
    return Recurrence(datetime.fromisoformat(schedule.starts_at), schedule.timezone, schedule.rrule)


def due_after(rule: Recurrence, after: datetime) -> str | None:
    """The minute of the first occurrence later than `after`, None when there is none."""
    found = next_after(rule, after)
    return minute(found.instant) if found else None


def minute(at: datetime) -> str:
    """The minute an instant lies in, as `next_due` has it: `2027-01-18T10:00:00Z`."""
    return rfc3339(as_utc(at).replace(second=0))


def instant(due: str) -> datetime:
    """The instant that a `next_due` tells."""
    return datetime.fromisoformat(due)


def is_due(record: Clocked | AlertCondition, at: datetime) -> bool:
    return record.next_due is not None and record.next_due <= minute(at)


def shard_of(id: str) -> str:
    """The partition of the due times that a record belongs to."""
    return str(crc32(id.encode()) % SHARDS)


def due(kind: type[R], at: datetime, page: int = 100) -> Iterator[R]:
    """The records of a kind that are due at `at`, earliest first, read as they are consumed."""
    shards = [_due_of_shard(kind, str(number), minute(at + _MINUTE), page) for number in range(SHARDS)]
    return heapq.merge(*shards, key=lambda record: (getattr(record, "next_due", None) or "", record.id))


def _due_of_shard(kind: type[R], shard: str, before: str, page: int) -> Iterator[R]:
    after = None
    while True:
        part = store.query(kind, "gsi3", due_shard=shard, before=before, limit=page, after=after)
        yield from part.items
        after = part.after
        if after is None:
            return
