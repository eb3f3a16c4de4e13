"""Carts, one for each account, and what their lines cost and find in stock now."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Self

from pydantic import Field

from quintet.errors import ErrorType
from quintet.models import Timestamp, new_id, now
from quintet.store import Entity, Keys, Ref, Store
from storefront.cart.rules import CartLine, CartWarning, CurrentProduct
from storefront.catalog.products import Product, Stock, effective_price, is_public

OUT_OF_STOCK = ErrorType(400, "out_of_stock", "Product out of stock")
_TAG = re.compile(r'"(?P<version>[0-9]+)(?:-[0-9a-f]{12})?"')
"""An entity tag as `Cart.etag` writes it."""


class Cart(Entity):
    """What an account is about to buy. Prices are those its owner was last shown."""

    kind: ClassVar[str] = "cart"
    keys: ClassVar[Keys] = Keys("CART#{user_id}", "CART")

    id: str = Field(default_factory=new_id)
    user_id: str
    session_id: str = ""
    items: list[CartLine] = Field(default_factory=list)
    created_at: Timestamp = Field(default_factory=now)
    updated_at: Timestamp = Field(default_factory=now)

    def holding(self, items: Sequence[CartLine]) -> Self:
        """This cart with other lines, changed now."""
        return self.model_copy(update={"items": list(items), "updated_at": now().replace(microsecond=0)})

    def etag(self, warnings: Iterable[CartWarning] = ()) -> str:
        """The strong entity tag of this cart as it is shown: its version, and a digest of what is warned of."""
        told = "".join(warning.model_dump_json() for warning in warnings)
        if not told:
            return f'"{self.version}"'
        return f'"{self.version}-{hashlib.blake2b(told.encode(), digest_size=6).hexdigest()}"'


def meets(cart: Cart | None, if_match: str) -> bool:
    """Whether an If-Match header names the version the cart has; a cart not made yet has none but `*`.

    The tag's other part tells of the stock, which is no state of the cart's: a change of it must not keep the
    owner from changing the cart. A tag that `etag` never writes names nothing.
    """
    held = str(cart.version) if cart else None
    return any(tag.strip() == "*" or _version(tag.strip()) == held for tag in if_match.split(","))


def _version(tag: str) -> str:
    found = _TAG.fullmatch(tag)
    return found["version"] if found else ""


def current(product: Product | None, stock: Stock | None) -> CurrentProduct | None:
    """What the catalogue says of a product; None when there is no such product."""
    if product is None:
        return None
    ours = stock is not None and stock.product_id == product.id
    return CurrentProduct(
        sku=product.sku,
        name=product.name,
        price=effective_price(product.base_price, product.sale_price),
        available=stock.quantity if stock is not None and ours else 0,
        active=is_public(product),
    )


def read_shelf(
    store: Store, lines: Sequence[CartLine], more: Sequence[Ref[Any]] = ()
) -> tuple[dict[str, CurrentProduct], list[Any]]:
    """What the catalogue says of the lines' products, by product id; and the entities at `more`, in order.

    One batch read; a second one only when a product has got another SKU since it was put into the cart.
    """
    ids = list(dict.fromkeys(line.product_id for line in lines))
    skus = list(dict.fromkeys(line.sku for line in lines))
    refs: list[Ref[Any]] = [Product.ref(id=key) for key in ids]
    refs += [Stock.ref(sku=sku) for sku in skus]
    refs += more
    found = store.get_all(refs)
    products = [product for product in found[: len(ids)] if product is not None]
    rows = found[len(ids) : len(ids) + len(skus)]
    moved = [product.sku for product in products if product.sku not in skus]
    rows += store.get_all([Stock.ref(sku=sku) for sku in moved])
    stock = {row.sku: row for row in rows if row is not None}
    shelf = {product.id: current(product, stock.get(product.sku)) for product in products}
    return {key: product for key, product in shelf.items() if product is not None}, found[len(ids) + len(skus) :]
