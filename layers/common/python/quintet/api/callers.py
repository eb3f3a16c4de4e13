"""Callers: who makes a request, as the type of a handler's parameter.

A handler that takes `caller: User` needs any valid access token, which `identify` reads; a subclass adds what more it
asks for in `authorise`. OpenAPI security, the 401 and 403 answers and the tests' matrix derive from the type.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    from quintet.api.errors import ErrorType, StandardErrors
    from quintet.api.request import Request
    from quintet.auth.tokens import Claims


class Caller:
    """An authenticated caller; `id` is the token's subject, `claims` its verified claims."""

    __slots__ = ("claims", "id")

    restricted: ClassVar[bool] = False
    """Whether `authorise` can refuse an authenticated caller (then 403 is documented)."""
    headers: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """Request headers that it reads beside the token, and what each is for."""
    errors: ClassVar[Sequence[ErrorType]] = ()
    """Refusals that these headers bring."""
    reads_table: ClassVar[bool] = False
    """Whether `authorise` reads the table (then the function's role allows it)."""

    def __init__(self, id: str, claims: Claims) -> None:
        self.id = id
        self.claims = claims

    @classmethod
    def identify(cls, request: Request, errors: StandardErrors) -> Self:
        """Who makes a request, not yet authorised; raises 401 without a good access token."""
        from quintet.auth.tokens import InvalidToken, verify

        token = request.bearer
        if token is None:
            raise errors.unauthenticated()
        try:
            claims = verify(token)
        except InvalidToken:
            raise errors.unauthenticated() from None
        return cls(claims.subject, claims)

    def authorise(self, errors: StandardErrors) -> None:
        """Raise 403 when this caller may not use the operation, 401 when the token proves nothing any more; nothing to
        ask by default."""
