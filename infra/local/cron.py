"""When an EventBridge schedule fires: `rate(…)` and `cron(…)` expressions, in UTC.

The syntax is EventBridge Scheduler's ("Schedule types" in its user guide): six cron fields, minutes to years, with
`?`, lists, ranges, steps, names, and `L`, `W` and `#` for days. Sunday is day 1 of the week.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

UNITS = {"minute": 60, "hour": 3600, "day": 86400}
MONTHS = {
    name: number
    for number, name in enumerate(
        ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"), 1
    )
}
DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}


@dataclass(frozen=True)
class Rate:
    """Every so many seconds, counted from the start."""

    seconds: int

    def due(self, last: datetime, now: datetime) -> bool:
        """Whether it fires at `now`, having fired (or started) at `last`."""
        return now - last >= timedelta(seconds=self.seconds)


@dataclass(frozen=True)
class Cron:
    """At the minutes whose six fields all match."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: str
    months: frozenset[int]
    weekdays: str
    years: frozenset[int]

    def due(self, last: datetime, now: datetime) -> bool:
        """Whether it fires in the minute of `now`, having fired (or started) at `last`."""
        return last.replace(second=0, microsecond=0) < now.replace(second=0, microsecond=0) and self.matches(now)

    def matches(self, at: datetime) -> bool:
        return (
            at.minute in self.minutes
            and at.hour in self.hours
            and at.month in self.months
            and at.year in self.years
            and at.day in self._days(at.year, at.month)
        )

    def _days(self, year: int, month: int) -> set[int]:
        if self.weekdays == "?":
            return {day for part in self.days.split(",") for day in _month_days(part, year, month)}
        return {day for part in self.weekdays.split(",") for day in _week_days(part, year, month)}


def parse(expression: str) -> Rate | Cron:
    """The schedule an expression describes. Raises ValueError, naming what is wrong."""
    match = re.fullmatch(r"(rate|cron)\((.*)\)", expression.strip())
    if match is None:
        raise ValueError(f"no rate(…) or cron(…): {expression}")
    return _rate(match[2]) if match[1] == "rate" else _cron(match[2])


def _rate(text: str) -> Rate:
    match = re.fullmatch(r"([1-9]\d*) (minute|hour|day)(s?)", text)
    if match is None or (match[1] == "1") == bool(match[3]):
        raise ValueError(f"rate is a number and minute(s), hour(s) or day(s): {text}")
    return Rate(int(match[1]) * UNITS[match[2]])


def _cron(text: str) -> Cron:
    fields = text.upper().split()
    if len(fields) != 6:
        raise ValueError(f"cron has six fields, minutes to years: {text}")
    minutes, hours, days, months, weekdays, years = fields
    if (days == "?") == (weekdays == "?"):
        raise ValueError(f"one of day-of-month and day-of-week must be ?: {text}")
    cron = Cron(
        frozenset(_numbers(minutes, 0, 59)),
        frozenset(_numbers(hours, 0, 23)),
        days,
        frozenset(_numbers(months, 1, 12, MONTHS)),
        weekdays,
        frozenset(_numbers(years, 1970, 2199)),
    )
    cron._days(2024, 1)  # refuses malformed days now and not when they are first due
    return cron


def _numbers(field: str, low: int, high: int, names: dict[str, int] | None = None) -> set[int]:
    """The numbers a field stands for: `*`, `5`, `1-5`, `*/15`, `10/5`, and lists of these."""
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        if span == "*":
            first, last = low, high
        else:
            begin, dash, end = span.partition("-")
            first = _number(begin, low, high, names)
            last = _number(end, low, high, names) if dash else (high if slash else first)
        if slash and not (step.isdecimal() and int(step)):
            raise ValueError(f"a step is a number above 0: {part}")
        if last < first:  # FRI-MON goes round the end
            found |= set(range(first, high + 1)) | set(range(low, last + 1))
        else:
            found |= set(range(first, last + 1, int(step) if slash else 1))
    return found


def _number(text: str, low: int, high: int, names: dict[str, int] | None) -> int:
    number = (names or {}).get(text)
    if number is None and text.isdecimal():
        number = int(text)
    if number is None or not low <= number <= high:
        raise ValueError(f"{text or 'nothing'} is not between {low} and {high}")
    return number


def _month_days(part: str, year: int, month: int) -> set[int]:
    """Days of a month by a day-of-month field: also `L` (last), `LW` (last weekday), `15W` (weekday nearest)."""
    length = calendar.monthrange(year, month)[1]
    if part == "L":
        return {length}
    if part.endswith("W"):
        wanted = length if part == "LW" else _number(part[:-1], 1, 31, None)
        return {_nearest_weekday(wanted, year, month, length)} if wanted <= length else set()
    return {day for day in _numbers(part, 1, 31) if day <= length}


def _nearest_weekday(day: int, year: int, month: int, length: int) -> int:
    weekday = calendar.weekday(year, month, day)
    if weekday == calendar.SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == calendar.SUNDAY:
        return day + 1 if day < length else day - 2
    return day


def _week_days(part: str, year: int, month: int) -> set[int]:
    """Days of a month by a day-of-week field: also `5L` (last Thursday) and `3#2` (second Tuesday)."""
    last = part.endswith("L") and part != "L"
    name, mark, nth = part.partition("#")
    if last:
        name = part[:-1]
    wanted = {7} if part == "L" else _numbers(name, 1, 7, DAYS)
    length = calendar.monthrange(year, month)[1]
    days = [d for d in range(1, length + 1) if (calendar.weekday(year, month, d) + 1) % 7 + 1 in wanted]
    if last:
        return set(days[-1:])
    if mark:
        index = _number(nth, 1, 5, None) - 1
        return set(days[index : index + 1])
    return set(days)
