"""What is kept of a result for which there may be no room: all of it, or its texts cut short, or what names it."""

from __future__ import annotations

import json
from typing import Any, Final

SHORT: Final = 400
"""Characters that are left of a text where there is no room for it; the row that it stands in has all of it."""


def fitted(value: Any, room: int) -> Any:
    """A value of JSON in `room` bytes: whole, or with its texts cut short, or, when even that is too much, its size and
    the ids that it had."""
    if size(value) <= room:
        return value
    short = _shortened(value)
    return short if size(short) <= room else {"bytes": size(value), **_ids(value, 2)}


def size(value: Any) -> int:
    """Bytes of a value as JSON."""
    return len(json.dumps(value, ensure_ascii=False).encode())


def _shortened(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= SHORT else value[:SHORT] + "…"
    if isinstance(value, list):
        return [_shortened(each) for each in value]
    if isinstance(value, dict):
        return {name: _shortened(each) for name, each in value.items()}
    return value


def _ids(value: Any, depth: int) -> dict[str, Any]:
    """The ids of an object, and of the objects in it as far down as `depth` says."""
    found: dict[str, Any] = {}
    for name, each in value.items() if isinstance(value, dict) and depth else ():
        if isinstance(each, dict):
            found |= {name: inner} if (inner := _ids(each, depth - 1)) else {}
        elif isinstance(each, str) and len(each) <= 64 and (name == "id" or name.endswith("_id")):
            found[name] = each
    return found
