"""Recurrence rules: the examples of RFC 5545, agreement with dateutil wherever a search begins, bounded time."""

# ruff: noqa: DTZ001 (local times have no zone)

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_mirror.times.rrules import FREQUENCIES, WEEKDAYS, check_rrule, nominal_times
from tests.support.pace import effort

START = datetime(1997, 9, 2, 9)
"""DTSTART of nearly all examples of RFC 5545, section 3.8.5.3."""


def days(*groups: str) -> list[datetime]:
    """`days("1997-09 2 3")` are these days of that month at nine."""
    found = []
    for group in groups:
        month, *numbers = group.split()
        found += [datetime.fromisoformat(f"{month}-{int(number):02}T09:00") for number in numbers]
    return found


# (the rule, its first times), RFC 5545 section 3.8.5.3
EXAMPLES: list[tuple[str, list[datetime]]] = [
    ("FREQ=DAILY;COUNT=10", days("1997-09 2 3 4 5 6 7 8 9 10 11")),
    ("FREQ=DAILY;INTERVAL=2", days("1997-09 2 4 6 8 10 12 14 16 18 20 22 24 26 28 30", "1997-10 2 4")),
    ("FREQ=DAILY;INTERVAL=10;COUNT=5", days("1997-09 2 12 22", "1997-10 2 12")),
    ("FREQ=WEEKLY;COUNT=10", days("1997-09 2 9 16 23 30", "1997-10 7 14 21 28", "1997-11 4")),
    ("FREQ=WEEKLY;INTERVAL=2;WKST=SU", days("1997-09 2 16 30", "1997-10 14 28", "1997-11 11 25")),
    ("FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", days("1997-09 2 4 9 11 16 18 23 25 30", "1997-10 2")),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", days("1997-09 2 4 16 18 30", "1997-10 2 14 16")),
    ("FREQ=MONTHLY;COUNT=10;BYDAY=1FR", days("1997-09 5", "1997-10 3", "1997-11 7", "1997-12 5", "1998-01 2")),
    ("FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", days("1997-09 7 28", "1997-11 2 30", "1998-01 4 25")),
    ("FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", days("1997-09 22", "1997-10 20", "1997-11 17", "1997-12 22", "1998-01 19")),
    ("FREQ=MONTHLY;BYMONTHDAY=-3", days("1997-09 28", "1997-10 29", "1997-11 28", "1997-12 29", "1998-01 29")),
    ("FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1", days("1997-09 30", "1997-10 1 31", "1997-11 1 30", "1997-12 1 31")),
    ("FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12", days("1997-09 10 11 12", "1999-03 10 11 12")),
    ("FREQ=MONTHLY;INTERVAL=2;BYDAY=TU", days("1997-09 2 9 16 23 30", "1997-11 4 11 18 25")),
    ("FREQ=YEARLY;COUNT=10;BYMONTH=6,7", days("1998-06 2", "1998-07 2", "1999-06 2", "1999-07 2")),
    ("FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200", days("2000-01 1", "2000-04 9", "2000-07 18")),
    ("FREQ=YEARLY;BYDAY=20MO", days("1998-05 18", "1999-05 17", "2000-05 15")),
    ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", days("1998-05 11", "1999-05 17", "2000-05 15")),
    ("FREQ=YEARLY;BYMONTH=3;BYDAY=TH", days("1998-03 5 12 19 26", "1999-03 4 11 18 25")),
    ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", days("1998-02 13", "1998-03 13", "1998-11 13", "1999-08 13", "2000-10 13")),
    ("FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13", days("1997-09 13", "1997-10 11", "1997-11 8", "1997-12 13")),
    (
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
        days("1997-11 4", "2001-11 6", "2005-11 8"),
    ),
    ("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", days("1997-09 4", "1997-10 7", "1997-11 6")),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", days("1997-09 29", "1997-10 30", "1997-11 27", "1997-12 30")),
    ("FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000", [START + timedelta(hours=n) for n in (0, 3, 6)]),
    ("FREQ=MINUTELY;INTERVAL=15;COUNT=6", [START + timedelta(minutes=15 * n) for n in range(6)]),
    ("FREQ=MINUTELY;INTERVAL=90;COUNT=4", [START + timedelta(minutes=90 * n) for n in range(4)]),
    (
        "FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40",
        [START + timedelta(minutes=20 * n) for n in range(24)] + days("1997-09 3"),
    ),
    ("FREQ=MINUTELY;INTERVAL=20;BYHOUR=9", [START + timedelta(minutes=20 * n) for n in range(3)] + days("1997-09 3")),
    ("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", days("1997-09 15 30", "1997-10 15 30", "1997-11 15")),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "expected"), EXAMPLES, ids=[rule for rule, _ in EXAMPLES])
def test_the_examples_of_the_standard_come_out(rule: str, expected: list[datetime]) -> None:
    check_rrule(rule)
    everything = nominal_times(rule, START, START - timedelta(minutes=1))
    assert list(islice(everything, len(expected))) == expected


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("", "must be an RFC 5545 rule"),
        ("DAILY", "must be an RFC 5545 rule"),
        ("FREQ=DAILY;", "must be an RFC 5545 rule"),
        ("INTERVAL=2", "FREQ must be one of"),
        ("FREQ=SECONDLY", "FREQ must be one of"),
        ("FREQ=FORTNIGHTLY", "FREQ must be one of"),
        ("FREQ=DAILY;BYSECOND=10", "BYSECOND is not supported"),
        ("FREQ=DAILY;BYEASTER=1", "BYEASTER is not a part"),
        ("FREQ=DAILY;FREQ=WEEKLY", "FREQ must be given once"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL must be from 1"),
        ("FREQ=DAILY;INTERVAL=1e3", "INTERVAL must be from 1"),
        ("FREQ=DAILY;COUNT=0", "COUNT must be from 1"),
        ("FREQ=DAILY;COUNT=1001", "COUNT must be from 1"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270101", "exclude each other"),
        ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL must be such as"),
        ("FREQ=DAILY;UNTIL=20270230", "UNTIL must be such as"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR must be from 0 to 23"),
        ("FREQ=DAILY;BYMINUTE=-1", "BYMINUTE must be from 0 to 59"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY must not be 0"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY must be from -31 to 31"),
        ("FREQ=YEARLY;BYMONTH=13", "BYMONTH must be from 1 to 12"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY must list days"),
        ("FREQ=WEEKLY;BYDAY=2MO", "BYDAY may count days"),
        ("FREQ=YEARLY;BYWEEKNO=2;BYDAY=1MO", "BYDAY may count days"),
        ("FREQ=WEEKLY;BYMONTHDAY=3", "BYMONTHDAY does not go with"),
        ("FREQ=DAILY;BYYEARDAY=3", "BYYEARDAY does not go with"),
        ("FREQ=MONTHLY;BYWEEKNO=3", "BYWEEKNO goes with"),
        ("FREQ=DAILY;BYSETPOS=1", "BYSETPOS needs another"),
        ("FREQ=DAILY;WKST=XX", "WKST must be one of"),
        (f"FREQ=DAILY;BYHOUR={','.join(map(str, range(24)))};BYMINUTE=0,1,2,3,4,5,6", "168 times a day"),
        ("FREQ=DAILY;BYMONTH=" + "1," * 300 + "1", "at most 500 characters"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never occurs"),
        ("FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30", "never occurs"),
        ("FREQ=WEEKLY;BYMONTH=2;BYDAY=MO;BYSETPOS=5", "never occurs"),
        ("FREQ=MINUTELY;BYMONTH=10;BYDAY=SU;BYSETPOS=2", "never occurs"),
        ("FREQ=MINUTELY;BYHOUR=3;BYMONTH=2;BYMONTHDAY=30", "never occurs"),
        ("FREQ=HOURLY;BYMINUTE=0,30;BYDAY=WE;BYSETPOS=-3", "never occurs"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said(rule: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        check_rrule(rule)


def test_a_rule_may_carry_its_property_name_and_small_letters() -> None:
    check_rrule("RRULE:FREQ=WEEKLY;BYDAY=MO,WE")
    assert next(nominal_times("rrule:freq=weekly;byday=we", START, START)) == datetime(1997, 9, 3, 9)


def test_an_end_is_inclusive_however_it_is_written() -> None:
    def times(end: str) -> int:
        return len(list(nominal_times(f"FREQ=DAILY;UNTIL={end}", START, START - timedelta(days=1))))

    assert times("19970905T090000") == 4
    assert times("19970905T085959") == 3
    assert times("19970905") == 4


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=MINUTELY",
        "FREQ=MINUTELY;INTERVAL=7;BYHOUR=3;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=HOURLY;INTERVAL=5",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
        "FREQ=DAILY;INTERVAL=100000",
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=YEARLY;INTERVAL=100000",
        "FREQ=HOURLY;INTERVAL=24;BYHOUR=3",
        "FREQ=MINUTELY;INTERVAL=1440;BYHOUR=3",
        "FREQ=MINUTELY;COUNT=1000",
        f"FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR={','.join(map(str, range(24)))};BYMINUTE=0,10,20,30,40,50",
    ],
)
def test_no_rule_takes_long_though_it_began_in_1971(rule: str) -> None:
    began, after = datetime(1971, 1, 1, 4, 30), datetime(2026, 12, 30, 23, 50)
    assert effort(lambda: next(nominal_times(rule, began, after), None)) < 1000


numbers = {
    "BYMONTH": st.integers(1, 12),
    "BYHOUR": st.integers(0, 23),
    "BYMINUTE": st.integers(0, 59),
    "BYMONTHDAY": st.integers(-31, 31).filter(bool),
    "BYYEARDAY": st.integers(-366, 366).filter(bool),
    "BYWEEKNO": st.integers(-53, 53).filter(bool),
}


@st.composite
def rules(draw: Any) -> str:
    """Rules that the check accepts or refuses; most are accepted."""
    frequency = draw(st.sampled_from(FREQUENCIES))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 9))}", f"WKST={draw(st.sampled_from(WEEKDAYS))}"]
    fitting = {"BYMONTH", "BYHOUR", "BYMINUTE"} | ({"BYMONTHDAY"} if frequency != "WEEKLY" else set())
    fitting |= {"BYYEARDAY", "BYWEEKNO"} if frequency == "YEARLY" else set()
    for part in draw(st.sets(st.sampled_from(sorted(fitting)), max_size=2)):
        parts.append(f"{part}={','.join(map(str, draw(st.lists(numbers[part], min_size=1, max_size=4))))}")
    if draw(st.booleans()):
        listed = draw(st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=3))
        counted = frequency in ("MONTHLY", "YEARLY") and "BYWEEKNO" not in " ".join(parts)
        parts.append(
            "BYDAY=" + ",".join((draw(st.sampled_from(["", "1", "-1", "2"])) if counted else "") + d for d in listed)
        )
    if len(parts) > 3 and frequency != "WEEKLY" and draw(st.integers(0, 3)) == 0:
        parts.append(f"BYSETPOS={draw(st.sampled_from([1, 2, -1]))}")
    return ";".join(parts)


# The same rules each time: dateutil, which is the reference, follows some of them for long.
@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    rule=rules(),
    start=st.datetimes(datetime(2019, 1, 1), datetime(2024, 1, 1)),
    days_later=st.integers(0, 900),
    minutes=st.integers(0, 60 * 24),
)
def test_a_search_begun_anywhere_finds_what_following_the_rule_from_its_start_finds(
    rule: str, start: datetime, days_later: int, minutes: int
) -> None:
    often = rule.startswith(("FREQ=HOURLY", "FREQ=MINUTELY"))
    start = start.replace(second=0, microsecond=0)
    after = start + timedelta(days=days_later // 200 if often else days_later, minutes=minutes)
    last = after + timedelta(days=4 if often else 4000)
    try:
        check_rrule(rule)
        plain = rrulestr(f"{rule};UNTIL={last:%Y%m%dT%H%M%S}", dtstart=start)
        wanted = list(islice(plain.xafter(after), 5)) if _comes(rule, start) else []
    except ValueError:
        return
    assert [one for one in islice(nominal_times(rule, start, after), 5) if one <= last] == wanted


def _comes(rule: str, start: datetime) -> bool:
    """Whether the rule ever comes true; dateutil alone would follow one that does not to the year 9999."""
    return next(nominal_times(rule, start, start), None) is not None
