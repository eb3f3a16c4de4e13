"""One WebSocket connection (RFC 6455) over a socket whose HTTP request was read already; `websockets` knows the
protocol, this moves its bytes."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from infra.local.gateway import Call

LARGEST, FRAME = 128 * 1024, 32 * 1024
"""Bytes of a message and of a frame that API Gateway takes; beyond it closes with 1009."""
IDLE, LIFETIME = 10 * 60.0, 2 * 3600.0
"""Seconds without traffic, and in all, after which API Gateway closes."""
GOING_AWAY, NORMAL = 1001, 1000
PATIENCE = 5.0
"""Seconds a client has to answer a close."""
LOOK_AROUND = 0.5
"""Seconds after which a reader looks whether somebody else has closed the connection meanwhile."""


class Gone(Exception):
    """The connection is closed."""


@dataclass(frozen=True)
class Limits:
    """How long a connection lasts, in seconds."""

    idle: float = IDLE
    lifetime: float = LIFETIME


class WebSocket:
    """Reads in one thread; any thread may send. Nothing is said before `accept` or `reject`."""

    def __init__(self, connection: socket.socket, call: Call, limits: Limits) -> None:
        self._socket, self._limits, self._lock = connection, limits, threading.Lock()
        self._protocol = ServerProtocol(max_size=(LARGEST, FRAME))
        self._protocol.receive_data(_raw(call))
        (self._request,) = self._protocol.events_received()
        self._opened = self._used = time.monotonic()
        self._closing: tuple[float, int, str] | None = None

    def accept(self, headers: dict[str, str]) -> bool:
        """Open the connection; False when the handshake was none, which is then answered."""
        assert isinstance(self._request, Request)
        response = self._protocol.accept(self._request)
        if response.status_code == 101:
            for name, value in headers.items():
                response.headers[name] = value
        with self._lock:
            self._protocol.send_response(response)
            self._flush()
        self._opened = self._used = time.monotonic()
        return self._protocol.state is State.OPEN

    def reject(self, status: int, body: str) -> None:
        """Refuse the handshake with an HTTP status."""
        with self._lock:
            self._protocol.send_response(self._protocol.reject(status, body))
            self._flush()

    def messages(self) -> Iterator[str | bytes]:
        """What the client sends, until the connection ends or its time is over."""
        parts: list[bytes] = []
        text = True
        while self._protocol.state in (State.OPEN, State.CLOSING):
            for frame in self._received():
                if frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                    text = text if frame.opcode is Opcode.CONT else frame.opcode is Opcode.TEXT
                    parts.append(bytes(frame.data))
                    if frame.fin:
                        message, parts = b"".join(parts), []
                        yield message.decode(errors="replace") if text else message

    def send(self, data: bytes) -> None:
        """Send a message, in frames of 32 KB. Raises `Gone`."""
        try:
            data.decode()
        except UnicodeDecodeError:
            first = self._protocol.send_binary
        else:
            first = self._protocol.send_text
        frames = [data[at : at + FRAME] for at in range(0, len(data), FRAME)]
        with self._lock:
            if self._protocol.state is not State.OPEN:
                raise Gone
            first(frames[0], fin=len(frames) == 1)
            for number, frame in enumerate(frames[1:], 2):
                self._protocol.send_continuation(frame, fin=number == len(frames))
            self._flush()

    def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Begin to close; the reading thread sees the end."""
        with self._lock:
            if self._protocol.state is State.OPEN:
                self._closing = time.monotonic(), code, reason
                self._protocol.send_close(code, reason)
                self._flush()

    @property
    def ended(self) -> tuple[int, str]:
        """The code and reason it was closed with; 1006 when it just broke (RFC 6455, section 7.1.5)."""
        if self._closing is not None:
            return self._closing[1:]
        return self._protocol.close_code or 1006, self._protocol.close_reason or ""

    def _received(self) -> list[Any]:
        """The next frames, none when there are none for the moment or the time is over, which closes the connection."""
        left = self._left()
        if left <= 0 and self._closing is None:
            self.close(GOING_AWAY, "Going away")
            return []
        try:
            self._socket.settimeout(max(0.01, min(left, LOOK_AROUND)))
            data = self._socket.recv(65536) if left > 0 else b""
        except TimeoutError:
            return []
        except OSError:
            data = b""
        with self._lock:
            self._used = time.monotonic()
            if data:
                self._protocol.receive_data(data)
            else:
                self._protocol.receive_eof()
            self._flush()
            return [event for event in self._protocol.events_received() if isinstance(event, Frame)]

    def _left(self) -> float:
        """Seconds until the connection is closed, or is given up when its client does not answer that."""
        now = time.monotonic()
        if self._closing is not None:
            return self._closing[0] + PATIENCE - now
        return min(self._used + self._limits.idle, self._opened + self._limits.lifetime) - now

    def _flush(self) -> None:
        """Write what the protocol has to say; a client that does not take it is gone."""
        self._used = time.monotonic()
        try:
            for data in self._protocol.data_to_send():
                if data:
                    self._socket.sendall(data)
                else:
                    self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            self._protocol.receive_eof()


def _raw(call: Call) -> bytes:
    """The request as it came over the wire."""
    lines = [f"{call.method} {call.target} HTTP/1.1", *(f"{name}: {value}" for name, value in call.headers)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
