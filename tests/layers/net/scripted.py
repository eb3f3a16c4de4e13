"""An AWS endpoint that says, request by request, exactly what a test has it say."""

from __future__ import annotations

import json
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

Step = Callable[[socket.socket], bool]
"""Says something to the client; whether the connection stays."""


def raw(content: bytes, *, stays: bool = False) -> Step:
    def say(client: socket.socket) -> bool:
        client.sendall(content)
        return stays

    return say


def answer(body: bytes | dict[str, Any], status: int = 200, **headers: str) -> Step:
    """A whole answer; header names with underscores for dashes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"Content-Length": str(len(content)), **{k.replace("_", "-"): v for k, v in headers.items()}}
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in named.items()), "", ""]
    return raw("\r\n".join(lines).encode() + content, stays=True)


def refused(code: str, status: int = 400) -> Step:
    return answer({"__type": f"com.amazonaws#{code}", "message": code}, status)


def hang(client: socket.socket) -> bool:
    """Say nothing until the client gives up."""
    client.settimeout(60)
    try:
        client.recv(1)
    except OSError:
        return False
    return False


GOOD = b'{"Item":{}}'
CLOSED = raw(b"")
TRUNCATED = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + GOOD[:5])
TRUNCATED_CHUNKS = raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n" + GOOD[:5])
TRUNCATED_HEADERS = raw(b"HTTP/1.1 200 OK\r\nContent-Le")
SHORTENED = answer(GOOD[:-2])
GARBAGE = answer(b"\xff\x00<html>")
LIST = answer(b"[]")
CHANGED = answer(GOOD, x_amz_crc32=str(zlib.crc32(b"something else")))
CHECKED = answer(GOOD, x_amz_crc32=str(zlib.crc32(GOOD)))


@dataclass
class Scripted:
    """The endpoint: what it will say (then GOOD for ever), and what it was sent."""

    port: int = 0
    steps: list[Step] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    always: Step = CHECKED
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as stream:
            while True:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    line = stream.readline()
                    if not line:
                        return
                    head += line
                length = next(int(h[15:]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length:"))
                body = stream.read(length)
                with self._lock:
                    self.heads.append(head)
                    self.bodies.append(body)
                    step = self.steps.pop(0) if self.steps else self.always
                if not step(client):
                    return


@contextmanager
def scripted(*steps: Step, always: Step = CHECKED) -> Iterator[Scripted]:
    """Serve the steps on this machine, one after another, whatever the connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = Scripted(int(listener.getsockname()[1]), list(steps), always=always)

        def accept() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=_quietly, args=(found, client), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield found
        listener.shutdown(socket.SHUT_RDWR)


def _quietly(found: Scripted, client: socket.socket) -> None:
    try:
        found.serve(client)
    except OSError:
        return  # the client has gone
