"""A product as staff write it, over the API or in a file."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from storefront.catalog.fields import Attributes, Images, Price, ProductDescription, ProductName, Reference, Sku
from storefront.catalog.products import Status


class ProductBody(BaseModel):
    """A product. What is left out has its default in a new one and stays as it is in an old one."""

    model_config = ConfigDict(defer_build=True)

    sku: Sku
    name: ProductName
    description: ProductDescription = ""
    base_price: Price
    sale_price: Annotated[Price | None, Field(alias="SalePrice")] = None
    status: Status = "draft"
    brand_id: Reference = ""
    category_id: Reference = ""
    images: Images = Field(default_factory=list)
    attributes: Attributes = Field(default_factory=dict)

    def fields(self) -> dict[str, Any]:
        """What was sent, by the names a product has."""
        return {name: getattr(self, name) for name in self.model_fields_set}
