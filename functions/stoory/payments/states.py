"""The life of a payment: ordered, proven paid, paid out; forwards only, however often proof arrives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from stoory.applications.states import ApplicationStatus
from stoory.lifecycle.transitions import Actor, IllegalMove, Machine, Move

CURRENCY = "INR"


class PaymentStatus(StrEnum):
    """Where a payment stands: ordered, held by the platform, passed on."""

    PENDING = "PENDING"
    VERIFIED = "VERIFIED"
    RELEASED = "RELEASED"


PAYMENTS = Machine(
    "payment",
    (
        Move(
            "verify",
            frozenset({Actor.BRAND, Actor.ADMIN, Actor.PROVIDER}),
            frozenset({PaymentStatus.PENDING}),
            PaymentStatus.VERIFIED,
        ),
        Move("release", frozenset({Actor.ADMIN}), frozenset({PaymentStatus.VERIFIED}), PaymentStatus.RELEASED),
    ),
)
"""The whole table; a payment that does not exist yet is made PENDING by ordering it."""


class PaymentMismatch(ValueError):
    """The proof is for another order, amount, currency or payment."""


@dataclass(frozen=True, slots=True)
class Payment:
    """What the rules need to know of a payment. `amount` is paise; `paid_by` is the provider's payment id."""

    order_id: str
    amount: int
    status: PaymentStatus = PaymentStatus.PENDING
    paid_by: str | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """A signed statement that an order was paid. Checkout's carries no amount, the webhook's does."""

    order_id: str
    payment_id: str
    amount: int | None = None
    currency: str | None = None


def check_orderable(application: ApplicationStatus) -> None:
    """Raises IllegalMove unless the application is COMPLETED: only finished work is paid for."""
    if application is not ApplicationStatus.COMPLETED:
        raise IllegalMove("pay for", "application", application)


def verified(payment: Payment, capture: Capture, actor: Actor) -> Payment:
    """The payment after a proof that it was made.

    The same proof again, by either way and at any later status, answers the payment as it is; so
    checkout's answer and the webhook may come in any order, any number of times. Raises
    PaymentMismatch when the proof belongs elsewhere, and WrongActor.
    """
    _check_match(payment, capture)
    if payment.paid_by == capture.payment_id:
        return payment
    status = PAYMENTS.transition(payment.status, "verify", actor)
    return replace(payment, status=status, paid_by=capture.payment_id)


def released(payment: Payment, actor: Actor) -> Payment:
    """The payment after its payout. Raises IllegalMove the second time and before it was verified."""
    return replace(payment, status=PAYMENTS.transition(payment.status, "release", actor))


def _check_match(payment: Payment, capture: Capture) -> None:
    if capture.order_id != payment.order_id:
        raise PaymentMismatch("Payment does not belong to this order")
    if capture.amount is not None and capture.amount != payment.amount:
        raise PaymentMismatch("Payment amount does not match the order")
    if capture.currency is not None and capture.currency != CURRENCY:
        raise PaymentMismatch("Payment currency does not match the order")
    if payment.paid_by is not None and payment.paid_by != capture.payment_id:
        raise PaymentMismatch("Order was paid by another payment")
