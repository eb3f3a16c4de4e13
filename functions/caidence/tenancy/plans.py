"""What organizations pay for their plans: monthly and yearly revenue, and the customers who stop paying.

A customer pays while it is active on a tier that costs something. Every change of that is noted on its day, in the
transaction that makes it, so that churn is the sum of some daily figures however many customers there are. All days
are UTC; amounts are US dollars a month.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, get_args

from caidence.directory.entities import Organization, PlanTier
from caidence.service import store
from quintet.models import now
from quintet.store import Transaction
from quintet.store.meters import Meter

PRICES: Final[Mapping[PlanTier, int]] = MappingProxyType({"free": 0, "pro": 99, "enterprise": 499})
"""US dollars a month."""
TIERS: Final[Sequence[PlanTier]] = get_args(PlanTier)
WINDOW: Final = 30
"""Days, today included, over which churn is told."""

FLOWS: Final = Meter("plans", shards=2)
"""By day: customers who began to pay (`begun`), who stopped (`ended`), and who began then and stopped later
(`undone`)."""


@dataclass(frozen=True, slots=True)
class Revenue:
    """How many active customers each tier has, and what they pay together."""

    customers: Mapping[PlanTier, int]

    @property
    def monthly(self) -> int:
        return sum(PRICES[tier] * count for tier, count in self.customers.items())

    @property
    def paying(self) -> int:
        return sum(count for tier, count in self.customers.items() if PRICES[tier])


def monthly_amount(organization: Organization) -> int:
    """What an organization pays a month: nothing when it is not active."""
    return PRICES[organization.plan_tier] if organization.is_active else 0


def billed(before: Organization | None, after: Organization, at: datetime) -> Organization:
    """`after` with the time since when it pays."""
    if not monthly_amount(after):
        since = None
    else:
        since = (before.paying_since if before else None) or at
    return after.model_copy(update={"paying_since": since})


def note(tx: Transaction, before: Organization | None, after: Organization, at: datetime) -> None:
    """Count, with the transaction, a customer who begins or ceases to pay."""
    for day, amounts in flows(before.paying_since if before else None, after.paying_since, at).items():
        FLOWS.join(tx, day, **amounts)


def flows(before: datetime | None, after: datetime | None, at: datetime) -> dict[str, Counter[str]]:
    """What a change at `at` adds to the figures of which day; `before` and `after` say since when the customer paid."""
    found: dict[str, Counter[str]] = {}
    if before is None and after is not None:
        found.setdefault(day_of(after), Counter())["begun"] += 1
    elif before is not None and after is None:
        found.setdefault(day_of(at), Counter())["ended"] += 1
        found.setdefault(day_of(before), Counter())["undone"] += 1
    return found


def churn(paying: int, days: Sequence[Mapping[str, int]]) -> float:
    """Percent of the customers who paid before some days began that stopped within them, to two digits.

    `paying` are those who pay at the end of the days, and each day is its figures. Who began within the days is no part
    of it, even when they stopped again.
    """
    total: Counter[str] = Counter()
    for day in days:
        total.update(day)
    at_first = paying - total["begun"] + total["ended"]
    lost = total["ended"] - total["undone"]
    return round(100 * lost / at_first, 2) if at_first > 0 else 0.0


def revenue() -> Revenue:
    """The present one, from the counters of active organizations by tier."""
    counts = store.counts(Organization, "gsi1", [{"plan_tier": tier, "is_active": True} for tier in TIERS])
    return Revenue(dict(zip(TIERS, counts, strict=True)))


def churn_rate(paying: int) -> float:
    """Churn of the last WINDOW days."""
    days = [day_of(now() - timedelta(days=back)) for back in range(WINDOW)]
    return churn(paying, FLOWS.read(days, consistent=True))


def day_of(at: datetime) -> str:
    """The UTC day of an instant."""
    return at.date().isoformat()
