"""What a profile may say: tax and payment identifiers, price ranges and social platforms."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from quintet.models import Length, Line
from stoory.profiles.choices import DataSource

PAN_LENGTH = 10
NAME_MIN, NAME_MAX = 2, 200
BIO_MAX = 5000
PLACE_MAX = 200
MAX_PLATFORMS = 20
_URL_MAX = 2000
_PAN = re.compile(r"[A-Z]{5}[0-9]{4}[A-Z]")
_VPA = re.compile(r"[a-z0-9._-]{2,256}@[a-z][a-z0-9]{1,63}")


class InvalidField(ValueError):
    """A profile field that is not in its form; `param` is the field's name, the text what is wrong with it."""

    def __init__(self, param: str, message: str) -> None:
        super().__init__(message)
        self.param = param


def normalise_pan(value: str) -> str:
    """A permanent account number of India's tax office: five letters, four digits, a letter; upper case.

    Raises InvalidField. The fourth letter is not held to the known kinds of holder: the office adds some.
    """
    pan = value.strip().upper()
    if _PAN.fullmatch(pan) is None:
        raise InvalidField("pan_number", "must be a PAN, such as ABCDE1234F")
    return pan


def mask_pan(pan: str) -> str:
    """`ABCDE****F` for a normalised PAN: what answers show of it."""
    return f"{pan[:5]}****{pan[-1]}"


def normalise_upi(value: str) -> str:
    """A UPI virtual payment address, `name@handle`, in lower case: addresses ignore case. Raises InvalidField."""
    address = value.strip().lower()
    if _VPA.fullmatch(address) is None:
        raise InvalidField("upi_id", "must be a UPI ID, such as name@bank")
    return address


def check_value_range(least: int | None, most: int | None) -> None:
    """Raises InvalidField when both bounds (paise) are given and the lower is above the upper."""
    if least is not None and most is not None and least > most:
        raise InvalidField("max_value", "must not be below min_value")


def web_url(value: str) -> str:
    """An http or https address with a host, without credentials; raises ValueError."""
    try:
        parts = urlsplit(value)
        host, user, _port = parts.hostname, parts.username, parts.port
    except ValueError:
        raise ValueError("must be a URL") from None
    blank = any(char.isspace() or not char.isprintable() for char in value)
    if len(value) > _URL_MAX or blank or parts.scheme not in {"http", "https"} or not host or user is not None:
        raise ValueError("must be a URL")
    return value


class SocialPlatform(BaseModel):
    """An influencer's account on one platform; `engagement_rate` is per cent."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    platform_name: Annotated[Line, Length(1, 50)]
    username: Annotated[Line, Length(1, 100)]
    profile_url: Annotated[str, AfterValidator(web_url)] | None = None
    follower_count: Annotated[int, Field(ge=0, le=10_000_000_000)] = 0
    engagement_rate: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] = 0
    data_source: DataSource = DataSource.MANUAL


def check_platforms(platforms: list[SocialPlatform]) -> None:
    """Raises InvalidField for the same account twice (case aside)."""
    accounts = {(each.platform_name.casefold(), each.username.casefold()) for each in platforms}
    if len(accounts) < len(platforms):
        raise InvalidField("social_platforms", "must not list an account twice")
