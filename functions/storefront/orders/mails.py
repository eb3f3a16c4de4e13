"""The mails a buyer gets about an order: subject and plain text, one wording per event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from quintet.models import Money
from storefront.orders.addresses import Address


class OrderEvent(StrEnum):
    """What happened to the order; all but `received` are the status it went to."""

    RECEIVED = "received"
    PAID = "paid"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class MailLine:
    """One line of the order as the mail shows it; `subtotal` is before discount and tax."""

    name: str
    sku: str
    quantity: int
    subtotal: Money


@dataclass(frozen=True, slots=True)
class OrderMail:
    """What the mails tell about an order."""

    order_number: str
    first_name: str
    lines: Sequence[MailLine]
    subtotal: Money
    discount_total: Money
    tax_total: Money
    shipping_total: Money
    total: Money
    shipping_address: Address | None = field(default=None)


_WORDING: dict[OrderEvent, tuple[str, str]] = {
    OrderEvent.RECEIVED: (
        "We have received your order {number}",
        "thank you for your order. We have it safely and will write again once it is paid.",
    ),
    OrderEvent.PAID: (
        "Payment received for your order {number}",
        "your payment has arrived, thank you. Your order is confirmed and we are preparing it now.",
    ),
    OrderEvent.SHIPPED: (
        "Your order {number} is on its way",
        "good news: your parcel has left our warehouse.",
    ),
    OrderEvent.DELIVERED: (
        "Your order {number} has been delivered",
        "your parcel has been delivered. We hope you enjoy what is in it.",
    ),
    OrderEvent.CANCELLED: (
        "Your order {number} has been cancelled",
        "your order has been cancelled and nothing will be sent. Whatever you have paid will be returned.",
    ),
}


def order_mail(event: OrderEvent, order: OrderMail) -> tuple[str, str]:
    """The subject and the plain-text body of the mail telling the buyer about `event`."""
    subject, opening = _WORDING[event]
    number = _one_line(order.order_number)
    name = _one_line(order.first_name)
    parts = [
        f"Hello {name}," if name else "Hello,",
        opening,
        f"Order {number}",
        "\n".join(_line(line) for line in order.lines),
        _totals(order),
    ]
    if order.shipping_address is not None and event is not OrderEvent.CANCELLED:
        parts.append("Delivery address:\n" + _address(order.shipping_address))
    parts.append(f"If anything is unclear, answer this mail and mention {number}.")
    return subject.format(number=number), "\n\n".join(parts) + "\n"


def _line(line: MailLine) -> str:
    return f"{line.quantity} × {_one_line(line.name)} ({_one_line(line.sku)}): {line.subtotal}"


def _totals(order: OrderMail) -> str:
    rows = [("Subtotal", order.subtotal)]
    if order.discount_total.amount:
        rows.append(("Discount", -order.discount_total))
    rows += [("Shipping", order.shipping_total), ("Tax", order.tax_total), ("Total", order.total)]
    return "\n".join(f"{label}: {amount}" for label, amount in rows)


def _address(address: Address) -> str:
    rows = (
        f"{address.first_name} {address.last_name}",
        address.company,
        address.address1,
        address.address2,
        f"{address.city} {address.state} {address.postal_code}",
        address.country,
    )
    return "\n".join(_one_line(row) for row in rows if row)


def _one_line(text: str) -> str:
    """Runs of white space, line breaks included, as one space: nothing may fake another line."""
    return " ".join(text.split())
