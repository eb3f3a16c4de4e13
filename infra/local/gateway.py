"""The laptop's API Gateway: HTTP on 127.0.0.1 in front of every operation of every system.

Chalice's local development server carries it. A system is mounted at `/<system>`; what is no operation of it goes to
the system's fallback, which answers in the system's own error shape.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalice.local import LambdaContext

from infra.local.events import Headers, Routes
from infra.local.systems import Generation, Operation, System, Systems
from infra.render.cors import cors

LARGEST_BODY = 6 * 1024 * 1024
"""Bytes of request an invocation can carry (Lambda quotas: 6 MB), after base64."""

JSON = "application/json"


@dataclass
class Reply:
    """An HTTP reply. `note` is for the console only."""

    status: int
    body: bytes = b""
    headers: Headers = field(default_factory=list)
    note: str = ""

    @classmethod
    def json(cls, status: int, value: Any) -> Reply:
        return cls(status, json.dumps(value, ensure_ascii=False).encode(), [("Content-Type", JSON)])

    @classmethod
    def html(cls, text: str) -> Reply:
        return cls(200, text.encode(), [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")])


@dataclass(frozen=True)
class Call:
    """An HTTP request as it came: `target` is the path with its query, both still percent-encoded."""

    method: str
    target: str
    headers: Headers
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")


Local = Callable[[Call], Reply | None]
"""Answers what is the laptop's own (pages, outbox, schedules); None for what is not."""


class Gateway:
    """Answers calls: the laptop's own pages first, then the systems."""

    def __init__(self, systems: Systems, local: Local) -> None:
        self.systems, self._local = systems, local
        self._routes: tuple[Generation | None, dict[str, Routes]] = (None, {})
        self._cors: dict[str, Mapping[str, Any]] = {}
        self._lock = threading.Lock()

    def answer(self, call: Call) -> Reply:
        """The reply to any call; never raises."""
        if call.method == "OPTIONS" and call.header("access-control-request-method"):
            return self._preflight(call)
        try:
            reply = self._local(call) or self._system(call)
        except Exception as error:
            # As API Gateway answers for a function that failed outside its own handling.
            reply = Reply.json(500, {"message": "Internal Server Error"})
            reply.note = f"{type(error).__name__}: {error}"
        if not call.path.startswith("/_local/"):
            reply.headers += self._cross_origin(call)
        return reply

    def _system(self, call: Call) -> Reply:
        generation = self.systems.now()
        name, _, rest = call.target.removeprefix("/").partition("/")
        name, mark, query = name.partition("?")
        system = generation.systems.get(name)
        if system is None:
            return Reply.json(404, {"message": f"Nothing is mounted here. Systems: {', '.join(generation.systems)}"})
        if system.api is None:
            return broken(system)
        target = f"/{rest}" + (f"?{query}" if mark else "")
        operation, event = self._table(generation)[name].match(call.method, target, call.headers, call.body)
        fallback = _fallback(system)
        with self.systems.environment(generation, name):
            if len(event["body"] or "") > LARGEST_BODY:
                return _reply(fallback.too_large(event))
            return _reply((operation or fallback)(event, context(name, operation)))

    def _table(self, generation: Generation) -> dict[str, Routes]:
        with self._lock:
            if self._routes[0] is not generation:
                self._routes = (generation, {s.name: Routes(s.operations) for s in generation.systems.values()})
                self._cors = {}
            return self._routes[1]

    def _preflight(self, call: Call) -> Reply:
        """A browser's question before a cross-origin request, answered as the deployed API would."""
        allowed = self._allowed(call)
        listed = {"Methods": "allowMethods", "Headers": "allowHeaders"}
        said = [(f"Access-Control-Allow-{name}", ",".join(allowed[key])) for name, key in listed.items() if allowed]
        age = [("Access-Control-Max-Age", str(allowed["maxAge"]))] if allowed else []
        return Reply(204, headers=[*self._cross_origin(call), *said, *age])

    def _cross_origin(self, call: Call) -> Headers:
        """What a page of another origin may read; on a laptop every origin may ask (`CorsOrigins` is `*`)."""
        allowed = self._allowed(call) if call.header("origin") else None
        if not allowed:
            return []
        exposed = ",".join(allowed["exposeHeaders"])
        return [("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", exposed)]

    def _allowed(self, call: Call) -> Mapping[str, Any] | None:
        """The CORS configuration of the system that is called, None outside of all."""
        generation = self.systems.now()
        system = generation.systems.get(call.path.removeprefix("/").partition("/")[0])
        if system is None or system.api is None:
            return None
        self._table(generation)
        if system.name not in self._cors:
            self._cors[system.name] = cors(system.operations)
        return self._cors[system.name]


def context(system: str, operation: Operation | None) -> LambdaContext:
    """What the Lambda runtime passes beside the event."""
    name = f"quintet-{system}-{operation.id if operation else 'fallback'}"
    return LambdaContext(
        function_name=name.replace(".", "-"),
        memory_size=operation.memory if operation else 512,
        max_runtime_ms=(operation.timeout if operation else 29) * 1000,
    )


def _fallback(system: System) -> Any:
    """The system's fallback over the operations as they are now; the rendered routes may be older."""
    assert system.api is not None
    known = {operation.id: operation for operation in system.operations}
    return system.api.fallback.over(
        [(o.method, o.path, o.id) for o in system.operations if o.method],
        lambda target, event: known[target](event, context(system.name, known[target])),
    )


def broken(system: System) -> Reply:
    """The answer of a system whose source cannot be imported."""
    reply = Reply.json(500, {"error": {"code": "import_failed", "message": system.error}})
    reply.note = system.error
    return reply


def _reply(answer: Mapping[str, Any]) -> Reply:
    """A function's proxy answer as HTTP."""
    headers: Headers = [(name, str(value)) for name, value in (answer.get("headers") or {}).items()]
    for name, values in (answer.get("multiValueHeaders") or {}).items():
        headers = [one for one in headers if one[0].lower() != name.lower()] + [(name, value) for value in values]
    headers += [("Set-Cookie", cookie) for cookie in answer.get("cookies") or ()]
    body = answer.get("body") or b""
    if answer.get("isBase64Encoded"):
        body = base64.b64decode(body)
    return Reply(int(answer["statusCode"]), body.encode() if isinstance(body, str) else body, headers)


def elapsed(started: float) -> str:
    """Milliseconds since `started` (of `time.perf_counter`), for the console."""
    return f"{(time.perf_counter() - started) * 1000:.0f} ms"
