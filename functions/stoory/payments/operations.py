"""Payments: a brand's order at Razorpay for finished work, the proof that it was paid, and the influencer's payout."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from quintet import log
from quintet.api import ErrorType, Request
from quintet.models import Length, Line, Timestamp, now
from quintet.providers.errors import NotConfigured, ProviderError
from quintet.store import BUSY
from stoory.applications.entities import APPLICATION_NOT_FOUND, Application
from stoory.envelope import Id
from stoory.lifecycle.transitions import Actor, IllegalMove
from stoory.money.amounts import InvalidAmount, Number, to_rupees
from stoory.payments import escrow as paying
from stoory.payments import razorpay, razorpay_signatures
from stoory.payments.entities import PaymentOrder, RazorpayOrder, WebhookEvent
from stoory.payments.states import Capture, PaymentMismatch, PaymentStatus
from stoory.service import Admin, BrandOrAdmin, Role, User, api, store

NOT_CONFIGURED = ErrorType(503, "payment_not_configured", "Payment service is not configured")
UNAVAILABLE = ErrorType(
    503, "payment_unavailable", "Payment service is unavailable, please try again", {"Retry-After": "5"}
)
PAYMENT_NOT_FOUND = ErrorType(404, "payment_not_found", "Payment not found")
NOT_YOURS = ErrorType(403, "forbidden", "You do not have permission to do this")
NOT_FITTING = ErrorType(400, "invalid_state", "The application or its payment is in another state")
NOT_PROVEN = ErrorType(400, "invalid_payment", "Payment does not belong to this order")
NOT_SIGNED = ErrorType(400, "invalid_signature", "Invalid payment signature")
NOT_RAZORPAY = ErrorType(400, "invalid_signature", "Invalid webhook signature")

PAID = frozenset({"payment.captured", "order.paid"})
"""The events that prove a payment; all others are taken note of and change nothing."""
RazorpayText = Annotated[Line, Length(1, 200)]


class Config(BaseModel):
    model_config = ConfigDict(defer_build=True)

    razorpay_key: str
    currency: str


class ConfigReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    config: Config


class PaymentProof(BaseModel):
    """What Razorpay's checkout hands over after a payment."""

    model_config = ConfigDict(defer_build=True)

    razorpay_order_id: RazorpayText
    razorpay_payment_id: RazorpayText
    razorpay_signature: RazorpayText
    application_id: Id


class RazorpayOrderView(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    amount: Annotated[int, Field(description="In paise, as Razorpay's checkout takes it")]
    currency: str
    receipt: str


class PaymentView(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    application_id: str
    campaign_id: str
    brand_id: str
    influencer_id: str
    amount: Number
    platform_fee: Number
    net_amount: Number
    currency: str
    status: PaymentStatus
    razorpay_order_id: str | None
    razorpay_payment_id: str | None
    verified_at: Timestamp | None
    released_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, payment: PaymentOrder) -> Self:
        """A stored payment as the document shows it, amounts in rupees."""
        return cls(
            **payment.model_dump(include=set(cls.model_fields) - {"net_amount"}),
            amount=to_rupees(payment.amount_paise),
            platform_fee=to_rupees(payment.platform_fee_paise),
            net_amount=to_rupees(payment.net_paise),
        )


class Breakdown(BaseModel):
    model_config = ConfigDict(defer_build=True)

    total_amount: Number
    platform_fee: Number
    platform_fee_percent: float
    influencer_amount: Number


class OrderReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: str
    order: RazorpayOrderView
    payment_order: PaymentView
    breakdown: Breakdown


class VerifiedReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: str
    payment_order: PaymentView


class ReleasedReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: str
    payout_amount_paise: int
    commission_amount_paise: int
    new_wallet_balance_paise: int


class PaymentsReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: str
    payments: list[PaymentView]


class ReceivedReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: str


@api.get("/payments/config", errors=[NOT_CONFIGURED], needs={"secret"})
def config(caller: User) -> ConfigReply:
    """Get what the front end needs to open Razorpay's checkout"""
    with _refusals():
        return ConfigReply(config=Config(razorpay_key=razorpay.key_id(), currency="INR"))


@api.post(
    "/payments/applications/{applicationId}",
    status=201,
    errors=[APPLICATION_NOT_FOUND, NOT_YOURS, NOT_FITTING, NOT_CONFIGURED, UNAVAILABLE, BUSY],
    needs={"table:write", "secret"},
    error_shape="error",
)
def create_order(applicationId: Id, caller: BrandOrAdmin) -> OrderReply:  # noqa: N803 (the document's spelling)
    """Create the payment order of a completed application

    For the brand that owns the campaign and for administrators. Calling again answers the same open order.
    """
    with _refusals():
        razorpay.key_id()
        application = store.require(Application, APPLICATION_NOT_FOUND, id=applicationId)
        _check_brand(caller, application.brand_id)
        payment = paying.order(store, application)
    return OrderReply(
        message="Payment order created successfully",
        order=RazorpayOrderView(
            id=payment.razorpay_order_id or "",
            amount=payment.amount_paise,
            currency=payment.currency,
            receipt=payment.application_id,
        ),
        payment_order=PaymentView.of(payment),
        breakdown=Breakdown(
            total_amount=to_rupees(payment.amount_paise),
            platform_fee=to_rupees(payment.platform_fee_paise),
            platform_fee_percent=float(payment.platform_fee_percent),
            influencer_amount=to_rupees(payment.net_paise),
        ),
    )


@api.post(
    "/payments/verify",
    errors=[PAYMENT_NOT_FOUND, NOT_YOURS, NOT_SIGNED, NOT_PROVEN, NOT_FITTING, NOT_CONFIGURED, BUSY],
    needs={"table:write", "secret"},
    error_shape="error",
)
def verify(body: PaymentProof, caller: BrandOrAdmin) -> VerifiedReply:
    """Verify a payment

    By the signature of Razorpay's checkout. The same proof again answers the payment as it is and changes nothing.
    """
    with _refusals():
        razorpay.key_id()
        payment = store.require(PaymentOrder, PAYMENT_NOT_FOUND, application_id=body.application_id)
        _check_brand(caller, payment.brand_id)
        ids = body.razorpay_order_id, body.razorpay_payment_id
        if not razorpay_signatures.is_paid(*ids, body.razorpay_signature):
            raise NOT_SIGNED()
        done = paying.verify(store, body.application_id, Capture(*ids), Actor(caller.role))
    return VerifiedReply(message="Payment verified successfully", payment_order=PaymentView.of(done))


@api.post(
    "/payments/applications/{applicationId}/release",
    errors=[PAYMENT_NOT_FOUND, NOT_FITTING, BUSY],
    needs={"table:write"},
    error_shape="error",
)
def release(applicationId: Id, caller: Admin) -> ReleasedReply:  # noqa: N803 (the document's spelling)
    """Release the payout to the influencer

    Once, from a verified payment: what was held becomes the influencer's share and the platform's commission.
    """
    with _refusals():
        payment, wallet = paying.release(store, applicationId)
    return ReleasedReply(
        message="Payout released successfully",
        payout_amount_paise=payment.net_paise,
        commission_amount_paise=payment.platform_fee_paise,
        new_wallet_balance_paise=wallet.balance_paise,
    )


@api.get(
    "/payments/applications/{applicationId}",
    errors=[APPLICATION_NOT_FOUND, NOT_YOURS],
    needs={"table:read"},
    error_shape="error",
)
def list_payments(applicationId: Id, caller: User) -> PaymentsReply:  # noqa: N803 (the document's spelling)
    """Get the payments of an application

    For the brand and the influencer of the application, and for administrators.
    """
    application = store.require(Application, APPLICATION_NOT_FOUND, id=applicationId)
    if not caller.is_party_or_admin(application):
        raise NOT_YOURS()
    found = store.get(PaymentOrder, application_id=applicationId)
    return PaymentsReply(message="Payments fetched successfully", payments=[PaymentView.of(found)] if found else [])


@api.post(
    "/payments/webhook",
    errors=[NOT_RAZORPAY, NOT_CONFIGURED, BUSY],
    needs={"table:write", "secret"},
    extension=True,
)
def webhook(request: Request) -> ReceivedReply:
    """Take an event from Razorpay

    Signed over the raw body. Events may come again and in any order; those of other kinds are taken note of only.
    """
    with _refusals():
        try:
            event = razorpay_signatures.read_event(request.body, request.headers)
        except (razorpay_signatures.NotSigned, ValueError):
            raise NOT_RAZORPAY() from None
        if event.name in PAID and event.payment is not None and not _seen(event.id):
            _count(event.id[:200], event.payment)
    return ReceivedReply(message="Event received")


def _seen(event_id: str) -> bool:
    return bool(event_id) and store.get(WebhookEvent, event_id=event_id[:200]) is not None


def _count(event_id: str, paid: razorpay.Payment) -> None:
    """Verify the payment an event proves. What does not fit never will, so Razorpay must not send it again."""
    order = store.get(RazorpayOrder, order_id=paid.order_id) if paid.order_id else None
    if order is None:
        log.logger().warning("webhook for an unknown order")
        return
    capture = Capture(paid.order_id, paid.id, paid.amount, paid.currency)
    try:
        paying.verify(store, order.application_id, capture, Actor.PROVIDER, event_id)
    except (PaymentMismatch, IllegalMove) as error:
        log.logger().error("webhook does not fit its payment", extra={"reason": str(error)})
        if event_id:
            tx = store.transaction()
            paying.remember(tx, event_id, now())
            tx.commit()


def _check_brand(caller: User, brand_id: str) -> None:
    """Raises 403 unless the caller is this brand, or an administrator."""
    if caller.role != Role.ADMIN and caller.id != brand_id:
        raise NOT_YOURS()


@contextmanager
def _refusals() -> Iterator[None]:
    """What rules and Razorpay refuse, as the caller reads it."""
    try:
        yield
    except (IllegalMove, InvalidAmount) as error:
        raise NOT_FITTING(str(error)) from None
    except PaymentMismatch as error:
        raise NOT_PROVEN(str(error)) from None
    except paying.NoPayment:
        raise PAYMENT_NOT_FOUND() from None
    except NotConfigured:
        raise NOT_CONFIGURED() from None
    except ProviderError as error:
        log.logger().error("payment provider", extra={"reason": str(error)})
        raise UNAVAILABLE() from error
