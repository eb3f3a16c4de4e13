"""What an order would be: a pure function of the wish, the cart, the shelf and the promotions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quintet.errors import ErrorType
from quintet.models import CurrencyMismatch, new_id
from storefront.cart.entities import OUT_OF_STOCK, Cart
from storefront.cart.rules import CartLine, CartWarning, CurrentProduct, WarningCode, refresh
from storefront.orders.addresses import Address
from storefront.orders.entities import HistoryEntry, Order, OrderItem, PromotionOutcome, new_order_number
from storefront.orders.pricing import (
    Item,
    PricedOrder,
    common_currency,
    items_subtotal,
    price_order,
    rate_for,
    shipping_cost,
)
from storefront.orders.states import OrderStatus
from storefront.promotions.rules import Applied, Candidate, NotApplied, evaluate_all

CART_EMPTY = ErrorType(400, "cart_empty", "Cart is empty")
PRODUCT_UNAVAILABLE = ErrorType(400, "product_unavailable", "Some items are no longer available")
PRICE_CHANGED = ErrorType(400, "price_changed", "Some prices have changed since you last saw your cart")
MIXED_CURRENCIES = ErrorType(400, "mixed_currencies", "All items of an order must be in one currency")

Outcomes = Mapping[str, Applied | NotApplied]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a buyer asks for, checked: known shipping method, complete addresses, distinct codes."""

    user_id: str
    email: str
    shipping_address: Address
    billing_address: Address
    shipping_method_id: str
    payment_method_id: str
    codes: Sequence[str]
    notes: str


def draft(
    wish: Wish,
    cart: Cart | None,
    shelf: Mapping[str, CurrentProduct],
    promotions: Mapping[str, Candidate],
    at: datetime,
) -> Order:
    """The order of everything in the cart at `at`.

    Raises 400 `cart_empty`, `product_unavailable`, `out_of_stock`, `price_changed` (each listing every line it is
    about) or `mixed_currencies`.
    """
    if cart is None or not cart.items:
        raise CART_EMPTY()
    lines, warnings = refresh(cart.items, shelf)
    _refuse(lines, warnings)
    items = [Item(line.price, line.quantity) for line in lines]
    try:
        currency, subtotal = common_currency(items), items_subtotal(items)
    except CurrencyMismatch:
        raise MIXED_CURRENCIES() from None
    outcomes = evaluate_all(wish.codes, promotions, subtotal, at)
    rate = rate_for(wish.shipping_address.country, wish.shipping_address.state)
    priced = price_order(
        items,
        discounts=[outcome.discount for outcome in outcomes.values() if isinstance(outcome, Applied)],
        tax_rate=rate,
        shipping=shipping_cost(wish.shipping_method_id, currency),
    )
    return _order(wish, lines, priced, outcomes, str(rate), at)


def _refuse(lines: Sequence[CartLine], warnings: Sequence[CartWarning]) -> None:
    """Raise what keeps the lines from being ordered as the buyer last saw them."""
    by_id = {line.id: line for line in lines}
    for code, refusal in (
        (WarningCode.UNAVAILABLE, PRODUCT_UNAVAILABLE),
        (WarningCode.INSUFFICIENT_STOCK, OUT_OF_STOCK),
        (WarningCode.PRICE_CHANGED, PRICE_CHANGED),
    ):
        found = [warning for warning in warnings if warning.code is code]
        if found:
            message = found[0].message if len(found) == 1 else None
            raise refusal(message, details=[_detail(by_id[warning.item_id], warning) for warning in found])


def _detail(line: CartLine, warning: CartWarning) -> dict[str, Any]:
    facts = warning.model_dump(mode="json", exclude_none=True, exclude={"code", "item_id", "message"})
    return {"item_id": line.id, "product_id": line.product_id, "sku": line.sku, **facts, "message": warning.message}


def _order(
    wish: Wish, lines: Sequence[CartLine], priced: PricedOrder, outcomes: Outcomes, rate: str, at: datetime
) -> Order:
    return Order(
        id=new_id(),
        order_number=new_order_number(),
        user_id=wish.user_id,
        email=wish.email,
        status=OrderStatus.PENDING,
        items=_items(lines, priced),
        shipping_address=wish.shipping_address,
        billing_address=wish.billing_address,
        subtotal=priced.subtotal,
        discount_total=priced.discount_total,
        tax_total=priced.tax_total,
        tax_rate=rate,
        shipping_total=priced.shipping_total,
        total=priced.total,
        notes=wish.notes,
        payment_method_id=wish.payment_method_id,
        shipping_method_id=wish.shipping_method_id,
        promotions=[_outcome(code, outcome) for code, outcome in outcomes.items()],
        history=[HistoryEntry(status=OrderStatus.PENDING, at=at, by=wish.user_id)],
        created_at=at,
        updated_at=at,
    )


def _items(lines: Sequence[CartLine], priced: PricedOrder) -> list[OrderItem]:
    return [
        OrderItem(
            id=line.id,
            product_id=line.product_id,
            variant_id=line.variant_id,
            sku=line.sku,
            name=line.name,
            unit_price=cost.unit_price,
            quantity=cost.quantity,
            discount_amount=cost.discount,
            tax_amount=cost.tax,
            total=cost.total,
            attributes=line.attributes,
        )
        for line, cost in zip(lines, priced.lines, strict=True)
    ]


def _outcome(code: str, outcome: Applied | NotApplied) -> PromotionOutcome:
    if isinstance(outcome, Applied):
        return PromotionOutcome(code=code, applied=True)
    return PromotionOutcome(code=code, applied=False, reason=outcome.reason)
