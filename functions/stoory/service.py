"""The marketplace's face: its Api object, and who may call what.

Callers, by the type of a handler's `caller` parameter: `User` is anyone signed in; `Brand`, `Influencer`, `Admin`,
`BrandOrAdmin` and `BrandOrInfluencer` by the role in the access token. A role never changes, so the token is enough.
"""

from enum import StrEnum
from typing import ClassVar, Protocol

from quintet.api import Api, Caller, ErrorType, StandardErrors
from quintet.store import Store
from stoory.envelope import FlatEnvelope

api = Api(
    "stoory",
    title="Stoory",
    base="/api/v1",
    description="Influencer marketplace: campaigns, applications, chat, plans, subscriptions, payments and payouts.",
    envelope=FlatEnvelope(),
    errors=StandardErrors(
        unauthenticated=ErrorType(401, "UNAUTHORIZED", "Authentication required", {"WWW-Authenticate": "Bearer"}),
        forbidden=ErrorType(403, "FORBIDDEN", "You do not have permission to do this"),
        invalid=ErrorType(400, "invalid_query", "Validation failed"),
        invalid_body=ErrorType(400, "invalid_body", "Validation failed"),
        malformed_path=ErrorType(400, "invalid_path", "Validation failed"),
    ),
)
fallback = api.fallback
store = Store()

USER_NOT_FOUND = ErrorType(404, "user_not_found", "User not found")
"""The token is good and its account is gone."""


class Role(StrEnum):
    """What an account is; each has exactly one."""

    INFLUENCER = "INFLUENCER"
    BRAND = "BRAND"
    ADMIN = "ADMIN"


class Deal(Protocol):
    """Anything between a brand and an influencer: an application, its chat, its payment."""

    brand_id: str
    influencer_id: str


class User(Caller):
    """Any signed-in account; `role` is BRAND, INFLUENCER or ADMIN."""

    __slots__ = ()
    roles: ClassVar[frozenset[str]] = frozenset(Role)
    """The roles that may."""

    @property
    def role(self) -> str:
        return str(self.claims.get("role", ""))

    def authorise(self, errors: StandardErrors) -> None:
        if self.role not in self.roles:
            raise errors.forbidden()

    def is_party_or_admin(self, deal: Deal) -> bool:
        """Whether this account is one side of a deal, or may see everybody's."""
        return self.role == Role.ADMIN or self.id in (deal.brand_id, deal.influencer_id)


class Brand(User):
    """A brand owner."""

    __slots__ = ()
    restricted = True
    roles = frozenset({Role.BRAND})


class Influencer(User):
    """An influencer."""

    __slots__ = ()
    restricted = True
    roles = frozenset({Role.INFLUENCER})


class Admin(User):
    """An administrator."""

    __slots__ = ()
    restricted = True
    roles = frozenset({Role.ADMIN})


class BrandOrAdmin(User):
    """A brand owner or an administrator."""

    __slots__ = ()
    restricted = True
    roles = frozenset({Role.BRAND, Role.ADMIN})


class BrandOrInfluencer(User):
    """Either party of an application."""

    __slots__ = ()
    restricted = True
    roles = frozenset({Role.BRAND, Role.INFLUENCER})
