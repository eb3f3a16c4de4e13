"""How a subscription is shown."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from quintet.models import Day, Timestamp
from softfactory.billing.entities import Subscription


class SubscriptionReply(BaseModel):
    """A subscription; `amount_krw` is what a period costs, in whole won."""

    model_config = ConfigDict(defer_build=True, from_attributes=True)

    subscription_id: str
    plan_id: str
    plan_name: str
    plan_slug: str
    status: Literal["active", "past_due", "paused", "canceled"]
    billing_period: Literal["monthly", "annual"]
    amount_krw: int
    started_at: Timestamp
    next_billing_date: Day | None
    cancel_at_period_end: bool

    @classmethod
    def of(cls, found: Subscription) -> Self:
        return cls(subscription_id=found.id, **found.model_dump(include=set(cls.model_fields)))
