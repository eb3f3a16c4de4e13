"""Payments go forwards, once, whatever proof arrives and however often."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stoory.applications.states import ApplicationStatus
from stoory.lifecycle.transitions import Actor, IllegalMove, WrongActor
from stoory.money.amounts import InvalidAmount
from stoory.payments.escrow import check_payable
from stoory.payments.states import (
    Capture,
    Payment,
    PaymentMismatch,
    PaymentStatus,
    check_orderable,
    released,
    verified,
)

ORDERED = Payment("order_1", 500_00)
CHECKOUT = Capture("order_1", "pay_1")
WEBHOOK = Capture("order_1", "pay_1", 500_00, "INR")
HELD = Payment("order_1", 500_00, PaymentStatus.VERIFIED, "pay_1")
PAID_OUT = Payment("order_1", 500_00, PaymentStatus.RELEASED, "pay_1")


@pytest.mark.parametrize(
    ("capture", "actor"), [(CHECKOUT, Actor.BRAND), (CHECKOUT, Actor.ADMIN), (WEBHOOK, Actor.PROVIDER)]
)
def test_a_proof_of_payment_verifies_and_its_repetition_changes_nothing(capture: Capture, actor: Actor) -> None:
    assert verified(ORDERED, capture, actor) == HELD
    assert verified(HELD, capture, actor) == HELD
    assert verified(PAID_OUT, capture, actor) == PAID_OUT


@pytest.mark.parametrize(
    ("capture", "says"),
    [
        (Capture("order_2", "pay_1"), "Payment does not belong to this order"),
        (Capture("order_1", "pay_1", 499_99, "INR"), "Payment amount does not match the order"),
        (Capture("order_1", "pay_1", 500_00, "USD"), "Payment currency does not match the order"),
    ],
)
@pytest.mark.parametrize("payment", [ORDERED, HELD, PAID_OUT])
def test_a_proof_of_something_else_proves_nothing(payment: Payment, capture: Capture, says: str) -> None:
    with pytest.raises(PaymentMismatch, match=f"^{says}$"):
        verified(payment, capture, Actor.PROVIDER)


@pytest.mark.parametrize("payment", [HELD, PAID_OUT])
def test_a_second_payment_of_a_paid_order_is_refused(payment: Payment) -> None:
    with pytest.raises(PaymentMismatch, match=r"^Order was paid by another payment$"):
        verified(payment, Capture("order_1", "pay_2"), Actor.BRAND)


def test_an_influencer_verifies_nothing() -> None:
    with pytest.raises(WrongActor):
        verified(ORDERED, CHECKOUT, Actor.INFLUENCER)


def test_a_payout_happens_once_by_an_admin_and_after_verification() -> None:
    assert released(HELD, Actor.ADMIN) == PAID_OUT
    for payment in (ORDERED, PAID_OUT):
        with pytest.raises(IllegalMove, match=f"^Cannot release payment. Current status: {payment.status}$"):
            released(payment, Actor.ADMIN)
    for actor in set(Actor) - {Actor.ADMIN}:
        with pytest.raises(WrongActor):
            released(HELD, actor)


@pytest.mark.parametrize("status", ApplicationStatus)
def test_only_completed_work_is_paid_for(status: ApplicationStatus) -> None:
    if status is ApplicationStatus.COMPLETED:
        check_orderable(status)
    else:
        with pytest.raises(IllegalMove, match=f"^Cannot pay for application. Current status: {status}$"):
            check_orderable(status)


@given(st.lists(st.sampled_from(["checkout", "webhook", "other", "release"]), max_size=20))
def test_in_any_order_and_number_events_only_move_forwards(events: list[str]) -> None:
    payment, seen = ORDERED, [PaymentStatus.PENDING]
    captures = {"checkout": CHECKOUT, "webhook": WEBHOOK, "other": Capture("order_1", "pay_2")}
    for event in events:
        try:
            payment = (
                released(payment, Actor.ADMIN)
                if event == "release"
                else verified(payment, captures[event], Actor.PROVIDER)
            )
        except (IllegalMove, PaymentMismatch):
            continue
        seen.append(payment.status)
    order = list(PaymentStatus)
    assert [order.index(status) for status in seen] == sorted(order.index(status) for status in seen)
    assert (payment.paid_by is None) == (payment.status is PaymentStatus.PENDING)


def test_less_than_a_rupee_cannot_be_ordered() -> None:
    check_payable(100)
    with pytest.raises(InvalidAmount):
        check_payable(99)
