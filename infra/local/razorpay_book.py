"""What the laptop's Razorpay remembers: orders, payments and events as Razorpay's JSON, kept as JSON lines."""

from __future__ import annotations

import json
import secrets
import string
import threading
import time
from pathlib import Path
from typing import Any

Entity = dict[str, Any]

LEAST = 100  # paise
MAX_RECEIPT = 40
MAX_NOTES = 15
FIELDS = frozenset({"amount", "currency", "receipt", "notes", "partial_payment", "first_payment_min_amount"})
_LETTERS = string.ascii_letters + string.digits


class BadRequest(Exception):
    """A refusal in Razorpay's words; `field` is the parameter at fault."""

    def __init__(self, description: str, field: str | None = None) -> None:
        super().__init__(description)
        self.description, self.field = description, field


class Book:
    """The record, in memory and in a file that every change is appended to; safe for threads."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.RLock()
        self._kept: dict[str, Entity] = {}
        if path.exists():
            for line in path.read_text().splitlines():
                entity: Entity = json.loads(line)
                self._kept[entity["id"]] = entity

    def create_order(self, body: Any) -> Entity:
        """A new order. Raises `BadRequest`."""
        _check(body)
        order = {
            "id": _new_id("order"),
            "entity": "order",
            "amount": body["amount"],
            "amount_paid": 0,
            "amount_due": body["amount"],
            "currency": body["currency"],
            "receipt": body.get("receipt"),
            "offer_id": None,
            "status": "created",
            "attempts": 0,
            "notes": body.get("notes") or [],
            "created_at": int(time.time()),
        }
        return self._keep(order)

    def pay(self, order_id: str, *, captured: bool = True) -> tuple[Entity, Entity]:
        """Try to pay an order: the order as it is then, and the payment. Raises `BadRequest`."""
        with self._lock:
            order = self.get("order", order_id)
            if order["status"] == "paid":
                raise BadRequest("Payment failed because the order is already paid.")
            payment = _payment(order, captured)
            paid = {"status": "paid", "amount_paid": order["amount"], "amount_due": 0}
            change = paid if captured else {"status": "attempted"}
            order = self._keep({**order, **change, "attempts": order["attempts"] + 1})
            return order, self._keep(payment)

    def add_event(self, name: str, **entities: Entity) -> Entity:
        """Note an event about these entities, as they are now."""
        body = {
            "entity": "event",
            "account_id": "acc_QuintetLocal00",
            "event": name,
            "contains": list(entities),
            "payload": {kind: {"entity": entity} for kind, entity in entities.items()},
            "created_at": int(time.time()),
        }
        return self._keep({"id": _new_id("evt"), "entity": "delivery", "body": body})

    def get(self, kind: str, id: str) -> Entity:
        """An order or a payment. Raises `BadRequest` for an id that is none of its kind."""
        with self._lock:
            found = self._kept.get(id)
        if found is None or found["entity"] != kind:
            raise BadRequest("The id provided does not exist")
        return found

    def all(self, kind: str, **where: Any) -> list[Entity]:
        """Every entity of a kind with these values, newest first."""
        with self._lock:
            found = [entity for entity in self._kept.values() if entity["entity"] == kind]
        return [entity for entity in reversed(found) if all(entity[name] == value for name, value in where.items())]

    def _keep(self, entity: Entity) -> Entity:
        with self._lock:
            self._kept[entity["id"]] = entity
            with self._path.open("a") as file:
                file.write(json.dumps(entity) + "\n")
        return entity


def _check(body: Any) -> None:
    if not isinstance(body, dict):
        raise BadRequest("The request body is not valid JSON.")
    unknown = sorted(body.keys() - FIELDS)
    if unknown:
        raise BadRequest(f"{', '.join(unknown)} is/are not required and should not be sent")
    for name in ("amount", "currency"):
        if name not in body:
            raise BadRequest(f"The {name} field is required.", name)
    amount, receipt, notes = body["amount"], body.get("receipt"), body.get("notes") or {}
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise BadRequest("The amount must be an integer.", "amount")
    if amount < LEAST:
        raise BadRequest("Order amount less than minimum amount allowed", "amount")
    if body["currency"] != "INR":
        raise BadRequest("Currency is not supported", "currency")
    if receipt is not None and (not isinstance(receipt, str) or len(receipt) > MAX_RECEIPT):
        raise BadRequest(f"The receipt may not be greater than {MAX_RECEIPT} characters.", "receipt")
    if not isinstance(notes, dict) or len(notes) > MAX_NOTES:
        raise BadRequest(f"Number of fields in notes should be less than or equal to {MAX_NOTES}", "notes")


def _payment(order: Entity, captured: bool) -> Entity:
    fee = order["amount"] * 2 // 100
    return {
        "id": _new_id("pay"),
        "entity": "payment",
        "amount": order["amount"],
        "currency": order["currency"],
        "status": "captured" if captured else "failed",
        "order_id": order["id"],
        "invoice_id": None,
        "international": False,
        "method": "upi",
        "amount_refunded": 0,
        "refund_status": None,
        "captured": captured,
        "description": None,
        "card_id": None,
        "bank": None,
        "wallet": None,
        "vpa": "success@razorpay",
        "email": "brand@quintet.test",
        "contact": "+919999999999",
        "notes": order["notes"],
        "fee": fee if captured else None,
        "tax": fee * 18 // 118 if captured else None,
        "error_code": None if captured else "BAD_REQUEST_ERROR",
        "error_description": None if captured else "Payment failed",
        "created_at": int(time.time()),
    }


def _new_id(kind: str) -> str:
    return f"{kind}_{''.join(secrets.choice(_LETTERS) for _ in range(14))}"
