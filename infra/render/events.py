"""Sample events: what calls each function, for `sam local invoke -e`."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

from infra.render.samples import ID, Samples
from infra.render.systems import System
from infra.render.triggers import TOKEN, triggers
from quintet.api import Operation

BEARER = f"Bearer {TOKEN}"
HOST = "api.example.com"

Event = dict[str, Any]


def events(system: System) -> dict[str, Event]:
    """Every event of the system by its file's name: `orders.create_order.json`, and `….schedule.json`, `….queue.json`,
    `….stream.json`, `….socket.json` for what no request starts."""
    document = system.api.openapi()
    samples = Samples(document["components"]["schemas"])
    found: dict[str, Event] = {}
    for operation in system.operations:
        if operation.method:
            described = document["paths"][operation.path][operation.method.lower()]
            found[f"{operation.id}.json"] = _http(operation, described, samples)
        found |= {f"{operation.id}.{kind}.json": event for kind, event in triggers(operation).items()}
    return found


def _http(operation: Operation[Any, Any], described: dict[str, Any], samples: Samples) -> Event:
    """An event in payload format 2.0, as an HTTP API sends it."""
    given = _parameters(described, samples)
    path = operation.path
    for name, value in given["path"].items():
        path = path.replace("{" + name + "}", quote(value, safe=""))
    body = _body(described, samples)
    headers = {"accept": "application/json", "host": HOST, "user-agent": "example/1.0", **given["header"]}
    if body is not None:
        headers["content-type"] = "application/json"
        headers["content-length"] = str(len(body.encode()))
    if {"bearer": []} in described.get("security", []):
        headers["authorization"] = BEARER
    event: Event = {
        "version": "2.0",
        "routeKey": f"{operation.method} {operation.path}",
        "rawPath": path,
        "rawQueryString": urlencode(given["query"]),
        "headers": dict(sorted(headers.items())),
        "requestContext": _context(operation, path),
        "isBase64Encoded": False,
    }
    if given["query"]:
        event["queryStringParameters"] = given["query"]
    if given["path"]:
        event["pathParameters"] = given["path"]
    if body is not None:
        event["body"] = body
    return event


def _context(operation: Operation[Any, Any], path: str) -> dict[str, Any]:
    return {
        "accountId": "123456789012",
        "apiId": "a1b2c3d4e5",
        "domainName": HOST,
        "domainPrefix": "api",
        "http": {
            "method": operation.method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": "203.0.113.7",
            "userAgent": "example/1.0",
        },
        "requestId": "JKJaXmPLvHcESHA=",
        "routeKey": f"{operation.method} {operation.path}",
        "stage": "$default",
        "time": "18/Jan/2025:10:00:00 +0000",
        "timeEpoch": 1737194400000,
    }


def _parameters(described: dict[str, Any], samples: Samples) -> dict[str, dict[str, str]]:
    """Path, query and header parameters: the required ones, and those that have a default of their own."""
    found: dict[str, dict[str, str]] = {"path": {}, "query": {}, "header": {}}
    for parameter in described.get("parameters", []):
        schema, where = parameter["schema"], parameter["in"]
        if where in found and (parameter.get("required") or schema.get("default") is not None):
            name = parameter["name"].lower() if where == "header" else parameter["name"]
            found[where][name] = _written(samples.of(schema, parameter["name"]))
        elif where == "header" and parameter["name"] == "Idempotency-Key":
            found[where]["idempotency-key"] = ID
    return found


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _body(described: dict[str, Any], samples: Samples) -> str | None:
    content = described.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    return json.dumps(content.get("example") or samples.of(content["schema"]), ensure_ascii=False)
