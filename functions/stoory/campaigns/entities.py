"""Campaigns, and the deadlines the clock watches."""

from typing import ClassVar

from pydantic import Field

from quintet.models import Timestamp
from quintet.store import Entity, Index, Keys
from stoory.campaigns.rules import CampaignType, Facts
from stoory.campaigns.states import CAMPAIGNS, CampaignStatus
from stoory.profiles.choices import Tier

SHARDS = 4
PUBLIC, DRAFTS = "public", "draft"


class Campaign(Entity):
    """What a brand looks for influencers with. `budget` is paise; `cover_image` names a stored picture."""

    kind: ClassVar[str] = "campaign"
    keys: ClassVar[Keys] = Keys(
        "CAMPAIGN#{id}",
        "CAMPAIGN",
        gsi1=Index("BRAND#{brand_id}#CAMPAIGNS#{shelf}", "{id}", counted=True),
        gsi2=Index("CAMPAIGNS#{audience}", "{id}", counted=True, shards=SHARDS),
        gsi3=Index("CAMPAIGNS#{status}", "{id}", counted=True, shards=SHARDS),
    )

    id: str
    brand_id: str
    title: str
    type: CampaignType = CampaignType.NORMAL
    status: CampaignStatus = CampaignStatus.DRAFT
    min_influencers: int | None = None
    max_influencers: int | None = None
    requires_script: bool = False
    start_deadline: Timestamp
    budget: int | None = None
    description: str = ""
    platform: list[str] = Field(default_factory=list)
    content_type: list[str] = Field(default_factory=list)
    influencer_tier: Tier | None = None
    categories: str = ""
    language: str = ""
    brand_guideline: str = ""
    cover_image: str | None = None
    accepted_count: int = 0
    """Applications that are ACCEPTED or COMPLETED: the places taken of `max_influencers`."""
    created_at: Timestamp
    updated_at: Timestamp

    @property
    def is_draft(self) -> bool:
        return self.status is CampaignStatus.DRAFT

    @property
    def has_ended(self) -> bool:
        """Whether nothing leads on from its status."""
        return CAMPAIGNS.final(self.status)

    def placement(self, name: str) -> tuple[str, str] | None:
        shelf, audience = (DRAFTS, self.brand_id) if self.is_draft else (PUBLIC, PUBLIC)
        return self.keys.place(name, {**self.__dict__, "shelf": shelf, "audience": audience})

    def facts(self) -> Facts:
        """What the rules look at."""
        return Facts(
            brand_id=self.brand_id,
            status=self.status,
            type=self.type,
            budget=self.budget,
            start_deadline=self.start_deadline,
            accepted=self.accepted_count,
            max_influencers=self.max_influencers,
        )


class Deadline(Entity):
    """That a LIVE campaign expires at `start_deadline`; the row exists exactly while that may happen."""

    kind: ClassVar[str] = "campaign_deadline"
    keys: ClassVar[Keys] = Keys("DUE#campaigns", "{start_deadline}#{campaign_id}", order="ascending")

    start_deadline: str
    """RFC 3339 in UTC and whole seconds, so that text sorts as time."""
    campaign_id: str


class Withdrawal(Entity):
    """That the undecided applications of an ended campaign are still to be withdrawn."""

    kind: ClassVar[str] = "campaign_withdrawal"
    keys: ClassVar[Keys] = Keys("DUE#withdrawals", "{campaign_id}", order="ascending")

    campaign_id: str
