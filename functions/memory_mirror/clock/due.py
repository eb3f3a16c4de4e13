"""When what the clock looks after is due next, and what is due now.

What is `Clocked` (reminders, playlists with a schedule, alert conditions) carries `next_due` (UTC, RFC 3339, whole
minutes) and a shard; GSI3 orders those that have one. So a look at the clock reads what is due and nothing else,
however many there are:

    due records of a kind, earliest first    GSI3 DUE#<kind>#<shard> / <next_due>#<subject>#<id>, below the next minute

Who stores such a record passes it through `prepared` first.
"""

import heapq
from abc import abstractmethod
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar
from zlib import crc32

from memory_mirror.records.record import Record
from memory_mirror.service import store
from memory_mirror.times.recurrence import Recurrence, next_after
from quintet.models.time import as_utc, rfc3339
from quintet.store import Index

SHARDS = 4
"""Partitions of a kind's due times; a look at the clock asks each of them once."""
CATCH_UP = timedelta(hours=2)
"""How late something still happens. What is older is missed."""
_MINUTE = timedelta(minutes=1)
_MOMENT = timedelta(seconds=1)


class Clocked(Record):
    """A record that the clock looks after: `next_due` is when, None when it is switched off or never due again."""

    if TYPE_CHECKING:  # each kind declares them after its own fields: that is their order in replies
        next_due: str | None = None
        due_shard: str | None = None

    @abstractmethod
    def first_due(self, at: datetime) -> str | None:
        """When a record that is stored at `at` is due first."""

    @abstractmethod
    def due_from(self, at: datetime) -> str | None:
        """When it is due from `at` on, whatever it was due for before."""


class Recurring(Clocked):
    """A record that happens at local times."""

    @abstractmethod
    def recurrence(self) -> Recurrence | None:
        """When it happens; None when it is switched off or has no schedule."""

    def first_due(self, at: datetime) -> str | None:
        """When a record that is stored at `at` is due first.

        A new one still catches up with what it names of the last two hours; a changed one keeps what it was already
        due for, as long as it still names it, and else begins with the present minute, so that a change repeats
        nothing.
        """
        rule = self.recurrence()
        if rule is None:
            return None
        if self.created_date == self.updated_date:
            return due_after(rule, at - CATCH_UP - _MOMENT)
        if self.next_due is not None and self.next_due <= minute(at):
            before = instant(self.next_due) - _MOMENT
            if due_after(rule, before) == self.next_due:
                return self.next_due
        return due_after(rule, instant(minute(at)) - _MOMENT)

    def due_from(self, at: datetime) -> str | None:
        rule = self.recurrence()
        return due_after(rule, at) if rule else None


R = TypeVar("R", bound=Record)
C = TypeVar("C", bound=Clocked)


def due_times(kind: str) -> Index:
    """GSI3 of a kind that the clock looks after."""
    return Index(f"DUE#{kind}#{{due_shard}}", "{next_due}#{subject}#{id}", order="ascending")


def prepared(record: R, at: datetime) -> R:
    """A record with the `next_due` and shard that belong to its other fields, to be stored at the instant `at`.

    Records that no clock looks after are answered as they are.
    """
    if not isinstance(record, Clocked):
        return record
    due = record.first_due(at)
    return record.model_copy(update={"next_due": due, "due_shard": shard_of(record.id) if due else None})


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


def is_due(record: Clocked, at: datetime) -> bool:
    return record.next_due is not None and record.next_due <= minute(at)


def shard_of(id: str) -> str:
    """The partition of the due times that a record belongs to."""
    return str(crc32(id.encode()) % SHARDS)


def due(kind: type[C], at: datetime, page: int = 100) -> Iterator[C]:
    """The records of a kind that are due at `at`, earliest first, read as they are consumed."""
    shards = [_due_of_shard(kind, str(number), minute(at + _MINUTE), page) for number in range(SHARDS)]
    return heapq.merge(*shards, key=lambda record: (record.next_due or "", record.id))


def _due_of_shard(kind: type[C], shard: str, before: str, page: int) -> Iterator[C]:
    after = None
    while True:
        part = store.query(kind, "gsi3", due_shard=shard, before=before, limit=page, after=after)
        yield from part.items
        after = part.after
        if after is None:
            return
