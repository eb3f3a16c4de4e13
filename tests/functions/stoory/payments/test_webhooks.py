"""Razorpay's webhooks: signed or refused, in any order and number, and never counted twice."""

from __future__ import annotations

import pytest

from infra.local.razorpay import Faults, Razorpay
from stoory.applications.entities import Application
from tests.support.market import Party, failure, refused, said
from tests.support.till import entries, events, ordered, paid, receiving, verify, webhook


def test_webhooks_verify_in_any_order_and_again(razorpay: Razorpay, brand: Party, done: Application) -> None:
    proof = paid(razorpay, brand, done)
    for event in events(razorpay)[::-1] * 2:
        answer = webhook(event)
        assert (answer.status, answer.body) == (200, {"success": True, "message": "Event received"})
    after = verify(brand, done, proof)
    assert (after.status, after.body["payment_order"]["status"]) == (200, "VERIFIED")
    assert len(entries(done)) == 2


def test_wrongly_signed_webhooks_change_nothing(razorpay: Razorpay, brand: Party, done: Application) -> None:
    paid(razorpay, brand, done)
    told = failure("Invalid webhook signature")
    for event in events(razorpay):
        assert refused(webhook(event, "another secret")) == (400, told)
        assert refused(webhook(event, **{"X-Razorpay-Signature": ""})) == (400, told)
    assert entries(done) == []


def test_events_of_no_interest_are_taken(razorpay: Razorpay, brand: Party, done: Application) -> None:
    razorpay.pay(ordered(brand, done), captured=False)
    for event in (*events(razorpay), {"id": "evt_1", "body": {"event": "refund.created", "payload": {}}}):
        assert said(webhook(event)) == (200, "Event received")
    assert entries(done) == []


def test_a_webhook_over_another_amount_or_order_changes_nothing(
    razorpay: Razorpay, brand: Party, done: Application
) -> None:
    paid(razorpay, brand, done)
    event = events(razorpay)[0]
    for change in ({"amount": 1}, {"currency": "USD"}, {"order_id": "order_unknown"}, {"order_id": None}):
        entity = {**event["body"]["payload"]["payment"]["entity"], **change}
        forged = {**event["body"], "payload": {"payment": {"entity": entity}}}
        assert said(webhook({"id": f"evt_{change}"[:20], "body": forged})) == (200, "Event received")
    assert entries(done) == []
    assert webhook(event).status == 200
    assert len(entries(done)) == 2


@pytest.mark.parametrize(
    ("faults", "lines"),
    [
        (Faults(), 2),
        (Faults(webhook_repeat=3, webhook_order="reverse"), 2),
        (Faults(webhook_signature="wrong"), 0),
        (Faults(webhook_signature="missing"), 0),
        (Faults(webhook_repeat=0), 0),
    ],
)
def test_webhooks_over_http(razorpay: Razorpay, brand: Party, done: Application, faults: Faults, lines: int) -> None:
    order_id, razorpay.faults = ordered(brand, done), faults
    with receiving() as razorpay.webhook_url:
        razorpay.pay(order_id)
    assert len(entries(done)) == lines
