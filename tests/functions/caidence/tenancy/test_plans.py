"""Plans: what is paid, and the churn of those who cease to pay."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caidence.directory.entities import Organization, PlanTier
from caidence.tenancy import plans

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def customer(tier: PlanTier = "pro", *, active: bool = True, since: datetime | None = None) -> Organization:
    return Organization(name="A", slug="a", plan_tier=tier, is_active=active, paying_since=since)


@pytest.mark.parametrize(
    ("before", "after", "since"),
    [
        (None, customer("free"), None),
        (None, customer("pro"), START),
        (customer("free"), customer("enterprise"), START),
        (customer("pro", since=START - timedelta(days=9)), customer("enterprise"), START - timedelta(days=9)),
        (customer("pro", since=START - timedelta(days=9)), customer("free"), None),
        (customer("pro", since=START - timedelta(days=9)), customer("pro", active=False), None),
        (customer("pro", active=False), customer("pro"), START),
    ],
)
def test_since_when_a_customer_pays(
    before: Organization | None, after: Organization, since: datetime | None
) -> None:  # fmt: skip
    assert plans.billed(before, after, START).paying_since == since


def test_revenue_is_what_active_customers_pay() -> None:
    revenue = plans.Revenue({"free": 7, "pro": 3, "enterprise": 2})
    assert (revenue.monthly, revenue.paying) == (3 * 99 + 2 * 499, 5)
    assert [plans.monthly_amount(customer(tier)) for tier in plans.TIERS] == [0, 99, 499]
    assert plans.monthly_amount(customer("enterprise", active=False)) == 0


Toggles = st.lists(st.lists(st.integers(0, 59), max_size=6), min_size=1, max_size=8)
"""For each customer the days on which it begins to pay, or stops, alternately."""


@given(Toggles, st.integers(1, 30))
def test_churn_is_that_of_the_customers_who_paid_at_first(customers: list[list[int]], window: int) -> None:
    last = 59
    figures: dict[str, Counter[str]] = {}
    paying_now = paid_at_first = stopped = 0
    for toggles in customers:
        since: datetime | None = None
        at_first, left = False, False
        for number, day in enumerate(sorted(toggles)):
            if day > last - window:  # within the days that are told
                left = left or (at_first and since is not None)
            at = START + timedelta(days=day, seconds=number)
            later = at if since is None else None
            for name, amounts in plans.flows(since, later, at).items():
                figures.setdefault(name, Counter()).update(amounts)
            since = later
            if day <= last - window:
                at_first = since is not None
        paying_now += since is not None
        paid_at_first += at_first
        stopped += left
    days = [plans.day_of(START + timedelta(days=last - back)) for back in range(window)]
    expected = round(100 * stopped / paid_at_first, 2) if paid_at_first else 0.0
    assert plans.churn(paying_now, [figures.get(day, {}) for day in days]) == expected
