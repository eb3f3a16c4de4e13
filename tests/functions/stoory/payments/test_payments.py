"""Payments: orders at Razorpay, proofs by checkout and by webhook, payouts, and who may do which."""

from __future__ import annotations

from typing import Any
from unittest.mock import ANY

import pytest

from infra.local.razorpay import Faults, Razorpay
from quintet.models import new_id
from stoory.applications.entities import Application
from stoory.applications.states import ApplicationStatus
from tests.conftest import Systems
from tests.support.aws import in_threads
from tests.support.market import BASE, FORBIDDEN, UNSIGNED, Party, anyone, failure, party, refused, said, wrong
from tests.support.till import (
    PAYMENTS,
    check_books,
    entries,
    events,
    finished,
    order,
    ordered,
    paid,
    release,
    verify,
    webhook,
)


def shown(application: Application, **changes: Any) -> dict[str, Any]:
    return {
        "id": ANY,
        "application_id": application.id,
        "campaign_id": application.campaign_id,
        "brand_id": application.brand_id,
        "influencer_id": application.influencer_id,
        "amount": 1234.57,
        "platform_fee": 123.46,
        "net_amount": 1111.11,
        "currency": "INR",
        "status": "PENDING",
        "razorpay_order_id": ANY,
        "razorpay_payment_id": None,
        "verified_at": None,
        "released_at": None,
        "created_at": ANY,
        "updated_at": ANY,
        **changes,
    }


def test_anonymous_callers_learn_nothing(razorpay: Razorpay) -> None:
    for method, path in (
        ("GET", "/config"), ("POST", "/applications/x"), ("POST", "/verify"),
        ("POST", "/applications/x/release"), ("GET", "/applications/x"),
    ):  # fmt: skip
        answer = anyone().request(method, PAYMENTS + path, {})
        assert answer.status == 401, path
        assert answer.body["message"] == UNSIGNED["message"]
    assert refused(anyone().get(f"{BASE}/wallet")) == (401, UNSIGNED)


def test_other_roles_may_not(brand: Party, influencer: Party, admin: Party, done: Application) -> None:
    told = {**FORBIDDEN, "error": "FORBIDDEN"}
    assert refused(order(influencer, done)) == (403, told)
    assert refused(verify(influencer, done, {})) == (403, told)
    assert refused(release(brand, done)) == (403, told)
    assert refused(release(influencer, done)) == (403, told)
    assert refused(admin.get(f"{BASE}/wallet")) == (403, FORBIDDEN)


def test_another_brand_may_not(razorpay: Razorpay, brand: Party, done: Application) -> None:
    stranger, proof = party("BRAND"), paid(razorpay, brand, done)
    told = {**FORBIDDEN, "error": "forbidden"}
    assert refused(order(stranger, done)) == (403, told)
    assert refused(verify(stranger, done, proof)) == (403, told)
    for outsider in (stranger, party("INFLUENCER")):
        assert refused(outsider.get(f"{PAYMENTS}/applications/{done.id}")) == (403, told)
    check_books([done])
    assert entries(done) == []


def test_the_front_end_gets_the_key(brand: Party, influencer: Party) -> None:
    for client in (brand, influencer):
        answer = client.get(f"{PAYMENTS}/config")
        assert (answer.status, answer.body) == (
            200,
            {"success": True, "config": {"razorpay_key": "rzp_test_quintet", "currency": "INR"}},
        )


def test_without_keys_the_service_is_not_configured(system: Systems) -> None:
    system("stoory")
    brand, application = party("BRAND"), None
    application = finished(brand, party("INFLUENCER"))
    message = "Payment service is not configured"
    assert refused(brand.get(f"{PAYMENTS}/config")) == (503, failure(message))
    told = failure(message, error="payment_not_configured")
    assert refused(order(brand, application)) == (503, told)
    proof = dict.fromkeys(("razorpay_order_id", "razorpay_payment_id", "razorpay_signature"), "x")
    assert refused(verify(brand, application, proof)) == (503, told)
    assert refused(webhook({"id": "evt_1", "body": {"event": "order.paid"}})) == (503, failure(message))


def test_a_brand_orders_the_payment_of_finished_work(razorpay: Razorpay, brand: Party, done: Application) -> None:
    answer = order(brand, done)
    assert (answer.status, answer.body) == (
        201,
        {
            "success": True,
            "message": "Payment order created successfully",
            "order": {"id": ANY, "amount": 123457, "currency": "INR", "receipt": done.id},
            "payment_order": shown(done),
            "breakdown": {
                "total_amount": 1234.57,
                "platform_fee": 123.46,
                "platform_fee_percent": 10.0,
                "influencer_amount": 1111.11,
            },
        },
    )
    (made,) = razorpay.book.all("order")
    assert (made["id"], made["amount"], made["receipt"]) == (answer.body["order"]["id"], 123457, done.id)


def test_ordering_again_answers_the_same_open_order(
    razorpay: Razorpay, brand: Party, admin: Party, done: Application
) -> None:
    first = order(brand, done)
    assert order(brand, done).body == order(admin, done).body == first.body
    assert len(razorpay.book.all("order")) == 1


def test_orders_at_one_moment_are_one(razorpay: Razorpay, brand: Party, done: Application) -> None:
    razorpay.faults = Faults(delay=0.1)
    answers = in_threads(6, lambda _: order(brand, done))
    assert {said(answer) for answer in answers} == {(201, "Payment order created successfully")}
    assert len({answer.body["order"]["id"] for answer in answers if not isinstance(answer, Exception)}) == 1
    assert len(razorpay.book.all("order")) == 1


def test_an_order_whose_answer_is_lost_is_found_again(razorpay: Razorpay, brand: Party, done: Application) -> None:
    razorpay.faults = Faults(requests=1, lost=True)
    assert order(brand, done).status == 201
    assert len(razorpay.book.all("order")) == 1


def test_an_order_that_fails_halfway_is_not_made_twice(razorpay: Razorpay, brand: Party, done: Application) -> None:
    razorpay.faults = Faults(lost=True)
    told = failure("Payment service is unavailable, please try again", error="payment_unavailable")
    assert refused(order(brand, done)) == (503, told)
    razorpay.faults = Faults()
    answer = order(brand, done)
    (made,) = razorpay.book.all("order")
    assert (answer.status, answer.body["order"]["id"]) == (201, made["id"])


def test_razorpay_out_of_service_is_said_so(razorpay: Razorpay, brand: Party, done: Application) -> None:
    razorpay.faults = Faults(status=503)
    assert said(order(brand, done)) == (503, "Payment service is unavailable, please try again")
    assert razorpay.book.all("order") == []


@pytest.mark.parametrize("status", [status for status in ApplicationStatus if status != "COMPLETED"])
def test_only_completed_work_is_paid(brand: Party, influencer: Party, status: ApplicationStatus) -> None:
    application = finished(brand, influencer, status=status)
    told = failure(f"Cannot pay for application. Current status: {status}", error="invalid_state")
    assert refused(order(brand, application)) == (400, told)


def test_nothing_is_ordered_for_nothing(brand: Party, influencer: Party) -> None:
    told = failure("Nothing to pay: the agreed amount is below 1 rupee", error="invalid_state")
    assert refused(order(brand, finished(brand, influencer, 99))) == (400, told)


def test_unknown_and_malformed_ids(razorpay: Razorpay, brand: Party, admin: Party) -> None:
    missing, bad = new_id(), "nonsense"
    no_application = failure("Application not found", error="application_not_found")
    no_payment = failure("Payment not found", error="payment_not_found")
    assert refused(brand.post(f"{PAYMENTS}/applications/{missing}")) == (404, no_application)
    assert refused(brand.get(f"{PAYMENTS}/applications/{missing}")) == (404, no_application)
    assert refused(admin.post(f"{PAYMENTS}/applications/{missing}/release")) == (404, no_payment)
    proof = dict.fromkeys(("razorpay_order_id", "razorpay_payment_id", "razorpay_signature"), "x")
    assert refused(brand.post(f"{PAYMENTS}/verify", {**proof, "application_id": missing})) == (404, no_payment)
    assert brand.post(f"{PAYMENTS}/applications/{bad}").status == 400
    assert brand.get(f"{PAYMENTS}/applications/{bad}").status == 400
    assert admin.post(f"{PAYMENTS}/applications/{bad}/release").status == 400
    answer = brand.post(f"{PAYMENTS}/verify", {**proof, "application_id": bad})
    assert refused(answer) == (400, {**wrong("application_id", "must be a UUID"), "error": "invalid_body"})


def test_a_proof_verifies_the_payment_once(razorpay: Razorpay, brand: Party, done: Application) -> None:
    proof = paid(razorpay, brand, done)
    answer = verify(brand, done, proof)
    held = shown(
        done,
        status="VERIFIED",
        verified_at=ANY,
        razorpay_order_id=proof["razorpay_order_id"],
        razorpay_payment_id=proof["razorpay_payment_id"],
    )
    expected = {"success": True, "message": "Payment verified successfully", "payment_order": held}
    assert (answer.status, answer.body) == (200, expected)
    assert verify(brand, done, proof).body == answer.body
    assert [(entry.account, entry.amount) for entry in entries(done)] == [
        (f"BRAND#{brand.id}", -123457),
        (f"ESCROW#{done.id}", 123457),
    ]


def test_a_wrong_signature_proves_nothing(razorpay: Razorpay, brand: Party, done: Application) -> None:
    proof = paid(razorpay, brand, done)
    told = failure("Invalid payment signature", error="invalid_signature")
    for wrong_one in ("0" * 64, proof["razorpay_signature"].upper(), "é"):
        assert refused(verify(brand, done, proof, razorpay_signature=wrong_one)) == (400, told)
    assert refused(verify(brand, done, proof, razorpay_payment_id="pay_other")) == (400, told)
    assert entries(done) == []


def test_the_proof_of_another_order_proves_nothing(
    razorpay: Razorpay, brand: Party, influencer: Party, done: Application
) -> None:
    other = finished(brand, influencer)
    proof = paid(razorpay, brand, other)
    ordered(brand, done)
    told = failure("Payment does not belong to this order", error="invalid_payment")
    assert refused(verify(brand, done, proof)) == (400, told)
    check_books([done, other])


def test_a_paid_order_is_not_ordered_again(razorpay: Razorpay, brand: Party, done: Application) -> None:
    verify(brand, done, paid(razorpay, brand, done))
    told = failure("Cannot order payment. Current status: VERIFIED", error="invalid_state")
    assert refused(order(brand, done)) == (400, told)


def test_a_payout_is_released_once(
    razorpay: Razorpay, brand: Party, admin: Party, influencer: Party, done: Application
) -> None:
    proof = paid(razorpay, brand, done)
    told = failure("Cannot release payment. Current status: PENDING", error="invalid_state")
    assert refused(release(admin, done)) == (400, told)
    verify(brand, done, proof)
    answer = release(admin, done)
    assert (answer.status, answer.body) == (
        200,
        {
            "success": True,
            "message": "Payout released successfully",
            "payout_amount_paise": 111111,
            "commission_amount_paise": 12346,
            "new_wallet_balance_paise": 111111,
        },
    )
    told = failure("Cannot release payment. Current status: RELEASED", error="invalid_state")
    assert refused(release(admin, done)) == (400, told)
    check_books([done])
    wallet = influencer.get(f"{BASE}/wallet")
    assert (wallet.status, wallet.body) == (
        200,
        {
            "success": True,
            "wallet": {"balance_paise": 111111},
            "entries": [
                {
                    "id": ANY,
                    "application_id": done.id,
                    "amount_paise": 111111,
                    "balance_paise": 111111,
                    "created_at": ANY,
                }
            ],
            "pagination": {"page": 1, "limit": 10, "total": 1, "totalPages": 1},
        },
    )


def test_a_wallet_is_empty_before_the_first_payout(influencer: Party) -> None:
    answer = influencer.get(f"{BASE}/wallet")
    assert (answer.status, answer.body) == (
        200,
        {
            "success": True,
            "wallet": {"balance_paise": 0},
            "entries": [],
            "pagination": {"page": 1, "limit": 10, "total": 0, "totalPages": 0},
        },
    )
    assert influencer.get(f"{BASE}/wallet?limit=0").status == 400


def test_both_parties_and_admins_see_the_payments(
    brand: Party, influencer: Party, admin: Party, done: Application
) -> None:
    path = f"{PAYMENTS}/applications/{done.id}"
    none = {"success": True, "message": "Payments fetched successfully", "payments": []}
    assert (brand.get(path).status, brand.get(path).body) == (200, none)
    ordered(brand, done)
    for client in (brand, influencer, admin):
        assert client.get(path).body == {**none, "payments": [shown(done)]}


def test_proofs_and_payouts_at_one_moment_count_once(
    razorpay: Razorpay, brand: Party, admin: Party, influencer: Party, done: Application
) -> None:
    proof = paid(razorpay, brand, done)
    told = events(razorpay)
    answers = in_threads(6, lambda n: webhook(told[n % 2]) if n % 3 else verify(brand, done, proof))
    assert {said(answer)[0] for answer in answers} == {200}
    assert len(entries(done)) == 2
    payouts = in_threads(5, lambda _: release(admin, done))
    assert sorted(said(answer)[0] for answer in payouts) == [200, 400, 400, 400, 400]
    check_books([done])


def test_payouts_to_one_wallet_at_one_moment_add_up(
    razorpay: Razorpay, brand: Party, admin: Party, influencer: Party
) -> None:
    applications = [finished(brand, influencer, 10_000) for _ in range(4)]
    for application in applications:
        verify(brand, application, paid(razorpay, brand, application))
    answers = in_threads(4, lambda n: release(admin, applications[n]))
    balances = sorted(a.body["new_wallet_balance_paise"] for a in answers if not isinstance(a, Exception))
    assert balances == [9_000, 18_000, 27_000, 36_000]
    check_books(applications)
