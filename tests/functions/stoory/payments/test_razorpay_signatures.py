"""Razorpay's signatures: the published vectors, and what does not pass."""

import json
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from quintet.keys.keyring import SystemSecret
from quintet.providers.errors import NotConfigured
from stoory.payments import razorpay_signatures as signatures
from tests.support.aws import SECRET

# Published with Razorpay's Python library (its tests of signature checks).
PUBLISHED = "b2335e3b0801106b84a7faff035df56ecffde06918c9ddd1f0fafbb37a51cc89"
PUBLISHED_SUBSCRIPTION = "601f383334975c714c91a7d97dd723eb56520318355863dcf3821c0d07a17693"

KEYS = {"razorpay_key_id": "key_id", "razorpay_key_secret": "key_secret", "razorpay_webhook_secret": "hook"}
PAYMENT = {"id": "pay_1", "order_id": "order_1", "amount": 500, "currency": "INR", "status": "captured"}
ORDER = {"id": "order_1", "amount": 500, "currency": "INR", "receipt": "r", "status": "paid", "notes": []}


def held(**changes: str) -> SystemSecret:
    return SystemSecret.parse(json.dumps({**SECRET, **KEYS, **changes}))


@pytest.fixture(autouse=True)
def _secret() -> Iterator[None]:
    with patch.object(signatures, "secret", held):
        yield


def test_the_published_signatures_come_out() -> None:
    assert signatures.payment_signature("fake_order_id", "fake_payment_id", "key_secret") == PUBLISHED
    # A subscription's has the payment first; the scheme is the same.
    subscription = signatures.payment_signature("pay_IDZNwZZFtnjyym", "sub_ID6MOhgkcoHj9I", "EnLs21M47BllR3X8PSFtjtbd")
    assert subscription == PUBLISHED_SUBSCRIPTION


def test_a_signed_payment_passes_and_no_other() -> None:
    assert signatures.is_paid("fake_order_id", "fake_payment_id", PUBLISHED)
    assert not signatures.is_paid("fake_order_id", "other_payment_id", PUBLISHED)
    assert not signatures.is_paid("other_order_id", "fake_payment_id", PUBLISHED)
    assert not signatures.is_paid("fake_order_id", "fake_payment_id", PUBLISHED.upper())
    for signature in ("", "test_signature", PUBLISHED[:-1], PUBLISHED + "0", "ü" * 64, "\ud800"):
        assert not signatures.is_paid("fake_order_id", "fake_payment_id", signature)


@examples(max_examples=50, deadline=None)
@given(at=st.integers(0, 63), digit=st.sampled_from("0123456789abcdef"))
def test_a_signature_with_another_digit_does_not_pass(at: int, digit: str) -> None:
    changed = PUBLISHED[:at] + digit + PUBLISHED[at + 1 :]
    assert signatures.is_paid("fake_order_id", "fake_payment_id", changed) == (changed == PUBLISHED)


def test_two_pairs_never_share_a_signature() -> None:
    signature = signatures.payment_signature("a|b", "c", "key_secret")
    assert signature == signatures.payment_signature("a", "b|c", "key_secret")
    assert not signatures.is_paid("a|b", "c", signature)
    assert not signatures.is_paid("a", "b|c", signature)


def event(name: str, **payload: object) -> bytes:
    entities = {kind: {"entity": entity} for kind, entity in payload.items()}
    # Spaces and an escaped slash: the bytes count, not what they say.
    return json.dumps({"entity": "event", "event": name, "payload": entities, "created_at": 7}, indent=1).encode()


def signed(body: bytes, secret: str = "hook") -> dict[str, str]:
    return {"x-razorpay-signature": signatures.webhook_signature(body, secret), "x-razorpay-event-id": "evt_1"}


def test_a_webhook_tells_its_order_and_payment() -> None:
    body = event("order.paid", payment=PAYMENT, order=ORDER)
    found = signatures.read_event(body, signed(body))
    assert (found.id, found.name, found.created_at, found.order_id) == ("evt_1", "order.paid", 7, "order_1")
    assert found.payment is not None
    assert (found.payment.id, found.payment.captured) == ("pay_1", True)
    assert found.order is not None
    assert found.order.status == "paid"


def test_a_webhook_about_a_payment_names_its_order() -> None:
    body = event("payment.captured", payment=PAYMENT)
    found = signatures.read_event(body, signed(body))
    assert (found.order, found.order_id) == (None, "order_1")


def test_a_webhook_about_something_else_is_read_too() -> None:
    body = event("refund.created", refund={"id": "rfnd_1"})
    found = signatures.read_event(body, signed(body))
    assert (found.name, found.order_id, found.payment, found.order) == ("refund.created", "", None, None)


def test_a_webhook_signed_otherwise_is_refused() -> None:
    body = event("order.paid", order=ORDER)
    compact = json.dumps(json.loads(body)).encode()
    for headers in ({}, signed(body, "other"), signed(body, "key_secret"), signed(compact), signed(b"")):
        with pytest.raises(signatures.NotSigned):
            signatures.read_event(body, headers)


def test_a_repeat_of_an_older_event_passes_by_the_secret_before() -> None:
    body = event("order.paid", order=ORDER)
    with pytest.raises(signatures.NotSigned):
        signatures.read_event(body, signed(body, "before"))
    with patch.object(signatures, "secret", lambda: held(razorpay_webhook_secret_previous="before")):
        assert signatures.read_event(body, signed(body, "before")).name == "order.paid"
        assert signatures.read_event(body, signed(body)).name == "order.paid"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{}", b"\xff",
     b'{"event": "x", "payload": {"payment": {}}}', b'{"event": "x", "payload": {"order": {"entity": {"id": 1}}}}'],
)  # fmt: skip
def test_a_signed_body_that_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(signatures.NotSigned):
        signatures.read_event(body, signed(body))


def test_without_secrets_nothing_passes() -> None:
    for name, check in (
        ("razorpay_key_secret", lambda: signatures.is_paid("a", "b", "c")),
        ("razorpay_webhook_secret", lambda: signatures.read_event(b"", {})),
    ):
        without = held(**{name: ""})
        with patch.object(signatures, "secret", lambda: without), pytest.raises(NotConfigured, match=name):  # noqa: B023
            check()
    with pytest.raises(ValueError, match="needs a secret"):
        signatures.payment_signature("a", "b", "")
