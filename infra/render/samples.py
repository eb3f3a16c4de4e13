"""Plausible values for a JSON Schema, the same ones every time: what a sample event's body and parameters are."""

from __future__ import annotations

from typing import Any

ID = "01947a5c-3c00-7000-8000-000000000001"
"""A UUIDv7 (RFC 9562) of 2025-01-18T10:00:00Z."""

_FORMATS = {
    "uuid": ID,
    "date-time": "2025-01-18T10:00:00Z",
    "date": "2025-01-18",
    "time": "10:00:00",
    "email": "user@example.com",
    "uri": "https://example.com/",
    "binary": "",
}
_NAMES = {
    "address1": "1 Main Street",
    "city": "New York",
    "country": "US",
    "currency": "USD",
    "email": "user@example.com",
    "first_name": "Ada",
    "image": "https://example.com/image.png",
    "id": ID,
    "language": "en",
    "last_name": "Lovelace",
    "password": "correct horse battery",
    "phone": "+12025550123",
    "phone_number": "+12025550123",
    "postal_code": "10001",
    "slug": "example",
    "state": "NY",
    "timezone": "UTC",
    "uri": "https://example.com/",
    "url": "https://example.com/",
}
_DEEPEST = 8


class Samples:
    """Makes samples of the schemas of one OpenAPI document."""

    def __init__(self, components: dict[str, Any]) -> None:
        self._components = components

    def of(self, schema: dict[str, Any], name: str = "", depth: int = 0) -> Any:
        """A value that fits the schema: its own example or default, else one that suits its `name` and type."""
        schema = self._resolved(schema)
        for stated in ("example", "const", "default"):
            if schema.get(stated) not in (None, "", [], {}):
                return schema[stated]
        if schema.get("examples"):
            return schema["examples"][0]
        if schema.get("enum"):
            return schema["enum"][0]
        for choice in ("anyOf", "oneOf"):
            if choice in schema:
                return self.of(schema[choice][0], name, depth + 1)
        if "allOf" in schema:
            merged = {key: value for part in schema["allOf"] for key, value in self._resolved(part).items()}
            return self.of(merged, name, depth + 1)
        return self._typed(schema, name, depth)

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**self._components[schema["$ref"].rpartition("/")[2]], **rest}
        return schema

    def _typed(self, schema: dict[str, Any], name: str, depth: int) -> Any:
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            few = max(schema.get("minItems", 0), 1) if depth < _DEEPEST else 0
            return [self.of(schema.get("items", {}), name.removesuffix("s"), depth + 1) for _ in range(few)]
        if kind in ("integer", "number"):
            return _number(schema)
        if kind == "boolean":
            return True
        return None if kind == "null" else _text(schema, name)

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        wanted = schema.get("required", []) if depth >= _DEEPEST else schema.get("properties", {})
        properties = schema.get("properties", {})
        return {
            name: self.of(properties[name], name, depth + 1)
            for name in wanted
            if name in properties and not self._is_file(properties[name])
        }

    def _is_file(self, schema: dict[str, Any]) -> bool:
        """Whether it stands for a file, which comes with a form and never with JSON."""
        schema = self._resolved(schema)
        return "contentMediaType" in schema or any(map(self._is_file, schema.get("anyOf", [])))


def _number(schema: dict[str, Any]) -> int:
    least = schema.get("minimum", schema.get("exclusiveMinimum", 0) + (1 if "exclusiveMinimum" in schema else 0))
    return int(max(1, least))


def _text(schema: dict[str, Any], name: str) -> str:
    found = _FORMATS.get(schema.get("format", ""))
    if found is None:
        last = name.rpartition("_")[2]
        found = _NAMES.get(name) or _NAMES.get(last, "example")
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength", len(found))
    return found.ljust(shortest, "x")[: max(shortest, longest)]
