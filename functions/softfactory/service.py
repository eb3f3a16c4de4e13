"""The suite's face: its Api object, its store, and the tiers that limit its callers."""

from typing import Final

from quintet.api import Api, Caller, ErrorType, Request, StandardErrors
from quintet.api.tiers import Tier
from quintet.settings import settings
from quintet.store import Store
from softfactory.envelope import NamedEnvelope

STANDARD: Final = Tier("standard", 60, 1000)
PREMIUM: Final = Tier("premium", 300, 10_000)
"""The tier of whoever has an active paid subscription."""


class Tiered(Caller):
    """A caller who knows the tier that their requests count in."""

    __slots__ = ()

    @property
    def tier(self) -> Tier | None:
        """None for callers whom no tier limits."""
        return STANDARD


def tier_of(caller: Caller | None, _: Request) -> Tier | None:
    """The tier that a request counts in; nobody is limited on a laptop that says so."""
    if settings().is_local and settings().get("QUINTET_RATE_LIMITS") == "off":
        return None
    return caller.tier if isinstance(caller, Tiered) else STANDARD


api = Api(
    "softfactory",
    title="SoftFactory",
    base="/api",
    description="Social automation, billing, files, review campaigns, recipes, realtime events, search and roles.",
    envelope=NamedEnvelope(),
    metered=True,
    tiers=tier_of,
    errors=StandardErrors(
        unauthenticated=ErrorType(
            401, "unauthorized", "A valid access token is required", {"WWW-Authenticate": "Bearer"}
        ),
        forbidden=ErrorType(403, "forbidden", "You do not have the permission for this"),
        invalid=ErrorType(422, "validation_error", "Some parameters are not valid"),
        invalid_body=ErrorType(422, "validation_error", "Some fields are not valid"),
        malformed=ErrorType(400, "malformed_body", "The body cannot be read"),
        not_found=ErrorType(404, "not_found", "Not found"),
    ),
)
fallback = api.fallback
store = Store()
