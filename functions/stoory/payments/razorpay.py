"""Payments with Razorpay: orders and payments over its HTTP API, amounts in paise.

Source: Razorpay API reference, "Orders", "Payments" and "Errors". The signatures of checkout and of webhooks are in
`stoory.payments.razorpay_signatures`.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from quintet.keys.keyring import secret
from quintet.net import outbound
from quintet.net.outbound import OutboundError, Response, TimedOut, Unreachable
from quintet.providers.errors import NotConfigured, Rejected, Throttled, Unavailable
from quintet.settings import settings

DEFAULT_URL = "https://api.razorpay.com"
MIN_AMOUNT = 100
"""Paise of the smallest order, Orders API: one rupee."""
MAX_RECEIPT = 40
"""Characters of a receipt, Orders API."""

_SERVICE = "payments"
_SECONDS = 8.0  # for one call; an operation makes two at most and has 29 s
_MAX_NOTES = 15
_ID = re.compile(r"[A-Za-z0-9_]{1,64}")
_UNKNOWN = re.compile(r"does not exist|not found", re.IGNORECASE)


class Unresolved(Unavailable):
    """It is not known whether an order was made. `ensure_order` with the same receipt finds out."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be paid. Amounts are in the currency's minor unit."""

    id: str
    amount: int
    amount_paid: int
    currency: str
    receipt: str
    status: str
    """`created`, `attempted` or `paid`."""
    created_at: int
    """Seconds since the epoch."""
    notes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def read(cls, entity: Mapping[str, Any]) -> Order:
        """An order from Razorpay's JSON. Raises KeyError, TypeError or ValueError for what is none."""
        return cls(
            id=str(entity["id"]),
            amount=int(entity["amount"]),
            amount_paid=int(entity.get("amount_paid") or 0),
            currency=str(entity["currency"]),
            receipt=str(entity.get("receipt") or ""),
            status=str(entity["status"]),
            created_at=int(entity.get("created_at") or 0),
            notes=_notes(entity.get("notes")),
        )


@dataclass(frozen=True, slots=True)
class Payment:
    """One attempt to pay an order."""

    id: str
    order_id: str
    amount: int
    currency: str
    status: str
    """`created`, `authorized`, `captured`, `refunded` or `failed`."""
    amount_refunded: int
    method: str
    created_at: int

    @property
    def captured(self) -> bool:
        """Whether the money is the merchant's, and not given back since, not even in part."""
        return self.status == "captured" and not self.amount_refunded

    @classmethod
    def read(cls, entity: Mapping[str, Any]) -> Payment:
        """A payment from Razorpay's JSON. Raises KeyError, TypeError or ValueError for what is none."""
        return cls(
            id=str(entity["id"]),
            order_id=str(entity.get("order_id") or ""),
            amount=int(entity["amount"]),
            currency=str(entity["currency"]),
            status=str(entity["status"]),
            amount_refunded=int(entity.get("amount_refunded") or 0),
            method=str(entity.get("method") or ""),
            created_at=int(entity.get("created_at") or 0),
        )


_E = TypeVar("_E", Order, Payment)


def key_id() -> str:
    """The public key that a front end's checkout needs. Raises NotConfigured unless all keys are there."""
    return _keys()[0]


def create_order(amount: int, receipt: str, notes: Mapping[str, str] | None = None, currency: str = "INR") -> Order:
    """Make a new order, each time: `ensure_order` is the one that may be called again.

    `amount` is in paise, at least 100. Raises NotConfigured, Rejected, Throttled, Unavailable, and its
    kind Unresolved when the order may have been made all the same.
    """
    if not 1 <= len(receipt) <= MAX_RECEIPT:
        raise Rejected(f"a receipt has 1 to {MAX_RECEIPT} characters")
    if amount < MIN_AMOUNT:
        raise Rejected(f"an order is over at least {MIN_AMOUNT} paise")
    given = dict(notes or {})
    if len(given) > _MAX_NOTES:
        raise Rejected(f"an order has at most {_MAX_NOTES} notes")
    body = {"amount": amount, "currency": currency, "receipt": receipt, "notes": given}
    try:
        return _entity(Order, _call("POST", "/v1/orders", json=body))
    except (_Lost, _Garbled) as error:
        raise Unresolved(str(error)) from error


def ensure_order(
    amount: int,
    receipt: str,
    notes: Mapping[str, str] | None = None,
    currency: str = "INR",
    *,
    first: bool = False,
) -> Order:
    """The order of this receipt over this amount, made unless it is there: what may be called again.

    An answer that got lost is so resolved by looking, and never by asking twice. `first` says that
    nothing was ever asked for under this receipt, which saves the look. Two callers at one moment may
    still make two orders; of these every later call answers the same one. Raises as `create_order` does.
    """
    found = None if first else find_order(receipt, amount, currency)
    if found is not None:
        return found
    try:
        return create_order(amount, receipt, notes, currency)
    except Unresolved:
        found = find_order(receipt, amount, currency)
        if found is None:
            raise
        return found


def find_order(receipt: str, amount: int | None = None, currency: str = "INR") -> Order | None:
    """The order of a receipt (over this amount, when given): the paid one if there is, else the oldest."""
    query = urlencode({"receipt": receipt, "count": 100})
    listed = _entities(Order, _call("GET", f"/v1/orders?{query}", retries=1))
    fitting = [
        order
        for order in listed
        if order.receipt == receipt and amount in (None, order.amount) and order.currency == currency
    ]
    return min(fitting, key=lambda order: (order.status != "paid", order.created_at, order.id), default=None)


def get_order(order_id: str) -> Order | None:
    """An order, None for an id Razorpay does not know. Raises as every function here, but never Unresolved."""
    answer = _one("/v1/orders/", order_id)
    return None if answer is None else _entity(Order, answer)


def payments_of(order_id: str) -> list[Payment]:
    """The payments tried for an order, none for an id Razorpay does not know."""
    answer = _one("/v1/orders/", order_id, "/payments")
    return [] if answer is None else _entities(Payment, answer)


def get_payment(payment_id: str) -> Payment | None:
    """A payment, None for an id Razorpay does not know."""
    answer = _one("/v1/payments/", payment_id)
    return None if answer is None else _entity(Payment, answer)


class _Lost(Unavailable):
    """The request may have arrived; its answer did not."""


class _Garbled(Unavailable):
    """The answer is not the protocol's."""


def _one(path: str, id: str, rest: str = "") -> Any:
    """What is under an id, which may come from anybody: None when it is unknown or no id at all."""
    if _ID.fullmatch(id) is None:
        return None
    try:
        return _call("GET", path + quote(id) + rest, retries=1)
    except _Refused as error:
        if error.status == 404 or _UNKNOWN.search(error.description):
            return None
        raise


class _Refused(Rejected):
    """A 4xx with Razorpay's error body."""

    def __init__(self, status: int, code: str, description: str) -> None:
        # The description may quote what was sent, so only its code goes where messages are logged.
        super().__init__(f"{_SERVICE} answered {status} {code}".rstrip())
        self.status, self.description = status, description


def _call(method: str, path: str, *, json: Any = None, retries: int = 0) -> Any:
    key, key_secret = _keys()
    credentials = b64encode(f"{key}:{key_secret}".encode()).decode()
    base = settings().get("QUINTET_RAZORPAY_URL", DEFAULT_URL).rstrip("/")
    headers = {"authorization": f"Basic {credentials}", "accept": "application/json"}
    try:
        response = outbound.request(method, base + path, headers=headers, json=json, timeout=_SECONDS, retries=retries)
    except Unreachable as error:
        kind = _Lost if error.sent else Unavailable
        raise kind(f"{_SERVICE} cannot be reached") from error
    except TimedOut as error:
        raise _Lost(f"{_SERVICE} did not answer in time") from error
    except OutboundError as error:
        raise _Lost(f"{_SERVICE} answered too much") from error
    return _answer(response)


def _answer(response: Response) -> Any:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if response.ok:
        if answer is None:
            raise _Garbled(f"{_SERVICE} answered {response.status} without JSON")
        return answer
    error = answer.get("error") if isinstance(answer, dict) else None
    told = error if isinstance(error, dict) else {}
    code = re.sub(r"[^A-Z_]", "", str(told.get("code") or ""))[:40]
    message = f"{_SERVICE} answered {response.status} {code}".rstrip()
    if response.status == 429:
        raise Throttled(message)
    if response.status >= 500:
        raise _Lost(message)  # what happened before the failure is not known
    if response.status in (401, 403):
        raise Unavailable(message)  # our keys are wrong, not the request: it goes once they are mended
    raise _Refused(response.status, code, str(told.get("description") or ""))


def _keys() -> tuple[str, str]:
    held = secret()
    for name in ("razorpay_key_id", "razorpay_key_secret", "razorpay_webhook_secret"):
        if not held.get(name):
            raise NotConfigured(_SERVICE, name)
    return held.get("razorpay_key_id"), held.get("razorpay_key_secret")


def _entity(kind: type[_E], answer: Any) -> _E:
    try:
        return kind.read(answer)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _Garbled(f"{_SERVICE} answered something else than was asked for") from error


def _entities(kind: type[_E], answer: Any) -> list[_E]:
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list):
        raise _Garbled(f"{_SERVICE} answered something else than was asked for")
    return [_entity(kind, item) for item in items]


def _notes(notes: Any) -> Mapping[str, str]:
    """Razorpay's notes are an object, or an empty list when there are none."""
    found = notes if isinstance(notes, Mapping) else {}
    return MappingProxyType({str(name): str(value) for name, value in found.items()})
