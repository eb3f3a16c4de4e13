"""The caller's cart: one for each account, made on first use.

Every change is conditioned on the version it was made from and done over when somebody else was faster, so that
changes made at the same time all take effect. A caller that sends `If-Match` is refused instead.
"""

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from quintet.api import ErrorType, Header, Once, Path, Reply
from quintet.models import Entries, Length, Line, Money, Timestamp, new_id
from quintet.store import BUSY
from quintet.store.contention import until_settled
from storefront.cart.entities import OUT_OF_STOCK, Cart, current, meets, read_shelf
from storefront.cart.rules import (
    CartLine,
    CartWarning,
    InvalidQuantity,
    ItemNotInCart,
    TooManyLines,
    add_line,
    check_quantity,
    find_line,
    quantity_by_sku,
    refresh,
    remove_line,
    set_quantity,
)
from storefront.catalog.products import PRODUCT_NOT_FOUND, Product, Stock, is_public
from storefront.service import User, api, store

INVALID_QUANTITY = ErrorType(400, "invalid_quantity", "Quantity must be between 1 and 999")
CART_FULL = ErrorType(400, "cart_full", "A cart holds at most 80 different items")
ITEM_ID_REQUIRED = ErrorType(400, "item_id_required", "Item ID is required")
ITEM_NOT_FOUND = ErrorType(404, "item_not_found", "Item not found in cart")
CHANGED = api.errors.precondition

MOST_ATTRIBUTE_BYTES = 2000
"""Per line, so that a full cart stays far below DynamoDB's 400 KB an item."""


def _within_bounds(attributes: dict[str, str]) -> dict[str, str]:
    if sum(len(name.encode()) + len(value.encode()) for name, value in attributes.items()) > MOST_ATTRIBUTE_BYTES:
        raise ValueError(f"must be at most {MOST_ATTRIBUTE_BYTES} bytes together")
    return attributes


IfMatch = Annotated[str | None, Header("If-Match")]
ItemId = Annotated[str, Path(ITEM_ID_REQUIRED)]
AttributeName = Annotated[Line, Length(1, 100)]
AttributeValue = Annotated[Line, Length(0, 200)]


class AddItem(BaseModel):
    model_config = ConfigDict(defer_build=True)

    product_id: Annotated[Line, Length(1, 100)]
    variant_id: Annotated[Line, Length(0, 100)] | None = None
    quantity: int = 1
    attributes: Annotated[
        dict[AttributeName, AttributeValue], Entries(20), AfterValidator(_within_bounds)
    ] | None = None  # fmt: skip


class UpdateItem(BaseModel):
    model_config = ConfigDict(defer_build=True)

    quantity: int


class CartItemReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    product_id: str
    variant_id: str | None
    sku: str
    name: str
    price: Money
    quantity: int
    attributes: dict[str, str]


class CartReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    user_id: str
    session_id: str
    items: list[CartItemReply]
    created_at: Timestamp
    updated_at: Timestamp


@api.get("/cart", errors=[BUSY], needs={"table:write"}, etag=True)
def get_cart(caller: User) -> Reply[CartReply]:
    """Get the current user's cart

    Prices and names are brought up to date; what changed, and what is no longer available in the wanted quantity,
    is told in `meta.warnings`.
    """

    def attempt() -> Reply[CartReply]:
        cart = store.get(Cart, user_id=caller.id) or store.create(Cart(user_id=caller.id))
        shelf, _ = read_shelf(store, cart.items)
        items, warnings = refresh(cart.items, shelf)
        if items != cart.items:
            cart = store.replace(cart, cart.holding(items), refused=None)
        return _shown(cart, warnings)

    return until_settled(attempt)


@api.post(
    "/cart/items",
    errors=[INVALID_QUANTITY, OUT_OF_STOCK, CART_FULL, PRODUCT_NOT_FOUND, CHANGED, BUSY],
    needs={"table:write"},
    etag=True,
    example={"product_id": "prod-1", "variant_id": None, "quantity": 2, "attributes": {"color": "Black"}},
)
def add_item(body: AddItem, caller: User, once: Once, if_match: IfMatch = None) -> Reply[CartReply]:
    """Add a product to the cart

    The same product, variant and attributes again add to the line that is there.
    """
    product = store.get(Product, id=body.product_id)
    if product is None or not is_public(product):
        raise PRODUCT_NOT_FOUND()

    def attempt() -> Reply[CartReply]:
        cart, stock = store.get_all([Cart.ref(user_id=caller.id), Stock.ref(sku=product.sku)])
        now = current(product, stock)
        assert now is not None  # the product was found
        new = CartLine(
            id=new_id(),
            product_id=product.id,
            variant_id=body.variant_id or None,
            sku=now.sku,
            name=now.name,
            price=now.price,
            quantity=body.quantity,
            attributes=body.attributes or {},
        )
        try:
            items = add_line(cart.items if cart else [], new)
        except InvalidQuantity:
            raise INVALID_QUANTITY() from None
        except TooManyLines:
            raise CART_FULL() from None
        _check_stock(items, now.sku, now.name, now.available)
        return _saved(caller.id, cart, items, if_match, once)

    return until_settled(attempt)


@api.patch(
    "/cart/items/{id}",
    errors=[INVALID_QUANTITY, OUT_OF_STOCK, ITEM_NOT_FOUND, PRODUCT_NOT_FOUND, CHANGED, BUSY],
    needs={"table:write"},
    etag=True,
    example={"quantity": 3},
)
def update_item(id: ItemId, body: UpdateItem, caller: User, if_match: IfMatch = None) -> Reply[CartReply]:
    """Update the quantity of an item in the cart"""

    def attempt() -> Reply[CartReply]:
        cart = store.require(Cart, ITEM_NOT_FOUND, user_id=caller.id)
        try:
            line = find_line(cart.items, id)
            items = set_quantity(cart.items, id, check_quantity(body.quantity))
        except ItemNotInCart:
            raise ITEM_NOT_FOUND() from None
        except InvalidQuantity:
            raise INVALID_QUANTITY() from None
        shelf, _ = read_shelf(store, [line])
        now = shelf.get(line.product_id)
        if now is None or not now.active:
            raise PRODUCT_NOT_FOUND()
        _check_stock(items, line.sku, line.name, now.available)
        return _saved(caller.id, cart, items, if_match)

    return until_settled(attempt)


@api.delete("/cart/items/{id}", errors=[ITEM_NOT_FOUND, CHANGED, BUSY], needs={"table:write"}, etag=True)
def remove_item(id: ItemId, caller: User, if_match: IfMatch = None) -> Reply[CartReply]:
    """Remove an item from the cart"""

    def attempt() -> Reply[CartReply]:
        cart = store.require(Cart, ITEM_NOT_FOUND, user_id=caller.id)
        try:
            items = remove_line(cart.items, id)
        except ItemNotInCart:
            raise ITEM_NOT_FOUND() from None
        return _saved(caller.id, cart, items, if_match)

    return until_settled(attempt)


@api.delete("/cart", errors=[CHANGED, BUSY], needs={"table:write"}, etag=True)
def clear_cart(caller: User, if_match: IfMatch = None) -> Reply[CartReply]:
    """Remove all items from the cart"""

    def attempt() -> Reply[CartReply]:
        cart = store.get(Cart, user_id=caller.id)
        return _saved(caller.id, cart, [], if_match)

    return until_settled(attempt)


def _check_stock(items: Sequence[CartLine], sku: str, name: str, available: int) -> None:
    """Refuse a cart whose lines together want more of a SKU than there is."""
    wanted = quantity_by_sku(items)[sku]
    if wanted > available:
        message = f"Only {available} of {name} available" if available else f"{name} is out of stock"
        raise OUT_OF_STOCK(message, details=[{"sku": sku, "requested": wanted, "available": available}])


def _saved(
    user_id: str, cart: Cart | None, items: Sequence[CartLine], if_match: str | None, once: Once | None = None
) -> Reply[CartReply]:
    """The cart with its new lines, once they are stored, with the answer for `once`. Raises 412, and `ConditionFailed`
    for a lost race."""
    if if_match is not None and not meets(cart, if_match):
        raise CHANGED()
    if cart is not None and not items and not cart.items:
        return _shown(cart)
    new = (cart or Cart(user_id=user_id)).holding(items)
    tx = store.transaction()
    if cart is None:
        tx.create(new)
    else:
        tx.replace(cart, new, refused=None)
    reply = _shown(new)
    if once is not None:
        once.record(tx, reply)
    tx.commit()
    return reply


def _shown(cart: Cart, warnings: Sequence[CartWarning] | None = None) -> Reply[CartReply]:
    data = CartReply.model_validate(cart, from_attributes=True)
    meta = None
    if warnings is not None:
        meta = {"warnings": [warning.model_dump(mode="json", exclude_none=True) for warning in warnings]}
    return Reply(data, meta=meta, headers={"ETag": cart.etag(warnings or ())})
