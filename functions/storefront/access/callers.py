"""Callers who must hold something beside a good access token, by the type of a handler's `caller` parameter.

What they hold is asked of the table at every request, so that a change of roles takes effect at once although access
tokens live on.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

from quintet.api import StandardErrors
from storefront.access.holdings import is_staff
from storefront.access.roles import allowed, roles_of
from storefront.service import User


class Holder(User, ABC):
    """An account that may enter for what its roles give; `roles` are the ids of all that it holds now."""

    __slots__ = ("roles",)

    restricted: ClassVar[bool] = True
    reads_table: ClassVar[bool] = True

    roles: frozenset[str]

    def authorise(self, errors: StandardErrors) -> None:
        self.roles = roles_of(self.id)
        if not self.may_enter():
            raise errors.forbidden()

    @abstractmethod
    def may_enter(self) -> bool:
        """Whether the roles suffice."""


class Staff(Holder):
    """An account with one of the three staff roles."""

    __slots__ = ()

    def may_enter(self) -> bool:
        return is_staff(self.roles)


class Permitted(Holder):
    """An account with a role, of staff or not, that holds `permission` (its id)."""

    __slots__ = ()

    permission: ClassVar[str]

    def may_enter(self) -> bool:
        return allowed(self.roles, self.permission)


class ProductManager(Permitted):
    """May manage products, categories and brands."""

    __slots__ = ()
    permission = "manage_products"


class InventoryManager(Permitted):
    """May read and set stock."""

    __slots__ = ()
    permission = "manage_inventory"


class PromotionManager(Permitted):
    """May manage promotions."""

    __slots__ = ()
    permission = "manage_promotions"


class OrderManager(Permitted):
    """May see all orders and move them on."""

    __slots__ = ()
    permission = "manage_orders"
