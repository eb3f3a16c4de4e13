"""Orders, their numbers, and the mails that tell of them."""

import secrets
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from quintet.errors import ErrorType
from quintet.messaging.outbox import Message
from quintet.models import Money, Timestamp
from quintet.store import Entity, Index, Keys, Transaction
from storefront.orders.addresses import Address
from storefront.orders.mails import MailLine, OrderEvent, OrderMail, order_mail
from storefront.orders.states import OrderStatus

SHARDS = 8
DIGITS = 8
"""Of an order number."""
ORDER_NOT_FOUND = ErrorType(404, "order_not_found", "Order not found")


class OrderItem(BaseModel):
    """One line of an order as it was bought; `total` = unit price × quantity − discount + tax."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    id: str
    product_id: str
    variant_id: str | None = None
    sku: str
    name: str
    unit_price: Money
    quantity: int
    discount_amount: Money
    tax_amount: Money
    total: Money
    attributes: dict[str, str] = Field(default_factory=dict)


class PromotionOutcome(BaseModel):
    """What became of a promotion code; `reason` says why it did not apply, None when it did."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    code: str
    applied: bool
    reason: str | None = None


class HistoryEntry(BaseModel):
    """A change of an order: the status it went to, when, and by whose hand (a user id)."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    status: OrderStatus
    at: Timestamp
    by: str


class Order(Entity):
    """What an account bought, with the names, prices, addresses and tax rate of that moment."""

    kind: ClassVar[str] = "order"
    keys: ClassVar[Keys] = Keys(
        "ORDER#{id}",
        "ORDER",
        gsi1=Index("USER#{user_id}#ORDERS", "{id}", counted=True),
        gsi2=Index("ORDERS", "{id}", counted=True, shards=SHARDS),
        gsi3=Index("ORDERS#{status}", "{id}", counted=True, shards=SHARDS),
    )

    id: str
    order_number: str
    user_id: str
    email: str
    status: OrderStatus
    items: list[OrderItem]
    shipping_address: Address
    billing_address: Address
    subtotal: Money
    discount_total: Money
    tax_total: Money
    tax_rate: str
    """Per cent, as a decimal."""
    shipping_total: Money
    total: Money
    notes: str = ""
    payment_method_id: str = ""
    shipping_method_id: str
    promotions: list[PromotionOutcome] = Field(default_factory=list)
    history: list[HistoryEntry]
    created_at: Timestamp
    updated_at: Timestamp

    @property
    def applied_codes(self) -> list[str]:
        """The codes of the promotions this order used."""
        return [promotion.code for promotion in self.promotions if promotion.applied]


def new_order_number() -> str:
    """`ORD-` and eight random digits. Unpredictable, so that numbers do not tell how much is sold.

    Not unique by itself: the caller stores it on the condition that it is free, and draws again.
    """
    return f"ORD-{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


class OrderNumber(Entity):
    """Which order a number belongs to."""

    kind: ClassVar[str] = "order_number"
    keys: ClassVar[Keys] = Keys("ORDERNUMBER#{number}", "CLAIM")

    number: str
    order_id: str


@dataclass(frozen=True, slots=True)
class Committed:
    """An order as it was just stored, and the mail that waits to be delivered."""

    order: Order
    message: Message | None


def announce(order: Order, event: OrderEvent, tx: Transaction) -> Message | None:
    """Put the mail telling the buyer of `event` into the transaction; None when the order has no address for it."""
    if not order.email:
        return None
    lines = [MailLine(item.name, item.sku, item.quantity, item.unit_price.times(item.quantity)) for item in order.items]
    mail = OrderMail(
        order_number=order.order_number,
        first_name=order.shipping_address.first_name,
        lines=lines,
        subtotal=order.subtotal,
        discount_total=order.discount_total,
        tax_total=order.tax_total,
        shipping_total=order.shipping_total,
        total=order.total,
        shipping_address=order.shipping_address,
    )
    return Message.email(order.email, *order_mail(event, mail)).join(tx)
