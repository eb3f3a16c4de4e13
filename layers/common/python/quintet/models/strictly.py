"""JSON read as strictly as JSON Schema has it: a number in quotes is no number, and 2.0 is an integer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

_MOST = 10_000
"""Errors among which is looked for integers: nobody means a body with more."""
_EXACT = 2**53
"""Up to here every integer is a double (RFC 8259, section 6)."""


def read_strictly(kind: type[BaseModel] | TypeAdapter[Any], text: str | bytes, context: Any = None) -> Any:
    """The value of a JSON text. Raises pydantic's ValidationError.

    Integers written with a fraction of zero are integers (JSON Schema, validation, section 6.1.1), which pydantic does
    not know. Since nearly nobody writes them so, they are looked for only where one was refused.
    """
    read: Callable[..., Any] = kind.validate_json if isinstance(kind, TypeAdapter) else kind.model_validate_json
    try:
        return read(text, strict=True, context=context)
    except ValidationError as error:
        whole = _with_integers(text, error)
        if whole is None:
            raise
    return read(whole, strict=True, context=context)


def _with_integers(text: str | bytes, error: ValidationError) -> bytes | None:
    """The same JSON with integers in the places of those that were refused for how they were written; None without."""
    if error.error_count() > _MOST:
        return None
    told = error.errors(include_url=False, include_context=False)
    refused = [each["loc"] for each in told if each["type"] == "int_type" and _is_whole(each["input"])]
    if not refused:
        return None
    root = [from_json(text)]
    for path in refused:
        parent: Any = root
        key: Any = 0
        for step in path:
            inner = parent[key]
            # Steps that name a branch of a union lead nowhere in the value.
            if (isinstance(inner, dict) and step in inner) or (isinstance(inner, list) and isinstance(step, int)):
                parent, key = inner, step
        if _is_whole(parent[key]):
            parent[key] = int(parent[key])
    return to_json(root[0], inf_nan_mode="constants")


def _is_whole(value: Any) -> bool:
    return isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT
