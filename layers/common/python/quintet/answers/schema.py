"""The JSON schema of a reply model, in the form that Bedrock's models take as a tool's input.

Sources: Amazon Bedrock API reference, ToolInputSchema (the root must be an object); Amazon Nova user guide, tool use
(the root has `type`, `properties` and `required` alone). References are written out where they stand, since not every
model follows them, and titles, which only repeat names, are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

_UNUSED = frozenset({"title", "default", "examples", "discriminator", "$defs", "deprecated"})
_NULL = {"type": "null"}


@cache
def tool_schema(model: type[BaseModel]) -> dict[str, Any]:
    """What the model is told to fill in. Where a model contains itself, the inner one is any object."""
    schema = model.model_json_schema(mode="validation")
    whole = _plain(schema, schema.get("$defs", {}), ())
    return {
        "type": "object",
        "properties": whole.get("properties", {}),
        **({"required": whole["required"]} if whole.get("required") else {}),
    }


def _plain(schema: Mapping[str, Any], known: Mapping[str, Any], within: tuple[str, ...]) -> dict[str, Any]:
    reference = schema.get("$ref")
    if isinstance(reference, str):
        name = reference.rpartition("/")[2]
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        meant = {"type": "object"} if name in within else _plain(known[name], known, (*within, name))
        return {**meant, **_plain(beside, known, within)}
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _UNUSED:
            continue
        if key == "const":
            found["enum"] = [value]
        elif key == "properties":
            needed = schema.get("required", ())
            plain = {name: _plain(one, known, within) for name, one in value.items()}
            found[key] = {name: one if name in needed else _without_null(one) for name, one in plain.items()}
        elif key in {"anyOf", "oneOf", "allOf", "prefixItems"}:
            found[key] = [_plain(one, known, within) for one in value]
        elif isinstance(value, Mapping):
            found[key] = _plain(value, known, within)
        else:
            found[key] = value
    return found


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """`X | None` as X, for a field that may be left out: models do that more reliably than they write null."""
    choices = schema.get("anyOf")
    if not choices or _NULL not in choices or len(choices) != 2:
        return schema
    (other,) = [one for one in choices if one != _NULL]
    return {**{key: value for key, value in schema.items() if key != "anyOf"}, **other}
