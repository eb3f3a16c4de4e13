"""Fields of creators as callers may write them."""

from typing import Annotated

from pydantic import AfterValidator, Field

from caidence.campaigns.dimensions import platform_of
from quintet.models import Length, Line, Text


def one_platform(name: str) -> str:
    """A platform's name in one spelling, so that nobody is on the roster twice for another: without regard to case,
    and written out."""
    return platform_of(name) or name.casefold()


def _to_hundredths(rate: float) -> float:
    if round(rate, 2) != rate:
        raise ValueError("must have at most two decimals")
    return rate


def _to_ten_thousandths(rate: float) -> float:
    return round(rate, 4)


Platform = Annotated[
    Line,
    AfterValidator(one_platform),
    Length(1, 50),
    Field(description="Such as instagram, tiktok, youtube, twitter, twitch or onlyfans; without regard to case"),
]
CreatorName = Annotated[Line, Length(0, 200)]
Bio = Annotated[Text, Length(0, 5000)]
Category = Annotated[Line, Length(0, 100)]
Tier = Annotated[Line, Length(0, 50), Field(description="Such as nano, micro, mid, macro or mega")]
Notes = Annotated[Text, Length(0, 5000)]
Followers = Annotated[int, Field(ge=0, le=10_000_000_000)]
EngagementRate = Annotated[
    float, Field(ge=0, le=10_000, description="In percent, kept to four decimals"), AfterValidator(_to_ten_thousandths)
]
CommissionRate = Annotated[
    float, Field(ge=0, le=100, description="In percent of a sale, with two decimals"), AfterValidator(_to_hundredths)
]
