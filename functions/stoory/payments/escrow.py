"""Ordering, proving and paying out one application's payment, each once however often and from wherever it is tried.

A payment's change, its ledger entries and its claims are one transaction. The order at Razorpay is made by one caller
at a time: it holds the payment for a moment, and who comes meanwhile waits for its order.
"""

import secrets
from contextlib import suppress
from datetime import datetime

from quintet.models import epoch, new_id, now
from quintet.store import ConditionFailed, Store, Transaction, equals
from quintet.store.contention import until_settled
from quintet.store.errors import Old, Refusal
from stoory.applications.entities import Application
from stoory.lifecycle.transitions import Actor, IllegalMove
from stoory.money.amounts import InvalidAmount
from stoory.payments import ledger, razorpay
from stoory.payments.entities import EVENT_KEPT, PaymentOrder, RazorpayOrder, RazorpayPayment, WebhookEvent
from stoory.payments.states import (
    Capture,
    PaymentMismatch,
    PaymentStatus,
    check_orderable,
    released,
    verified,
)
from stoory.payments.wallets import Wallet, pay_out, wallet_of, write_entries

HOLD = 25
"""Seconds one caller has for asking Razorpay, which is asked three times at most."""


class NoPayment(LookupError):
    """Nobody has ordered a payment for this application."""


def order(store: Store, application: Application) -> PaymentOrder:
    """The application's open payment with its order at Razorpay, made when there is none.

    Raises IllegalMove when the application is not COMPLETED or is paid already, InvalidAmount when there is nothing
    to pay, what the Razorpay adapter raises, and 503 `busy` when others keep asking.
    """
    check_orderable(application.status)
    check_payable(application.agreed_amount or 0)
    return until_settled(lambda: _ordered(store, application))


def check_payable(paise: int) -> None:
    """Raises InvalidAmount when the amount is below what Razorpay takes."""
    if paise < razorpay.MIN_AMOUNT:
        raise InvalidAmount("Nothing to pay: the agreed amount is below 1 rupee")


def verify(store: Store, application_id: str, capture: Capture, actor: Actor, event_id: str = "") -> PaymentOrder:
    """The payment once `capture` proved it; `event_id` is the webhook's that told it.

    The same proof again changes nothing. Raises PaymentMismatch, IllegalMove, and NoPayment without a payment.
    """
    return until_settled(lambda: _verified(store, application_id, capture, actor, event_id))


def release(store: Store, application_id: str) -> tuple[PaymentOrder, Wallet]:
    """The payment after its payout, and the wallet right after it.

    Raises IllegalMove unless it is VERIFIED, and NoPayment without a payment.
    """
    return until_settled(lambda: _released(store, application_id))


def _ordered(store: Store, application: Application) -> PaymentOrder:
    payment = store.get(PaymentOrder, application_id=application.id)
    if payment is not None and payment.status is not PaymentStatus.PENDING:
        raise IllegalMove("order", "payment", payment.status)
    if payment is not None and payment.razorpay_order_id:
        return payment
    held = _held(store, application, payment)
    try:
        made = razorpay.ensure_order(
            held.amount_paise,
            held.application_id,
            {"application_id": held.application_id, "payment_order_id": held.id},
            first=held.attempts == 1,
        )
    except Exception:
        _let_go(store, held)
        raise
    new = held.model_copy(
        update={"razorpay_order_id": made.id, "ordering": None, "ordering_until": 0, "updated_at": now()}
    )
    tx = store.transaction()
    tx.replace(held, new, [equals("ordering", held.ordering)], refused=None)
    tx.create(RazorpayOrder(order_id=made.id, application_id=held.application_id))
    tx.commit()
    return new


def _held(store: Store, application: Application, payment: PaymentOrder | None) -> PaymentOrder:
    """The payment, held for asking Razorpay. Raises ConditionFailed while another holds it."""
    hold = {"ordering": secrets.token_hex(8), "ordering_until": epoch() + HOLD}
    if payment is None:
        return store.create(_new(application).model_copy(update={**hold, "attempts": 1}))
    if payment.ordering and payment.ordering_until > epoch():
        raise ConditionFailed()
    return store.replace(payment, payment.model_copy(update={**hold, "attempts": payment.attempts + 1}), refused=None)


def _let_go(store: Store, held: PaymentOrder) -> None:
    """Let the next caller ask at once; it looks first whether the order was made after all."""
    free = held.model_copy(update={"ordering": None, "ordering_until": 0})
    with suppress(ConditionFailed):  # the hold ran out and another has it
        store.replace(held, free, refused=None)


def _new(application: Application) -> PaymentOrder:
    at = now()
    return PaymentOrder(
        id=new_id(),
        application_id=application.id,
        campaign_id=application.campaign_id,
        brand_id=application.brand_id,
        influencer_id=application.influencer_id,
        amount_paise=application.agreed_amount or 0,
        platform_fee_percent=str(application.platform_fee_percent or 0),
        platform_fee_paise=application.platform_fee_amount or 0,
        net_paise=application.net_amount or 0,
        created_at=at,
        updated_at=at,
    )


def _verified(store: Store, application_id: str, capture: Capture, actor: Actor, event_id: str) -> PaymentOrder:
    payment = _payment(store, application_id)
    state = verified(payment.state, capture, actor)
    if state == payment.state:
        return payment
    at = now()
    new = payment.model_copy(
        update={
            "status": state.status,
            "razorpay_payment_id": state.paid_by,
            "verified_at": at,
            "updated_at": at,
        }
    )
    tx = store.transaction()
    tx.replace(payment, new, refused=None)
    tx.create(RazorpayPayment(payment_id=capture.payment_id, application_id=application_id), _counted(application_id))
    entries = ledger.paid_in(payment.id, payment.brand_id, application_id, payment.split)
    write_entries(tx, entries, application_id, at)
    if event_id:
        remember(tx, event_id, at)
    tx.commit()
    return new


def _released(store: Store, application_id: str) -> tuple[PaymentOrder, Wallet]:
    payment = _payment(store, application_id)
    state = released(payment.state, Actor.ADMIN)
    wallet = wallet_of(store, payment.influencer_id)
    at = now()
    new = payment.model_copy(update={"status": state.status, "released_at": at, "updated_at": at})
    tx = store.transaction()
    tx.replace(payment, new, refused=None)
    entries = ledger.paid_out(payment.id, application_id, payment.influencer_id, payment.split)
    filled = pay_out(tx, wallet, entries, application_id, at)
    tx.commit()
    return new, filled


def remember(tx: Transaction, event_id: str, at: datetime) -> None:
    """Note that a webhook event was dealt with; its row may stand already when two deliveries meet."""
    tx.put(WebhookEvent(event_id=event_id, expires_at=epoch(at) + EVENT_KEPT))


def _counted(application_id: str) -> Refusal:
    """What it means that a Razorpay payment was counted before: a twin was faster, or it paid something else."""

    def refused(old: Old) -> Exception:
        if old and old["application_id"] != application_id:
            return PaymentMismatch("Payment was made for another application")
        return ConditionFailed(old)

    return refused


def _payment(store: Store, application_id: str) -> PaymentOrder:
    found = store.get(PaymentOrder, application_id=application_id)
    if found is None:
        raise NoPayment(application_id)
    return found
