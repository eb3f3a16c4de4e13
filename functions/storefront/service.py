"""The shop's face: its Api object, and who may call what.

Callers, by the type of a handler's `caller` parameter:

* `User`: anyone signed in.
* `Staff`: signed in and holding one of the three staff roles, asked of the table at every request, so that a
  change of roles takes effect at once although access tokens live on.
* `ProductManager`, `InventoryManager`, `PromotionManager`, `OrderManager`: signed in and holding the permission.
"""

from typing import ClassVar

from quintet.api import Api, Caller, StandardErrors
from quintet.store import Store

api = Api(
    "storefront",
    title="Storefront",
    base="/api/v1",
    description="Online shop: accounts, catalogue, cart, orders and role-based administration.",
)
fallback = api.fallback
store = Store()


class User(Caller):
    """Any signed-in account. The access token carries its e-mail address."""

    __slots__ = ()

    @property
    def email(self) -> str:
        return str(self.claims.get("email", ""))


class Staff(User):
    """An account with one of the staff roles; `roles` are the ids of all roles it holds now."""

    __slots__ = ("roles",)

    restricted: ClassVar[bool] = True
    reads_table: ClassVar[bool] = True
    permission: ClassVar[str] = ""
    """The permission needed instead of a staff role, when there is one."""

    roles: frozenset[str]

    def authorise(self, errors: StandardErrors) -> None:
        from storefront.access.roles import allowed, roles_of

        self.roles = roles_of(self.id)
        if not allowed(self.roles, self.permission):
            raise errors.forbidden()


class ProductManager(Staff):
    """May manage products, categories and brands."""

    __slots__ = ()
    permission = "manage_products"


class InventoryManager(Staff):
    """May read and set stock."""

    __slots__ = ()
    permission = "manage_inventory"


class PromotionManager(Staff):
    """May manage promotions."""

    __slots__ = ()
    permission = "manage_promotions"


class OrderManager(Staff):
    """May see all orders and move them on."""

    __slots__ = ()
    permission = "manage_orders"
