"""One HTTP request, read from either API Gateway payload format."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

_PARAMETER = re.compile(r"\{([^}]*)\}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}\Z")


class Request:
    """What the caller sent.

    `headers` has lower-case names; `query` holds every value of each name in order; `path_params` are decoded.
    Payload formats 1.0 (REST API, Chalice) and 2.0 (HTTP API, function URL) give the same object.
    """

    __slots__ = (
        "_body", "_encoded", "asked", "domain", "head", "headers", "id", "ip", "method", "path", "path_params", "query",
        "route",
    )  # fmt: skip

    def __init__(self, event: Mapping[str, Any]) -> None:
        context = event.get("requestContext") or {}
        if event.get("version") == "2.0":
            http = context.get("http") or {}
            self.method: str = http.get("method", "GET")
            self.path: str = event.get("rawPath") or http.get("path", "/")
            self.ip: str = http.get("sourceIp", "")
            self.query = _pairs(parse_qsl(event.get("rawQueryString") or "", keep_blank_values=True))
        else:
            self.method = event.get("httpMethod", "GET")
            self.path = event.get("path", "/")
            self.ip = (context.get("identity") or {}).get("sourceIp", "")
            self.query = _query_v1(event)
        self.head: bool = self.method == "HEAD" or bool(context.get("head"))
        """Whether only the head of the answer is wanted: a HEAD, which the fallback forwards as a GET."""
        self.domain: str = context.get("domainName") or ""
        """The host that API Gateway was asked at, "" where it is not told. Not the caller's word, as `Host` is."""
        self.asked: dict[str, list[str]] = {}
        """What the query says under the names that the operation declares."""
        self.headers: dict[str, str] = {k.lower(): v for k, v in (event.get("headers") or {}).items()}
        for name, values in (event.get("multiValueHeaders") or {}).items():
            self.headers.setdefault(name.lower(), ",".join(values))
        self.path_params: dict[str, str] = dict(event.get("pathParameters") or {})
        self.route: str = event.get("routeKey") or event.get("resource") or ""
        self._body: str | bytes | None = event.get("body")
        self._encoded = bool(event.get("isBase64Encoded"))
        given = self.headers.get("x-request-id", "")
        self.id: str = given if _REQUEST_ID.match(given) else (context.get("requestId") or secrets.token_hex(8))

    def name_path_params(self, names: list[str]) -> None:
        """Give the path's parameters the operation's own names.

        API Gateway holds paths that differ by a parameter's name alone for one, so it may name them as another
        operation of the same path does.
        """
        given = _PARAMETER.findall(self.route)
        if given != names and len(given) == len(names) and all(name in self.path_params for name in given):
            self.path_params = {name: self.path_params[other] for name, other in zip(names, given, strict=True)}

    @property
    def body(self) -> bytes:
        """The raw body. Raises `ValueError` when an announced base64 body is none."""
        if not self._body:
            return b""
        if self._encoded:
            try:
                return base64.b64decode(self._body, validate=True)
            except binascii.Error as error:
                raise ValueError("the body is not base64") from error
        return self._body if isinstance(self._body, bytes) else self._body.encode("utf-8", "surrogatepass")

    @property
    def media_type(self) -> str:
        """The body's media type in lower case without parameters, '' when none was named."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def bearer(self) -> str | None:
        """The bearer token (RFC 6750, section 2.1), None when there is none."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _pairs(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _query_v1(event: Mapping[str, Any]) -> dict[str, list[str]]:
    many = event.get("multiValueQueryStringParameters")
    if many:
        return {name: list(values) for name, values in many.items()}
    return {name: [value] for name, value in (event.get("queryStringParameters") or {}).items()}
