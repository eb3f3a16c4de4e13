"""The OpenAPI document: valid, and telling of each operation what it does."""

from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.layers.api.noted.service import api


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return api.openapi("https://shop.example.com")


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "https://shop.example.com"}]


def test_it_has_every_operation_over_http_and_no_other(document: dict[str, Any]) -> None:
    found = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert found == {(o.method, o.path) for o in api.load() if o.method}


def test_security_follows_the_caller(document: dict[str, Any]) -> None:
    paths = document["paths"]
    assert "security" not in paths["/api/v1/notes/{title}"]["get"]
    assert paths["/api/v1/notes"]["post"]["security"] == [{"bearer": []}]
    assert {"401", "403"} <= set(paths["/api/v1/notes"]["post"]["responses"])
    assert "403" not in paths["/api/v1/notes"]["get"]["responses"]


def test_an_operation_tells_its_summary_parameters_body_and_answers(document: dict[str, Any]) -> None:
    create = document["paths"]["/api/v1/notes"]["post"]
    assert create["summary"] == "Write a note."
    assert create["requestBody"]["required"]
    assert {"201", "400", "401", "403", "409", "415", "422", "500"} <= set(create["responses"])
    assert "Idempotency-Key" in {p.get("name") for p in create["parameters"]}
    listed = document["paths"]["/api/v1/notes"]["get"]
    assert {p["name"] for p in listed["parameters"]} == {"page", "page_size", "cursor"}
    assert document["paths"]["/api/v1/chores/tidy"]["post"]["x-extension"] is True
    assert "429" in document["paths"]["/api/v1/limited"]["post"]["responses"]
    assert "304" in document["paths"]["/api/v1/notes/{title}"]["get"]["responses"]
