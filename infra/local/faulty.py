"""What stand-ins share: an HTTP server on 127.0.0.1 that goes wrong when it is told to. Never deployed.

PUT /_faults    what goes wrong from now on (see `Faults`); `{}` nothing.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

from infra.local.environment import HOST

LONGEST_DELAY = 30.0
_LARGEST_BODY = 32 * 1024 * 1024


@dataclass
class Faults:
    """What goes wrong. `requests` counts the API's calls that it happens to, -1 for all."""

    requests: int = -1
    delay: float = 0.0
    """Seconds before the answer; the request is carried out at once."""
    status: int = 0
    """Answered instead of doing anything, such as 503."""
    code: str = ""
    """The service's own code in that answer."""
    lost: bool = False
    """Carry the request out and close the connection without an answer."""
    cut: int = -1
    """Carry the request out and break off after so many bytes of the answer, its headers included; -1 sends all."""


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        """The body read as JSON, None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True)
class Told:
    """One answer: JSON, or bytes with their media type."""

    status: int
    content: Any
    media_type: str = "application/json"
    cut: int = -1
    """Bytes of the answer that are sent, its headers included; -1 is all of them."""
    headers: Mapping[str, str] = field(default_factory=dict)


class FaultyServer(ThreadingHTTPServer):
    """A stand-in on a port of 127.0.0.1: starts with `start`, ends with `stop`. Raises OSError on a taken port."""

    daemon_threads = True
    request_queue_size = 128  # many callers at once must not be refused by the kernel

    def __init__(self, port: int = 0) -> None:
        super().__init__((HOST, port), _Handler)
        self.faults, self.asked = Faults(), list[Asked]()
        self._turn, self._thread = threading.Lock(), threading.Thread(target=self.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}"

    def start(self) -> None:
        self._thread.daemon = True
        self._thread.start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join(5)

    def answer(self, asked: Asked) -> Told:
        """What the service answers. Each stand-in says so."""
        return Told(404, {"error": f"nothing answers {asked.path}"})

    def flawed(self, asked: Asked, _fault: Faults, /) -> Told:
        """What it answers while something goes wrong; stand-ins with faults of their own say so."""
        return self.answer(asked)

    def failure(self, status: int, code: str) -> Told:
        """An error in the service's own words."""
        return Told(status, {"error": code})

    def settle(self, asked: Asked) -> tuple[Told | None, float]:
        """The answer to a request, None when it gets lost, and the seconds until then."""
        if asked.path == "/_faults":
            return self._told_faults(asked.json or {}), 0.0
        fault = self._fault(asked)
        if fault and fault.status:
            return self.failure(fault.status, fault.code), min(fault.delay, LONGEST_DELAY)
        if fault is None:
            return self.answer(asked), 0.0
        told = self.flawed(asked, fault)
        return None if fault.lost else replace(told, cut=fault.cut), min(fault.delay, LONGEST_DELAY)

    def _told_faults(self, given: dict[str, Any]) -> Told:
        unknown = sorted(given.keys() - {field.name for field in fields(self.faults)})
        if unknown:
            return Told(400, {"error": f"there are no faults {unknown}"})
        self.faults = type(self.faults)(**given)
        return Told(200, vars(self.faults))

    def _fault(self, asked: Asked) -> Faults | None:
        with self._turn:
            self.asked = [*self.asked[-999:], asked]
            if self.faults.requests == 0 or self.faults == type(self.faults)():
                return None
            self.faults.requests -= self.faults.requests > 0
            return self.faults


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 75
    wbufsize = 65536
    disable_nagle_algorithm = True
    server: FaultyServer

    def _handle(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("content-length") or 0), _LARGEST_BODY))
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        told, delay = self.server.settle(Asked(self.command, parts.path, query, headers, body))
        time.sleep(delay)
        if told is None:
            self.close_connection = True
            return
        content = told.content if isinstance(told.content, bytes) else json.dumps(told.content).encode()
        out, self.wfile = self.wfile, BytesIO()
        self.send_response(told.status)
        self.send_header("Content-Type", told.media_type)
        self.send_header("Content-Length", str(len(content)))
        for name, value in told.headers.items():
            self.send_header(name, value)
        self.end_headers()
        answer, self.wfile = self.wfile.getvalue() + content, out
        self.wfile.write(answer if told.cut < 0 else answer[: told.cut])
        self.close_connection = self.close_connection or told.cut >= 0

    do_GET = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815 (as the standard library wants them)

    def log_message(self, *_arguments: Any) -> None:
        """Silent: the callers say what they asked."""
