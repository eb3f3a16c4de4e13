"""The OpenAPI document: valid, and telling of each operation what it does."""

import json
import re
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.layers.api import twins
from tests.layers.api.noted import chores, notes  # noqa: F401 (declares the operations)
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
    assert {"201", "400", "401", "403", "409", "413", "415", "422", "500"} <= set(create["responses"])
    assert "Idempotency-Key" in {p.get("name") for p in create["parameters"]}
    listed = document["paths"]["/api/v1/notes"]["get"]
    assert {p["name"] for p in listed["parameters"]} == {"page", "page_size", "cursor"}
    assert document["paths"]["/api/v1/chores/tidy"]["post"]["x-extension"] is True
    assert "429" in document["paths"]["/api/v1/limited"]["post"]["responses"]
    assert "304" in document["paths"]["/api/v1/notes/{title}"]["get"]["responses"]


def test_components_have_speaking_names_of_their_own() -> None:
    schemas = twins.told()["components"]["schemas"]
    assert set(schemas) == {
        "CatalogPrice", "OrdersPrice", "CatalogItem", "OrdersItem", "CatalogItemEnvelope", "OrdersItemPage", "Amount",
        "PriceOffersEnvelope", "Archive", "Cat", "Dog", "Filled", "Error",
    }  # fmt: skip
    assert {name: schema["title"] for name, schema in schemas.items()} == {name: name for name in schemas}


def test_every_reference_and_discriminator_leads_to_a_component() -> None:
    document = twins.told()
    text = json.dumps(document)
    assert "$defs" not in text
    named = set(re.findall(r'"#/components/schemas/([^"]*)"', text))
    assert named <= set(document["components"]["schemas"])
    pet = document["paths"]["/pets"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert pet["discriminator"] == {
        "propertyName": "kind",
        "mapping": {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"},
    }


def test_who_changes_the_document_changes_no_operation() -> None:
    def example() -> Any:
        return twins.told()["paths"]["/pets"]["post"]["requestBody"]["content"]["application/json"]["example"]

    example()["toys"][0]["name"] = "changed"
    assert example() == {"kind": "cat", "toys": [{"name": "ball"}]}


def test_one_answer_of_two_operations_is_one_schema() -> None:
    paths = twins.told()["paths"]
    schemas = [
        paths[path]["get"]["responses"]["200"]["content"]["application/json"]["schema"] for path in ("/item", "/other")
    ]
    assert schemas == [{"$ref": "#/components/schemas/CatalogItemEnvelope"}] * 2


def test_forms_files_limits_and_headers_are_told() -> None:
    paths = twins.told()["paths"]
    assert set(paths["/form"]["post"]["requestBody"]["content"]) == {
        "application/json", "multipart/form-data", "application/x-www-form-urlencoded",
    }  # fmt: skip
    assert "4.5 MB" in paths["/form"]["post"]["responses"]["413"]["description"]
    found = paths["/file"]["get"]["responses"]["200"]
    assert found["content"] == {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}
    assert set(found["headers"]) == {"X-Request-Id", "Content-Disposition", "X-Pages"}
    assert paths["/archive"]["get"]["responses"]["200"]["content"] == {
        "application/json": {"schema": {"$ref": "#/components/schemas/Archive"}},
        "text/csv": {"schema": {"type": "string", "format": "binary"}},
    }
    assert "6 MB" in paths["/file"]["get"]["responses"]["500"]["description"]
    assert "Link" in paths["/prices"]["get"]["responses"]["200"]["headers"]
