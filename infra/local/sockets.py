"""The laptop's WebSocket API: `/<system>/ws` on the gateway's own port, with API Gateway's events, limits and
management API."""

from __future__ import annotations

import base64
import json
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from infra.local.environment import HOST
from infra.local.gateway import Call, Reply, context
from infra.local.systems import Systems
from infra.local.websocket import GOING_AWAY, LARGEST, Gone, Limits, WebSocket

Report = Callable[[str], None]

MANAGED = "/ws/@connections/"
CLOSE_WITHIN = 5.0
"""Seconds that the operations of `$disconnect` have when the laptop stops."""


@dataclass(frozen=True)
class _Open:
    """An open connection: its WebSocket, its system, and what its client sent to open it."""

    id: str
    system: str
    socket: WebSocket
    headers: dict[str, str]
    since: datetime = field(default_factory=lambda: datetime.now(UTC))

    def described(self) -> dict[str, Any]:
        """What the management API says of it."""
        identity = {"sourceIp": HOST, "userAgent": self.headers.get("User-Agent", "")}
        return {"connectedAt": self.since.isoformat(timespec="seconds"), "identity": identity}


class Sockets:
    """Every open connection of every system. One connection's messages are run one after the other, in their order;
    in AWS two may run at once."""

    def __init__(self, systems: Systems, port: int, report: Report, limits: Limits | None = None) -> None:
        self.systems, self.port, self._report, self._limits = systems, port, report, limits or Limits()
        self._open: dict[str, _Open] = {}
        self._threads: set[threading.Thread] = set()
        self._lock = threading.Lock()

    def settings(self, system: str) -> dict[str, str]:
        """The variable that tells a system's functions where its connections are managed."""
        return {"AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": f"http://{HOST}:{self.port}/{system}/ws"}

    def serves(self, call: Call) -> bool:
        """Whether a request wants to open a WebSocket where there are some."""
        name, _, rest = call.path.removeprefix("/").partition("/")
        system = self.systems.now().systems.get(name)
        wants = call.header("upgrade").lower() == "websocket" and rest.rstrip("/") == "ws"
        return wants and system is not None and any(operation.socket for operation in system.operations)

    def serve(self, call: Call, connection: socket.socket) -> None:
        """Open a connection and stay with it until it ends."""
        with self._lock:
            self._threads.add(threading.current_thread())
        try:
            self._serve(call, WebSocket(connection, call, self._limits))
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())

    def manage(self, call: Call) -> Reply | None:
        """Answers what API Gateway's management API does: send, look at, end. None for any other request."""
        name, mark, connection = call.path.removeprefix("/").partition(MANAGED)
        if not mark or name not in self.systems.now().systems:
            return None
        found = self._open.get(unquote(connection))
        if found is None or found.system != name:
            return _refused(410, "GoneException")
        try:
            if call.method == "POST":
                if len(call.body) > LARGEST:
                    return _refused(413, "PayloadTooLargeException")
                if call.body:
                    found.socket.send(call.body)
                return Reply(200)
            if call.method == "DELETE":
                found.socket.close()
                return Reply(204)
        except Gone:
            return _refused(410, "GoneException")
        return Reply.json(200, found.described()) if call.method == "GET" else _refused(403, "ForbiddenException")

    def stop(self) -> None:
        """End every connection, as API Gateway does when it goes away, and wait for what follows from that."""
        for found in list(self._open.values()):
            found.socket.close(GOING_AWAY, "Going away")
        with self._lock:
            waiting = list(self._threads)
        for thread in waiting:
            thread.join(CLOSE_WITHIN)

    def _serve(self, call: Call, websocket: WebSocket) -> None:
        system = call.path.removeprefix("/").partition("/")[0]
        found = _Open(base64.b64encode(secrets.token_bytes(11)).decode(), system, websocket, dict(call.headers))
        query = parse_qs(urlsplit(call.target).query, keep_blank_values=True)
        status, headers, body = _parts(self._run(found, "$connect", query=query, headers=found.headers) or {})
        if status >= 300:
            websocket.reject(status, body)
            return
        if websocket.accept(headers):
            self._open[found.id] = found
            for message in websocket.messages():
                self._message(found, message)
            self._open.pop(found.id, None)
        code, reason = websocket.ended
        self._run(found, "$disconnect", headers=found.headers, ended=(code, reason))

    def _message(self, found: _Open, message: str | bytes) -> None:
        route = _route(message)
        answer = self._run(found, route, body=message)
        if answer is None:
            told = {"message": "Forbidden", "connectionId": found.id, "requestId": secrets.token_hex(8)}
            answer = {"body": json.dumps(told)}
        body = _parts(answer)[2]
        if body:
            try:
                found.socket.send(body.encode())
            except Gone:
                return

    def _run(
        self, found: _Open, route: str, *, ended: tuple[int, str] | None = None, **given: Any
    ) -> Mapping[str, Any] | None:
        """Run the operation of a route, `$default` where there is none of its name; None when there is neither.

        What the client is not to see, because the route is one-way, is left out of the answer.
        """
        from quintet.testing.events import socket_event

        generation = self.systems.now()
        routes = {o.socket: o for o in generation.systems[found.system].operations if o.socket}
        known = route if route in routes or route in ("$connect", "$disconnect") else "$default"
        operation = routes.get(known)
        if operation is None:
            return None
        event = socket_event(known, found.id, ip=HOST, **given)
        event["requestContext"] |= {"stage": "ws", "domainName": f"{HOST}:{self.port}", "apiId": "local"}
        if ended is not None:
            event["requestContext"] |= {"disconnectStatusCode": ended[0], "disconnectReason": ended[1]}
        try:
            with self.systems.environment(generation, found.system):
                answer: Mapping[str, Any] = operation(event, context(found.system, operation)) or {}
        except Exception as error:
            self._report(f"socket {found.system}/{operation.id}: {type(error).__name__}: {error}")
            told = {"message": "Internal server error", "connectionId": found.id, "requestId": secrets.token_hex(8)}
            return {"statusCode": 500, "body": json.dumps(told)}
        one_way = not operation.answers and known != "$connect"
        return {**answer, "body": ""} if one_way else answer


def _route(message: str | bytes) -> str:
    """The route a message names by its `action`, `$default` when it names none."""
    try:
        named = json.loads(message)
    except ValueError:
        return "$default"
    action = named.get("action") if isinstance(named, dict) else None
    return action if isinstance(action, str) and not action.startswith("$") else "$default"


def _parts(answer: Mapping[str, Any]) -> tuple[int, dict[str, str], str]:
    headers = {str(name): str(value) for name, value in (answer.get("headers") or {}).items()}
    return int(answer.get("statusCode", 200)), headers, str(answer.get("body") or "")


def _refused(status: int, code: str) -> Reply:
    reply = Reply.json(status, {"message": code})
    reply.headers.append(("x-amzn-ErrorType", code))
    return reply
