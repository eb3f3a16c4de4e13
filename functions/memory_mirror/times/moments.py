"""Instants as the document writes them: ISO 8601 in UTC with milliseconds, `2024-01-01T03:15:00.000Z`."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema

from quintet.models.time import as_utc, read_instant


def iso(moment: datetime) -> str:
    """`2024-01-01T03:15:00.000Z`; finer fractions are cut off."""
    return as_utc(moment).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _in_milliseconds(value: datetime) -> datetime:
    try:
        utc = as_utc(value)
    except OverflowError:
        raise ValueError("is outside the years 1 to 9999 in UTC") from None
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


Moment = Annotated[
    datetime,
    BeforeValidator(read_instant),
    AfterValidator(_in_milliseconds),
    PlainSerializer(iso, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A model field holding an instant: any offset comes in, UTC in milliseconds comes out."""
