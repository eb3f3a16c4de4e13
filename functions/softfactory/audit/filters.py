"""What callers ask the log by: kind, user, and a range of days or moments."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from quintet.models import Length, Line
from quintet.models.time import as_utc, read_instant
from softfactory.audit.exports import MOST
from softfactory.audit.formats import Format
from softfactory.lists import ListQuery
from softfactory.people.fields import Id

_MESSAGE = "must be a date, such as 2026-12-01, or an RFC 3339 date and time"

_DAY: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)


def _since(value: Any) -> datetime:
    """The beginning of a day, or a moment; of one that is outside the years that there are the nearest."""
    try:
        if _is_day(value):
            day = date.fromisoformat(value)
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        moment: datetime = read_instant(value)
    except (ValueError, TypeError):
        raise ValueError(_MESSAGE) from None
    try:
        return as_utc(moment).replace(microsecond=0)
    except OverflowError:
        return _FIRST if moment.year == 1 else _LAST
    except AttributeError:
        raise ValueError(_MESSAGE) from None


def _until(value: Any) -> datetime:
    """What follows on a day, or on the second of a moment."""
    try:
        return _since(value) + (timedelta(days=1) if _is_day(value) else timedelta(seconds=1))
    except OverflowError:
        return _LAST


def _is_day(value: Any) -> bool:
    return isinstance(value, str) and _DAY.fullmatch(value) is not None


_SCHEMA = {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}
Since = Annotated[datetime, BeforeValidator(_since), WithJsonSchema(_SCHEMA)]
"""The first moment of a range."""
Until = Annotated[datetime, BeforeValidator(_until), WithJsonSchema(_SCHEMA)]
"""The first moment after a range: the day or second that is given belongs to it."""
Word = Annotated[Line, Length(1, 100)]


class AccessFilter(BaseModel):
    """The fields that entries about access are asked by. A range that ends before it begins holds none."""

    model_config = ConfigDict(frozen=True, defer_build=True, hide_input_in_errors=True)

    action: Annotated[Word | None, Field(description="An action, or the family of some: `role` is all of `role.…`")] = (
        None
    )
    user_id: Annotated[Id | None, Field(description="Whose account acted")] = None
    date_from: Annotated[Since | None, Field(description="A day in UTC, or a moment")] = None
    date_to: Annotated[Until | None, Field(description="A day in UTC, or a moment; it belongs to the range")] = None


class LogFilter(AccessFilter):
    """The fields that all entries are asked by."""

    resource_type: Word | None = None


Sort = Literal["created_at", "-created_at", "timestamp", "-timestamp"]


class AccessQuery(AccessFilter, ListQuery):
    """The query of a list of entries about access."""

    sort: Sort = "-created_at"


class LogQuery(LogFilter, ListQuery):
    """The query of a list of entries."""

    sort: Sort = "-created_at"


class _Export(BaseModel):
    """What of the log is exported, and how."""

    model_config = ConfigDict(frozen=True, defer_build=True, hide_input_in_errors=True)

    format: Annotated[
        Format | None,
        Field(description="What is written; where it is left out what `Accept` prefers, else JSON"),
    ] = None
    limit: Annotated[int, Field(ge=1, le=MOST, description="Entries of one part")] = MOST
    cursor: Annotated[
        str | None, Field(min_length=1, max_length=2048, description="Where the part before ended, for the next one")
    ] = None
    first_size: Annotated[
        int | None,
        Field(ge=1, le=10**12, description="The size of a tree that you hold: the growth from there is proven, too"),
    ] = None


class LogExport(LogFilter, _Export):
    """What of the log is exported."""


class AccessExport(AccessFilter, _Export):
    """What of the entries about access is exported."""
