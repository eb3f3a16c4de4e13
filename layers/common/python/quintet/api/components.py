"""The named schemas of a system's OpenAPI document: one a model, under names that a reader and a generator can use."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

if TYPE_CHECKING:
    from quintet.api.declaration import Declaration
    from quintet.api.face import Face

Schema = dict[str, Any]
REF = "#/components/schemas/{model}"
_PREFIX = REF.format(model="")


class Components:
    """All named schemas; `of` answers an operation's body or reply, `named` adds a schema under a name."""

    def __init__(self, face: Face, operations: Sequence[Declaration[..., Any]]) -> None:
        wanted: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
            (f"{number}", mode, TypeAdapter(model)) for number, (model, mode) in enumerate(face.schemas())
        ]
        for operation in operations:
            body, result = operation.signature.body, operation.signature.result
            if body is not None:
                wanted.append((operation.id, "validation", body.adapter or TypeAdapter(body.type)))
            reply = operation.json if result.binary else result.model
            if reply is not None:
                wanted.append((operation.id, "serialization", TypeAdapter(reply)))
        found, defined = TypeAdapter.json_schemas(wanted, ref_template=REF, schema_generator=_Untitled)
        names = _names(defined.get("$defs", {}))
        self._found: dict[tuple[str, JsonSchemaMode], Schema] = {
            key: _renamed(node, names) for key, node in found.items()
        }
        known = {names[name]: _renamed(schema, names) for name, schema in defined.get("$defs", {}).items()}
        wanted_names = _reachable(list(self._found.values()), known)
        self.schemas: dict[str, Schema] = {
            name: {**schema, "title": name} for name, schema in known.items() if name in wanted_names
        }

    def of(self, operation: Declaration[..., Any], mode: JsonSchemaMode) -> Schema:
        """What an operation takes (`validation`) or answers (`serialization`)."""
        return self._found[operation.id, mode]

    def wrapped(self, operation: Declaration[..., Any], inner: Schema, outer: Schema) -> Schema:
        """An envelope around a schema, under a name of its own: one for all operations that answer the same."""
        if outer == inner:
            return inner
        kind = "Page" if operation.signature.result.paged else "Envelope"
        part = inner.get("items", inner) if kind == "Page" else inner
        _, _, function = operation.id.partition(".")
        stem = part["$ref"].rpartition("/")[2] if "$ref" in part else camel(function)
        for name in (stem + kind, camel(operation.id) + kind):
            titled = {**outer, "title": name}
            if self.schemas.setdefault(name, titled) == titled:
                return {"$ref": REF.format(model=name)}
        raise ValueError(f"the names for the reply of {operation.id} are taken")


def camel(text: str) -> str:
    """`orders.create_order` as `OrdersCreateOrder`."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", text))


class _Untitled(GenerateJsonSchema):
    """Without a title for every property: it says the name once more, and generators take it for a name of theirs."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 (pydantic's signature)
        return False


def _names(defined: dict[str, Schema]) -> dict[str, str]:
    """By pydantic's names: ours. Models that share a name are told apart by their domains, never by whole paths."""
    found: dict[str, str] = {}
    for name in sorted(defined, key=lambda name: ("__" in name, name)):  # a name that is alone keeps it
        path, _, mode = name.partition("-")
        *modules, model = path.split("__")  # pydantic says the modules only of models that share a name
        homes = [modules[1:2], *(modules[at:] for at in range(len(modules))[::-1])] if modules else [[]]
        candidates = [camel("_".join([*home, model, mode])) for home in homes]
        found[name] = next(each for each in candidates if each not in found.values())
    return found


def _reachable(roots: list[Schema], known: dict[str, Schema]) -> set[str]:
    """The names that are referred to from somewhere; pydantic also defines what a field replaced (`WithJsonSchema`)."""
    found: set[str] = set()
    pending: list[Any] = [*roots]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending += node
        elif isinstance(node, dict):
            pending += node.values()
        elif isinstance(node, str) and node.startswith(_PREFIX):
            name = node.removeprefix(_PREFIX)
            if name not in found and name in known:
                found.add(name)
                pending.append(known[name])
    return found


def _renamed(node: Any, names: dict[str, str]) -> Any:
    """A schema with every reference under its new name, discriminators' too."""
    if isinstance(node, list):
        return [_renamed(each, names) for each in node]
    if isinstance(node, dict):
        return {key: _renamed(value, names) for key, value in node.items()}
    if isinstance(node, str) and node.startswith(_PREFIX):
        return _PREFIX + names[node.removeprefix(_PREFIX)]
    return node
