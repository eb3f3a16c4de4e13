"""The shop's face: its Api object, its store, and the caller whom a good access token makes.

Callers who must hold a role or a permission as well are in `storefront.access.callers`.
"""

from quintet.api import Api, Caller
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
