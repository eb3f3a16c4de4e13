"""Occurrences of reminders and playlists: each claimed once, whoever comes first, and what was missed counted.

Access patterns:
    the claim of an occurrence                     OCCURRENCE#<subject> / <item>#<nominal local time>
    an item's claims, newest first                 the same partition, beginning with <item>#
    missed reminders of a subject, newest first    GSI1 MISSED#<subject> / <instant of the last>#<item>

An occurrence is claimed by creating its item, in one transaction with the record's next due time and with all that
the occurrence is to bring about. So however many clocks run at once, or die half-way, it happens once.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Generic, Literal, TypeVar

from memory_mirror.audit.trail import tentatively
from memory_mirror.clock.due import CATCH_UP, Recurring, due, instant, is_due, minute
from memory_mirror.records.record import noted
from memory_mirror.service import store
from memory_mirror.times.moments import Moment, iso
from memory_mirror.times.recurrence import Occurrence, Recurrence, next_after
from quintet import log
from quintet.models import epoch
from quintet.store import ConditionFailed, Entity, Index, Keys, Transaction

MOST_COUNTED = 500
"""Missed occurrences of one record that are counted one by one; after a longer standstill the rest is passed over."""
MISSABLE = "Reminder"
"""The kind whose missed occurrences are listed; nobody misses a playlist."""
KEPT = timedelta(days=400)
"""How long a claim is kept: it guards against a record that is changed back to a time that was already told."""
_MOMENT = timedelta(seconds=1)

C = TypeVar("C", bound=Recurring)
T = TypeVar("T")


class OccurrenceClaim(Entity):
    """That an occurrence happened, or that `count` of them from it on were missed."""

    kind: ClassVar[str] = "occurrence"
    keys: ClassVar[Keys] = Keys(
        "OCCURRENCE#{subject}",
        "{item_id}#{local}",
        gsi1=Index(
            "MISSED#{subject}",
            "{last}#{item_id}",
            when=lambda claim: claim.status == "missed" and claim.item_kind == MISSABLE,
        ),
    )

    subject: str
    item_id: str
    item_kind: str
    local: str
    """The nominal local time, ISO 8601 without an offset."""
    instant: Moment
    status: Literal["fired", "missed"]
    count: int = 1
    last: str = ""
    """The instant of the last one that is counted, text that sorts as time."""
    claimed_at: Moment
    expires_at: int


@dataclass(frozen=True, slots=True)
class Step:
    """What to do for a record that is due: give up `missed`, or let `fire` happen; then it is due at `following`."""

    missed: tuple[Occurrence, ...]
    fire: Occurrence | None
    following: Occurrence | None


@dataclass(frozen=True, slots=True)
class Fired(Generic[C, T]):
    """An occurrence that this process claimed, and what came of it."""

    record: C
    occurrence: Occurrence
    result: T


class _Taken(Exception):
    """Somebody else claimed the occurrence."""


def next_step(rule: Recurrence, due_at: datetime, at: datetime, *, latest_only: bool = False) -> Step:
    """What to do at `at` for something that has been due since `due_at`.

    Occurrences more than two hours old are missed. Of the others each happens, the earliest first; with
    `latest_only` just the last one, and those before it are missed.
    """
    missed: list[Occurrence] = []
    found = next_after(rule, due_at - _MOMENT)
    while found is not None and found.instant < at - CATCH_UP:
        missed.append(found)
        after = found.instant if len(missed) < MOST_COUNTED else at - CATCH_UP - _MOMENT
        found = next_after(rule, after)
    if missed or found is None or found.instant > at:
        return Step(tuple(missed), None, found)
    following = next_after(rule, found.instant)
    while latest_only and following is not None and following.instant <= at:
        missed.append(found)
        found, following = following, next_after(rule, following.instant)
    return Step(tuple(missed), None, found) if missed else Step((), found, following)


def fire_due(
    kind: type[C],
    at: datetime,
    fire: Callable[[Transaction, C, Occurrence], T],
    *,
    latest_only: bool = False,
    seconds: float = 20.0,
) -> Iterator[Fired[C, T]]:
    """Claim what is due at `at` and let it happen, earliest first, for at most `seconds`; the rest stays due.

    `fire` adds to the transaction of the claim what the occurrence brings about. Each claim is yielded right after
    its commit. A record that fails keeps no other waiting; when nothing but failures came, the first is raised.
    """
    ends, failures, done = time.monotonic() + seconds, [], 0
    for record in due(kind, at):
        try:
            for fired in _settle(record, at, fire, latest_only=latest_only, ends=ends):
                done += 1
                yield fired
        except Exception as error:
            log.logger().exception("an occurrence was not told", extra={"kind": kind.kind, "record_id": record.id})
            failures.append(error)
        if time.monotonic() >= ends:
            break
    if failures and not done:
        raise failures[0]


def missed_since(subject: str, since: datetime) -> list[OccurrenceClaim]:
    """The missed reminders of a subject that were due at `since` or later, newest first."""
    found: list[OccurrenceClaim] = []
    for claim in store.each(OccurrenceClaim, "gsi1", subject=subject):
        if claim.last < iso(since):
            break
        found.append(claim)
    return found


def _settle(
    record: C | None, at: datetime, fire: Callable[[Transaction, C, Occurrence], T], *, latest_only: bool, ends: float
) -> Iterator[Fired[C, T]]:
    """Step by step until a record is due no more. Who loses a step to another reads the record afresh."""
    while record is not None and is_due(record, at):
        rule = record.recurrence()
        if rule is None:
            return
        step = next_step(rule, instant(record.next_due or ""), at, latest_only=latest_only)
        try:
            advanced, result = _take(record, step, at, fire)
        except ConditionFailed:
            record = store.get(type(record), subject=record.subject, id=record.id)
            continue
        if step.fire is not None and result is not None:
            yield Fired(record, step.fire, result)
        record = advanced
        if time.monotonic() >= ends:
            return


def _take(record: C, step: Step, at: datetime, fire: Callable[[Transaction, C, Occurrence], T]) -> tuple[C, T | None]:
    """Commit a step; answers the record as it is then, and what `fire` made of it (None: it was told before).

    Raises `ConditionFailed` when somebody else wrote the record.
    """
    following = minute(step.following.instant) if step.following else None
    advanced = record.model_copy(update={"next_due": following})
    claimed = step.fire or (step.missed[0] if step.missed else None)
    try:
        with tentatively():
            tx = store.transaction()
            tx.replace(record, advanced, refused=None)
            if claimed is not None:
                tx.create(_claim(record, claimed, step, at), lambda _: _Taken())
            result = fire(tx, record, step.fire) if step.fire else None
            tx.commit()
    except _Taken:
        result = None
        store.replace(record, advanced, refused=None)
    noted("write", advanced)
    return advanced, result


def _claim(record: Recurring, first: Occurrence, step: Step, at: datetime) -> OccurrenceClaim:
    last = step.missed[-1] if step.missed else first
    return OccurrenceClaim(
        subject=record.subject,
        item_id=record.id,
        item_kind=record.kind,
        local=first.local.isoformat(timespec="minutes"),
        instant=first.instant,
        status="missed" if step.missed else "fired",
        count=max(len(step.missed), 1),
        last=iso(last.instant),
        claimed_at=at,
        expires_at=epoch(at + KEPT),
    )
