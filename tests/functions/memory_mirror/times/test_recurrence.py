"""Occurrences as instants: every clock change of every IANA zone, and what a change does to each kind of rule."""

# ruff: noqa: DTZ001 (local times have no zone)

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from memory_mirror.times.recurrence import (
    Occurrence,
    Recurrence,
    check_starts_at,
    instant_of,
    next_after,
)

FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def happened(rule: Recurrence, after: datetime, until: datetime) -> list[Occurrence]:
    """All occurrences later than `after`, up to `until`, found one from the other as the clock does."""
    found: list[Occurrence] = []
    while (one := next_after(rule, after)) is not None and one.instant <= until:
        found.append(one)
        after = one.instant
    return found


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def told(rule: str | None, starts_at: str, zone: str, after: str, until: str) -> list[tuple[str, str]]:
    """Occurrences as (local name, UTC) without dates."""
    found = happened(Recurrence(local(starts_at), zone, rule), utc(after), utc(until))
    return [(f"{one.local:%H:%M}", f"{one.instant:%H:%M}") for one in found]


def test_a_skipped_time_happens_at_the_next_valid_minute_under_its_own_name() -> None:
    assert told("FREQ=DAILY", "2026-03-20T02:30", "Europe/Berlin", "2026-03-28T00:00", "2026-03-30T12:00") == [
        ("02:30", "01:30"), ("02:30", "01:00"), ("02:30", "00:30"),
    ]  # fmt: skip


def test_a_repeated_time_happens_once_at_its_first_pass() -> None:
    assert told("FREQ=DAILY", "2026-10-20T02:30", "Europe/Berlin", "2026-10-24T00:00", "2026-10-26T12:00") == [
        ("02:30", "00:30"), ("02:30", "00:30"), ("02:30", "01:30"),
    ]  # fmt: skip


def test_an_hourly_rule_comes_once_when_the_skipped_hour_ends_and_pauses_while_one_is_repeated() -> None:
    spring = told("FREQ=HOURLY", "2026-03-01T00:00", "Europe/Berlin", "2026-03-28T22:30", "2026-03-29T02:30")
    assert spring == [("00:00", "23:00"), ("01:00", "00:00"), ("03:00", "01:00"), ("04:00", "02:00")]
    autumn = told("FREQ=HOURLY", "2026-10-01T00:00", "Europe/Berlin", "2026-10-24T22:30", "2026-10-25T03:30")
    assert autumn == [("01:00", "23:00"), ("02:00", "00:00"), ("03:00", "02:00"), ("04:00", "03:00")]


def test_an_hourly_rule_off_the_hour_loses_nothing() -> None:
    assert told("FREQ=HOURLY", "2026-03-01T00:30", "Europe/Berlin", "2026-03-29T00:00", "2026-03-29T02:00") == [
        ("01:30", "00:30"), ("02:30", "01:00"), ("03:30", "01:30"),
    ]  # fmt: skip


def test_sixty_skipped_minutes_come_as_one() -> None:
    assert told("FREQ=MINUTELY", "1970-01-01T00:00", "Europe/Berlin", "2026-03-29T00:58", "2026-03-29T01:01") == [
        ("01:59", "00:59"), ("03:00", "01:00"), ("03:01", "01:01"),
    ]  # fmt: skip


def test_a_day_that_a_zone_left_out_is_told_when_the_next_begins() -> None:
    # Samoa went from 29 to 31 December 2011.
    found = happened(
        Recurrence(local("2011-12-28T10:00"), "Pacific/Apia", "FREQ=DAILY"), utc("2011-12-28"), utc("2011-12-31")
    )
    assert [(str(one.local), str(one.instant)) for one in found] == [
        ("2011-12-28 10:00:00", "2011-12-28 20:00:00+00:00"),
        ("2011-12-29 10:00:00", "2011-12-29 20:00:00+00:00"),
        ("2011-12-30 10:00:00", "2011-12-30 10:00:00+00:00"),
        ("2011-12-31 10:00:00", "2011-12-30 20:00:00+00:00"),
    ]


def test_without_a_rule_it_happens_once() -> None:
    once = Recurrence(local("2026-11-20T08:00:40"), "Asia/Tokyo")
    assert next_after(once, utc("2026-11-01")) == Occurrence(local("2026-11-20T08:00"), utc("2026-11-19T23:00"))
    assert next_after(once, utc("2026-11-19T23:00")) is None


def test_count_and_until_end_a_rule() -> None:
    three = "FREQ=DAILY;COUNT=3"
    assert len(told(three, "2026-11-20T08:00", "Asia/Tokyo", "2026-01-01T00:00", "2027-01-01T00:00")) == 3
    assert told(three, "2026-11-20T08:00", "Asia/Tokyo", "2026-11-22T00:00", "2027-01-01T00:00") == []
    # 23:00 UTC on the 21st is 08:00 in Tokyo on the 22nd
    for end, times in (("20261121T230000Z", 3), ("20261121T225959Z", 2), ("20261122T080000", 3), ("20261121", 2)):
        rule = f"FREQ=DAILY;UNTIL={end}"
        assert len(told(rule, "2026-11-20T08:00", "Asia/Tokyo", "2026-01-01T00:00", "2027-01-01T00:00")) == times, end


def test_a_rule_needs_a_zone_of_the_iana_database() -> None:
    for wrong in ("", "Mars/Base", "+02:00"):
        with pytest.raises(ValueError, match="IANA time zone"):
            next_after(Recurrence(local("2026-11-20T08:00"), wrong), utc("2026-01-01"))


def test_a_start_is_a_local_time_of_our_days() -> None:
    check_starts_at(local("2026-11-20T08:00"))
    for wrong in (utc("2026-11-20"), local("1969-12-31T23:59"), local("2200-01-01T00:00")):
        with pytest.raises(ValueError, match="must be"):
            check_starts_at(wrong)


# Every zone, every change


@dataclass(frozen=True)
class Change:
    """A change of a zone's clock: the first instant after it, and the two offsets."""

    at: datetime
    before: timedelta
    after: timedelta


def offset(zone: ZoneInfo, at: datetime) -> timedelta:
    found = at.astimezone(zone).utcoffset()
    assert found is not None
    return found


def changes(zone: ZoneInfo) -> tuple[Change, ...]:
    """A zone's changes of 2024 to 2030, to the minute."""
    found = []
    days = [FIRST + n * DAY for n in range((LAST - FIRST).days + 1)]
    offsets = [offset(zone, day) for day in days]
    for (early, before), (late, after) in pairwise(zip(days, offsets, strict=True)):
        if before != after:
            low, high = early, late
            while high - low > MINUTE:
                middle = low + (high - low) / 2
                middle = middle.replace(second=0, microsecond=0)
                low, high = (middle, high) if offset(zone, middle) == before else (low, middle)
            found.append(Change(high, before, after))
    return tuple(found)


@cache
def tables() -> dict[tuple[timedelta, tuple[Change, ...]], list[str]]:
    """The different clocks of the world in those years, each with the zones that keep it."""
    found: dict[tuple[timedelta, tuple[Change, ...]], list[str]] = {}
    for name in sorted(available_timezones() - {"Factory", "localtime"}):
        zone = ZoneInfo(name)
        found.setdefault((offset(zone, FIRST), changes(zone)), []).append(name)
    return found


def expected(
    nominal: list[datetime], walls: dict[datetime, datetime], after: datetime, until: datetime
) -> list[Occurrence]:
    """By a walk along the minutes: each nominal time at its first pass, a skipped one at the first time past it, and
    of those that share an instant the last."""
    by_instant: dict[datetime, datetime] = {}
    passed = sorted(walls)
    for name in nominal:
        at = walls.get(name) or walls[next(wall for wall in passed if wall > name)]
        by_instant[at] = name
    return [Occurrence(name, at) for at, name in sorted(by_instant.items()) if after < at <= until]


def first_passes(zone: ZoneInfo, begin: datetime, end: datetime) -> dict[datetime, datetime]:
    """The first instant of every minute that the zone's wall clock shows between two instants."""
    found: dict[datetime, datetime] = {}
    at = begin
    while at <= end:
        found.setdefault(at.astimezone(zone).replace(tzinfo=None), at)
        at += MINUTE
    return found


def cases(change: Change) -> Iterator[tuple[str, datetime, timedelta, timedelta]]:
    """Rules around a change: the rule, a local start some periods before it, its step, how far around to look."""
    old, new = change.at + change.before, change.at + change.after
    low, high = (old, new) if new > old else (new, old)
    low, high = low.replace(tzinfo=None), high.replace(tzinfo=None)
    middle = low + (high - low) / 2
    for time in (low - MINUTE, low, middle.replace(second=0), high - MINUTE, high, high + MINUTE):
        yield "FREQ=DAILY", time - 4 * DAY, DAY, DAY + 4 * HOUR
    for time in (low, middle.replace(second=0)):
        yield "FREQ=WEEKLY", time - 21 * DAY, 7 * DAY, DAY
    yield "FREQ=HOURLY", low - 48 * HOUR, HOUR, 6 * HOUR
    yield "FREQ=HOURLY;INTERVAL=2", low - 48 * HOUR + 30 * MINUTE, 2 * HOUR, 8 * HOUR
    yield "FREQ=MINUTELY;INTERVAL=20", low - 48 * HOUR + MINUTE, 20 * MINUTE, 3 * HOUR


def test_every_change_of_every_zone_keeps_each_occurrence_exactly_once(capsys: pytest.CaptureFixture[str]) -> None:
    zones = different = occurrences = 0
    for (_, found), names in tables().items():
        zones += len(names)
        zone = ZoneInfo(names[0])
        for change in found:
            different += 1
            walls = first_passes(zone, change.at - 2 * DAY, change.at + 2 * DAY)
            earliest, latest = min(walls), max(walls) - 3 * HOUR
            for rule, start, step, around in cases(change):
                after, until = change.at - around, change.at + around
                nominal = [time for n in range(200) if earliest <= (time := start + n * step) <= latest]
                wanted = expected(nominal, walls, after, until)
                got = happened(Recurrence(start, names[0], rule), after, until)
                assert got == wanted, (names[0], change, rule, start)
                assert all(one.instant < two.instant and one.local < two.local for one, two in pairwise(got))
                occurrences += len(got)
    with capsys.disabled():
        print(f"\n  {zones} zones, {len(tables())} different clocks, {different} changes, {occurrences} occurrences")
    assert zones > 400
    assert different > 300
    assert occurrences > 10_000


def test_a_weekly_time_in_the_small_hours_comes_every_week_of_seven_years_in_every_zone() -> None:
    start = datetime(2023, 12, 24, 2, 30)
    sundays = [start + n * 7 * DAY for n in range(1, 368)]
    for names in tables().values():
        found = happened(Recurrence(start, names[-1], "FREQ=WEEKLY;BYDAY=SU"), FIRST, LAST)
        first = sundays.index(found[0].local)
        assert first <= 1
        assert [one.local for one in found] == sundays[first : first + len(found)]
        assert len(found) >= 364
        assert all(6 * DAY < two.instant - one.instant < 8 * DAY for one, two in pairwise(found))
        assert all(one.instant == instant_of(one.local, names[-1]) for one in found)
