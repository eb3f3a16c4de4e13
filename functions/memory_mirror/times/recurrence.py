"""When something that recurs at local times happens: its occurrences as instants, right across every clock change.

A recurrence lives on the wall clock of its zone. Its occurrences are named by their nominal local time, and

- a local time that a change skips happens at the next valid minute, still under its own name;
- a local time that comes twice happens once, at its first pass;
- nominal times of one recurrence that fall on one instant are one occurrence under the last of their names, so that
  an hourly reminder does not come twice, nor one of every minute sixty times, when a skipped hour ends.

FREQ=HOURLY and MINUTELY are no exception: they follow the wall clock too, and so pause while an hour is repeated.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from memory_mirror.times.rrules import check_rrule, nominal_times, read
from quintet.models.locale import check_timezone
from quintet.models.time import as_utc

__all__ = ["Occurrence", "Recurrence", "check_rrule", "check_starts_at", "instant_of", "next_after"]

FIRST_YEAR, LAST_YEAR = 1970, 2199
"""The years in which something may start."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Local times of a zone: once at `starts_at` (naive; seconds do not count), or by a rule from then on."""

    starts_at: datetime
    timezone: str
    rrule: str | None = None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One occurrence: its nominal `local` time (naive), which names it, and the UTC instant it happens at."""

    local: datetime
    instant: datetime


def check_starts_at(starts_at: datetime) -> None:
    """Raises `ValueError` when a start has an offset or lies outside the years that can be reckoned with."""
    if starts_at.tzinfo is not None:
        raise ValueError("must be a local time without an offset, such as 2027-01-18T10:00:00")
    if not FIRST_YEAR <= starts_at.year <= LAST_YEAR:
        raise ValueError(f"must be in the years {FIRST_YEAR} to {LAST_YEAR}")


def next_after(rule: Recurrence, after: datetime) -> Occurrence | None:
    """The first occurrence later than the instant `after`, None when there is none.

    Raises `ValueError` for a rule or a zone that the checks would refuse.
    """
    from zoneinfo import ZoneInfo

    check_timezone(rule.timezone)
    zone = ZoneInfo(rule.timezone)
    start = rule.starts_at.replace(second=0, microsecond=0, tzinfo=None)
    if rule.rrule is None:
        only = Occurrence(start, instant_of(start, rule.timezone))
        return only if only.instant > after else None
    # Instants follow each other as their names do, so what is named by now on the wall clock has happened by now.
    wall = as_utc(after).astimezone(zone).replace(tzinfo=None)
    named = nominal_times(rule.rrule, start, wall.replace(second=0, microsecond=0))
    until = read(rule.rrule).until
    last = until.at.replace(tzinfo=UTC) if until and until.utc else None
    all_of_them = (Occurrence(local, instant_of(local, rule.timezone)) for local in named)
    to_come = takewhile(lambda one: last is None or one.instant <= last, all_of_them)
    found: Occurrence | None = None
    for one in to_come:
        if found is not None and one.instant != found.instant:
            return found
        if one.instant > after:
            found = one
            if _unskipped(one, zone.key):
                return found
    return found


def _unskipped(one: Occurrence, timezone: str) -> bool:
    """Whether an occurrence happens at the very time that names it; then none after it can share its instant."""
    from zoneinfo import ZoneInfo

    return one.instant.astimezone(ZoneInfo(timezone)).replace(tzinfo=None) == one.local


def instant_of(local: datetime, timezone: str) -> datetime:
    """The instant (UTC) of a naive local time: its first pass if it comes twice, the end of the gap if it is skipped.

    Of a skipped time Python (PEP 495) tells two readings, by the offset before the change and by the one after;
    the change lies between them.
    """
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(timezone)
    first = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == local:
        return first
    early, late = local.replace(tzinfo=zone, fold=1).astimezone(UTC), first
    before = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = (early + (late - early) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late
