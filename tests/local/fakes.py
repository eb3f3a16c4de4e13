"""A tiny system for the laptop's tests: operations, an API and a registry of them, with nothing of a real system."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from infra.local.gateway import Call, Gateway, Reply
from infra.local.server import Server
from infra.local.systems import Generation, System, Systems

Handler = Callable[[Mapping[str, Any], Any], Any]


@dataclass
class FakeOperation:
    """An operation that answers what its handler says."""

    id: str
    method: str | None
    path: str
    handler: Handler
    timeout: int = 29
    memory: int = 256
    schedule: str | None = None
    queue: str | None = None
    reads_headers: tuple[str, ...] = ("content-type", "x-patient-id")
    answers_headers: tuple[str, ...] = ("etag", "x-request-id")

    def __call__(self, event: Mapping[str, Any], context: Any) -> Any:
        return self.handler(event, context)


def echo(event: Mapping[str, Any], _context: Any = None) -> dict[str, Any]:
    """Answers the event itself."""
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(event)}


def ignore(_said: str) -> None:
    """A report that nobody reads."""


class Fallback:
    def over(self, _routes: Any, _forward: Any) -> Fallback:
        return self

    def __call__(self, event: Mapping[str, Any], _context: Any = None) -> dict[str, Any]:
        return {"statusCode": 404, "body": json.dumps({"error": f"no {event['httpMethod']} {event['path']}"})}

    def too_large(self, _event: Mapping[str, Any]) -> dict[str, Any]:
        return {"statusCode": 413, "body": '{"error": "too large"}'}


@dataclass
class FakeApi:
    title: str = "Fake"
    operations: list[FakeOperation] = field(default_factory=list)
    fallback: Fallback = field(default_factory=Fallback)

    def load(self) -> list[FakeOperation]:
        return self.operations

    def openapi(self, server_url: str) -> dict[str, Any]:
        return {"openapi": "3.1.0", "servers": [{"url": server_url}]}


class FakeSystems:
    """The registry the gateway reads, holding the systems it is given."""

    def __init__(self, *systems: System) -> None:
        self.entered: list[str] = []
        self._generation = Generation({system.name: system for system in systems}, lambda _values: self._used())

    def now(self) -> Generation:
        return self._generation

    @contextmanager
    def environment(self, _generation: Generation, system: str) -> Iterator[None]:
        self.entered.append(system)
        yield

    @contextmanager
    def _used(self) -> Iterator[None]:
        yield


def fake_systems(*operations: FakeOperation, name: str = "fake") -> Systems:
    api = FakeApi(operations=list(operations))
    return cast("Systems", FakeSystems(System(name, api, tuple(operations))))


@contextmanager
def served(systems: Systems, local: Callable[[Call], Reply | None] = lambda _call: None) -> Iterator[int]:
    """The gateway on a free port of 127.0.0.1, over real HTTP: the port."""
    server = Server("127.0.0.1", 0, lambda _call, _reply, _started: None)
    server.answer = Gateway(systems, local).answer
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
