"""Creators as they are stored, with what keeps a handle unique and lists them by status."""

from typing import ClassVar, Final, Literal, get_args

from caidence.directory.owned import Owned, owned_keys
from quintet.api import ErrorType
from quintet.store import Entity, Index, Keys

CREATOR_NOT_FOUND = ErrorType(404, "creator_not_found", "Creator not found")
CREATOR_EXISTS = ErrorType(409, "creator_exists", "A creator with this handle on this platform already exists")

Status = Literal["prospect", "active", "past"]
STATUSES: Final[tuple[Status, ...]] = get_args(Status)


class Creator(Owned):
    """Somebody on the roster of an organization; removing one makes them `past`."""

    kind: ClassVar[str] = "creator"
    keys: ClassVar[Keys] = owned_keys(
        "CREATORS",
        gsi2=Index("ORG#{organization_id}#CREATORS#{status}", "{id}", counted=True),
        gsi3=Index("BRAND#{brand_id}#CREATORS#{status}", "{id}", counted=True),
    )

    influencer_id: str = ""
    """Who they are in campaigns, whatever their handle is."""
    handle: str
    platform: str
    name: str = ""
    email: str | None = None
    phone: str | None = None
    bio: str = ""
    category: str = ""
    tier: str = ""
    follower_count: int | None = None
    engagement_rate: float | None = None
    """In percent."""
    status: Status = "prospect"
    commission_rate: float = 0
    """In percent of a sale."""
    notes: str = ""
    affiliate_code: str | None = None


class HandleClaim(Entity):
    """Whose a handle on a platform is within an organization, past creators included."""

    kind: ClassVar[str] = "handle"
    keys: ClassVar[Keys] = Keys("ORG#{organization_id}#HANDLE#{platform}#{handle}", "HANDLE")

    organization_id: str
    platform: str
    handle: str
    creator_id: str


class Standing(Entity):
    """That a creator has a status, for the list of all organizations' creators of one, which needs no index of its own.

    It is made and deleted, never changed.
    """

    kind: ClassVar[str] = "standing"
    keys: ClassVar[Keys] = Keys("CREATORS#{status}", "{creator_id}", counted=True, shards=4)

    status: Status
    creator_id: str
    organization_id: str
