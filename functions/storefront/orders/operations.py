"""Orders of the caller: made from the cart, listed, looked at."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from quintet.api import ErrorType, Once
from quintet.messaging.outbox import deliver
from quintet.models import Length, Line, Page, PageQuery, Text
from quintet.store import BUSY
from storefront.cart.entities import OUT_OF_STOCK
from storefront.orders.addresses import Address, AddressInput, InvalidAddress, check_address
from storefront.orders.checkout import place
from storefront.orders.drafting import CART_EMPTY, MIXED_CURRENCIES, PRICE_CHANGED, PRODUCT_UNAVAILABLE, Wish
from storefront.orders.entities import ORDER_NOT_FOUND, Order
from storefront.orders.pricing import SHIPPING_METHODS
from storefront.orders.replies import OrderId, OrderReply, reply_of
from storefront.promotions.rules import distinct_codes
from storefront.service import User, api, store

INVALID_ADDRESS = ErrorType(400, "invalid_address", "Invalid address")
INVALID_SHIPPING_METHOD = ErrorType(400, "invalid_shipping_method", "Unknown shipping method")
NOT_YOURS = ErrorType(403, "insufficient_permissions", "You don't have permission to view this order")

MOST_CODES = 5
"""Codes an order may name: with 80 lines they still fit into one transaction."""


class NewOrder(BaseModel):
    model_config = ConfigDict(defer_build=True)

    shipping_address: AddressInput
    billing_address: Annotated[AddressInput | None, Field(description="The shipping address when absent")] = None
    payment_method_id: Annotated[Line, Length(0, 200)] | None = None
    promotion_codes: Annotated[list[Annotated[Line, Length(0, 50)]], Field(max_length=MOST_CODES)] | None = None
    shipping_method_id: Annotated[Line, Length(0, 100)] | None = "ship_standard"
    notes: Annotated[Text, Length(0, 2000)] | None = None


@api.post(
    "/orders",
    status=201,
    errors=[
        CART_EMPTY,
        INVALID_ADDRESS,
        INVALID_SHIPPING_METHOD,
        OUT_OF_STOCK,
        PRODUCT_UNAVAILABLE,
        PRICE_CHANGED,
        MIXED_CURRENCIES,
        BUSY,
    ],
    needs={"table:write", "email"},
)
def create_order(body: NewOrder, caller: User, once: Once) -> OrderReply:
    """Create an order from the current user's cart

    All or nothing: either every line is in stock and the order, the stock, the promotions' uses and the emptied
    cart are stored together, or nothing changes and `error.details` lists every line that stands in the way.
    """
    wish = _wish(body, caller)
    placed = place(store, wish, lambda tx, order: once.record(tx, reply_of(order)))
    if placed.message:
        deliver(store, placed.message)
    return reply_of(placed.order)


@api.get("/orders", needs={"table:read"})
def list_orders(query: PageQuery, caller: User) -> Page[OrderReply]:
    """List the current user's orders, newest first"""
    return store.page(Order, "gsi1", query, user_id=caller.id).map(reply_of)


@api.get("/orders/{id}", errors=[ORDER_NOT_FOUND, NOT_YOURS], needs={"table:read"}, etag=True)
def get_order(id: OrderId, caller: User) -> OrderReply:
    """Get one order

    For its owner, and for anyone with the role admin, manager or customer_experience.
    """
    order = store.require(Order, ORDER_NOT_FOUND, id=id)
    if order.user_id != caller.id:
        # Loaded only for those who ask for somebody else's order.
        from storefront.access.holdings import is_staff
        from storefront.access.roles import roles_of

        if not is_staff(roles_of(caller.id)):
            raise NOT_YOURS()
    return reply_of(order)


def _wish(body: NewOrder, caller: User) -> Wish:
    """What the body asks for. Raises 400 `invalid_address` listing every wrong field, `invalid_shipping_method`."""
    shipping, billing = _addresses(body)
    method = body.shipping_method_id or "ship_standard"
    if method not in SHIPPING_METHODS:
        raise INVALID_SHIPPING_METHOD()
    return Wish(
        user_id=caller.id,
        email=caller.email,
        shipping_address=shipping,
        billing_address=billing,
        shipping_method_id=method,
        payment_method_id=body.payment_method_id or "",
        codes=distinct_codes(body.promotion_codes or ()),
        notes=body.notes or "",
    )


def _addresses(body: NewOrder) -> tuple[Address, Address]:
    """The shipping and the billing address, checked."""
    found: list[Address] = []
    details: list[dict[str, str]] = []
    for name in ("shipping_address", "billing_address"):
        given = getattr(body, name)
        if given is None:
            continue
        try:
            found.append(check_address(given, prefix=f"{name}."))
        except InvalidAddress as error:
            details += error.details
    if details:
        raise INVALID_ADDRESS(details=details)
    return found[0], found[-1]
