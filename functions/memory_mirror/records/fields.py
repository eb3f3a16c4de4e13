"""Field types that the entities share: bounded text and lists, scales, eras, local times."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from quintet.models import Email, Length, Line, Text
from quintet.models.locale import Zone
from quintet.store import AsJson

T = TypeVar("T")

Short = Annotated[Line, Length(1, 200)]
"""A name, a title, a label."""
Words = Annotated[Line, Length(0, 500)]
"""One line that may be empty."""
Long = Annotated[Text, Length(0, 20_000)]
"""Text of several lines."""
Tags = Annotated[list[Annotated[Line, Length(1, 60)]], Field(max_length=50)]
Emails = Annotated[list[Email], Field(max_length=20)]
Link = Annotated[Line, Length(1, 2048)]
"""Where a file is: a URL, or a key of the system's own bucket."""
Level = Annotated[float, Field(ge=0, le=10)]
"""The document's scale of anxiety and distress: 0 calm, 10 the most."""
Sentiment = Literal["positive", "negative", "neutral", "mixed"]

_ERA = re.compile(r"(?:1[89]|20)\d0s\Z|present\Z")
_LOCAL = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.0+)?)?\Z")
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d\Z")


def _era(value: str) -> str:
    if _ERA.match(value) is None:
        raise ValueError("must be a decade such as 1960s, or present")
    return value


def _local(value: str) -> str:
    from memory_mirror.times.recurrence import check_starts_at

    if _LOCAL.match(value):
        try:
            found = datetime.fromisoformat(value).replace(second=0, microsecond=0)
        except ValueError:
            pass
        else:
            check_starts_at(found)
            return found.isoformat()
    raise ValueError("must be a local date and time without an offset, such as 2026-03-29T08:30:00")


def _clock(value: str) -> str:
    if _CLOCK.match(value) is None:
        raise ValueError("must be a local time HH:MM, such as 03:15")
    return value


def _rrule(value: str) -> str:
    from memory_mirror.times.recurrence import check_rrule

    check_rrule(value)
    return value


Era = Annotated[str, AfterValidator(_era), WithJsonSchema({"type": "string", "examples": ["1960s", "present"]})]
LocalTime = Annotated[
    str, AfterValidator(_local), WithJsonSchema({"type": "string", "examples": ["2026-03-29T08:30:00"]})
]
"""A local date and time to the minute; the zone stands beside it."""
ClockTime = Annotated[str, AfterValidator(_clock), WithJsonSchema({"type": "string", "examples": ["03:15"]})]
Rule = Annotated[str, AfterValidator(_rrule), WithJsonSchema({"type": "string", "examples": ["FREQ=DAILY"]})]
"""An RFC 5545 recurrence rule."""


def _small(value: T) -> T:
    import json

    try:
        size = len(json.dumps(value, ensure_ascii=False).encode())
    except (ValueError, RecursionError):
        raise ValueError("must be plain JSON") from None
    if size > 20_000:
        raise ValueError("must not be larger than 20,000 bytes")
    return value


FreeObject = Annotated[dict[str, Any], AfterValidator(_small), AsJson()]
"""A JSON object of the caller's own, at most 20,000 bytes."""
FreeValue = Annotated[Any, AfterValidator(_small), AsJson()]
"""Any JSON value of the caller's own, at most 20,000 bytes."""


class Schedule(BaseModel):
    """When something is due: a local time, its zone, and how it repeats."""

    model_config = ConfigDict(defer_build=True, extra="forbid")

    starts_at: LocalTime
    timezone: Zone
    rrule: Rule | None = None


DeviceType = Literal["light", "lock", "thermostat", "speaker", "stove", "sensor"]


class DeviceAction(BaseModel):
    """What a routine or an automation does with one device."""

    model_config = ConfigDict(defer_build=True, extra="forbid")

    device_id: Annotated[Line, Length(1, 200)]
    action: Annotated[Line, Length(1, 60)]
    parameters: FreeObject = Field(default_factory=dict)


class Track(BaseModel):
    """One piece of a playlist."""

    model_config = ConfigDict(defer_build=True, extra="ignore")

    title: Short
    artist: Words = ""
    year: int | None = None
    url: Link | None = None
    music_id: str | None = None
    """The Music record it is, when it comes from the person's library."""
    source: Annotated[Line, Length(0, 40)] = ""
    reason: Words = ""
    verified: bool = True
    """False for what a language model proposed and nobody could find."""
