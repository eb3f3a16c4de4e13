"""Schedules fire when EventBridge would fire them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.cron import Cron, Rate, parse

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (bounds)


def fires(expression: str, at: str) -> bool:
    schedule = parse(expression)
    assert isinstance(schedule, Cron)
    return schedule.matches(datetime.fromisoformat(at).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [("rate(1 minute)", 60), ("rate(5 minutes)", 300), ("rate(1 hour)", 3600), ("rate(7 days)", 604800)],
)
def test_a_rate_is_a_number_of_units(expression: str, seconds: int) -> None:
    assert parse(expression) == Rate(seconds)


@pytest.mark.parametrize(
    ("expression", "at", "expected"),
    [
        ("cron(0 10 * * ? *)", "2026-11-21T10:00", True),
        ("cron(0 10 * * ? *)", "2026-11-21T10:01", False),
        ("cron(15 12 * * ? *)", "2026-02-03T12:15", True),
        ("cron(0 18 ? * MON-FRI *)", "2026-11-20T18:00", True),  # a Friday
        ("cron(0 18 ? * MON-FRI *)", "2026-11-21T18:00", False),
        ("cron(0 8 1 * ? *)", "2026-12-01T08:00", True),
        ("cron(0/15 * * * ? *)", "2026-11-21T03:45", True),
        ("cron(0/15 * * * ? *)", "2026-11-21T03:46", False),
        ("cron(5/10 8-17 ? * MON,WED *)", "2026-11-18T17:55", True),  # a Wednesday
        ("cron(0 0 L * ? *)", "2028-02-29T00:00", True),
        ("cron(0 0 L * ? *)", "2028-02-28T00:00", False),
        ("cron(0 0 15W * ? *)", "2026-08-14T00:00", True),  # the 15th is a Saturday
        ("cron(0 0 1W * ? *)", "2026-08-03T00:00", True),  # the 1st is a Saturday: not in July
        ("cron(0 0 LW * ? *)", "2026-05-29T00:00", True),  # the 31st is a Sunday
        ("cron(0 0 31W * ? *)", "2026-06-30T00:00", False),
        ("cron(0 0 ? * 6L *)", "2026-11-27T00:00", True),  # the last Friday
        ("cron(0 0 ? * 3#2 *)", "2026-11-10T00:00", True),  # the second Tuesday
        ("cron(0 0 ? * 3#2 *)", "2026-11-17T00:00", False),
        ("cron(0 0 ? * L *)", "2026-11-21T00:00", True),  # Saturdays
        ("cron(0 0 ? * SAT-MON *)", "2026-11-22T00:00", True),
        ("cron(0 0 1 JAN,JUL ? 2027)", "2027-07-01T00:00", True),
        ("cron(0 0 1 JAN,JUL ? 2027)", "2028-07-01T00:00", False),
    ],
)
def test_a_cron_expression_fires_at_its_minutes(expression: str, at: str, expected: bool) -> None:
    assert fires(expression, at) is expected


@pytest.mark.parametrize(
    "expression",
    [
        "every minute",
        "rate(0 minutes)",
        "rate(1 minutes)",
        "rate(5 minute)",
        "rate(5 weeks)",
        "cron(* * * * *)",
        "cron(0 0 * * * *)",
        "cron(0 0 ? * ? *)",
        "cron(60 0 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 0 32 * ? *)",
        "cron(0 0 ? * 8 *)",
        "cron(0 0 ? * 3#6 *)",
        "cron(*/0 0 * * ? *)",
        "cron(5- 0 * * ? *)",
        "cron(0 0 1 FOO ? *)",
    ],
)
def test_what_eventbridge_refuses_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse(expression)


@given(started=MOMENTS, minutes=st.integers(1, 90), steps=st.integers(1, 20))
def test_a_rate_fires_once_per_period(started: datetime, minutes: int, steps: int) -> None:
    schedule, last, count = parse(f"rate({minutes} minute{'s' * (minutes > 1)})"), started, 0
    for minute in range(1, minutes * steps + 1):
        now = started + timedelta(minutes=minute)
        if schedule.due(last, now):
            last, count = now, count + 1
    assert count == steps


@given(started=MOMENTS, every=st.sampled_from([1, 5, 10, 15, 30]))
def test_a_cron_fires_once_per_matching_minute_however_often_it_is_asked(started: datetime, every: int) -> None:
    schedule, last, now = parse(f"cron(0/{every} * * * ? *)"), started, started
    fired = []
    for half_second in range(1, 2 * 3600, 20):
        now = started + timedelta(seconds=half_second / 2)
        if schedule.due(last, now):
            last = now
            fired.append(now.replace(second=0, microsecond=0))
    first_whole = started.replace(second=0, microsecond=0) + timedelta(minutes=1)
    minutes = (first_whole + timedelta(minutes=number) for number in range(60))
    assert fired == [minute for minute in minutes if minute.minute % every == 0 and minute <= now]
