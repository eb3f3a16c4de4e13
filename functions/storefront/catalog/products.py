"""Products and their stock."""

from typing import ClassVar, Literal

from pydantic import Field

from quintet.errors import ErrorType
from quintet.models import Money, Timestamp
from quintet.store import Entity, Index, Keys

Status = Literal["draft", "active", "archived"]

MAX_UNIT_PRICE = 100_000_000_000
"""The dearest unit price in minor units: the largest cart allowed, taxed, still fits a JSON number."""

PRODUCT_NOT_FOUND = ErrorType(404, "product_not_found", "Product not found")


def effective_price(base: Money, sale: Money | None) -> Money:
    """The price a buyer pays for one unit: the sale price when there is one and it is lower.

    Raises CurrencyMismatch when the two are in different currencies.
    """
    return sale if sale is not None and sale < base else base


def is_public(product: "Product") -> bool:
    return product.status == "active"


def is_in_category(product: "Product") -> bool:
    return is_public(product) and product.category_id != ""


class Product(Entity):
    """Something the shop sells; prices are in minor units."""

    kind: ClassVar[str] = "product"
    keys: ClassVar[Keys] = Keys(
        "PRODUCT#{id}",
        "PRODUCT",
        gsi1=Index("PRODUCTS", "{id}", counted=True),
        gsi2=Index("PRODUCTS#active", "{id}", when=is_public, counted=True),
        gsi3=Index("CATEGORY#{category_id}#PRODUCTS", "{id}", when=is_in_category, counted=True),
    )

    id: str
    sku: str
    name: str
    description: str = ""
    base_price: Money
    sale_price: Money | None = None
    status: Status = "draft"
    brand_id: str = ""
    category_id: str = ""
    images: list[str] = Field(default_factory=list)
    attributes: dict[str, str] = Field(default_factory=dict)
    created_at: Timestamp
    updated_at: Timestamp


class Stock(Entity):
    """How many pieces of a SKU can be sold."""

    kind: ClassVar[str] = "stock"
    keys: ClassVar[Keys] = Keys("SKU#{sku}", "STOCK")

    sku: str
    product_id: str
    quantity: int = 0
    updated_at: Timestamp
