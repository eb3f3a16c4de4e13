"""Stock: how many pieces of a SKU can be sold."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from quintet.api import ErrorType
from quintet.models import Timestamp, now, rfc3339
from quintet.store import exists
from storefront import service
from storefront.access.callers import InventoryManager
from storefront.catalog.products import Stock
from storefront.service import store

api = service.api.section("inventory")

SKU_NOT_FOUND = ErrorType(404, "sku_not_found", "SKU not found")

MOST = 1_000_000_000
"""The largest stock of one SKU."""


class StockBody(BaseModel):
    """How many pieces there are now; what is in carts does not count, what was ordered is gone already."""

    model_config = ConfigDict(defer_build=True)

    quantity: Annotated[int, Field(ge=0, le=MOST)]


class StockReply(BaseModel):
    """A SKU and how many pieces of it can be sold."""

    model_config = ConfigDict(defer_build=True, from_attributes=True)

    sku: str
    quantity: int
    updated_at: Timestamp


@api.get("/admin/inventory/{sku}", errors=[SKU_NOT_FOUND], needs={"table:read"}, extension=True)
def get_stock(sku: str, caller: InventoryManager) -> StockReply:
    """Get the stock of a SKU"""
    return StockReply.model_validate(store.require(Stock, SKU_NOT_FOUND, sku=sku))


@api.put("/admin/inventory/{sku}", errors=[SKU_NOT_FOUND], needs={"table:write"}, extension=True)
def set_stock(sku: str, body: StockBody, caller: InventoryManager) -> StockReply:
    """Set the stock of a SKU"""
    counted = {"quantity": body.quantity, "updated_at": rfc3339(now())}
    found = store.update(Stock, Stock.key(sku=sku), put=counted, where=[exists()], refused=SKU_NOT_FOUND)
    return StockReply.model_validate(found)
