"""What a body can be full of: every list and object of it whose entries may be wrong has a bound that stops early."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pydantic import TypeAdapter

from infra.render.systems import System, systems
from quintet.models import Entries

_NEVER_WRONG = ("any", None)


@pytest.mark.parametrize("system", systems(), ids=lambda system: system.name)
def test_lists_and_objects_of_bodies_are_bounded(system: System) -> None:
    bodies = [(operation.id, operation.signature.body) for operation in system.operations]
    read = [(name, body.adapter or TypeAdapter(body.type)) for name, body in bodies if body]
    assert [(name, *found) for name, adapter in read for found in unbounded(adapter)] == []


def test_an_unbounded_field_is_seen() -> None:
    assert list(unbounded(TypeAdapter(list[int]))) == [("list", "int")]
    assert list(unbounded(TypeAdapter(dict[str, list[int] | None]))) == [("dict", "nullable"), ("list", "int")]


def unbounded(adapter: TypeAdapter[Any]) -> Iterator[tuple[str, str]]:
    adapter.rebuild(force=True)
    yield from _unbounded(adapter.core_schema)


def _unbounded(schema: Any, *, counted: bool = False) -> Iterator[tuple[str, str]]:
    if isinstance(schema, list | tuple):
        for each in schema:
            yield from _unbounded(each)
    elif isinstance(schema, Mapping):
        kind = schema.get("type")
        if kind in ("list", "set", "frozenset", "dict"):
            inside = schema.get("values_schema" if kind == "dict" else "items_schema", {}).get("type")
            bounded = counted if kind == "dict" else "max_length" in schema
            if not bounded and inside not in _NEVER_WRONG:
                yield kind, inside
        check = schema.get("function", {}).get("function") if kind == "function-before" else None
        for name, each in schema.items():
            if name not in ("metadata", "config", "serialization", "cls"):
                yield from _unbounded(each, counted=isinstance(getattr(check, "__self__", None), Entries))
