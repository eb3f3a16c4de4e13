"""Orders for those who manage them: all of them, and moving one on."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from quintet.messaging.outbox import deliver
from quintet.models import Page, PageQuery, Timestamp
from quintet.store import BUSY
from storefront import service
from storefront.access.callers import OrderManager
from storefront.orders.entities import ORDER_NOT_FOUND, Order
from storefront.orders.moves import INVALID_TRANSITION, move
from storefront.orders.replies import OrderId, OrderItemReply, OrderReply
from storefront.orders.states import OrderStatus
from storefront.service import store

api = service.api.section("admin_orders")


class StatusChange(BaseModel):
    model_config = ConfigDict(defer_build=True)

    status: Annotated[OrderStatus, Field(description="The status the order should take")]


class HistoryReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    status: str
    at: Timestamp
    by: Annotated[str, Field(description="The id of the account that made the change")]


class ManagedItemReply(OrderItemReply):
    variant_id: str | None
    attributes: dict[str, str]


class ManagedOrderReply(OrderReply):
    """An order with what those who fulfil it need besides."""

    items: list[ManagedItemReply]  # type: ignore[assignment]
    email: str
    payment_method_id: str
    shipping_method_id: str
    history: list[HistoryReply]


@api.get("/admin/orders", needs={"table:read"}, extension=True)
def list_all_orders(
    query: PageQuery, caller: OrderManager, status: OrderStatus | None = None
) -> Page[ManagedOrderReply]:
    """List all orders, or those of one status, newest first"""
    if status is None:
        found = store.page(Order, "gsi2", query)
    else:
        found = store.page(Order, "gsi3", query, status=status)
    return found.map(_managed)


@api.post(
    "/admin/orders/{id}/status",
    errors=[ORDER_NOT_FOUND, INVALID_TRANSITION, BUSY],
    needs={"table:write", "email"},
    extension=True,
    idempotent=True,
    example={"status": "paid"},
)
def change_status(id: OrderId, body: StatusChange, caller: OrderManager) -> ManagedOrderReply:
    """Move an order on

    pending → paid → shipped → delivered; cancelled from pending or paid, which returns stock and promotion uses.
    The buyer gets an e-mail.
    """
    moved = move(store, id, body.status, caller.id)
    if moved.message:
        deliver(store, moved.message)
    return _managed(moved.order)


def _managed(order: Order) -> ManagedOrderReply:
    return ManagedOrderReply.model_validate(order, from_attributes=True)
