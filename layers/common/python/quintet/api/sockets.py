"""Messages of a WebSocket API: `$connect` authenticates and binds the caller to the connection, what follows runs as
that caller, `$disconnect` forgets the connection."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from quintet.api.callers import Caller
from quintet.api.declaration import CONNECT, DISCONNECT, Declaration
from quintet.api.errors import ApiError, field_errors
from quintet.api.reply import JSON, Answer
from quintet.api.request import Request
from quintet.api.runs import arguments, measured
from quintet.api.stages import called, rendered
from quintet.messaging import connections, sockets
from quintet.messaging.connections import Connection
from quintet.store import Store

TOKENS = ("token", "auth")
"""Query parameters that carry an access token, for browsers, whose WebSockets send no headers of one's choice."""


def run(operation: Declaration[..., Any], event: Mapping[str, Any]) -> dict[str, Any]:
    """Run an operation for an event of its route; answers the proxy answer: what `$connect` refuses is the handshake's
    status, what a message is answered goes back to its client where the operation returns something.

    An error is worded as the system words it over HTTP, under the same status.
    """
    arrival = _Arrival(operation, str(event["requestContext"]["connectionId"]), _request(event), _text(event))
    stage = {CONNECT: _connect, DISCONNECT: _disconnect}.get(str(operation.socket), _message)
    face, request = operation.face, arrival.request
    try:
        with measured(operation, request_id=request.id, connection_id=arrival.connection):
            try:
                status, body, headers = stage(arrival)
            except ApiError as error:
                status, body, headers = face.refused(error, request, operation.error_shape)
    except Exception:
        status, body, headers = face.refused(face.errors.internal(), request, operation.error_shape)
    answer: dict[str, Any] = {"statusCode": status, "headers": headers}
    return answer | {"body": body.decode()} if body and operation.socket != DISCONNECT else answer


@dataclass(frozen=True, slots=True)
class _Arrival:
    """What came in: for which operation, over which connection, as what request, with what text."""

    operation: Declaration[..., Any]
    connection: str
    request: Request
    text: str


def _connect(arrival: _Arrival) -> Answer:
    """Admit the caller, write the connection down, run the function. What it refuses leaves no connection behind."""
    operation, request = arrival.operation, arrival.request
    caller = _admitted(operation, request)
    store, connection = Store(), _opened(arrival.connection, caller)
    store.create(connection)
    try:
        with sockets.connecting(connection.id):
            result = called(operation, _bound(arrival, connection, caller), request)
            _, _, headers = rendered(operation, result, request)
    except BaseException:
        connections.forget(store, connection.id)
        raise
    return 200, b"", {name: value for name, value in headers.items() if name != "Content-Type"}


def _message(arrival: _Arrival) -> Answer:
    """Run the function as the connection's caller. A connection that nobody knows is ended, so that its client
    opens another."""
    operation = arrival.operation
    connection = connections.find(Store(), arrival.connection)
    if connection is None:
        sockets.close(arrival.connection)
        raise operation.face.errors.unauthenticated()
    caller = _resumed(operation, connection)
    if caller is not None:
        caller.authorise(operation.face.errors)
    result = called(operation, _bound(arrival, connection, caller))
    status, body, headers = rendered(operation, result, arrival.request)
    return status, body, {"Content-Type": JSON, **headers} if body else headers


def _disconnect(arrival: _Arrival) -> Answer:
    """Run the function for a connection that is still known, whatever its caller may still do, and forget it."""
    store, operation = Store(), arrival.operation
    connection = connections.find(store, arrival.connection)
    try:
        if connection is not None:
            called(operation, _bound(arrival, connection, _resumed(operation, connection)))
    finally:
        connections.forget(store, arrival.connection)
    return 200, b"", {}


def _request(event: Mapping[str, Any]) -> Request:
    """The event as a request, its token where a caller type looks for it."""
    request = Request(event)
    given = next((request.query[name][-1] for name in TOKENS if request.query.get(name)), "")
    if given and request.bearer is None:
        request.headers["authorization"] = f"Bearer {given}"
    return request


def _admitted(operation: Declaration[..., Any], request: Request) -> Caller | None:
    declared = operation.signature.caller
    if declared is None or (declared.optional and not request.bearer):
        return None
    caller: Caller = declared.type.identify(request, operation.face.errors)
    caller.authorise(operation.face.errors)
    return caller


def _opened(connection: str, caller: Caller | None) -> Connection:
    if caller is None:
        return Connection(id=connection)
    claims = caller.claims
    told = {"id": claims.id, "issued_at": claims.issued_at.isoformat(), "expires_at": claims.expires_at.isoformat()}
    return Connection(id=connection, caller=caller.id, claims={**told, "values": dict(claims.values)})


def _resumed(operation: Declaration[..., Any], connection: Connection) -> Caller | None:
    """The connection's caller as the operation's caller type; raises 401 for an anonymous one where it takes none."""
    from quintet.auth.tokens import Claims

    declared = operation.signature.caller
    if declared is None:
        return None
    if not connection.caller:
        if declared.optional or operation.socket == DISCONNECT:
            return None
        raise operation.face.errors.unauthenticated()
    told = connection.claims
    issued, expires = (datetime.fromisoformat(told[name]) for name in ("issued_at", "expires_at"))
    resumed: Caller = declared.type(
        connection.caller, Claims(connection.caller, told["id"], issued, expires, told["values"])
    )
    return resumed


def _bound(arrival: _Arrival, connection: Connection, caller: Caller | None) -> dict[str, Any]:
    """The function's arguments. Raises the system's error for a body that is not what it takes."""
    operation, found = arrival.operation, dict[str, Any]()
    for p in operation.signature.parameters:
        if p.source == "caller":
            found[p.name] = caller
        elif p.source == "request":
            found[p.name] = arrival.request
        elif p.type is Connection:
            found[p.name] = connection
    try:
        return found | arguments(operation, arrival.text)
    except ValidationError as error:
        body = operation.signature.body
        assert body is not None
        raise operation.face.errors.invalid_body(details=field_errors(error, body.adapter or body.type)) from None


def _text(event: Mapping[str, Any]) -> str:
    body = event.get("body") or ""
    return base64.b64decode(body).decode(errors="replace") if event.get("isBase64Encoded") else str(body)
