"""Subscriptions of brands, and which one is a brand's current."""

from datetime import datetime
from typing import ClassVar

from quintet.errors import ErrorType
from quintet.models import Timestamp, new_id, now
from quintet.store import Entity, Index, Keys, Store, Transaction
from stoory.lifecycle.transitions import Actor
from stoory.plans import billing
from stoory.plans.billing import BillingCycle, Period, Snapshot
from stoory.plans.states import SubscriptionStatus, transition

SHARDS = 4
ALREADY_SUBSCRIBED = ErrorType(400, "already_subscribed", "An active subscription already exists")


def is_running(subscription: "Subscription") -> bool:
    return subscription.status is SubscriptionStatus.ACTIVE


class Subscription(Entity):
    """A brand's subscription with the plan's terms of the day it began."""

    kind: ClassVar[str] = "subscription"
    keys: ClassVar[Keys] = Keys(
        "SUBSCRIPTION#{id}",
        "SUBSCRIPTION",
        gsi1=Index("SUBSCRIPTIONS", "{id}", counted=True, shards=SHARDS),
        gsi2=Index("DUE#subscriptions", "{current_period_end}#{id}", when=is_running, order="ascending"),
    )

    id: str
    user_id: str
    plan_id: str
    plan_name: str
    price_paise: int
    billing_cycle: BillingCycle
    status: SubscriptionStatus = SubscriptionStatus.ACTIVE
    is_auto_renew: bool
    started_at: Timestamp
    period_number: int = 0
    current_period_start: Timestamp
    current_period_end: Timestamp
    cancelled_at: Timestamp | None = None
    created_at: Timestamp
    updated_at: Timestamp


class BilledPeriod(Entity):
    """That a subscription was billed for a period, at the price of its first day."""

    kind: ClassVar[str] = "billed_period"
    keys: ClassVar[Keys] = Keys("SUBSCRIPTION#{subscription_id}", "PERIOD#{number}", order="ascending")

    subscription_id: str
    number: str
    """Counts from 0, in five digits, so that text sorts as number: a month each, that reaches beyond the year 9999."""
    user_id: str
    price_paise: int
    period_start: Timestamp
    period_end: Timestamp
    billed_at: Timestamp


class CurrentSubscription(Entity):
    """Points from a brand to the one subscription that is active."""

    kind: ClassVar[str] = "current_subscription"
    keys: ClassVar[Keys] = Keys("USER#{user_id}", "SUBSCRIPTION")

    user_id: str
    subscription_id: str


def current_subscription(store: Store, user_id: str) -> Subscription | None:
    """A brand's active subscription, None when there is none."""
    pointer = store.get(CurrentSubscription, user_id=user_id)
    found = store.get(Subscription, id=pointer.subscription_id) if pointer else None
    # Ended between the two reads: then it is none any more.
    return found if found and is_running(found) else None


def begin(tx: Transaction, user_id: str, terms: Snapshot, at: datetime, auto_renew: bool) -> Subscription:
    """A new subscription from `at` on; refused with 400 when the brand has an active one."""
    at = at.replace(microsecond=0)
    first = billing.period(at, terms.cycle, 0)
    subscription = Subscription(
        id=new_id(),
        user_id=user_id,
        plan_id=terms.plan_id,
        plan_name=terms.plan_name,
        price_paise=terms.price_paise,
        billing_cycle=terms.cycle,
        is_auto_renew=auto_renew,
        started_at=at,
        current_period_start=first.start,
        current_period_end=first.end,
        created_at=at,
        updated_at=at,
    )
    tx.create(CurrentSubscription(user_id=user_id, subscription_id=subscription.id), ALREADY_SUBSCRIBED)
    tx.create(subscription)
    tx.create(_billed(subscription, first, at))
    return subscription


def end(tx: Transaction, old: Subscription, verb: str, actor: Actor, at: datetime) -> Subscription:
    """`old` cancelled, or run out, and no longer the brand's current one. Raises IllegalMove."""
    status = transition(old.status, verb, actor)
    new = old.model_copy(update={"status": status, "cancelled_at": at.replace(microsecond=0), "updated_at": at})
    tx.replace(old, new, refused=None)
    tx.remove(CurrentSubscription.key(user_id=old.user_id))
    return new


def renew(tx: Transaction, old: Subscription, periods: tuple[Period, ...], at: datetime) -> Subscription:
    """`old` in the last of the periods that became due, each of them billed. Raises IllegalMove."""
    status = transition(old.status, "renew", Actor.CLOCK)
    last = periods[-1]
    place = {"period_number": last.number, "current_period_start": last.start, "current_period_end": last.end}
    new = old.model_copy(update={**place, "status": status, "updated_at": at})
    tx.replace(old, new, refused=None)
    for one in periods:
        tx.create(_billed(old, one, at))
    return new


def settle(store: Store, subscription_id: str) -> str:
    """Renew or end a subscription as it is due: `renewed`, `ended`, or '' when it is due nothing (any more)."""
    found = store.get(Subscription, id=subscription_id)
    if found is None or not is_running(found):
        return ""
    at = now()
    due = billing.due(found.started_at, found.billing_cycle, found.period_number, found.is_auto_renew, at)
    tx = store.transaction()
    if due.ends:
        end(tx, found, "end", Actor.CLOCK, at)
    elif due.renewals:
        renew(tx, found, due.renewals, at)
    else:
        return ""
    tx.commit()
    return "ended" if due.ends else "renewed"


def _billed(subscription: Subscription, one: Period, at: datetime) -> BilledPeriod:
    return BilledPeriod(
        subscription_id=subscription.id,
        number=f"{one.number:05d}",
        user_id=subscription.user_id,
        price_paise=subscription.price_paise,
        period_start=one.start,
        period_end=one.end,
        billed_at=at,
    )
