"""Products and their stock.

Access patterns:
    a product by id                        PRODUCT#<id> / PRODUCT
    all products, newest first (staff)     gsi1  PRODUCTS / <id>
    public products, newest first          gsi2  PRODUCTS#active / <id>, only active ones
    public products of a category          gsi3  CATEGORY#<category>#PRODUCTS / <id>, only active ones
    stock, and whose SKU it is             SKU#<sku> / STOCK; its existence makes the SKU unique
Ids are time-ordered, so an index sorted by id is sorted by age.
"""

from typing import ClassVar, Literal

from pydantic import Field

from quintet.models import Money, Timestamp
from quintet.store import Entity, Index, Keys

Status = Literal["draft", "active", "archived"]


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
