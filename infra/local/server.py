"""The HTTP server under the gateway: Chalice's, with what its request handler leaves out."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from chalice.local import ChaliceRequestHandler, ThreadedHTTPServer

from infra.local.gateway import LARGEST_BODY, Call, Reply
from infra.local.sockets import Sockets

Answer = Callable[[Call], Reply]
Report = Callable[[Call, Reply, float], None]

DRAINED = 64 * 1024 * 1024
"""Bytes of an oversized body that are read away, so that the client gets to see the 413."""

FINISH_WITHIN = 5.0
"""Seconds that a call under way has to finish when the server stops."""


class BadRequest(Exception):
    """The request's framing makes no sense; the connection cannot go on."""


class Server(ThreadedHTTPServer):
    """Binds at once, so that a taken port is known before anything else starts; serves from `serve_forever`.

    Raises OSError when the port is taken.
    """

    request_queue_size = 128  # a burst of buyers must not be refused by the kernel

    answer: Answer
    """Answers the calls; set before `serve_until_stopped`."""
    sockets: Sockets | None = None
    """Takes the requests that open a WebSocket, where there are any."""

    def __init__(self, host: str, port: int, report: Report) -> None:
        self.report = report
        self._busy, self._idle = 0, threading.Condition()
        super().__init__((host, port), Handler)

    def serve_until_stopped(self) -> None:
        """Serve until an exception (a signal's) ends it; the calls then under way are answered first."""
        try:
            self.serve_forever(poll_interval=0.1)
        finally:
            with self._idle:
                self._idle.wait_for(lambda: self._busy == 0, timeout=FINISH_WITHIN)

    @contextmanager
    def lingering(self) -> Iterator[None]:
        """Serve on for the block, for what is being ended and needs it."""
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.shutdown()
            thread.join()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Marks a call as under way."""
        with self._idle:
            self._busy += 1
        try:
            yield
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is a defect of ours and shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Handler(ChaliceRequestHandler):
    """One connection."""

    timeout = 75
    wbufsize = 65536  # headers and body leave as one packet
    disable_nagle_algorithm = True
    server_version, sys_version = "Quintet", ""

    server: Server

    def __init__(self, request: Any, address: Any, server: Server) -> None:
        # Chalice's own initialiser would build its gateway for each connection.
        super(ChaliceRequestHandler, self).__init__(request, address, server)

    def _generic_handle(self) -> None:
        started = time.perf_counter()
        if self._opened_a_websocket():
            return
        try:
            body = self._body()
        except BadRequest as error:
            self.close_connection = True
            self._send(Reply.json(400, {"message": str(error)}))
            return
        call = Call(self.command, self.path, list(self.headers.items()), body)
        with self.server.busy():
            reply = self.server.answer(call)
            self._send(reply)
            self.wfile.flush()
        self.server.report(call, reply, started)

    def __getattr__(self, name: str) -> Any:
        """The standard library asks for `do_<METHOD>` and answers 501 where there is none; a system has its own 405."""
        if name.startswith("do_"):
            return self._generic_handle
        raise AttributeError(name)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = do_PATCH = do_OPTIONS = _generic_handle  # noqa: N815 (Chalice's are otherwise)

    def _opened_a_websocket(self) -> bool:
        """Whether the request was one for a WebSocket; then the connection has come to its end with it."""
        sockets, call = self.server.sockets, Call(self.command, self.path, list(self.headers.items()))
        if sockets is None or not call.header("upgrade") or not sockets.serves(call):
            return False
        self.close_connection = True
        sockets.serve(call, self.connection)
        return True

    def _body(self) -> bytes:
        """The body, whole up to a byte above what an invocation carries: enough to be refused as too large."""
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            return self._chunks()
        announced = self.headers.get("content-length", "0")
        if not announced.isdecimal():
            raise BadRequest("Content-Length is no number")
        length = int(announced)
        body: bytes = self.rfile.read(min(length, LARGEST_BODY + 1))
        self._drain(length - len(body))
        return body

    def _chunks(self) -> bytes:
        """A chunked body (RFC 9112, section 7.1)."""
        parts: list[bytes] = []
        kept = read = 0
        while True:
            try:
                size = int(self.rfile.readline(1024).partition(b";")[0], 16)
            except ValueError:
                raise BadRequest("a chunk has no size") from None
            read += size
            if size < 0 or read > DRAINED:
                raise BadRequest("the body is too large")
            if size == 0:
                while self.rfile.readline(65537).strip():
                    continue
                return b"".join(parts)
            chunk = self.rfile.read(size)
            self.rfile.readline(3)
            if kept <= LARGEST_BODY:
                parts.append(chunk)
                kept += size

    def _drain(self, rest: int) -> None:
        self.close_connection = self.close_connection or rest > 0
        rest = min(rest, DRAINED)
        while rest > 0 and (read := len(self.rfile.read(min(rest, 65536)))):
            rest -= read

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers:
            if name.lower() != "content-length":
                self.send_header(name, value)
        # A HEAD whose answer came without the body does not know how long a GET's is (RFC 9110, section 8.6).
        if reply.status not in (204, 304) and (reply.body or self.command != "HEAD"):
            self.send_header("Content-Length", str(len(reply.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and reply.status not in (204, 304):
            self.wfile.write(reply.body)

    def log_message(self, *_arguments: Any) -> None:
        """Silent: the console reports each call in its own way."""
