"""Each system's OpenAPI against the facts of its document, both ways: routes, access, statuses, every field.

`tests/contract/<system>.json` holds the document's operations: method, path, access, parameters, body and reply fields,
success status, and the statuses and texts of its refusals.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from quintet.testing.contract import ContractOperation, read_contract, unnamed

HERE = Path(__file__).parent
SYSTEMS = sorted(path.stem for path in HERE.glob("*.json"))
OPEN = ("public", "scheduled", "webhook")
UNDECIDED = ("none_documented", "dev_fallback")


@cache
def spec(system: str) -> dict[str, Any]:
    found: dict[str, Any] = importlib.import_module(f"{system}.service").api.openapi()
    return found


def offered(system: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), unnamed(path)): operation
        for path, item in spec(system)["paths"].items()
        for method, operation in item.items()
    }


def documented() -> list[Any]:
    return [
        pytest.param(system, operation, id=f"{system}:{operation.id}")
        for system in SYSTEMS
        for operation in read_contract(HERE / f"{system}.json")
    ]


def resolved(system: str, schema: Any) -> Any:
    """A schema without references, optional forms and the envelope's `allOf`, as far as fields are concerned."""
    while "$ref" in schema:
        schema = spec(system)["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "allOf" in schema:
        parts = [resolved(system, part) for part in schema["allOf"]]
        return {"type": "object", "properties": {k: v for part in parts for k, v in part.get("properties", {}).items()}}
    options = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
    return resolved(system, options[0]) if options else schema


def missing(system: str, shape: Any, schema: Any, at: str) -> Iterator[str]:
    """The fields of a documented shape that a schema does not have."""
    schema = resolved(system, schema)
    if isinstance(shape, list):
        yield from missing(system, shape[0], schema.get("items", {}), at + "[]")
    elif isinstance(shape, dict) and not {"type", "const", "enum", "map"} & shape.keys():
        for name, inner in shape.items():
            if name not in schema.get("properties", {}):
                yield f"{at}.{name}"
            else:
                yield from missing(system, inner, schema["properties"][name], f"{at}.{name}")
    elif isinstance(shape, dict) and "fields" in shape:
        yield from missing(system, shape["fields"], schema, at)


def test_there_is_a_contract_of_every_system() -> None:
    functions = HERE.parent.parent / "functions"
    assert sorted(path.parent.name for path in functions.glob("*/service.py")) == SYSTEMS


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_the_document_does_not_have_is_marked_as_an_extension(system: str) -> None:
    routes = {operation.route for operation in read_contract(HERE / f"{system}.json")}
    marked = {route for route, operation in offered(system).items() if operation.get("x-extension")}
    assert offered(system).keys() - routes == marked


@pytest.mark.parametrize(("system", "operation"), documented())
def test_an_operation_is_offered_as_documented(system: str, operation: ContractOperation) -> None:
    found = offered(system)[operation.route]
    assert str(operation.status) in found["responses"]
    if operation.auth not in UNDECIDED:
        assert bool(found.get("security")) is (operation.auth not in OPEN)
    parameters = {p["name"] for p in found["parameters"] if p["in"] == "query"}
    assert set(operation.query) <= parameters
    assert {str(status) for status in operation.errors} - {"500"} <= found["responses"].keys()


@pytest.mark.parametrize(("system", "operation"), documented())
def test_every_documented_field_is_taken_and_given(system: str, operation: ContractOperation) -> None:
    found = offered(system)[operation.route]
    if operation.body:
        body = found["requestBody"]["content"]["application/json"]["schema"]
        assert list(missing(system, dict(operation.body), body, "body")) == []
    reply = found["responses"][str(operation.status)].get("content", {}).get("application/json", {}).get("schema", {})
    if operation.response:
        assert list(missing(system, operation.response, reply, "reply")) == []
    else:
        assert reply == {}


@pytest.mark.parametrize(("system", "operation"), documented())
def test_a_refusal_has_the_documented_text(system: str, operation: ContractOperation) -> None:
    """A document that gives one text for a status gets that text among the operation's refusals."""
    found = offered(system)[operation.route]
    for status, texts in operation.errors.items():
        if len(texts) == 1 and str(status) in found["responses"] and not texts[0].startswith("Error"):
            assert texts[0].lower() in found["responses"][str(status)]["description"].lower()
