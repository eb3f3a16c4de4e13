"""Orders on the wire: how a path names one, and how every operation answers it."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from quintet.api import ErrorType, Path
from quintet.models import Money, Timestamp
from storefront.orders.addresses import Address
from storefront.orders.entities import Order

ORDER_ID_REQUIRED = ErrorType(400, "order_id_required", "Order ID is required")

OrderId = Annotated[str, Path(ORDER_ID_REQUIRED)]


class AddressReply(Address):
    pass  # the same fields; clients know it by this name


class OrderItemReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    product_id: str
    sku: str
    name: str
    unit_price: Money
    quantity: int
    discount_amount: Money
    tax_amount: Money
    total: Money


class PromotionOutcomeReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    code: str
    applied: bool
    reason: Annotated[str | None, Field(description="Why the code did not apply; null when it did")]


class OrderReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    order_number: str
    user_id: str
    status: str
    items: list[OrderItemReply]
    shipping_address: AddressReply
    billing_address: AddressReply
    subtotal: Money
    discount_total: Money
    tax_total: Money
    shipping_total: Money
    total: Money
    notes: str
    created_at: Timestamp
    updated_at: Timestamp
    promotions: list[PromotionOutcomeReply]


def reply_of(order: Order) -> OrderReply:
    """The order as the document shows it."""
    return OrderReply.model_validate(order, from_attributes=True)
