"""What a run keeps of its steps' outputs: all of it, as long as there is room in its item."""

import json
from typing import Any, Final

from caidence.workflow.entities import Run

ROOM: Final = 150_000
"""Bytes of outputs (JSON) of all steps together; an item holds 400 KB, and the steps themselves take a part of it."""
SHORT: Final = 400
"""Characters that are left of a text where there is no room for it; the row that it stands in has all of it."""
_LEAST: Final = 3_000
"""Bytes that every output may have, however much the earlier ones have taken."""


def kept(output: Any, run: Run) -> Any:
    """An output as the run keeps it: whole, or with its texts cut short, or, when even that is too much, its size."""
    room = max(_LEAST, ROOM - sum(_size(step.output) for step in run.steps))
    if _size(output) <= room:
        return output
    short = _shortened(output)
    return short if _size(short) <= max(room, _LEAST) else {"bytes": _size(output)}


def _shortened(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= SHORT else value[:SHORT] + "…"
    if isinstance(value, list):
        return [_shortened(each) for each in value]
    if isinstance(value, dict):
        return {name: _shortened(each) for name, each in value.items()}
    return value


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())
