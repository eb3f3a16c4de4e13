"""The cart's rules: merging lines, bounds, and refreshing what the catalogue has changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from quintet.models import Money

MIN_QUANTITY, MAX_QUANTITY = 1, 999
MAX_LINES = 80


class InvalidQuantity(ValueError):
    """A line's quantity is not between MIN_QUANTITY and MAX_QUANTITY."""

    def __init__(self) -> None:
        super().__init__(f"Quantity must be between {MIN_QUANTITY} and {MAX_QUANTITY}")


class TooManyLines(ValueError):
    """The cart would have more than MAX_LINES different lines."""

    def __init__(self) -> None:
        super().__init__(f"A cart holds at most {MAX_LINES} different items")


class ItemNotInCart(LookupError):
    """No line of the cart has that id."""


class CartLine(BaseModel):
    """One line of a cart with the documented fields; `price` is the unit price last shown."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    id: str
    product_id: str
    variant_id: str | None = None
    sku: str
    name: str
    price: Money
    quantity: int
    attributes: dict[str, str] = Field(default_factory=dict)


class WarningCode(StrEnum):
    """What a refresh found; the values are stable, clients may compare them."""

    PRICE_CHANGED = "price_changed"
    UNAVAILABLE = "unavailable"
    INSUFFICIENT_STOCK = "insufficient_stock"


class CartWarning(BaseModel):
    """Something the buyer should know about a line before ordering; unused fields are None."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    code: WarningCode
    item_id: str
    message: str
    previous_price: Money | None = None
    current_price: Money | None = None
    requested: int | None = None
    available: int | None = None


@dataclass(frozen=True, slots=True)
class CurrentProduct:
    """What the catalogue says now: effective price, stock on hand, and whether it is on sale at all."""

    sku: str
    name: str
    price: Money
    available: int
    active: bool = True


def check_quantity(quantity: int) -> int:
    """`quantity` itself; raises InvalidQuantity when a line may not have it."""
    if not MIN_QUANTITY <= quantity <= MAX_QUANTITY:
        raise InvalidQuantity
    return quantity


def line_key(product_id: str, variant_id: str | None, attributes: Mapping[str, str]) -> str:
    """What makes two lines the same: product, variant and attributes, in whatever order they came."""
    return json.dumps([product_id, variant_id, sorted(attributes.items())], ensure_ascii=False)


def key_of(line: CartLine) -> str:
    """The `line_key` of a line."""
    return line_key(line.product_id, line.variant_id, line.attributes)


def add_line(lines: Sequence[CartLine], new: CartLine) -> list[CartLine]:
    """The cart with `new` added: onto the line it equals, which keeps its id and place, or at the end.

    A merged line takes `new`'s price, name and SKU, the more recent ones. Attributes are kept sorted
    by name. Raises InvalidQuantity for the new or the merged quantity, TooManyLines.
    """
    check_quantity(new.quantity)
    new = new.model_copy(update={"attributes": dict(sorted(new.attributes.items()))})
    for index, line in enumerate(lines):
        if key_of(line) == key_of(new):
            merged = {"id": line.id, "quantity": check_quantity(line.quantity + new.quantity)}
            return [*lines[:index], new.model_copy(update=merged), *lines[index + 1 :]]
    if len(lines) >= MAX_LINES:
        raise TooManyLines
    return [*lines, new]


def set_quantity(lines: Sequence[CartLine], item_id: str, quantity: int) -> list[CartLine]:
    """The cart with that line's quantity replaced; raises ItemNotInCart, InvalidQuantity."""
    find_line(lines, item_id)
    check_quantity(quantity)
    return [line.model_copy(update={"quantity": quantity}) if line.id == item_id else line for line in lines]


def remove_line(lines: Sequence[CartLine], item_id: str) -> list[CartLine]:
    """The cart without that line; raises ItemNotInCart."""
    find_line(lines, item_id)
    return [line for line in lines if line.id != item_id]


def find_line(lines: Sequence[CartLine], item_id: str) -> CartLine:
    """The line with that id; raises ItemNotInCart."""
    for line in lines:
        if line.id == item_id:
            return line
    raise ItemNotInCart(item_id)


def quantity_by_sku(lines: Sequence[CartLine]) -> dict[str, int]:
    """How many of each SKU the cart wants: lines that differ only in attributes share one stock."""
    wanted: dict[str, int] = {}
    for line in lines:
        wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
    return wanted


def refresh(
    lines: Sequence[CartLine], products: Mapping[str, CurrentProduct]
) -> tuple[list[CartLine], list[CartWarning]]:
    """The lines at current names and prices, and a warning for whatever the buyer should know.

    `products` is by product id; a product missing from it or not active is unavailable and its line
    stays as it was. Lines that share a SKU are served from its stock in cart order. Quantities are
    never changed. Refreshing again warns no more of prices, which are then current.
    """
    left = {product.sku: product.available for product in products.values()}
    refreshed: list[CartLine] = []
    warnings: list[CartWarning] = []
    for line in lines:
        product = products.get(line.product_id)
        if product is None or not product.active:
            refreshed.append(line)
            warnings.append(_warning(WarningCode.UNAVAILABLE, line, f"{line.name} is no longer available"))
            continue
        update = {"sku": product.sku, "name": product.name, "price": product.price}
        current = line.model_copy(update=update)
        refreshed.append(current)
        if product.price != line.price:
            warnings.append(_price_changed(line, current))
        available = max(left[product.sku], 0)
        left[product.sku] = available - line.quantity
        if line.quantity > available:
            warnings.append(_insufficient(current, available))
    return refreshed, warnings


def _price_changed(before: CartLine, now: CartLine) -> CartWarning:
    message = f"The price of {now.name} changed from {before.price} to {now.price}"
    prices = {"previous_price": before.price, "current_price": now.price}
    return _warning(WarningCode.PRICE_CHANGED, now, message, **prices)


def _insufficient(line: CartLine, available: int) -> CartWarning:
    message = f"Only {available} of {line.name} available" if available else f"{line.name} is out of stock"
    amounts = {"requested": line.quantity, "available": available}
    return _warning(WarningCode.INSUFFICIENT_STOCK, line, message, **amounts)


def _warning(code: WarningCode, line: CartLine, message: str, **facts: Any) -> CartWarning:
    return CartWarning(code=code, item_id=line.id, message=message, **facts)
