"""Subscriptions as they are stored."""

from datetime import date, datetime
from typing import ClassVar, Literal

from pydantic import Field

from quintet.models import new_id, now
from quintet.store import Entity, Index, Keys


class Subscription(Entity):
    """What an account has subscribed to, at the price that was agreed, in whole won a period."""

    kind: ClassVar[str] = "subscription"
    keys: ClassVar[Keys] = Keys(
        "SUBSCRIPTION#{id}", "SUBSCRIPTION", gsi1=Index("USER#{user_id}#SUBSCRIPTIONS", "{id}", counted=True)
    )

    id: str = Field(default_factory=new_id)
    user_id: str
    plan_id: str
    plan_name: str
    plan_slug: str
    status: Literal["active", "past_due", "paused", "canceled"] = "active"
    billing_period: Literal["monthly", "annual"]
    amount_krw: int
    started_at: datetime = Field(default_factory=now)
    next_billing_date: date | None = None
    cancel_at_period_end: bool = False
    created_at: datetime = Field(default_factory=now)
