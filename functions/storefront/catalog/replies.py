"""The catalogue on the wire: products, categories and brands as every operation answers them."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from quintet.models import Money, Timestamp
from storefront.catalog.products import Product, Status


class ProductReply(BaseModel):
    """A product. `SalePrice` is null when there is none; ids of brand and category are empty when it has none."""

    model_config = ConfigDict(defer_build=True, from_attributes=True)

    id: str
    sku: Annotated[str, Field(examples=["LAPTOP-001"])]
    name: str
    description: str
    base_price: Money
    sale_price: Annotated[Money | None, Field(serialization_alias="SalePrice")]
    status: Status
    brand_id: str
    category_id: str
    images: list[str]
    attributes: dict[str, str]
    created_at: Timestamp
    updated_at: Timestamp


class CategoryReply(BaseModel):
    """A category; `parent_id` is null at the top, `image_url` empty when there is none."""

    model_config = ConfigDict(defer_build=True, from_attributes=True)

    id: str
    name: str
    slug: str
    description: str
    parent_id: str | None
    image_url: str
    active: bool
    created_at: Timestamp
    updated_at: Timestamp


class BrandReply(BaseModel):
    """A brand; `logo_url` is empty when there is none."""

    model_config = ConfigDict(defer_build=True, from_attributes=True)

    id: str
    name: str
    slug: str
    description: str
    logo_url: str
    active: bool
    created_at: Timestamp
    updated_at: Timestamp


def product_etag(product: Product) -> str:
    """The strong entity tag of a product: its representation changes with its version and never without."""
    return f'"{product.version}"'
