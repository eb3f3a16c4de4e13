"""Campaigns, influencers and events as they are stored."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar, Final, Literal

from pydantic import Field

from caidence.campaigns.states import Status
from caidence.directory.owned import Owned, owned_keys
from quintet.api import ErrorType
from quintet.models import new_id, now
from quintet.store import Entity, Index, Keys

CAMPAIGN_NOT_FOUND = ErrorType(404, "campaign_not_found", "Campaign not found")

MOST_PLATFORMS: Final = 50
"""On which an organization knows one handle: they are one item."""
TOO_MANY_PLATFORMS = ErrorType(
    409, "too_many_platforms", f"A handle is on the roster for at most {MOST_PLATFORMS} platforms"
)  # fmt: skip
MOST_INFLUENCERS: Final = 80
"""In one campaign: launching it changes each of them, in a transaction of a hundred actions."""

EventType = Literal["impression", "click", "conversion", "spend", "engagement", "launch"]


class Campaign(Owned):
    """A campaign of an organization, perhaps for one of its brands. Amounts are minor units."""

    kind: ClassVar[str] = "campaign"
    keys: ClassVar[Keys] = owned_keys(
        "CAMPAIGNS",
        gsi2=Index("ORG#{organization_id}#CAMPAIGNS#{status}", "{id}", counted=True),
        gsi3=Index("CAMPAIGNS#{status}", "{id}", counted=True, shards=4),
    )

    name: str
    description: str = ""
    objective: str = ""
    status: Status = "draft"
    budget: int | None = None
    channels: list[str] = Field(default_factory=list)
    start_date: date | None = None
    end_date: date | None = None
    influencers: int = 0
    """How many are in it."""


class Influencer(Owned):
    """Somebody whom an organization's campaigns or its roster name. Their handle may change, their id does not."""

    kind: ClassVar[str] = "influencer"
    keys: ClassVar[Keys] = owned_keys("INFLUENCERS")

    handle: str
    platform: str
    """Where they have the handle; only a guess while they are not on the roster."""
    name: str
    creator_id: str | None = None
    """Who they are on the roster."""
    followers: int | None = None
    """As the roster says."""
    joined: int = 0
    """How many campaigns took them in."""
    active_in: int = 0
    """In how many active campaigns they are."""

    @property
    def reach(self) -> int:
        """What they add to the organization's reach: their followers while they are in an active campaign."""
        return self.followers or 0 if self.active_in else 0


class Namesakes(Entity):
    """The influencers who have a handle in an organization: one on each platform, and who is not on the roster.

    All of them are one item, so that of writers who name the same handle at the same time one is first.
    """

    kind: ClassVar[str] = "namesakes"
    keys: ClassVar[Keys] = Keys(
        "ORG#{organization_id}#INFLUENCER#{handle}",
        "HANDLE",
        gsi1=Index("HANDLE#{handle}", "{organization_id}"),
    )

    organization_id: str
    handle: str
    people: dict[str, str] = Field(default_factory=dict)
    """By platform, those on the roster."""
    guessed: str | None = None
    """Whom campaigns name and no roster."""

    def meant(self, platforms: Sequence[str]) -> str:
        """Whom somebody means who says the handle alone: who has it on the first of these platforms where anybody has,
        else who came first."""
        found = (self.people[platform] for platform in platforms if platform in self.people)
        return next(found, None) or min(self.all)

    @property
    def all(self) -> list[str]:
        return [*self.people.values(), *([self.guessed] if self.guessed else [])]


class Participation(Entity):
    """That an influencer was taken into a campaign; it outlives the campaign, as what was spent does."""

    kind: ClassVar[str] = "participation"
    keys: ClassVar[Keys] = Keys(
        "CAMPAIGN#{campaign_id}#INFLUENCERS",
        "{influencer_id}",
        gsi1=Index("INFLUENCER#{influencer_id}#CAMPAIGNS", "{campaign_id}", counted=True),
    )

    campaign_id: str
    influencer_id: str
    organization_id: str
    created_at: datetime = Field(default_factory=now)


class CampaignEvent(Entity):
    """Something that happened in a campaign: `count` times, with `value` minor units altogether."""

    kind: ClassVar[str] = "campaign_event"
    keys: ClassVar[Keys] = Keys("CAMPAIGN#{campaign_id}#EVENTS", "{id}")

    id: str = Field(default_factory=new_id)
    campaign_id: str
    organization_id: str
    event_type: EventType
    channel: str | None = None
    device: str | None = None
    value: int | None = None
    count: int = 1
    occurred_at: datetime = Field(default_factory=now)
    external_id: str | None = None
    created_at: datetime = Field(default_factory=now)


class ExternalEvent(Entity):
    """Which event somebody else's id of one is."""

    kind: ClassVar[str] = "external_event"
    keys: ClassVar[Keys] = Keys("CAMPAIGN#{campaign_id}#EXTERNAL#{external_id}", "EVENT")

    campaign_id: str
    external_id: str
    event_id: str
