"""What is stored of a profile."""

from typing import ClassVar

from pydantic import Field

from quintet.models import Timestamp
from quintet.store import Entity, Keys
from stoory.profiles.choices import Gender, Tier
from stoory.profiles.rules import SocialPlatform


class Profile(Entity):
    """What an account says of itself. Amounts are paise, pictures are keys of the bucket."""

    kind: ClassVar[str] = "profile"
    keys: ClassVar[Keys] = Keys("USER#{user_id}", "PROFILE")

    user_id: str
    pan_sealed: str | None = None
    """The PAN as quintet.providers.vault sealed it for this user."""
    pan_masked: str | None = None
    upi_id: str | None = None
    social_platforms: list[SocialPlatform] = Field(default_factory=list)
    languages: list[str] = Field(default_factory=list)
    categories: list[str] = Field(default_factory=list)
    bio: str | None = None
    city: str | None = None
    country: str | None = None
    gender: Gender | None = None
    tier: Tier | None = None
    min_value_paise: int | None = None
    max_value_paise: int | None = None
    brand_name: str | None = None
    brand_description: str | None = None
    profile_image: str | None = None
    brand_logo: str | None = None
    completed_at: Timestamp | None = None
    updated_at: Timestamp
