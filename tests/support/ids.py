"""For walks over every id that operations take: the places, an id of nobody's, and the whole table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from quintet.api import Api
from quintet.store.calls import table_call

NOBODY = "0198c0de-0000-7000-8000-000000000099"
TRIED = "<id>"
"""Where a body has the id that is tried; other words in such brackets stand for rows of the caller's own."""


def everything(but: str = "#") -> str:
    """The whole table, but for what lies in partitions that begin so."""
    items = [item for item in table_call("Scan")["Items"] if not item["PK"]["S"].startswith(but)]
    return json.dumps(sorted(items, key=lambda item: (item["PK"]["S"], item["SK"]["S"])), sort_keys=True)


def places_of_ids(api: Api) -> Iterator[tuple[str, str]]:
    """Every operation with each place of its path, query and body where the OpenAPI has a UUID."""
    spec = api.openapi()
    for item in spec["paths"].values():
        for operation in item.values():
            for parameter in operation["parameters"]:
                if parameter["in"] in ("path", "query") and list(_uuids(spec, parameter["schema"], "")):
                    yield operation["operationId"], f"{parameter['in']}.{parameter['name']}"
            for media in operation.get("requestBody", {}).get("content", {}).values():
                for place in _uuids(spec, media["schema"], "body"):
                    yield operation["operationId"], place


def _uuids(spec: Mapping[str, Any], schema: Mapping[str, Any], at: str) -> Iterator[str]:
    if "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if schema.get("format") == "uuid":
        yield at
    for option in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from _uuids(spec, option, at)
    for name, inner in schema.get("properties", {}).items():
        yield from _uuids(spec, inner, f"{at}.{name}")
    if isinstance(schema.get("items"), dict):
        yield from _uuids(spec, schema["items"], f"{at}[]")
