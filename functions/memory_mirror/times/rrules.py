"""Recurrence rules (RFC 5545, section 3.3.10): their text checked and read, and their local times, in bounded time.

The times themselves are python-dateutil's. Two things keep it from searching for long. A rule is not followed from
its start but from the period (year, month, week, …) that the search begins in, with the interval's phase kept; and
that period is moved into a far year, because dateutil only gives a rule up that has no more times when it comes to
the year 9999. The Gregorian calendar repeats every 400 years, to the day of the week, so the times are the same.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any

LONGEST = 500
"""Characters of a rule."""
MOST_TIMES = 144
"""Times a day that BYHOUR and BYMINUTE may list together; FREQ=MINUTELY serves for more."""
MOST_COUNT = 1000
MOST_INTERVAL = 100_000

FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY")
"""In dateutil's order. SECONDLY is not among them: the clock comes once a minute."""
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PARTS = {"FREQ", "UNTIL", "COUNT", "INTERVAL", "BYDAY", "BYSETPOS", "WKST"}
_NUMBERS = {
    # part: (dateutil's name, least, most); where the least is below zero, zero itself is not allowed
    "BYMINUTE": ("byminute", 0, 59),
    "BYHOUR": ("byhour", 0, 23),
    "BYMONTHDAY": ("bymonthday", -31, 31),
    "BYYEARDAY": ("byyearday", -366, 366),
    "BYWEEKNO": ("byweekno", -53, 53),
    "BYMONTH": ("bymonth", 1, 12),
    "BYSETPOS": ("bysetpos", -366, 366),
}
_DAYS = ("bymonth", "bymonthday", "byyearday", "byweekday")
"""The parts, as dateutil has them, that choose days."""
_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"\d{8}(T\d{6}Z?)?")
_CYCLE = 400
_FAR = 9899
"""The latest year a search begins in: every search looks at least a hundred years ahead, and at most five hundred."""
_PROBE = datetime.fromisoformat("2024-01-01")


@dataclass(frozen=True, slots=True)
class Until:
    """A rule's end, inclusive: an instant when `utc`, else a local time."""

    at: datetime
    utc: bool


@dataclass(frozen=True)
class Rule:
    """A rule as read: `by` holds dateutil's arguments."""

    frequency: str
    interval: int = 1
    count: int | None = None
    until: Until | None = None
    weekstart: int = 0
    by: dict[str, Any] = field(default_factory=dict)


def check_rrule(text: str) -> None:
    """Raises `ValueError` saying what is wrong with a rule: its form, a part, or that it never comes true."""
    rule = read(text)
    # Of the days that a rule leaves out, an interval and a start only leave out more.
    probes = [Rule(rule.frequency, weekstart=rule.weekstart, by=rule.by)]
    if rule.frequency in ("HOURLY", "MINUTELY"):
        # Its days first: looking for one that never comes hour by hour, or minute by minute, takes seconds.
        probes.insert(0, Rule("DAILY", by={part: rule.by[part] for part in _DAYS if part in rule.by}))
    if any(next(_followed(probe, _PROBE, _PROBE), None) is None for probe in probes):
        raise ValueError("never occurs")


@lru_cache(maxsize=1024)
def read(text: str) -> Rule:
    """The rule of `FREQ=…;…`, with or without `RRULE:` before it; raises `ValueError` as `check_rrule` does."""
    if len(text) > LONGEST:
        raise ValueError(f"must be at most {LONGEST} characters")
    given = _split(text.strip().upper().removeprefix("RRULE:"))
    frequency = given.pop("FREQ", "")
    if frequency not in FREQUENCIES:
        raise ValueError(f"FREQ must be one of {', '.join(FREQUENCIES)}")
    if "COUNT" in given and "UNTIL" in given:
        raise ValueError("COUNT and UNTIL exclude each other")
    by = {_NUMBERS[part][0]: _numbers(part, given[part]) for part in _NUMBERS if part in given}
    if "BYDAY" in given:
        by["byweekday"] = _days(given["BYDAY"])
    rule = Rule(
        frequency,
        _number("INTERVAL", given.get("INTERVAL", "1"), 1, MOST_INTERVAL),
        _number("COUNT", given["COUNT"], 1, MOST_COUNT) if "COUNT" in given else None,
        _until(given["UNTIL"]) if "UNTIL" in given else None,
        _weekstart(given.get("WKST", "MO")),
        by,
    )
    _check_together(rule)
    return rule


def nominal_times(text: str, start: datetime, after: datetime) -> Iterator[datetime]:
    """A rule's local times later than `after`, ascending; both datetimes naive, in whole minutes.

    COUNT and a local UNTIL end them; an UNTIL in UTC is for the caller, who knows the zone. As in dateutil, `start`
    is no time of the rule's unless the rule names it.
    """
    rule = read(text)
    last = _last_counted(text, start) if rule.count is not None else None
    if rule.count is not None and last is None:
        return
    for time in _followed(rule, start, after):
        if (last is not None and time > last) or (rule.until and not rule.until.utc and time > rule.until.at):
            return
        if time > after:
            yield time


@lru_cache(maxsize=1024)
def _last_counted(text: str, start: datetime) -> datetime | None:
    """The local time that exhausts COUNT, the last there is when the rule gives out before; None when it has none."""
    rule, last = read(text), None
    for time in islice(_followed(rule, start, start), rule.count):
        last = time
    return last


def _followed(rule: Rule, start: datetime, after: datetime) -> Iterator[datetime]:
    """A rule's local times from the beginning of the period that `after` lies in, or from `start`."""
    from dateutil import rrule

    begin = _period(rule, start, after)
    far = (_FAR - begin.year) // _CYCLE * _CYCLE
    frequency: Any = FREQUENCIES.index(rule.frequency)
    try:
        found = rrule.rrule(
            frequency,
            dtstart=_in_year(begin, far),
            interval=rule.interval,
            wkst=rule.weekstart,
            **_explicit(rule, start),
        )
        for time in found:
            yield _in_year(time, -far)
    except (ValueError, OverflowError):
        return  # dateutil's way to say that an interval never meets BYHOUR or BYMINUTE, or that the years are over


def _in_year(time: datetime, years: int) -> datetime:
    return time.replace(year=time.year + years)


def _explicit(rule: Rule, start: datetime) -> dict[str, Any]:
    """A rule's parts with those that it leaves to its start (RFC 5545: the missing ones are taken from DTSTART)."""
    by, frequency = dict(rule.by), FREQUENCIES.index(rule.frequency)
    if not by.keys() & {"byweekno", "byyearday", "bymonthday", "byweekday"}:
        if rule.frequency == "YEARLY":
            by.setdefault("bymonth", [start.month])
        if rule.frequency in ("YEARLY", "MONTHLY"):
            by["bymonthday"] = [start.day]
        elif rule.frequency == "WEEKLY":
            by["byweekday"] = [start.weekday()]
    if frequency < FREQUENCIES.index("HOURLY"):
        by.setdefault("byhour", [start.hour])
    if frequency < FREQUENCIES.index("MINUTELY"):
        by.setdefault("byminute", [start.minute])
    return by


def _period(rule: Rule, start: datetime, after: datetime) -> datetime:
    """The beginning of the last period of the rule that begins by `after`: `start` itself in its first one."""
    if after <= start:
        return start
    midnight = start.replace(hour=0, minute=0)
    if rule.frequency == "YEARLY":
        years = (after.year - start.year) // rule.interval * rule.interval
        return midnight.replace(year=start.year + years, month=1, day=1) if years else start
    if rule.frequency == "MONTHLY":
        months = (after.year * 12 + after.month - start.year * 12 - start.month) // rule.interval * rule.interval
        year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
        return midnight.replace(year=year, month=month + 1, day=1) if months else start
    if rule.frequency == "WEEKLY":
        begin, step = midnight - timedelta(days=(start.weekday() - rule.weekstart) % 7), timedelta(weeks=rule.interval)
    elif rule.frequency == "DAILY":
        begin, step = midnight, timedelta(days=rule.interval)
    elif rule.frequency == "HOURLY":
        begin, step = start.replace(minute=0), timedelta(hours=rule.interval)
    else:
        begin, step = start, timedelta(minutes=rule.interval)
    passed = (after - begin) // step
    return begin + passed * step if passed else start


def _split(text: str) -> dict[str, str]:
    given: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value:
            raise ValueError("must be an RFC 5545 rule, such as FREQ=DAILY;INTERVAL=2")
        if name == "BYSECOND":
            raise ValueError("BYSECOND is not supported, the clock comes once a minute")
        if name not in _PARTS and name not in _NUMBERS:
            raise ValueError(f"{name[:20]} is not a part of a rule")
        if name in given:
            raise ValueError(f"{name} must be given once")
        given[name] = value
    return given


def _number(part: str, text: str, least: int, most: int) -> int:
    unsigned = text.removeprefix("-") if least < 0 else text
    unsigned = unsigned.removeprefix("+") if least < 0 and not text.startswith("-") else unsigned
    if not (unsigned.isascii() and unsigned.isdigit() and len(unsigned) <= 7 and least <= int(text) <= most):
        raise ValueError(f"{part} must be from {least} to {most}")
    if least < 0 and int(text) == 0:
        raise ValueError(f"{part} must not be 0")
    return int(text)


def _numbers(part: str, text: str) -> list[int]:
    _, least, most = _NUMBERS[part]
    return sorted({_number(part, one, least, most) for one in text.split(",")})


def _days(text: str) -> list[Any]:
    from dateutil.rrule import weekday

    found = []
    for one in text.split(","):
        match = _DAY.fullmatch(one)
        ordinal = int(match[1]) if match and match[1] else None
        if not match or ordinal == 0 or abs(ordinal or 0) > 53:
            raise ValueError("BYDAY must list days such as MO or, counted in a month or year, 2MO and -1FR")
        found.append(weekday(WEEKDAYS.index(match[2]), ordinal))
    return found


def _weekstart(text: str) -> int:
    if text not in WEEKDAYS:
        raise ValueError(f"WKST must be one of {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(text)


def _until(text: str) -> Until:
    try:
        if not _UNTIL.fullmatch(text):
            raise ValueError
        if "T" not in text:  # a date: to the end of that day
            return Until(datetime.strptime(text + "2359", "%Y%m%d%H%M"), utc=False)  # noqa: DTZ007 (local)
        at = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 (local, or UTC as flagged)
    except ValueError:
        raise ValueError("UNTIL must be such as 20271231T235959Z, 20271231T235959 or 20271231") from None
    return Until(at, utc=text.endswith("Z"))


def _check_together(rule: Rule) -> None:
    """The combinations that RFC 5545 forbids, and those that would cost too much."""
    by, frequency = rule.by, rule.frequency
    if any(day.n for day in by.get("byweekday", ())) and (frequency not in ("MONTHLY", "YEARLY") or "byweekno" in by):
        raise ValueError("BYDAY may count days in FREQ=MONTHLY and YEARLY only, and not with BYWEEKNO")
    if "bymonthday" in by and frequency == "WEEKLY":
        raise ValueError("BYMONTHDAY does not go with FREQ=WEEKLY")
    if "byyearday" in by and frequency in ("DAILY", "WEEKLY", "MONTHLY"):
        raise ValueError(f"BYYEARDAY does not go with FREQ={frequency}")
    if "byweekno" in by and frequency != "YEARLY":
        raise ValueError("BYWEEKNO goes with FREQ=YEARLY only")
    if by.keys() == {"bysetpos"}:
        raise ValueError("BYSETPOS needs another BY part")
    if frequency in ("HOURLY", "MINUTELY"):
        # Positions within one hour or minute: following a rule that has none of them would take seconds.
        most = len(set(by.get("byminute", (0,)))) if frequency == "HOURLY" else 1
        if "bysetpos" in by and all(abs(position) > most for position in by["bysetpos"]):
            raise ValueError("never occurs")
    else:
        times = len(by.get("byhour", "1")) * len(by.get("byminute", "1"))
        if times > MOST_TIMES:
            raise ValueError(f"BYHOUR and BYMINUTE give {times} times a day, {MOST_TIMES} are the most")
