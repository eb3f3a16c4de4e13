"""Demo values: what the dashboard shows while a platform has no campaigns at all. They are marked as such."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from caidence.campaigns.charts import month_before
from caidence.campaigns.figures import Sums

REACH: Final = 2_400_000
MONTHS: Final = 12
DEVICES: Final[Mapping[str, int]] = MappingProxyType({"mobile": 684, "desktop": 251, "tablet": 65})
"""Weights of the audience's devices."""


def by_day(today: date) -> dict[date, Sums]:
    """A year of a growing business, told on the first days of its months."""
    return {month_before(today, MONTHS - 1 - number): _month(number) for number in range(MONTHS)}


def _month(number: int) -> Sums:
    impressions = 120_000 + 11_500 * number + 9_000 * (number % 3)
    clicks = impressions * 31 // 1000
    conversions = clicks * 42 // 1000
    return Sums(
        impressions=impressions,
        clicks=clicks,
        conversions=conversions,
        engagements=impressions * 47 // 1000,
        spend=impressions * 2,
        revenue=conversions * 4_900,
    )
