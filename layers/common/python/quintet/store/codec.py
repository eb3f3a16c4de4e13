"""Python values to DynamoDB attribute values and back.

Numbers come back as `int` when they are whole and as `float` otherwise; sets are sets of strings.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Attribute = dict[str, Any]
Item = dict[str, Attribute]


def encode(value: Any) -> Attribute:
    """One JSON-like value (or bytes, Decimal, set of strings) as an attribute value."""
    if isinstance(value, str):
        return {"S": value}
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | float | Decimal):
        return {"N": str(value)}
    if isinstance(value, Mapping):
        return {"M": {str(k): encode(v) for k, v in value.items()}}
    if isinstance(value, list | tuple):
        return {"L": [encode(v) for v in value]}
    if isinstance(value, bytes):
        return {"B": base64.b64encode(value).decode()}
    if isinstance(value, set | frozenset):
        return {"SS": sorted(value)}
    raise TypeError(f"DynamoDB cannot hold a {type(value).__name__}")


def decode(attribute: Attribute) -> Any:
    """The Python value of one attribute value."""
    ((kind, value),) = attribute.items()
    if kind in ("S", "BOOL"):
        return value
    if kind == "N":
        return _number(value)
    if kind == "M":
        return {k: decode(v) for k, v in value.items()}
    if kind == "L":
        return [decode(v) for v in value]
    if kind == "NULL":
        return None
    if kind == "B":
        return base64.b64decode(value)
    if kind == "SS":
        return set(value)
    raise TypeError(f"attribute type {kind} is not used here")


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        number = float(text)
        return int(number) if number.is_integer() and abs(number) < 2**53 else number


def encode_item(values: Mapping[str, Any]) -> Item:
    return {name: encode(value) for name, value in values.items()}


def decode_item(item: Item) -> dict[str, Any]:
    return {name: decode(value) for name, value in item.items()}
