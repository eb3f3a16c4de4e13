"""The life of an order: which status may follow which, and which changes return the stock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class OrderStatus(StrEnum):
    """Where an order stands."""

    PENDING = "pending"
    PAID = "paid"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


_NEXT: dict[OrderStatus, tuple[OrderStatus, ...]] = {
    OrderStatus.PENDING: (OrderStatus.PAID, OrderStatus.CANCELLED),
    OrderStatus.PAID: (OrderStatus.SHIPPED, OrderStatus.CANCELLED),
    OrderStatus.SHIPPED: (OrderStatus.DELIVERED,),
    OrderStatus.DELIVERED: (),
    OrderStatus.CANCELLED: (),
}


class InvalidTransition(ValueError):
    """An order cannot go from its status to the wanted one."""

    def __init__(self, current: OrderStatus, wanted: OrderStatus) -> None:
        super().__init__(f"An order that is {current} cannot become {wanted}")
        self.current, self.wanted, self.allowed = current, wanted, allowed_from(current)


@dataclass(frozen=True, slots=True)
class Transition:
    """A permitted change. `releases` says that stock and promotion uses go back."""

    before: OrderStatus
    after: OrderStatus
    releases: bool


def allowed_from(current: OrderStatus) -> tuple[OrderStatus, ...]:
    """The statuses that may follow `current`; none when it is final."""
    return _NEXT[current]


def transition(current: OrderStatus, wanted: OrderStatus) -> Transition:
    """The change from `current` to `wanted`; raises InvalidTransition when it is not permitted."""
    if wanted not in _NEXT[current]:
        raise InvalidTransition(current, wanted)
    return Transition(current, wanted, releases=wanted is OrderStatus.CANCELLED)
