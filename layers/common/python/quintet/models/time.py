"""Instants: one clock for the whole code, UTC everywhere, RFC 3339 with `Z` on the wire."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, TypeAdapter, ValidationError, WithJsonSchema

_MESSAGE = "must be an RFC 3339 date and time, such as 2025-01-18T10:00:00Z"


class FrozenClock:
    """A clock that moves only when told to; tests hold one through `frozen`."""

    def __init__(self, at: datetime) -> None:
        self.at = as_utc(at)

    def advance(self, **by: float) -> datetime:
        """Move on by the given `timedelta` arguments, such as `minutes=15`; answers the new time."""
        self.at += timedelta(**by)
        return self.at


# A stack rather than a context variable: threads a test starts must see the same stopped clock.
_stopped: list[FrozenClock] = []


def now() -> datetime:
    """The current instant, aware, in UTC. All code asks here, so that tests can stop the clock."""
    return _stopped[-1].at if _stopped else datetime.now(UTC)


@contextmanager
def frozen(at: datetime | None = None) -> Iterator[FrozenClock]:
    """Stop the clock for the whole process, threads included, until the block ends."""
    _stopped.append(FrozenClock(at or now()))
    try:
        yield _stopped[-1]
    finally:
        _stopped.pop()


def as_utc(moment: datetime) -> datetime:
    """The same instant in UTC; a naive datetime is taken to be in UTC already."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def rfc3339(moment: datetime) -> str:
    """`2025-01-18T10:00:00Z`: RFC 3339 in UTC, whole seconds (fractions are cut off)."""
    return as_utc(moment).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def epoch(moment: datetime | None = None) -> int:
    """Whole seconds since 1970-01-01T00:00:00Z of `moment`, or of now; DynamoDB's TTL unit."""
    return int(as_utc(moment or now()).timestamp())


def from_epoch(seconds: int) -> datetime:
    """The aware UTC instant that many seconds after 1970-01-01T00:00:00Z."""
    return datetime.fromtimestamp(seconds, UTC)


@cache
def _reader() -> TypeAdapter[datetime]:
    return TypeAdapter(datetime)


def read_instant(value: Any) -> Any:
    """A JSON value as an instant for pydantic; numbers are refused. Raises ValueError."""
    # Pydantic would read numbers as epochs and guess seconds or milliseconds from their size.
    if isinstance(value, int | float) or (isinstance(value, str) and value.strip().lstrip("+-").isdigit()):
        raise ValueError(_MESSAGE)
    if isinstance(value, str):
        # Read here, for a body is validated strictly, and strictly a string that has left JSON is no date.
        try:
            return _reader().validate_python(value)
        except ValidationError:
            raise ValueError(_MESSAGE) from None
    return value


def _in_whole_seconds(value: datetime) -> datetime:
    try:
        return as_utc(value).replace(microsecond=0)
    except OverflowError:
        raise ValueError("is outside the years 1 to 9999 in UTC") from None


def _read_day(value: Any) -> Any:
    # Pydantic would read a number in a string as an epoch, too.
    if not isinstance(value, date) and not (isinstance(value, str) and _FULL_DATE.fullmatch(value)):
        raise ValueError("must be a date, such as 2025-01-18")
    return date.fromisoformat(value) if isinstance(value, str) else value


_FULL_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")

Day = Annotated[date, BeforeValidator(_read_day), WithJsonSchema({"type": "string", "format": "date"})]
"""A model field holding a day as RFC 3339 writes it (`full-date`)."""

Timestamp = Annotated[
    datetime,
    BeforeValidator(read_instant),
    AfterValidator(_in_whole_seconds),
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A model field holding an instant: any offset comes in, UTC in whole seconds comes out."""


def _zoned(value: Any) -> Any:
    moment = read_instant(value)
    if isinstance(moment, datetime) and moment.tzinfo is None:
        raise ValueError("must say its offset from UTC, such as 2025-01-18T10:00:00Z")
    return moment


Instant = Annotated[Timestamp, BeforeValidator(_zoned)]
"""A `Timestamp` that says its offset, as RFC 3339 asks (section 4.4): a local time is nobody's guess to make."""
