"""Sums over time as charts show them: one point for each day, week or month, those without events among them."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from caidence.campaigns.figures import Sums, added

Day = date
"""The type, where a field has its name."""


class Point(BaseModel):
    """What happened in a day, week or month."""

    model_config = ConfigDict(defer_build=True)

    date: Annotated[Day, Field(description="The first day of it, in UTC")]
    impressions: int
    clicks: int
    conversions: int
    engagements: int
    spend: Annotated[int, Field(description="In minor units")]
    revenue: Annotated[int, Field(description="The value of the conversions in minor units")]

    @classmethod
    def of(cls, first: Day, sums: Sums) -> Self:
        return cls(date=first, **sums._asdict())


def first_of_days(last: date, days: int) -> date:
    """The first of so many days up to `last`."""
    return last - timedelta(days=days - 1)


def daily(sums: Mapping[date, Sums], last: date, days: int) -> list[Point]:
    """The days up to `last`, the oldest first."""
    return _points(sums, [last - timedelta(days=back) for back in reversed(range(days))], last)


def weekly(sums: Mapping[date, Sums], last: date, weeks: int) -> list[Point]:
    """Spans of seven days, the last of which ends with `last`, the oldest first."""
    return _points(sums, [first_of_days(last, 7 * back) for back in range(weeks, 0, -1)], last)


def monthly(sums: Mapping[date, Sums], last: date, months: int) -> list[Point]:
    """Calendar months up to that of `last`, the oldest first."""
    return _points(sums, [month_before(last, back) for back in reversed(range(months))], last)


def month_before(day: date, months: int) -> date:
    """The first day of the calendar month so many months before a day's."""
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def _points(sums: Mapping[date, Sums], starts: list[date], last: date) -> list[Point]:
    """A point for each start, which lasts until the next one."""
    found = []
    for start, end in zip(starts, [*starts[1:], last + timedelta(days=1)], strict=True):
        found.append(Point.of(start, added(each for day, each in sums.items() if start <= day < end)))
    return found
