"""What the entity API takes and refuses, alike for every kind: unknown fields, wrong values, filters."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from memory_mirror.entities.kinds import KINDS
from memory_mirror.records.record import Record
from memory_mirror.service import api, bad_field, not_found
from quintet.api.errors import field_errors
from quintet.models.strictly import read_strictly


def kind_of(name: str) -> type[Record]:
    """The kind with a name as the paths spell it. Raises 404 for any other."""
    found = KINDS.get(name)
    if found is None:
        raise not_found("Entity")()
    return found


def given(kind: type[Record], body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a record that a request sets, by the store's names.

    What nobody sets, such as `id`, may come along, for clients send back what they read. Raises 400 naming any field
    that the kind does not have.
    """
    inner = {shown: name for name, shown in kind.shown_as.items()}
    known = {kind.shown_as.get(name, name) for name in set(kind.model_fields) - kind.hidden}
    unknown = [name for name in body if name not in known]
    if unknown:
        told = [{"field": name[:100], "message": f"{kind.kind} has no such field"} for name in unknown[:20]]
        raise api.errors.invalid_body(details=told)
    return {inner.get(name, name): value for name, value in body.items() if inner.get(name, name) in kind.writable()}


def validated(kind: type[Record], values: Mapping[str, Any]) -> Record:
    """A record made of JSON values. Raises 400 naming every field that is wrong.

    The values are read as strictly as a typed body: a number in quotes is no number.
    """
    text = json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        found: Record = read_strictly(kind, text)
        return found
    except ValidationError as error:
        problems = field_errors(error, kind)
        for problem in problems:
            head, dot, rest = problem["field"].partition(".")
            problem["field"] = kind.shown_as.get(head, head) + dot + rest
        raise api.errors.invalid_body(details=problems) from None


def filters(kind: type[Record], query: Mapping[str, list[str]], others: frozenset[str]) -> dict[str, Any]:
    """The equalities a listing's query asks for; `others` are its parameters that are no filters.

    Raises 400 naming a field that is not indexed, or a value that the field cannot have.
    """
    inner = {kind.shown_as.get(name, name): name for name in kind.indexed}
    found: dict[str, Any] = {}
    for name, values in query.items():
        if name in others or not values or values[-1] == "":
            continue
        if name not in inner:
            known = ", ".join(inner) or "none"
            raise bad_field(name[:100], f"{kind.kind} cannot be filtered by it; its filters are: {known}")
        found[inner[name]] = _value(kind, inner[name], values[-1])
    return found


def _value(kind: type[Record], name: str, text: str) -> Any:
    if kind.model_fields[name].annotation is bool:
        if text.lower() not in ("true", "false"):
            raise bad_field(name, "must be true or false")
        return text.lower() == "true"
    if len(text) > 500:
        raise bad_field(name, "is too long")
    return text.strip()
