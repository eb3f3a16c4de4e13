"""Robust statistics: what they promise for any series, and that they agree with a plain reckoning."""

from __future__ import annotations

import math
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from memory_mirror.care.statistics import (
    LEAST_DAYS,
    LEAST_TREND_DAYS,
    MOST_SCORE,
    Norm,
    Series,
    TooLittle,
    Trend,
    averaged,
    counted,
    mann_kendall,
    norm,
    outlying,
    trend,
)

bounded = settings(max_examples=60, deadline=None)
FIRST = date(2026, 3, 1)
whole = st.integers(-1000, 1000).map(float)
some = st.lists(whole, min_size=LEAST_DAYS, max_size=40)
gappy = st.lists(st.none() | whole, min_size=LEAST_TREND_DAYS, max_size=40).filter(
    lambda values: sum(value is not None for value in values) >= LEAST_TREND_DAYS
)


def line(values: list[float | None]) -> Trend:
    found = trend(Series(FIRST, tuple(values)))
    assert isinstance(found, Trend)
    return found


def usual(values: list[float]) -> Norm:
    found = norm(values)
    assert isinstance(found, Norm)
    return found


def middle_of(values: list[float]) -> float:
    """The median, reckoned plainly."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def plain_line(values: list[float | None]) -> tuple[float, float]:
    """Slope and first value of the Theil-Sen line, reckoned plainly."""
    points = [(x, y) for x, y in enumerate(values) if y is not None]
    slopes = []
    for i in range(len(points)):
        for j in range(i + 1, len(points)):
            slopes.append((points[j][1] - points[i][1]) / (points[j][0] - points[i][0]))
    slope = middle_of(slopes)
    return slope, middle_of([y - slope * (x - points[0][0]) for x, y in points])


@bounded
@given(gappy)
def test_the_line_is_that_of_a_plain_reckoning(values: list[float | None]) -> None:
    found, (slope, first) = line(values), plain_line(values)
    assert found.slope == pytest.approx(slope)
    assert found.first == pytest.approx(first)


@bounded
@given(gappy, st.integers(-50, 50), st.integers(-50, 50), st.sampled_from([-4, -1, 0.5, 3]))
def test_the_line_follows_shift_scale_and_tilt(values: list[float | None], shift: int, tilt: int, scale: float) -> None:
    before = line(values)
    moved = line([None if v is None else v * scale + shift + tilt * day for day, v in enumerate(values)])
    start = next(day for day, v in enumerate(values) if v is not None)
    assert moved.slope == pytest.approx(before.slope * scale + tilt, abs=1e-6)
    assert moved.first == pytest.approx(before.first * scale + shift + tilt * start, abs=1e-5)


@bounded
@given(gappy)
def test_a_series_told_backwards_has_the_opposite_trend(values: list[float | None]) -> None:
    forth, back = line(values), line(values[::-1])
    assert back.slope == pytest.approx(-forth.slope)
    assert back.z == pytest.approx(-forth.z)
    assert {forth.direction, back.direction} in ({"steady"}, {"rising", "falling"})


@bounded
@given(st.integers(1, 20), st.integers(LEAST_TREND_DAYS, 30), st.data())
def test_a_few_wild_days_do_not_turn_a_line(slope: int, days: int, data: st.DataObject) -> None:
    values: list[float | None] = [float(slope * day) for day in range(days)]
    wild = data.draw(st.lists(st.integers(0, days - 1), unique=True, max_size=days // 10))
    for day in wild:
        values[day] = data.draw(st.sampled_from([-1e6, 1e6]))
    assert line(values).slope == pytest.approx(slope)


@bounded
@given(st.lists(st.none() | whole, max_size=LEAST_TREND_DAYS - 1))
def test_a_few_days_are_no_trend(values: list[float | None]) -> None:
    n = sum(value is not None for value in values)
    assert trend(Series(FIRST, tuple(values))) == TooLittle(n, LEAST_TREND_DAYS)


@bounded
@given(st.lists(whole, max_size=LEAST_DAYS - 1))
def test_a_few_days_are_no_norm(values: list[float]) -> None:
    assert norm(values) == TooLittle(len(values), LEAST_DAYS)


@bounded
@given(some, st.randoms(use_true_random=False))
def test_the_norm_does_not_care_for_order(values: list[float], random: Random) -> None:
    shuffled = values[:]
    random.shuffle(shuffled)
    assert norm(shuffled) == norm(values)


@bounded
@given(some)
def test_the_norm_is_that_of_a_plain_reckoning(values: list[float]) -> None:
    found, middle = usual(values), middle_of(values)
    away = [abs(value - middle) for value in values]
    spread = middle_of(away) * 1.482602 if middle_of(away) else sum(away) / len(away) * 1.253314
    assert (found.middle, found.n) == (middle, len(values))
    assert found.spread == pytest.approx(spread)


@bounded
@given(some, whole, st.integers(-100, 100), st.sampled_from([0.5, 2, 7]))
def test_a_score_does_not_care_for_units(values: list[float], value: float, shift: int, scale: float) -> None:
    moved = usual([one * scale + shift for one in values])
    assert moved.score(value * scale + shift) == pytest.approx(usual(values).score(value))


@bounded
@given(some, whole, whole)
def test_a_higher_value_never_scores_lower(values: list[float], one: float, other: float) -> None:
    found = usual(values)
    low, high = sorted((one, other))
    assert -MOST_SCORE <= found.score(low) <= found.score(high) <= MOST_SCORE
    assert found.score(found.middle) == 0


@bounded
@given(st.integers(0, 9), st.integers(LEAST_DAYS, 40), st.integers(1, 100))
def test_where_every_day_is_alike_another_stands_out_and_none_of_them_does(same: int, days: int, more: int) -> None:
    alike = usual([float(same)] * days)
    assert alike.spread == 0
    assert not outlying(same, alike)
    assert (alike.score(same + more), alike.score(same - more)) == (MOST_SCORE, -MOST_SCORE)


@bounded
@given(st.integers(10, 40), st.integers(1, 100))
def test_where_the_median_deviation_is_zero_the_mean_one_judges(days: int, more: int) -> None:
    found = usual([0.0] * (days - 1) + [float(more)])
    assert found.spread == pytest.approx(more / days * 1.253314)
    assert outlying(more, found)
    assert not outlying(0, found)


@bounded
@given(st.lists(whole, min_size=2, max_size=25))
def test_the_trend_statistic_stays_within_what_the_number_of_days_allows(values: list[float]) -> None:
    n = len(values)
    assume(len(set(values)) == n)
    most = (n * (n - 1) / 2 - 1) / math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    assert abs(mann_kendall(values)) <= most + 1e-9
    assert mann_kendall(sorted(values)) == pytest.approx(most)


def test_the_trend_statistic_reckoned_by_hand() -> None:
    # Of 45 pairs 5 fall (3 2, 5 4, 7 6, 9 8, 10 8): S = 40 - 5 = 35; variance 10 * 9 * 25 / 18 = 125.
    assert mann_kendall([1, 3, 2, 5, 4, 7, 6, 9, 10, 8]) == pytest.approx(34 / math.sqrt(125))
    # One pair tied: S = 4 + 1 = 5; variance (4 * 3 * 13 - 2 * 1 * 9) / 18 = 138 / 18.
    assert mann_kendall([1, 2, 2, 3]) == pytest.approx(4 / math.sqrt(138 / 18))
    assert mann_kendall([4, 4, 4, 4]) == 0


def test_chance_is_called_steady_and_a_climb_rising() -> None:
    assert line([5, 3, 6, 4, 5, 3, 6, 4, 5, 4, 5, 3]).direction == "steady"
    climb = line([2, 2, 3, 3, None, 4, 4, 5, 6, 6, 7, 7])
    assert (climb.direction, climb.n) == ("rising", 11)
    assert climb.first < 2.5 < 6.5 < climb.last


def test_events_are_counted_per_day_and_readings_averaged() -> None:
    days = [FIRST + timedelta(days=n) for n in range(4)]
    inside = [days[1], days[3], days[3]]
    assert counted([FIRST - timedelta(days=1), *inside], FIRST, days[3]) == Series(FIRST, (0.0, 1.0, 0.0, 2.0))
    levels = averaged([(days[0], 2), (days[0], 5), (days[3], 7)], FIRST, days[3])
    assert levels == Series(FIRST, (3.5, None, None, 7.0))
    assert levels.recorded == [3.5, 7.0]
    assert list(levels) == [(days[0], 3.5), (days[3], 7.0)]


@bounded
@given(st.lists(st.integers(-3, 12), max_size=60), st.integers(0, 9))
def test_no_event_is_lost_or_counted_twice(offsets: list[int], length: int) -> None:
    days = [FIRST + timedelta(days=n) for n in offsets]
    series = counted(days, FIRST, FIRST + timedelta(days=length))
    assert len(series.values) == length + 1
    assert sum(series.recorded) == sum(0 <= n <= length for n in offsets)
