"""What requests may say of a campaign, and how replies show it."""

from datetime import date
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from caidence.campaigns.entities import Campaign, CampaignEvent, EventType, Influencer
from caidence.campaigns.states import Status
from caidence.directory.fields import Description
from caidence.envelope import Id
from quintet.models import Day, Length, Line, Name, Text, Timestamp

MOST_CHANNELS = 20
MOST_MONEY = 10**12
"""Minor units."""


def _distinct(names: list[str]) -> list[str]:
    """The names without repetitions, case aside, as they were first written."""
    spelled: dict[str, str] = {}
    for name in names:
        spelled.setdefault(name.casefold(), name)
    return list(spelled.values())


ChannelName = Annotated[Line, Length(1, 50)]
Channels = Annotated[list[ChannelName], Field(max_length=MOST_CHANNELS), AfterValidator(_distinct)]
Amount = Annotated[int, Field(ge=0, le=MOST_MONEY, description="In minor units")]
Objective = Annotated[Text, Length(0, 1000)]


class CampaignCreate(BaseModel):
    model_config = ConfigDict(defer_build=True)

    name: Name
    description: Description | None = None
    objective: Objective | None = None
    organization_id: Annotated[Id | None, Field(description="The caller's own when absent")] = None
    brand_id: Annotated[Id | None, Field(description="A brand of the organization")] = None
    budget: Amount | None = None
    start_date: Day | None = None
    end_date: Annotated[Day | None, Field(description="Not before `start_date`")] = None
    channels: Channels | None = None


class CampaignChanges(BaseModel):
    """What is left out stays as it is; null takes brand, budget and dates away."""

    model_config = ConfigDict(defer_build=True)

    name: Name | None = None
    description: Description | None = None
    objective: Objective | None = None
    brand_id: Id | None = None
    budget: Amount | None = None
    start_date: Day | None = None
    end_date: Day | None = None
    channels: Channels | None = None
    status: Annotated[Status | None, Field(description="From active to paused, completed or archived")] = None


CLEARABLE = frozenset({"brand_id", "budget", "start_date", "end_date"})
"""Fields of which null is a value; of the others it is the same as leaving them out."""


class CampaignReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    organization_id: str
    brand_id: str | None
    name: str
    description: str
    objective: str
    status: Status
    budget: Annotated[int | None, Field(description="In minor units")]
    channels: list[str]
    start_date: date | None
    end_date: date | None
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, campaign: Campaign) -> Self:
        return cls.model_validate(shown(campaign))


class InfluencerReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    organization_id: str
    handle: str
    platform: str
    name: str
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, influencer: Influencer) -> Self:
        return cls.model_validate(influencer.model_dump(include=set(InfluencerReply.model_fields)))


class EventReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    organization_id: str
    event_type: EventType
    channel: str | None
    value: Annotated[int | None, Field(description="In minor units")]
    count: Annotated[int, Field(description="How often it happened")]
    occurred_at: Timestamp
    created_at: Timestamp

    @classmethod
    def of(cls, event: CampaignEvent) -> Self:
        return cls.model_validate(event.model_dump(include=set(cls.model_fields)))


class CampaignDetail(CampaignReply):
    influencers: Annotated[list[InfluencerReply], Field(description="At most 80")]
    events: Annotated[list[EventReply], Field(description="The newest 20")]


class AddedInfluencer(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: str
    campaign_id: str
    influencer: InfluencerReply


def shown(campaign: Campaign) -> dict[str, Any]:
    """The fields that replies show of a campaign."""
    return campaign.model_dump(include=set(CampaignReply.model_fields))
