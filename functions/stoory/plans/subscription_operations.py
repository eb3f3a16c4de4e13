"""Subscriptions of brands to plans: begun, looked at, cancelled, and renewed or ended by the clock."""

import time
from functools import partial
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from quintet import log
from quintet.api import ErrorType
from quintet.models import Timestamp, now
from quintet.store import BUSY
from quintet.store.contention import until_settled
from stoory.envelope import Id
from stoory.lifecycle.transitions import Actor
from stoory.money.amounts import Number, to_rupees
from stoory.plans import subscriptions as book
from stoory.plans.billing import BillingCycle
from stoory.plans.entities import PLAN_NOT_FOUND, Plan
from stoory.plans.states import SubscriptionStatus
from stoory.plans.subscriptions import ALREADY_SUBSCRIBED, Subscription, current_subscription
from stoory.service import Admin, Brand, api, store

subscriptions = api.section("subscriptions")

NO_ACTIVE = ErrorType(404, "no_active_subscription", "No active subscription found")
NOT_FOUND = ErrorType(404, "subscription_not_found", "Subscription not found")
PATIENCE = 240.0
"""Seconds after which a run of the clock begins on no further subscription."""


class NewSubscription(BaseModel):
    model_config = ConfigDict(defer_build=True)

    plan_id: Id
    is_auto_renew: Annotated[bool, Field(description="Otherwise it ends with its first period")] = True


class SubscriptionView(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    user_id: str
    plan_id: str
    plan_name: str
    price: Number
    billing_cycle: BillingCycle
    status: SubscriptionStatus
    is_auto_renew: bool
    started_at: Timestamp
    current_period_start: Timestamp
    current_period_end: Timestamp
    cancelled_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, subscription: Subscription) -> Self:
        """A stored subscription as the document shows it."""
        shown = subscription.model_dump(exclude={"version", "price_paise", "period_number"})
        return cls(**shown, price=to_rupees(subscription.price_paise))


class SubscriptionReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    subscription: SubscriptionView


class ChangedSubscriptionReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: str
    subscription: SubscriptionView


class SubscriptionsReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    subscriptions: list[SubscriptionView]


class Renewal(BaseModel):
    """What the clock did."""

    model_config = ConfigDict(defer_build=True)

    renewed: int
    ended: int
    failed: int


@subscriptions.post(
    "/subscriptions",
    status=201,
    errors=[PLAN_NOT_FOUND, ALREADY_SUBSCRIBED],
    needs={"table:write"},
    error_shape="error",
    idempotent=True,
)
def create(body: NewSubscription, caller: Brand) -> ChangedSubscriptionReply:
    """Create a new subscription for the calling brand

    Its price and cycle are the plan's of today and stay so when the plan changes.
    """
    plan = store.get(Plan, id=body.plan_id)
    if plan is None or not plan.is_active:
        raise PLAN_NOT_FOUND()
    tx = store.transaction()
    begun = book.begin(tx, caller.id, plan.snapshot(), now(), body.is_auto_renew)
    tx.commit()
    return ChangedSubscriptionReply(
        message="Subscription created successfully", subscription=SubscriptionView.of(begun)
    )


@subscriptions.get("/subscriptions/all", needs={"table:read"})
def list_subscriptions(caller: Admin) -> SubscriptionsReply:
    """Get all subscriptions

    Newest first, whatever their status, all at once.
    """
    return SubscriptionsReply(subscriptions=[SubscriptionView.of(found) for found in store.each(Subscription, "gsi1")])


@subscriptions.get("/subscriptions/current/{userId}", errors=[NO_ACTIVE], needs={"table:read"})
def get_current(userId: Id, caller: Admin) -> SubscriptionReply:  # noqa: N803 (the document's spelling)
    """Get the current subscription of any brand"""
    return _current(userId)


@subscriptions.get("/subscriptions/current", errors=[NO_ACTIVE], needs={"table:read"}, extension=True)
def get_own_current(caller: Brand) -> SubscriptionReply:
    """Get the calling brand's current subscription"""
    return _current(caller.id)


@subscriptions.delete("/subscriptions", errors=[NOT_FOUND, BUSY], needs={"table:write"})
def cancel(caller: Brand) -> ChangedSubscriptionReply:
    """Cancel the calling brand's subscription

    It ends at once; a new one may begin.
    """
    return _cancelled(caller.id, Actor.BRAND)


@subscriptions.delete("/subscriptions/{userId}", errors=[NOT_FOUND, BUSY], needs={"table:write"})
def cancel_for_user(userId: Id, caller: Admin) -> ChangedSubscriptionReply:  # noqa: N803 (the document's spelling)
    """Cancel the subscription of any brand"""
    return _cancelled(userId, Actor.ADMIN)


@subscriptions.event(schedule="rate(1 hour)", needs={"table:write"}, timeout=300)
def renew() -> Renewal:
    """Renew or end every subscription whose period is over

    A period that was missed is billed too, each once. A subscription that was cancelled meanwhile is left alone; one
    that cannot be dealt with does not hold up the others. What there was no time for comes first the next hour.
    """
    at, until = now(), time.monotonic() + PATIENCE
    done = {"renewed": 0, "ended": 0, "failed": 0}
    for listed in store.each(Subscription, "gsi2"):
        if listed.current_period_end > at or time.monotonic() > until:
            break
        try:
            outcome = until_settled(partial(book.settle, store, listed.id))
        except Exception:
            log.logger().exception("subscription not renewed", extra={"subscription_id": listed.id})
            outcome = "failed"
        if outcome:
            done[outcome] += 1
    return Renewal(**done)


def _current(user_id: str) -> SubscriptionReply:
    found = current_subscription(store, user_id)
    if found is None:
        raise NO_ACTIVE()
    return SubscriptionReply(subscription=SubscriptionView.of(found))


def _cancelled(user_id: str, actor: Actor) -> ChangedSubscriptionReply:
    def attempt() -> Subscription:
        found = current_subscription(store, user_id)
        if found is None:
            raise NOT_FOUND()
        tx = store.transaction()
        new = book.end(tx, found, "cancel", actor, now())
        tx.commit()
        return new

    shown = SubscriptionView.of(until_settled(attempt))
    return ChangedSubscriptionReply(message="Subscription cancelled successfully", subscription=shown)
