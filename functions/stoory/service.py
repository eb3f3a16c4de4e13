"""The marketplace's face: its Api object, and who may call what.

Callers, by the type of a handler's `caller` parameter: `User` is anyone signed in; `Brand`, `Influencer`, `Admin`,
`BrandOrAdmin` and `BrandOrInfluencer` by the role in the access token. A role never changes, so the token is enough.
"""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from quintet.api import Api, Caller, ErrorType, StandardErrors
from quintet.models import PageQuery
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


class User(Caller):
    """Any signed-in account; `role` is BRAND, INFLUENCER or ADMIN."""

    __slots__ = ()
    roles: ClassVar[frozenset[str]] = frozenset({"BRAND", "INFLUENCER", "ADMIN"})
    """The roles that may."""

    @property
    def role(self) -> str:
        return str(self.claims.get("role", ""))

    def authorise(self, errors: StandardErrors) -> None:
        if self.role not in self.roles:
            raise errors.forbidden()


class Brand(User):
    """A brand owner."""

    __slots__ = ()
    restricted = True
    roles = frozenset({"BRAND"})


class Influencer(User):
    """An influencer."""

    __slots__ = ()
    restricted = True
    roles = frozenset({"INFLUENCER"})


class Admin(User):
    """An administrator."""

    __slots__ = ()
    restricted = True
    roles = frozenset({"ADMIN"})


class BrandOrAdmin(User):
    """A brand owner or an administrator."""

    __slots__ = ()
    restricted = True
    roles = frozenset({"BRAND", "ADMIN"})


class BrandOrInfluencer(User):
    """Either party of an application."""

    __slots__ = ()
    restricted = True
    roles = frozenset({"BRAND", "INFLUENCER"})


class ListQuery(BaseModel):
    """Paging as the document spells it: `page` from 1, `limit` 1 to 100; or a cursor from the `Link` header."""

    model_config = ConfigDict(defer_build=True)

    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    limit: Annotated[int, Field(ge=1, le=100)] = 10
    cursor: Annotated[str, Field(min_length=1, max_length=2048)] | None = None

    @property
    def wanted(self) -> PageQuery:
        return PageQuery(page=self.page, page_size=self.limit, cursor=self.cursor)


class Pagination(BaseModel):
    """Where a page stands in its list."""

    model_config = ConfigDict(defer_build=True)

    page: int
    limit: int
    total: int
    totalPages: int  # noqa: N815 (the document's spelling)
