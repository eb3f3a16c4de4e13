"""Outbound HTTP with limits on time, size and redirects, and the SSRF guard for callers' URLs.

request("GET", settings().get("QUINTET_GOOGLE_ISSUER") + "/certs")      # a configured provider
request("GET", body.logo_url, guarded=True)                             # whatever a caller sent
"""

from __future__ import annotations

import json as json_codec
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from threading import Timer
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from quintet.net import patience
from quintet.net.guard import OutboundError, Refused, Target, TimedOut, check
from quintet.net.names import addresses
from quintet.net.patience import Patience

if TYPE_CHECKING:
    import ssl

    from urllib3 import BaseHTTPResponse, PoolManager
    from urllib3.connection import HTTPConnection

__all__ = ["OutboundError", "Refused", "Response", "TimedOut", "TooLarge", "Unreachable", "request"]

MAX_REDIRECTS = 3
_CHUNK = 65_536
_GUARDED = "callers' URLs"
"""The quota that repeats to wherever callers' URLs lead are paid from."""
_CONNECT_SECONDS = 3.0
_MOVED = frozenset({301, 302, 303, 307, 308})
_TOO_MANY = 429
_TRANSIENT = frozenset({_TOO_MANY, 502, 503, 504})
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})  # idempotent: RFC 9110 section 9.2.2
_KEPT_ACROSS_ORIGINS = frozenset({"accept", "accept-language", "accept-encoding", "user-agent", "content-type"})


class TooLarge(OutboundError):
    """The reply is larger than the caller allows."""


class Unreachable(OutboundError):
    """No connection, or one that broke. `sent` tells whether the request may have arrived."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Response:
    """A reply, read whole."""

    status: int
    headers: Mapping[str, str]
    """By lower-case name; values of a repeated header joined with commas."""
    body: bytes
    url: str
    """The URL that answered, after redirects."""

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body read as JSON. Raises ValueError when it is not."""
        return json_codec.loads(self.body)


@dataclass(frozen=True, slots=True)
class _Call:
    """One request on its way, with what limits it."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    max_bytes: int
    waiting: Patience

    def remaining(self) -> float:
        """Seconds left. Raises TimedOut when there are none."""
        left = self.waiting.left()
        if left <= 0:
            raise TimedOut("the time allowed ran out")
        return left


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    json: Any = None,
    timeout: float = 10.0,
    max_bytes: int = 1_048_576,
    retries: int = 0,
    guarded: bool = False,
    cut: bool = False,
) -> Response:
    """Send a request and read its whole reply; any status is a reply, also 4xx and 5xx.

    `timeout` is in seconds and covers everything: finding the host, retries, redirects, connecting and
    reading to the end; an invocation with less left allows less. `max_bytes` bounds the reply after
    decompression. `retries` repeats what found no connection or a transient status, but only an
    idempotent method or one with an `Idempotency-Key` once the request may have arrived. `guarded` is
    for URLs that callers supply: only public https addresses are connected to, and up to three redirects
    are followed, each checked again; without it none are.
    `cut` asks a configured provider over a connection of its own, which is cut when the time is up even
    while the other side still sends.

    Raises Refused, TimedOut, TooLarge or Unreachable, all of them OutboundError, and ValueError for
    a header with a line break in it.
    """
    sent_headers = {"user-agent": "Quintet/1", "accept-encoding": "identity"}
    if json is not None:
        body = json_codec.dumps(json, separators=(",", ":")).encode()
        sent_headers["content-type"] = "application/json"
    sent_headers |= {name.lower(): value for name, value in (headers or {}).items()}
    waiting = patience.start(_GUARDED if guarded else urlsplit(url).netloc, timeout, most=retries)
    call = _Call(method.upper(), url, sent_headers, body, max_bytes, waiting)
    return _retrying(call, _following if guarded else _alone if cut else _pooled)


def _retrying(call: _Call, send: Callable[[_Call], Response]) -> Response:
    repeatable = call.method in _REPEATABLE or "idempotency-key" in call.headers
    while True:
        call.remaining()
        try:
            response = send(call)
        except Unreachable as error:
            if (error.sent and not repeatable) or not call.waiting.again(patience.FAILED):
                raise
        else:
            if response.status not in _TRANSIENT:
                call.waiting.succeeded()
                return response
            cause = patience.THROTTLED if response.status == _TOO_MANY else patience.FAILED
            # A late answer would come too late: then the one at hand is the answer.
            if not repeatable or not call.waiting.again(cause, least=_retry_after(response)):
                return response


def _retry_after(response: Response) -> float:
    """Seconds the other side asks to wait; its other form, a date, is rare and not worth a clock."""
    value = response.headers.get("retry-after", "")
    return float(value) if value.isascii() and value.isdigit() else 0.0


def _following(call: _Call) -> Response:
    """Send to a checked address, and again to wherever the reply redirects."""
    for _ in range(MAX_REDIRECTS + 1):
        target = check(call.url, call.remaining())
        response = _pinned(call, target)
        location = response.headers.get("location")
        if response.status not in _MOVED or not location:
            return response
        call = _redirected(call, target, urljoin(target.url, location), response.status)
    raise Refused(f"more than {MAX_REDIRECTS} redirects")


def _redirected(call: _Call, source: Target, url: str, status: int) -> _Call:
    """The next hop (RFC 9110 section 15.4): credentials stay with the origin they were meant for."""
    headers = dict(call.headers)
    if urlsplit(url)[:2] != (source.scheme, source.authority):
        headers = {name: value for name, value in headers.items() if name in _KEPT_ACROSS_ORIGINS}
    as_get = status == 303 or (status in {301, 302} and call.method == "POST")
    if as_get and call.method != "HEAD":
        headers.pop("content-type", None)
        return replace(call, method="GET", body=None, url=url, headers=headers)
    return replace(call, url=url, headers=headers)


def _pinned(call: _Call, target: Target) -> Response:
    """Send to the addresses that were checked, in turn until one takes the connection."""
    failure = Unreachable("no address", sent=False)
    for address in target.addresses[:MAX_REDIRECTS]:
        try:
            return _exchange(call, target, address)
        except Unreachable as error:
            if error.sent:
                raise
            failure = error
    raise failure


def _exchange(call: _Call, target: Target, address: str) -> Response:
    from http.client import HTTPException

    from urllib3.exceptions import HTTPError, NewConnectionError

    connection = _connection(target, address, min(_CONNECT_SECONDS, call.remaining()))
    overdue: list[bool] = []
    # Socket timeouts bound each read, not their sum: a server that drips a byte a second would hold
    # the function for hours. So the connection is cut when the time is up, whatever it is doing.
    watchdog = Timer(call.remaining(), _cut, (connection, overdue))
    watchdog.daemon = True
    watchdog.start()
    sent = False
    try:
        connection.connect()
        sent = True
        connection.timeout = call.remaining()
        headers = {**call.headers, "host": target.authority}
        connection.request(call.method, target.path, call.body, headers, preload_content=False)
        response = _read(call, connection.getresponse(), target.url)
    except NewConnectionError as error:
        raise Unreachable(_reason(error), sent=False) from error
    except (HTTPError, HTTPException, OSError) as error:
        if overdue or isinstance(error, TimeoutError) or call.waiting.left() <= 0:
            raise TimedOut("the time allowed ran out") from error
        raise Unreachable(_reason(error), sent=sent) from error
    finally:
        watchdog.cancel()
        connection.close()
    if overdue:  # to the parser the cut may look like the end of the headers
        raise TimedOut("the time allowed ran out")
    return response


def _cut(connection: HTTPConnection, overdue: list[bool]) -> None:
    import socket

    overdue.append(True)
    held = connection.sock
    if held is not None:
        try:
            # The plain socket's shutdown: the TLS one would drop its state under the reading thread.
            socket.socket.shutdown(held, socket.SHUT_RDWR)
        except OSError:
            return  # closed in the meantime


def _connection(target: Target, address: str, timeout: float) -> HTTPConnection:
    from urllib3.connection import HTTPConnection, HTTPSConnection

    if target.scheme == "http":
        return HTTPConnection(address, target.port, timeout=timeout)
    return HTTPSConnection(
        address,
        target.port,
        timeout=timeout,
        ssl_context=_tls(),
        server_hostname=target.host,  # sent as SNI, and what OpenSSL holds the certificate against
    )


@cache
def _tls() -> ssl.SSLContext:
    import ssl

    return ssl.create_default_context()


def _alone(call: _Call) -> Response:
    """Send to a configured provider over a new connection, held to the time allowed as a guarded one is."""
    parts = urlsplit(call.url)
    host = parts.hostname or ""
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    port = parts.port or (80 if parts.scheme == "http" else 443)
    try:
        found = addresses(host, port, call.remaining())
    except TimeoutError as error:
        raise TimedOut("the time allowed ran out") from error
    except (OSError, UnicodeError) as error:
        raise Unreachable(_reason(error), sent=False) from error
    return _pinned(call, Target(parts.scheme, host, port, path, tuple(found)))


def _pooled(call: _Call) -> Response:
    """Send over a kept connection to a configured provider."""
    from urllib3 import Timeout, exceptions

    left = call.remaining()
    try:
        reply = _pool().request(
            call.method,
            call.url,
            body=call.body,
            headers=call.headers,
            timeout=Timeout(connect=min(_CONNECT_SECONDS, left), read=left),
            preload_content=False,
        )
        return _read(call, reply, call.url)
    except (exceptions.NewConnectionError, exceptions.ConnectTimeoutError) as error:
        raise Unreachable(_reason(error), sent=False) from error
    except exceptions.TimeoutError as error:
        raise TimedOut("the time allowed ran out") from error
    except (exceptions.HTTPError, OSError) as error:
        raise Unreachable(_reason(error), sent=True) from error


@cache
def _pool() -> PoolManager:
    import urllib3

    return urllib3.PoolManager(num_pools=8, maxsize=8, retries=False)


def _read(call: _Call, reply: BaseHTTPResponse, url: str) -> Response:
    headers = {name.lower(): value for name, value in reply.headers.items()}
    chunks: list[bytes] = []
    size = 0
    while True:
        chunk = reply.read1(min(_CHUNK, call.max_bytes + 1 - size), decode_content=True)
        if not chunk:
            break
        size += len(chunk)
        if size > call.max_bytes:
            reply.close()
            raise TooLarge(f"the reply is larger than {call.max_bytes} bytes")
        chunks.append(chunk)
        call.remaining()
    reply.release_conn()
    return Response(reply.status, headers, b"".join(chunks), url)


def _reason(error: Exception) -> str:
    """What went wrong, without the addresses that urllib3 puts in front of it."""
    return type(error).__name__
