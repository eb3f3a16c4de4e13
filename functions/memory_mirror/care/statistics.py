"""Robust statistics over daily series: what is usual, what stands out, what is rising or falling.

All of it is pure, needs nothing but the standard library, and says how many days it rests on. Below a least number of
days there is no answer but `TooLittle`, so that nobody mistakes three days for a pattern.

Sources of the methods: slope, H. Theil (1950) and P. K. Sen (1968); whether it is one, H. B. Mann (1945) and
M. G. Kendall (1975), with the correction for ties; outlier score and its threshold of 3.5, B. Iglewicz and
D. C. Hoaglin, "How to Detect and Handle Outliers" (1993), with the mean absolute deviation where the median one is
zero.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from math import copysign, sqrt
from statistics import fmean, median
from typing import Literal

LEAST_DAYS = 7
"""Days with a value below which there is no norm to compare with."""
LEAST_TREND_DAYS = 10
"""Days with a value below which a direction is not told: the test's normal approximation needs about ten."""
OUTLYING = 3.5
"""Scores beyond this, either way, are outliers (Iglewicz and Hoaglin)."""
MOST_SCORE = 99.0
"""Scores are cut off here: beyond it, how many spreads away a day is means nothing more."""
CERTAIN = 1.959964
"""The standard normal quantile of a two-sided test at 5 %."""
PER_MEDIAN_DEVIATION = 1.482602
"""Standard deviations per median absolute deviation of a normal distribution."""
PER_MEAN_DEVIATION = 1.253314
"""Standard deviations per mean absolute deviation of a normal distribution: the root of pi / 2."""

Direction = Literal["rising", "falling", "steady"]


@dataclass(frozen=True, slots=True)
class TooLittle:
    """No answer: `n` days have a value and `needed` would be enough."""

    n: int
    needed: int


@dataclass(frozen=True, slots=True)
class Norm:
    """What is usual: the median, the spread in standard deviations (robustly estimated), the days it rests on."""

    middle: float
    spread: float
    n: int

    def score(self, value: float) -> float:
        """How many spreads `value` lies above (positive) or below the middle, cut off at `MOST_SCORE`."""
        away = value - self.middle
        if away == 0:
            return 0.0
        if self.spread == 0:
            return copysign(MOST_SCORE, away)
        return max(-MOST_SCORE, min(MOST_SCORE, away / self.spread))


@dataclass(frozen=True, slots=True)
class Trend:
    """A straight line through a series: `slope` per day, its values on the first and last day with a value.

    `direction` is `steady` unless the Mann-Kendall test rejects, at 5 %, that the order of the days is chance.
    """

    slope: float
    first: float
    last: float
    n: int
    z: float
    direction: Direction


@dataclass(frozen=True, slots=True)
class Series:
    """One value per day from `first` on; None where nothing was recorded."""

    first: date
    values: tuple[float | None, ...]

    @property
    def recorded(self) -> list[float]:
        """The values there are, oldest first."""
        return [value for value in self.values if value is not None]

    def __iter__(self) -> Iterator[tuple[date, float]]:
        """The days that have a value, oldest first."""
        for number, value in enumerate(self.values):
            if value is not None:
                yield self.first + timedelta(days=number), value


def counted(days: Iterable[date], first: date, last: date) -> Series:
    """How many events fell on each day from `first` to `last`, both included; a day without any counts 0."""
    found = Counter(days)
    return Series(first, tuple(float(found[day]) for day in _days(first, last)))


def averaged(readings: Iterable[tuple[date, float]], first: date, last: date) -> Series:
    """The mean of each day's readings from `first` to `last`, both included; None on a day without one."""
    found: dict[date, list[float]] = defaultdict(list)
    for day, value in readings:
        found[day].append(value)
    return Series(first, tuple(fmean(found[day]) if day in found else None for day in _days(first, last)))


def norm(values: Sequence[float], needed: int = LEAST_DAYS) -> Norm | TooLittle:
    """What is usual among `values`, in any order; `TooLittle` below `needed` of them.

    Up to half of the values may be outliers without moving it. Where more than half are the same, the median absolute
    deviation is zero and the mean one takes its place; where all are the same the spread is zero.
    """
    if len(values) < needed:
        return TooLittle(len(values), needed)
    middle = median(values)
    away = [abs(value - middle) for value in values]
    spread = PER_MEDIAN_DEVIATION * median(away) or PER_MEAN_DEVIATION * fmean(away)
    return Norm(middle, spread, len(values))


def outlying(value: float, usual: Norm) -> bool:
    """Whether a value is an outlier of its norm."""
    return abs(usual.score(value)) > OUTLYING


def trend(series: Series, needed: int = LEAST_TREND_DAYS) -> Trend | TooLittle:
    """The Theil-Sen line through the days that have a value, and whether it is more than chance.

    `TooLittle` below `needed` days. Work grows with the square of the days: a year is some 66,000 pairs.
    """
    points = [(day.toordinal(), value) for day, value in series]
    if len(points) < needed:
        return TooLittle(len(points), needed)
    slope = median((later[1] - earlier[1]) / (later[0] - earlier[0]) for earlier, later in combinations(points, 2))
    start = points[0][0]
    base = median(value - slope * (day - start) for day, value in points)
    z = mann_kendall([value for _, value in points])
    direction: Direction = "steady"
    if abs(z) >= CERTAIN and slope != 0:
        direction = "rising" if slope > 0 else "falling"
    return Trend(slope, base, base + slope * (points[-1][0] - start), len(points), z, direction)


def mann_kendall(values: Sequence[float]) -> float:
    """The Mann-Kendall statistic of values in their order, standard normal when the order is chance; 0 if all equal."""
    n = len(values)
    pairs = sum((later > earlier) - (later < earlier) for earlier, later in combinations(values, 2))
    ties = sum(t * (t - 1) * (2 * t + 5) for t in Counter(values).values())
    variance = (n * (n - 1) * (2 * n + 5) - ties) / 18
    if pairs == 0 or variance == 0:
        return 0.0
    return (pairs - copysign(1, pairs)) / sqrt(variance)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
