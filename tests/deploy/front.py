"""Calls of a deployed system over HTTP, each booked under the operation it went to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from infra.render.systems import System
from quintet.testing import Client

PATIENCE = 60.0
"""Seconds for one call; the first one of a function starts its process."""


@dataclass(frozen=True)
class Call:
    """One call: the operation (None: no route), whether a token went with it, and the answer's status."""

    operation: str | None
    signed: bool
    status: int


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def data(self) -> Any:
        """What the system wraps in `data`, the whole body where it wraps nothing."""
        assert self.status < 400, self
        return self.body["data"] if isinstance(self.body, dict) and "data" in self.body else self.body


@dataclass
class Front:
    """A system's front door, as one caller uses it. Those made by `as_caller` share the book of calls."""

    system: System
    url: str
    token: str = ""
    calls: list[Call] = field(default_factory=list)

    def as_caller(self, token: str) -> Front:
        return Front(self.system, self.url, token, self.calls)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content: str | bytes | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request; `body` goes as JSON, `content` as it is."""
        given = {**(headers or {})}
        if self.token:
            given["authorization"] = f"Bearer {self.token}"
        with httpx.Client(trust_env=False, timeout=PATIENCE) as http:
            found = http.request(
                method, self.url + path, json=body, headers=given, params=query, content=content
            )  # fmt: skip
        operation, _ = Client(self.system.api).find(method, path)
        self.calls.append(Call(operation.id if operation else None, bool(self.token), found.status_code))
        is_json = "json" in found.headers.get("content-type", "")
        return Answer(found.status_code, found.headers, found.json() if is_json and found.content else found.text)

    def get(self, path: str, **options: Any) -> Answer:
        return self.request("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.request("POST", path, body, **options)

    def put(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.request("PUT", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.request("PATCH", path, body, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        return self.request("DELETE", path, **options)
