"""A client for tests: finds the operation behind a method and path and invokes it as API Gateway would."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import parse_qs, unquote

from quintet.api import Api, Operation
from quintet.api.fallback import Fallback
from quintet.testing.context import LambdaContext
from quintet.testing.events import Version, http_event

_SAFELISTED = {"cache-control", "content-language", "content-length", "content-type", "expires", "last-modified"}
"""Response headers that a page of another origin may always read (WHATWG Fetch)."""

_Route = tuple[str, re.Pattern[str], Operation[Any, Any]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `headers` has lower-case names; `body` is parsed JSON, text of another type, or None."""

    status: int
    headers: Mapping[str, str]
    body: Any
    raw: bytes = b""

    @property
    def data(self) -> Any:
        """What a successful reply wraps in `data`."""
        assert self.status < 400, self
        return self.body["data"]

    @property
    def error(self) -> Any:
        """What a refusal wraps in `error`."""
        assert self.status >= 400, self
        return self.body["error"]


class Client:
    """Calls operations of one `Api` in this process.

    `version` is the payload format to send, `token` the bearer token, `headers` what goes with every request.
    Routes are found as API Gateway finds them: a literal segment wins over a parameter, anything unknown goes to
    the fallback. A response header that the operation does not declare fails the test: pages of another origin could
    not read it.
    """

    def __init__(
        self,
        api: Api,
        *,
        version: Version = "2.0",
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        ip: str = "203.0.113.7",
    ) -> None:
        self.api, self.version, self.token, self.ip = api, version, token, ip
        self.headers = dict(headers or {})

    def as_caller(self, token: str | None) -> Client:
        """A client that sends this access token; None makes it anonymous."""
        return Client(self.api, version=self.version, token=token, headers=self.headers, ip=self.ip)

    def speaking(self, version: Version) -> Client:
        """The same client with the other payload format."""
        return Client(self.api, version=version, token=self.token, headers=self.headers, ip=self.ip)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        ip: str | None = None,
    ) -> Answer:
        """One request; `path` may carry a query and is percent-encoded where it must be."""
        path, _, tail = path.partition("?")
        given: dict[str, Any] = {**parse_qs(tail, keep_blank_values=True), **(query or {})}
        sent = {**self.headers, **(headers or {})}
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        operation, params = self.find(method, path)
        event = http_event(
            method,
            path,
            body=body,
            query=given,
            headers=sent,
            path_params=params,
            version=self.version,
            ip=ip or self.ip,
            resource=operation.path if operation else "$default",
        )
        answer = read_answer((operation or self._fallback)(event, LambdaContext()))
        if operation is not None:
            unheard = set(answer.headers) - operation.answers_headers - _SAFELISTED
            assert not unheard, f"no browser is told of {unheard}: {operation.id} must declare them (`headers=`)"
        return answer

    def get(self, path: str, **options: Any) -> Answer:
        return self.request("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.request("POST", path, body, **options)

    def put(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.request("PUT", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.request("PATCH", path, body, **options)

    def delete(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.request("DELETE", path, body, **options)

    def find(self, method: str, path: str) -> tuple[Operation[Any, Any] | None, dict[str, str]]:
        """The operation a request goes to with its decoded path parameters; None for the fallback."""
        for wanted, pattern, operation in self._routes():
            if wanted == method and (match := pattern.match(path)):
                return operation, {name: unquote(value) for name, value in match.groupdict().items()}
        return None, {}

    @cached_property
    def _fallback(self) -> Fallback:
        known = {o.id: o for _, _, o in self._routes()}
        routes = [(method, o.path, o.id) for method, _, o in self._routes()]
        return self.api.fallback.over(routes, lambda target, event: known[target](event, LambdaContext()))

    def _routes(self) -> list[_Route]:
        return _routes_of(self.api, len(self.api.operations))


@lru_cache(maxsize=32)
def _routes_of(api: Api, _declared: int) -> list[_Route]:
    """All routes, the plainest first. Clients share them until more operations are declared."""
    ordered = sorted(api.load(), key=lambda o: [part.startswith("{") for part in o.path.split("/")])
    return [(o.method, _pattern(o.path), o) for o in ordered if o.method]


def read_answer(proxy: Mapping[str, Any]) -> Answer:
    """A proxy answer as a test wants to read it."""
    raw = proxy.get("body") or ""
    content = base64.b64decode(raw) if proxy.get("isBase64Encoded") else raw.encode()
    headers = {name.lower(): value for name, value in (proxy.get("headers") or {}).items()}
    body: Any = content.decode("utf-8", "replace") if content else None
    if content and "json" in headers.get("content-type", ""):
        body = json.loads(content)
    return Answer(int(proxy["statusCode"]), headers, body, content)


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", path)
    return re.compile("".join(f"(?P<{p}>[^/]+)" if i % 2 else re.escape(p) for i, p in enumerate(parts)) + r"\Z")
