"""Subscription periods: months and years counted from the day it all began, so that no short month shifts them."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class BillingCycle(StrEnum):
    """How often a plan's price is due."""

    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


_MONTHS = {BillingCycle.MONTHLY: 1, BillingCycle.YEARLY: 12}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a subscription took over from its plan on the day it began; later edits of the plan do not reach it."""

    plan_id: str
    plan_name: str
    price_paise: int
    cycle: BillingCycle


@dataclass(frozen=True, slots=True)
class Period:
    """The `number`th period (from 0), from `start` up to but not including `end`, both UTC."""

    number: int
    start: datetime
    end: datetime


MOST_AT_ONCE = 24
"""Periods of one subscription that are billed in one transaction; the next run of the clock goes on."""


@dataclass(frozen=True, slots=True)
class Due:
    """What the clock owes a subscription: the periods to bill, oldest first, or its end."""

    renewals: tuple[Period, ...] = ()
    ends: bool = False


def boundary(anchor: datetime, cycle: BillingCycle, number: int) -> datetime:
    """The instant at which the `number`th period begins.

    The day of month is the anchor's, or the month's last when that comes first: 31 Jan, 28 Feb,
    31 Mar; and 29 Feb yearly falls on 28 Feb until the next leap year. Raises ValueError beyond year 9999.
    """
    months = anchor.year * 12 + anchor.month - 1 + _MONTHS[cycle] * number
    year, month = months // 12, months % 12 + 1
    if year > 9999:
        raise ValueError("the period ends after the year 9999")
    return anchor.replace(year=year, month=month, day=min(anchor.day, monthrange(year, month)[1]))


def period(anchor: datetime, cycle: BillingCycle, number: int) -> Period:
    """The `number`th period, computed from the anchor and never from the period before it."""
    return Period(number, boundary(anchor, cycle, number), boundary(anchor, cycle, number + 1))


def due(anchor: datetime, cycle: BillingCycle, current: int, auto_renew: bool, now: datetime) -> Due:
    """What has become due by `now` for a subscription in its period number `current`.

    Nothing before that period ends. From that instant on a subscription that renews gets every
    period begun since, also when the clock stood still for several, the oldest MOST_AT_ONCE of
    them at once; one that does not, ends.
    """
    if now < boundary(anchor, cycle, current + 1):
        return Due()
    if not auto_renew:
        return Due(ends=True)
    renewals: list[Period] = []
    following = period(anchor, cycle, current + 1)
    while following.start <= now and len(renewals) < MOST_AT_ONCE:
        renewals.append(following)
        following = period(anchor, cycle, following.number + 1)
    return Due(tuple(renewals))
