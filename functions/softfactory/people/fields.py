"""Fields of accounts as callers may write them."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from quintet.models import Instant, Length, Text, now
from quintet.models.ids import is_id


def _canonical(text: str) -> str:
    lowered = text.strip().lower()
    if not is_id(lowered):
        raise ValueError("must be an id")
    return lowered


def _end(value: Any) -> Any:
    """A plain day ends with it, in UTC."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return value
        if day == date.max:
            raise ValueError("must be before the year 10000")
        return datetime.combine(day, time(), UTC) + timedelta(days=1)
    return value


_DAY: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _to_come(end: datetime) -> datetime:
    if end <= now():
        raise ValueError("must be in the future")
    return end


End = Annotated[
    Instant,
    AfterValidator(_to_come),
    BeforeValidator(_end),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}),
]
"""When something ends, to come: an instant with its offset, or a day, at whose end in UTC it does."""

Id = Annotated[str, AfterValidator(_canonical), WithJsonSchema({"type": "string", "format": "uuid"})]
"""The id of anything, in a path, a query or a body."""
Bio = Annotated[Text, Length(0, 2000)]
