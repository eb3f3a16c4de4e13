"""A shop to buy from: products with stock, an address to send to, and what the table says afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from quintet.models import Money, new_id, now
from quintet.testing import Client
from quintet.testing.client import Answer
from storefront.cart.entities import Cart
from storefront.cart.rules import CartLine
from storefront.catalog.products import Product, Status, Stock
from storefront.promotions.store import CustomerUses, StoredPromotion
from storefront.service import store

ADDRESS = {
    "first_name": "John",
    "last_name": "Doe",
    "company": "Tech Corp",
    "address1": "123 Main St",
    "address2": "Apt 4B",
    "city": "New York",
    "state": "NY",
    "postal_code": "10001",
    "country": "US",
    "phone_number": "555-0100",
}
"""The document's own example: New York, 8.75 per cent."""
UNTAXED = {**ADDRESS, "state": "OR", "city": "Portland", "postal_code": "97201"}


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


def stocked(
    sku: str = "LAPTOP-001",
    quantity: int = 10,
    price: int = 99999,
    *,
    sale: int | None = None,
    currency: str = "USD",
    name: str = "Professional Laptop",
    status: Status = "active",
) -> Product:
    """A product with its stock, prices in minor units."""
    product = Product(
        id=new_id(),
        sku=sku,
        name=name,
        base_price=Money(amount=price, currency=currency),
        sale_price=None if sale is None else Money(amount=sale, currency=currency),
        status=status,
        created_at=now(),
        updated_at=now(),
    )
    tx = store.transaction()
    tx.create(product)
    tx.create(Stock(sku=sku, product_id=product.id, quantity=quantity, updated_at=now()))
    tx.commit()
    return product


def changed(product: Product, **fields: Any) -> Product:
    """The product with other fields, stored."""
    current = store.get(Product, id=product.id)
    assert current is not None
    return store.replace(current, current.model_copy(update=fields))


def in_stock(sku: str) -> int:
    found = store.get(Stock, sku=sku)
    assert found is not None
    return found.quantity


def restock(sku: str, quantity: int) -> None:
    store.update(Stock, Stock.key(sku=sku), put={"quantity": quantity})


def offered(code: str = "SAVE10", **terms: Any) -> StoredPromotion:
    """A stored promotion: 10 per cent unless told otherwise."""
    return store.create(StoredPromotion(**{"code": code, "type": "percent", "value": 10, **terms}))


def uses_of(code: str, user_id: str | None = None) -> int:
    """How often a promotion was used, in all or by one customer."""
    if user_id is None:
        promotion = store.get(StoredPromotion, code=code)
        assert promotion is not None
        return promotion.uses
    found = store.get(CustomerUses, code=code, user_id=user_id)
    return found.uses if found else 0


def add(client: Client, product: Product, quantity: int = 1, **more: Any) -> Answer:
    answer = client.post("/api/v1/cart/items", {"product_id": product.id, "quantity": quantity, **more})
    assert answer.status == 200, answer
    return answer


def filled(client: Client, lines: Sequence[tuple[Product, int]]) -> Cart:
    """The cart of a client with these lines, put there at once."""
    cart = store.get(Cart, user_id=user_of(client))
    assert cart is not None
    items = [
        CartLine(id=new_id(), product_id=p.id, sku=p.sku, name=p.name, price=p.base_price, quantity=n,
                 attributes={"line": str(number)})
        for number, (p, n) in enumerate(lines)
    ]  # fmt: skip
    return store.replace(cart, cart.holding(items))


def order(client: Client, headers: dict[str, str] | None = None, **fields: Any) -> Answer:
    return client.post("/api/v1/orders", {"shipping_address": ADDRESS, **fields}, headers=headers or {})


def user_of(client: Client) -> str:
    """The id of the account a client calls as."""
    data: dict[str, Any] = client.get("/api/v1/cart").data
    return str(data["user_id"])
