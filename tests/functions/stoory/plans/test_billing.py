"""Periods are counted from the first day, so no short month shifts the ones after it."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from stoory.plans.billing import MOST_AT_ONCE, BillingCycle, Due, Period, boundary, due, period

MONTHLY, YEARLY = BillingCycle.MONTHLY, BillingCycle.YEARLY
anchors = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
cycles = st.sampled_from(BillingCycle)


def day(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T10:30:00+00:00")


@pytest.mark.parametrize(
    ("anchor", "cycle", "days"),
    [
        ("2025-01-31", MONTHLY, ["2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30", "2025-05-31"]),
        ("2024-01-31", MONTHLY, ["2024-01-31", "2024-02-29", "2024-03-31"]),
        ("2025-01-29", MONTHLY, ["2025-01-29", "2025-02-28", "2025-03-29"]),
        ("2025-11-30", MONTHLY, ["2025-11-30", "2025-12-30", "2026-01-30", "2026-02-28", "2026-03-30"]),
        ("2024-02-29", YEARLY, ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]),
        ("2025-06-15", YEARLY, ["2025-06-15", "2026-06-15"]),
    ],
)
def test_each_period_begins_on_the_anchors_day_or_the_months_last(
    anchor: str, cycle: BillingCycle, days: list[str]
) -> None:
    assert [boundary(day(anchor), cycle, number) for number in range(len(days))] == [day(text) for text in days]


@given(anchors, cycles, st.integers(0, 400))
def test_boundaries_agree_with_another_calendar(anchor: datetime, cycle: BillingCycle, number: int) -> None:
    step = relativedelta(months=number) if cycle is MONTHLY else relativedelta(years=number)
    assert boundary(anchor, cycle, number) == anchor + step


@given(anchors, cycles, st.integers(0, 400))
def test_periods_follow_each_other_without_gap_or_overlap(anchor: datetime, cycle: BillingCycle, number: int) -> None:
    one, next_one = period(anchor, cycle, number), period(anchor, cycle, number + 1)
    assert one.start < one.end == next_one.start
    assert one.start.day == min(anchor.day, monthrange(one.start.year, one.start.month)[1])
    assert one.start.timetz() == anchor.timetz()


def test_a_subscription_renews_at_the_instant_its_period_ends() -> None:
    anchor = day("2025-01-31")
    renewal = Period(1, day("2025-02-28"), day("2025-03-31"))
    assert due(anchor, MONTHLY, 0, True, day("2025-02-28") - timedelta(microseconds=1)) == Due()
    assert due(anchor, MONTHLY, 0, True, day("2025-02-28")) == Due((renewal,))
    assert due(anchor, MONTHLY, 1, True, day("2025-02-28")) == Due()


def test_a_subscription_that_does_not_renew_ends_then_and_not_before() -> None:
    anchor = day("2024-02-29")
    assert due(anchor, YEARLY, 0, False, day("2025-02-27")) == Due()
    assert due(anchor, YEARLY, 0, False, day("2025-02-28")) == Due(ends=True)


@given(anchors, cycles, st.integers(0, 20), st.lists(st.integers(0, 400), max_size=8))
def test_however_irregular_the_clock_every_period_is_billed_once(
    anchor: datetime, cycle: BillingCycle, start: int, gaps: list[int]
) -> None:
    now, current, billed = boundary(anchor, cycle, start), start, [start]
    for gap in gaps:
        now += timedelta(days=gap)
        while renewals := due(anchor, cycle, current, True, now).renewals:
            assert len(renewals) <= MOST_AT_ONCE
            current = renewals[-1].number
            billed += [renewal.number for renewal in renewals]
        in_force = period(anchor, cycle, current)
        assert in_force.start <= now < in_force.end
    assert billed == list(range(start, current + 1))


def test_a_long_standstill_is_caught_up_oldest_first_in_bounded_parts() -> None:
    anchor = day("2020-01-31")
    renewals = due(anchor, MONTHLY, 0, True, day("2030-01-31")).renewals
    assert renewals == tuple(period(anchor, MONTHLY, number) for number in range(1, MOST_AT_ONCE + 1))


def test_the_calendar_ends() -> None:
    with pytest.raises(ValueError, match="9999"):
        boundary(day("9999-12-31"), MONTHLY, 1)
