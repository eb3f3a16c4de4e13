"""Turns an HTTP request into the event that API Gateway sends a function (payload format 1.0).

Chalice's local gateway matches the route and begins the event; this adds what it leaves out of what API Gateway
sends: decoded path parameters, single and multiple values, base64 for bodies that are no text, the request context.
"""

from __future__ import annotations

import base64
import time
import uuid
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, unquote

from chalice.local import LambdaEventConverter, MatchResult, RouteMatcher

from infra.local.systems import Operation

Headers = list[tuple[str, str]]

TEXT = ("text/", "application/json", "application/xml", "application/x-www-form-urlencoded", "application/javascript")


class _Matcher(RouteMatcher):
    """Chalice's, told where the path is: by itself it takes `//x` for a host and drops what follows a `;`."""

    def match_route(self, url: str) -> MatchResult:
        """The route of a target. Raises ValueError when there is none; no segment of a route is empty."""
        found = super().match_route("//gateway" + url.replace(";", "%3B").replace("#", "%23"))
        if "" in found.captured.values():
            raise ValueError(url)
        return found


class Routes:
    """The routes of one system, matched as an HTTP API matches them: by method, literal segments first."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._operations: dict[tuple[str, str], Operation] = {}
        paths: dict[str, list[str]] = {}
        for operation in operations:
            if operation.method:
                self._operations[operation.method, operation.path] = operation
                paths.setdefault(operation.method, []).append(operation.path)
        self._converters = {method: LambdaEventConverter(_Matcher(known)) for method, known in paths.items()}

    def match(self, method: str, target: str, headers: Headers, body: bytes) -> tuple[Operation | None, dict[str, Any]]:
        """The operation behind a method and target (path and query), None when there is none; and the event."""
        begun: dict[str, Any] = {}
        operation = None
        if method in self._converters:
            try:
                begun = self._converters[method].create_lambda_event(method, target, dict(headers))
            except ValueError:  # Chalice's word for an unknown route
                begun = {}
        if begun:
            operation = self._operations[method, begun["requestContext"]["resourcePath"]]
        return operation, event(method, target, headers, body, begun)


def event(
    method: str, target: str, headers: Headers, body: bytes, begun: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The event for a request; `begun` is Chalice's part of it, absent for an unknown route."""
    begun = begun or _unknown(target)
    path = target.partition("?")[0]
    resource = begun["requestContext"]["resourcePath"]
    query: dict[str, list[str]] = begun["multiValueQueryStringParameters"] or {}
    grouped: dict[str, list[str]] = {}
    for name, value in headers:
        grouped.setdefault(name, []).append(value)
    text, encoded = _body(body, {name.lower(): value for name, value in headers}.get("content-type", ""))
    captured = {name: unquote(value) for name, value in begun["pathParameters"].items() if f"{{{name}}}" in resource}
    return {
        "version": "1.0",
        "resource": resource,
        "path": unquote(path),
        "httpMethod": method,
        "headers": {name: values[-1] for name, values in grouped.items()},
        "multiValueHeaders": grouped,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": captured or None,
        "stageVariables": None,
        "requestContext": begun["requestContext"] | _context(method, path, grouped),
        "body": text,
        "isBase64Encoded": encoded,
    }


def _unknown(target: str) -> dict[str, Any]:
    """What Chalice begins, for the default route."""
    return {
        "requestContext": {"resourcePath": "$default"},
        "pathParameters": {},
        "multiValueQueryStringParameters": parse_qs(target.partition("?")[2], keep_blank_values=True) or None,
    }


def _context(method: str, path: str, headers: dict[str, list[str]]) -> dict[str, Any]:
    now = time.time()
    agent = next((values[-1] for name, values in headers.items() if name.lower() == "user-agent"), "")
    return {
        "accountId": "000000000000",
        "apiId": "local",
        "stage": "$default",
        "httpMethod": method,
        "path": path,
        "protocol": "HTTP/1.1",
        "requestId": str(uuid.uuid4()),
        "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "requestTimeEpoch": int(now * 1000),
        "identity": {"sourceIp": "127.0.0.1", "userAgent": agent},
    }


def _body(body: bytes, content_type: str) -> tuple[str | None, bool]:
    """The body as the event carries it, and whether that is base64."""
    if not body:
        return None, False
    media = content_type.partition(";")[0].strip().lower()
    if not media or media.startswith(TEXT) or media.endswith(("+json", "+xml")):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode(), True
