"""The formats of an export, and which of them a request prefers."""

from types import MappingProxyType
from typing import Final, Literal

Format = Literal["csv", "json"]

MEDIA: Final = MappingProxyType[Format, str]({"json": "application/json", "csv": "text/csv"})
"""The media types of the formats; of two that are wanted alike the first is taken."""


def preferred(accept: str) -> Format:
    """The format that an `Accept` header wants most (RFC 9110, section 12.5.1); JSON where it wants neither."""
    weights = {name: _weight(accept, media) for name, media in MEDIA.items()}
    return max(weights, key=lambda name: weights[name])


def _weight(accept: str, media: str) -> float:
    """How much a header wants a media type, by the narrowest of its ranges that has it: from 0 to 1."""
    ranges = {}
    for each in accept.split(","):
        name, *parameters = (part.strip().lower() for part in each.split(";"))
        given = dict(parameter.partition("=")[::2] for parameter in parameters)
        ranges[name] = _quality(given.get("q", "1"))
    for name in (media, f"{media.partition('/')[0]}/*", "*/*"):
        if name in ranges:
            return ranges[name]
    return 0.0


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0
