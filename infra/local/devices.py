"""The devices' stand-in: AWS IoT device shadows over HTTP on 127.0.0.1, and devices that answer them. Never deployed.

Every thing whose shadow is written has a device. It says that it is connected, does what is desired of it and reports
that, unless it was told to behave otherwise. What there is beside AWS's own paths is for a person with curl and for
tests:
    GET /_devices              every thing with its shadow and how its device behaves.
    PUT /_devices/{thing}      how its device behaves from now on (see `Manner`), such as {"online": false}.
    POST /_devices/{thing}     what its device reports by itself, such as {"power": "on"}: somebody pressed its button.
    PUT /_faults               what goes wrong with the service from now on (see `Faults`); `{}` nothing.
"""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from infra.local.environment import HOST
from infra.local.shadows import Document, Refused, Shadows

LONGEST_DELAY = 30.0
_LARGEST_BODY = 65_536
_SIGNED = re.compile(r"AWS4-HMAC-SHA256 Credential=\S+/\d{8}/[a-z0-9-]+/iotdata/aws4_request, ?SignedHeaders=\S+, ?"
                     r"Signature=[0-9a-f]{64}")  # fmt: skip
_THING = re.compile(r"[A-Za-z0-9:_-]{1,128}")


@dataclass
class Manner:
    """How a device behaves."""

    online: bool = True
    """An offline device does nothing; once it is back, it does what is then still desired of it."""
    lag: float = 0.05
    """Seconds from what is desired to the report."""
    drops: int = 0
    """How many wishes it ignores, -1 for all."""
    lies: Document = field(default_factory=dict)
    """What it reports in place of what was desired, by name."""
    silent: bool = False
    """Do what is desired and never report it."""


@dataclass
class Faults:
    """What goes wrong. `requests` counts the calls that it happens to, -1 for all."""

    requests: int = -1
    method: str = ""
    """`GET` or `POST` alone; both when empty."""
    delay: float = 0.0
    """Seconds before the answer; the request is carried out at once."""
    status: int = 0
    """Answered instead of doing anything, such as 429, 403 or 503."""
    conflict: bool = False
    """Somebody else writes the shadow just before."""
    lost: bool = False
    """Carry the request out and close the connection without an answer."""
    garbled: bool = False
    """Carry the request out and answer what is no JSON."""


_NAMES = {400: "InvalidRequestException", 401: "UnauthorizedException", 403: "ForbiddenException",
          429: "ThrottlingException", 500: "InternalFailureException",
          503: "ServiceUnavailableException"}  # fmt: skip


class Devices(ThreadingHTTPServer):
    """The stand-in on a port of 127.0.0.1: starts with `start`, ends with `stop`. Raises OSError on a taken port."""

    daemon_threads = True

    def __init__(self, state: Path, port: int = 0) -> None:
        super().__init__((HOST, port), _Handler)
        self.shadows, self.faults, self.manners = Shadows(state), Faults(), dict[str, Manner]()
        self.writes: list[tuple[str, Document]] = []
        """What was asked of which thing, oldest first; the latest thousand."""
        self._turn, self._timers, self._ended = threading.RLock(), set[threading.Timer](), False
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}"

    def start(self) -> None:
        for thing in self.shadows.things():
            self.report(thing, {"connected": True})  # devices come back with the power
            self._wake(thing)
        self._thread.daemon = True
        self._thread.start()

    def stop(self) -> None:
        with self._turn:
            self._ended = True
            for timer in self._timers:
                timer.cancel()
        self.shutdown()
        self.server_close()
        self._thread.join(5)

    def behave(self, thing: str, **manner: Any) -> Manner:
        """Change how a thing's device behaves; it says at once whether it is connected. Raises `Refused`."""
        with self._turn:
            self.manners[thing] = _made(Manner, {**vars(self._manner(thing)), **manner})
            if "online" in manner:
                self.report(thing, {"connected": manner["online"]})
                self._wake(thing)
            return self.manners[thing]

    def report(self, thing: str, state: Document) -> None:
        """A device reports by itself."""
        self.shadows.update(thing, {"state": {"reported": state}})

    def wish(self, thing: str, request: Any) -> Document:
        """An application writes a shadow; the thing's device hears of it. Raises `Refused`."""
        answer = self.shadows.update(thing, request)
        with self._turn:
            self.writes = [*self.writes[-999:], (thing, request)]
        self._wake(thing)
        return answer

    def fault(self, method: str) -> Faults | None:
        """What shall happen to this call."""
        with self._turn:
            if self.faults.requests == 0 or self.faults.method not in ("", method):
                return None
            self.faults.requests -= self.faults.requests > 0
            return self.faults

    def _manner(self, thing: str) -> Manner:
        return self.manners.setdefault(thing, Manner())

    def _wake(self, thing: str) -> None:
        """Have the thing's device look at its shadow after its lag."""
        with self._turn:
            if self._ended or not self._manner(thing).online or not self.shadows.delta(thing):
                return
            timer = threading.Timer(min(self._manner(thing).lag, LONGEST_DELAY), lambda: self._act(thing))
            timer.daemon = True
            self._timers = {one for one in self._timers if one.is_alive()} | {timer}
            timer.start()

    def _act(self, thing: str) -> None:
        """A device does what is desired of it by now, in its manner."""
        with self._turn:
            manner, delta = self._manner(thing), self.shadows.delta(thing)
            if self._ended or not manner.online or not delta:
                return
            if manner.drops:
                manner.drops -= manner.drops > 0
                return
            if not manner.silent:
                self.report(thing, {**delta, **manner.lies, "connected": True})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 75
    wbufsize = 65536
    disable_nagle_algorithm = True
    server: Devices

    def _handle(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("content-length") or 0), _LARGEST_BODY))
        parts = [unquote(part) for part in urlsplit(self.path).path.split("/")[1:]]
        fault = self.server.fault(self.command) if parts[0] == "things" else None
        try:
            if fault and fault.status:
                raise Refused(fault.status, _NAMES.get(fault.status, "InternalFailureException"), "as it was told")
            if fault and fault.conflict and len(parts) == 3:
                self.server.report(parts[1], {"signal": time.monotonic_ns() % 100})
            status, answer, name = 200, self._route(parts, _parsed(body)), ""
        except Refused as error:
            status, name = error.status, error.name
            answer = {"message": error.message, "traceId": "00000000-0000-0000-0000-000000000000"}
        if fault:
            time.sleep(min(fault.delay, LONGEST_DELAY))
            if fault.lost:
                self.close_connection = True
                return
        self._answer(status, b"<html>" if fault and fault.garbled else json.dumps(answer).encode(), name)

    do_GET = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815 (as the standard library wants them)

    def _route(self, parts: list[str], body: Any) -> Any:
        """Raises `Refused`."""
        server = self.server
        if parts[0] != "things":
            return self._helper(parts, body)
        if not _SIGNED.fullmatch(self.headers.get("authorization", "")):
            raise Refused(403, _NAMES[403], "Missing Authentication Token")
        if len(parts) != 3 or parts[2] != "shadow" or not _THING.fullmatch(parts[1]):
            raise Refused(400, _NAMES[400], "Unsupported path")
        match self.command:
            case "GET":
                return server.shadows.get(parts[1])
            case "POST":
                return server.wish(parts[1], body)
            case "DELETE":
                return server.shadows.delete(parts[1])
        raise Refused(405, "MethodNotAllowedException", "The specified method is not supported")

    def _helper(self, parts: list[str], body: Any) -> Any:
        """The paths that AWS has not. Raises `Refused`."""
        server = self.server
        if body is not None and not isinstance(body, dict):
            raise Refused(400, _NAMES[400], "an object is wanted")
        match [self.command, *parts]:
            case ["GET", "_devices"]:
                return {
                    thing: {"shadow": server.shadows.get(thing), "manner": vars(server.manners.get(thing, Manner()))}
                    for thing in server.shadows.things()
                }
            case ["PUT", "_devices", thing] if _THING.fullmatch(thing):
                return vars(server.behave(thing, **(body or {})))
            case ["POST", "_devices", thing] if _THING.fullmatch(thing):
                server.report(thing, body or {})
                return server.shadows.get(thing)
            case ["PUT", "_faults"]:
                server.faults = _made(Faults, body or {})
                return vars(server.faults)
        raise Refused(404, "ResourceNotFoundException", "there is no such path")

    def _answer(self, status: int, content: bytes, name: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if name:
            self.send_header("x-amzn-ErrorType", name)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: Any) -> None:
        """Silent: the callers say what they asked."""


_M = TypeVar("_M", Manner, Faults)


def _made(kind: type[_M], values: Document) -> _M:
    """How things go, of these values. Raises `Refused` for a name or a value that is none."""
    plain = kind()
    for name, value in values.items():
        known = getattr(plain, name, None)
        wanted = (int, float) if isinstance(known, float) else type(known)
        if known is None or not isinstance(value, wanted) or (isinstance(value, bool) is not isinstance(known, bool)):
            raise Refused(400, _NAMES[400], f"{name} is not understood")
    return kind(**values)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        raise Refused(400, _NAMES[400], "Invalid JSON") from None
