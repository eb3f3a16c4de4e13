"""What proves that Razorpay speaks: its signatures over a paid order and over a webhook, and the webhook's content.

Both are HMAC-SHA256 in lower-case hexadecimal (Razorpay documentation: "Verify payment signature", "Validate and test
webhooks"), compared in constant time.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from quintet.keys.keyring import secret
from quintet.providers.errors import NotConfigured
from stoory.payments.razorpay import Order, Payment

SIGNATURE_HEADER = "x-razorpay-signature"
EVENT_ID_HEADER = "x-razorpay-event-id"
"""The same for every delivery of one event."""

_ID = re.compile(r"[A-Za-z0-9_]{1,64}")


class NotSigned(Exception):
    """The webhook does not come from Razorpay, or is none."""


@dataclass(frozen=True, slots=True)
class Event:
    """A webhook whose signature held. Events come more than once and in any order."""

    id: str
    """Razorpay's event id, '' when the header was missing."""
    name: str
    """Such as `payment.captured` or `order.paid`."""
    created_at: int
    payment: Payment | None
    order: Order | None

    @property
    def order_id(self) -> str:
        """The order it is about, '' for an event about none."""
        if self.order is not None:
            return self.order.id
        return self.payment.order_id if self.payment is not None else ""


def payment_signature(order_id: str, payment_id: str, key_secret: str) -> str:
    """What checkout signs with the key's secret: `order_id|payment_id`."""
    return _sign(f"{order_id}|{payment_id}".encode(), key_secret)


def webhook_signature(body: bytes, webhook_secret: str) -> str:
    """What `X-Razorpay-Signature` carries for this body, byte for byte as sent."""
    return _sign(body, webhook_secret)


def is_paid(order_id: str, payment_id: str, signature: str) -> bool:
    """Whether Razorpay signed that this payment paid this order. Raises NotConfigured.

    Ids of other characters than Razorpay's never pass: with a `|` in one, two pairs would share a signature.
    """
    key_secret = _secret("razorpay_key_secret")
    if _ID.fullmatch(order_id) is None or _ID.fullmatch(payment_id) is None:
        return False
    return _same(payment_signature(order_id, payment_id, key_secret), signature)


def read_event(body: bytes, headers: Mapping[str, str]) -> Event:
    """The event in a webhook: its raw body, since parsing and writing anew changes it, and lower-case headers.

    `razorpay_webhook_secret_previous` in the secret still passes: Razorpay signs the repeats of older
    events with the secret they were first signed with. Raises NotSigned or NotConfigured.
    """
    given = headers.get(SIGNATURE_HEADER, "")
    secrets = [_secret("razorpay_webhook_secret"), secret().get("razorpay_webhook_secret_previous")]
    # Every secret is compared, so that timing does not tell which one fits.
    fits = [_same(webhook_signature(body, one), given) for one in secrets if one]
    if not any(fits):
        raise NotSigned("the signature does not fit the body")
    try:
        content = json.loads(body)
        payload = content.get("payload") or {}
        return Event(
            id=headers.get(EVENT_ID_HEADER, ""),
            name=str(content["event"]),
            created_at=int(content.get("created_at") or 0),
            payment=Payment.read(payload["payment"]["entity"]) if "payment" in payload else None,
            order=Order.read(payload["order"]["entity"]) if "order" in payload else None,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise NotSigned("the body is no event") from error


def _secret(name: str) -> str:
    found = secret().get(name)
    if not found:
        raise NotConfigured("payments", name)
    return found


def _sign(message: bytes, key: str) -> str:
    if not key:
        raise ValueError("a signature needs a secret")  # an unset one would let everybody sign
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def _same(expected: str, given: str) -> bool:
    # As bytes: compare_digest refuses text beyond ASCII, and lone surrogates have no UTF-8.
    return hmac.compare_digest(expected.encode(), given.encode(errors="replace"))
