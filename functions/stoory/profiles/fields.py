"""What requests may say of a profile, how that changes the stored one, and how replies show it."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from quintet.api import ErrorType
from quintet.models import Length, Line, Text, Timestamp
from quintet.providers.errors import ProviderError
from stoory.money.amounts import Number, Rupees, to_paise, to_rupees
from stoory.profiles.choices import Gender, Tier
from stoory.profiles.entities import Profile
from stoory.profiles.rules import (
    BIO_MAX,
    MAX_PLATFORMS,
    NAME_MAX,
    NAME_MIN,
    PLACE_MAX,
    InvalidField,
    SocialPlatform,
    check_platforms,
    check_value_range,
    mask_pan,
    normalise_pan,
    normalise_upi,
)
from stoory.service import api

NOT_STORED = ErrorType(503, "encryption_unavailable", "Personal identifiers cannot be stored right now")
MOST_NAMES = 50


def _distinct(platforms: list[SocialPlatform]) -> list[SocialPlatform]:
    check_platforms(platforms)
    return platforms


Names = Annotated[list[Annotated[Line, Length(1, 100)]], Field(max_length=MOST_NAMES)]
Pan = Annotated[str, AfterValidator(normalise_pan), Field(description="Kept encrypted, answered masked")]
Upi = Annotated[str, AfterValidator(normalise_upi)]


class ProfileFields(BaseModel):
    """A part of a profile: what is absent stays as it was, what is null is cleared. Values are rupees."""

    model_config = ConfigDict(defer_build=True)

    pan_number: Pan | None = None
    upi_id: Upi | None = None
    social_platforms: (
        Annotated[list[SocialPlatform], Field(max_length=MAX_PLATFORMS), AfterValidator(_distinct)] | None
    ) = None
    languages: Names | None = None
    categories: Names | None = None
    bio: Annotated[Text, Length(0, BIO_MAX)] | None = None
    city: Annotated[Line, Length(0, PLACE_MAX)] | None = None
    country: Annotated[Line, Length(0, PLACE_MAX)] | None = None
    gender: Gender | None = None
    tier: Tier | None = None
    min_value: Rupees | None = None
    max_value: Rupees | None = None
    brand_name: Annotated[Line, Length(NAME_MIN, NAME_MAX)] | None = None
    brand_description: Annotated[Text, Length(0, BIO_MAX)] | None = None

    @field_validator("max_value")
    @classmethod
    def _not_below(cls, most: float | None, info: ValidationInfo) -> float | None:
        least = info.data.get("min_value")
        check_value_range(None if least is None else to_paise(least), None if most is None else to_paise(most))
        return most


_PLAIN = ("upi_id", "bio", "city", "country", "gender", "tier", "brand_name", "brand_description")
_LISTS = ("social_platforms", "languages", "categories")
_AMOUNTS = ("min_value", "max_value")


def filled(profile: Profile, fields: ProfileFields, at: datetime, **pictures: str) -> Profile:
    """`profile` with what `fields` says and the keys of new pictures.

    Raises 400 when the lowest value would be above the highest, 503 when a PAN cannot be encrypted.
    """
    given = fields.model_fields_set
    changes: dict[str, Any] = {name: getattr(fields, name) for name in _PLAIN if name in given}
    changes |= {name: getattr(fields, name) or [] for name in _LISTS if name in given}
    for name in _AMOUNTS:
        if name in given:
            amount = getattr(fields, name)
            changes[f"{name}_paise"] = None if amount is None else to_paise(amount)
    if "pan_number" in given:
        changes |= _sealed(profile.user_id, fields.pan_number)
    new = profile.model_copy(update={**changes, **pictures, "updated_at": at})
    try:
        check_value_range(new.min_value_paise, new.max_value_paise)
    except InvalidField as error:
        raise api.errors.invalid_body(details=[{"field": error.param, "message": str(error)}]) from None
    return new


def _sealed(user_id: str, pan: str | None) -> dict[str, Any]:
    if pan is None:
        return {"pan_sealed": None, "pan_masked": None}
    from quintet.providers import vault

    try:
        return {"pan_sealed": vault.seal(pan, f"user/{user_id}/pan"), "pan_masked": mask_pan(pan)}
    except ProviderError as error:
        raise NOT_STORED() from error


class ProfileReply(BaseModel):
    """A profile as its owner sees it: the PAN masked, values in rupees, pictures as URLs."""

    model_config = ConfigDict(defer_build=True)

    user_id: str
    pan_number: str | None
    upi_id: str | None
    social_platforms: list[SocialPlatform]
    languages: list[str]
    categories: list[str]
    bio: str | None
    city: str | None
    country: str | None
    gender: Gender | None
    tier: Tier | None
    min_value: Number | None
    max_value: Number | None
    brand_name: str | None
    brand_description: str | None
    profile_image: str | None
    brand_logo: str | None
    completed_at: Timestamp | None
    updated_at: Timestamp

    @classmethod
    def of(cls, profile: Profile) -> Self:
        shown = {**profile.__dict__}
        shown["pan_number"] = profile.pan_masked
        for name in _AMOUNTS:
            paise = shown[f"{name}_paise"]
            shown[name] = None if paise is None else to_rupees(paise)
        for name in ("profile_image", "brand_logo"):
            shown[name] = _url(shown[name])
        return cls.model_validate(shown)


def _url(key: str | None) -> str | None:
    if key is None:
        return None
    from quintet.media.images import public_url

    return public_url(key)
