"""What requests may say of a campaign, and how replies show it."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from quintet.api import Upload, UploadedFile
from quintet.media import images
from quintet.models import Length, Line, Text, Timestamp
from stoory.campaigns.entities import Campaign
from stoory.campaigns.rules import (
    CATEGORIES_MAX,
    DESCRIPTION_MAX,
    GUIDELINE_MAX,
    LANGUAGE_MAX,
    TITLE_MAX,
    TITLE_MIN,
    CampaignType,
)
from stoory.campaigns.states import CampaignStatus
from stoory.campaigns.store import invalid
from stoory.money.amounts import Number, Rupees, to_paise, to_rupees
from stoory.profiles.choices import Tier

MOST_INFLUENCERS = 1_000_000
LONGEST_LIST = 100
Title = Annotated[Line, Length(TITLE_MIN, TITLE_MAX)]
Names = Annotated[list[Annotated[Line, Length(1, 100)]], Field(max_length=LONGEST_LIST)]


class CampaignFields(BaseModel):
    """What a request may say of a campaign; in a form, lists travel as JSON text."""

    model_config = ConfigDict(defer_build=True)

    type: CampaignType | None = None
    status: CampaignStatus | None = None
    min_influencers: Annotated[StrictInt, Field(ge=0, le=MOST_INFLUENCERS)] | None = None
    max_influencers: Annotated[StrictInt, Field(ge=1, le=MOST_INFLUENCERS)] | None = None
    requires_script: StrictBool | None = None
    budget: Rupees | None = None
    description: Annotated[Text, Length(0, DESCRIPTION_MAX)] | None = None
    platform: Names | None = None
    content_type: Names | None = None
    influencer_tier: Tier | None = None
    categories: Annotated[Line, Length(0, CATEGORIES_MAX)] | None = None
    language: Annotated[Line, Length(0, LANGUAGE_MAX)] | None = None
    brand_guideline: Annotated[Text, Length(0, GUIDELINE_MAX)] | None = None
    cover_image: Annotated[Upload | None, Field(alias="coverImage")] = None

    def given(self) -> dict[str, Any]:
        """The fields of the entity that the request names; null empties one that can be empty."""
        found = {name: getattr(self, name) for name in self.model_fields_set}
        if found.get("budget") is not None:
            found["budget"] = to_paise(found["budget"])
        for name, value in list(found.items()):
            if value is None and name not in _NULLABLE:
                del found[name]
                if name in _EMPTY:
                    found[name] = _EMPTY[name]
        return found


_NULLABLE = {"min_influencers", "max_influencers", "budget", "influencer_tier", "cover_image"}
_EMPTY: dict[str, Any] = {
    "description": "", "categories": "", "language": "", "brand_guideline": "", "platform": [], "content_type": [],
}  # fmt: skip


class NewCampaign(CampaignFields):
    title: Title
    start_deadline: Timestamp


class CampaignChanges(CampaignFields):
    title: Title | None = None
    start_deadline: Timestamp | None = None


class CampaignReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    title: str
    brand_id: str
    type: CampaignType
    status: CampaignStatus
    min_influencers: int | None
    max_influencers: int | None
    requires_script: bool
    start_deadline: Timestamp
    budget: Annotated[Number | None, Field(description="Rupees")]
    description: str
    platform: list[str]
    content_type: list[str]
    influencer_tier: Tier | None
    categories: str
    language: str
    brand_guideline: str
    cover_image: Annotated[str | None, Field(description="Where the picture can be read for some hours")]
    accepted_count: int
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, campaign: Campaign) -> Self:
        """A stored campaign as replies show it."""
        stored = {**campaign.__dict__}
        stored["budget"] = None if campaign.budget is None else to_rupees(campaign.budget)
        stored["cover_image"] = None if campaign.cover_image is None else images.public_url(campaign.cover_image)
        return cls.model_validate(stored)


class OneCampaign(BaseModel):
    model_config = ConfigDict(defer_build=True)

    campaign: CampaignReply


class ChangedCampaign(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: str
    campaign: CampaignReply


def stored_cover(file: UploadedFile | None) -> str | None:
    """Store an uploaded picture and answer its key, None without one; raises 400 when it is no picture."""
    if file is None:
        return None
    if not isinstance(file, UploadedFile):
        raise invalid("coverImage", "must be a file of a multipart/form-data body")
    try:
        return images.store_image(file.content, "campaigns")
    except (images.ImageTooLarge, images.NotAnImage) as error:
        raise invalid("coverImage", str(error)) from None
