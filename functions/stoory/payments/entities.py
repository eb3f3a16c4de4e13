"""Payments of brands for finished applications, and the claims that keep each from counting twice."""

from typing import ClassVar

from quintet.models import Timestamp
from quintet.store import Entity, Keys
from stoory.money.fees import Split
from stoory.payments.states import CURRENCY, Payment, PaymentStatus

EVENT_KEPT = 30 * 24 * 3600
"""Seconds an event id is remembered; Razorpay sends an event again for a day."""


class PaymentOrder(Entity):
    """What a brand owes for one application, and how far it came. Amounts are paise."""

    kind: ClassVar[str] = "payment"
    keys: ClassVar[Keys] = Keys("PAYMENT#{application_id}", "PAYMENT")

    id: str
    application_id: str
    campaign_id: str
    brand_id: str
    influencer_id: str
    amount_paise: int
    platform_fee_percent: str
    platform_fee_paise: int
    net_paise: int
    currency: str = CURRENCY
    status: PaymentStatus = PaymentStatus.PENDING
    razorpay_order_id: str | None = None
    razorpay_payment_id: str | None = None
    ordering: str | None = None
    """Who is asking Razorpay for the order now; None when nobody is."""
    ordering_until: int = 0
    """Epoch seconds after which another may ask instead."""
    attempts: int = 0
    """How often Razorpay was asked; from the second time on an order may exist there already."""
    verified_at: Timestamp | None = None
    released_at: Timestamp | None = None
    created_at: Timestamp
    updated_at: Timestamp

    @property
    def split(self) -> Split:
        return Split(self.amount_paise, self.platform_fee_paise, self.net_paise)

    @property
    def state(self) -> Payment:
        """What the rules need to know of it."""
        return Payment(self.razorpay_order_id or "", self.amount_paise, self.status, self.razorpay_payment_id)


class RazorpayOrder(Entity):
    """Which application a Razorpay order was made for."""

    kind: ClassVar[str] = "razorpay_order"
    keys: ClassVar[Keys] = Keys("RAZORPAY#order#{order_id}", "CLAIM")

    order_id: str
    application_id: str


class RazorpayPayment(Entity):
    """Which application a Razorpay payment was counted for; its existence keeps it from counting again."""

    kind: ClassVar[str] = "razorpay_payment"
    keys: ClassVar[Keys] = Keys("RAZORPAY#payment#{payment_id}", "CLAIM")

    payment_id: str
    application_id: str


class WebhookEvent(Entity):
    """A webhook event that was dealt with."""

    kind: ClassVar[str] = "webhook_event"
    keys: ClassVar[Keys] = Keys("EVENT#{event_id}", "CLAIM")

    event_id: str
    expires_at: int
