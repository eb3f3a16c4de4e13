"""A stand-in for Bedrock's Converse, and its InvokeModel of models that paint, over HTTP on 127.0.0.1: it does as its
script says, call by call. Never deployed.

Without a script each call is answered with the tool called, its input the smallest that the tool's schema allows, or
with a plain picture. The request is held to what Bedrock holds it to: a signature, messages that take turns, results
for the calls of tools, a schema of an object. What it has beside Bedrock's own paths is for a person with curl and
for tests:
    PUT /_script   what happens to the next calls (a list of `Step`s as objects); answers them.
    GET /_asked    what was asked so far.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any
from urllib.parse import quote, unquote

from infra.local import pictures
from infra.local.environment import HOST

LONGEST_DELAY = 30.0
_LARGEST_BODY = 16 * 1_048_576
_STATUS = {
    "AccessDeniedException": 403,
    "InternalServerException": 500,
    "ModelErrorException": 424,
    "ModelNotReadyException": 429,
    "ModelTimeoutException": 408,
    "ResourceNotFoundException": 404,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "ValidationException": 400,
}


@dataclass(frozen=True)
class Step:
    """What happens to one call."""

    input: Any = None
    """What the tool is called with; None makes it up from the schema."""
    text: str = ""
    """Plain text instead of a call of the tool."""
    stop: str = ""
    """The reason for stopping, in place of the one that fits; `guardrail_intervened` and its like refuse."""
    error: str = ""
    """An exception instead of an answer: `ThrottlingException`, …"""
    delay: float = 0.0
    """Seconds before the answer."""
    drip: float = 0.0
    """Seconds between the bytes of the answer, from its first header on."""
    lost: bool = False
    """Close the connection without an answer."""
    raw: str = ""
    """This instead of the answer's JSON."""


@dataclass(frozen=True)
class Asked:
    """One call as it arrived."""

    model: str
    body: dict[str, Any]
    headers: dict[str, str]
    at: float
    """Seconds of the monotonic clock."""


class Invalid(Exception):
    """The request is not what Converse takes."""


class Converse(ThreadingHTTPServer):
    """The stand-in on a port of 127.0.0.1: starts with `start`, ends with `stop`. Raises OSError on a taken port.

    Requests must be signed with `credentials` (id and secret), unless given those of its own process's environment.
    """

    daemon_threads = True

    def __init__(self, port: int = 0, credentials: tuple[str, str] | None = None) -> None:
        super().__init__((HOST, port), _Handler)
        own = os.environ.get("AWS_ACCESS_KEY_ID", ""), os.environ.get("AWS_SECRET_ACCESS_KEY", "")
        self.key_id, self.key_secret = credentials or own
        self.asked: list[Asked] = []
        self.stopping = threading.Event()
        self._script: deque[Step] = deque()
        self._lock, self._thread = threading.Lock(), threading.Thread(target=self.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}"

    def start(self) -> None:
        self._thread.daemon = True
        self._thread.start()

    def stop(self) -> None:
        self.stopping.set()
        self.shutdown()
        self.server_close()
        self._thread.join(5)

    def script(self, *steps: Step) -> None:
        """What happens to the next calls, in place of what was planned; after them all are answered."""
        with self._lock:
            self._script = deque(steps)

    def take(self, asked: Asked) -> Step:
        """Note a call; what shall happen to it."""
        with self._lock:
            self.asked.append(asked)
            return self._script.popleft() if self._script else Step()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 75
    disable_nagle_algorithm = True
    server: Converse

    def do_POST(self) -> None:
        content = self._content()
        name, _, action = self.path.removeprefix("/model/").rpartition("/")
        model = unquote(name)
        known = action == "converse" or (action == "invoke" and pictures.is_painter(model))
        if self.path != f"/model/{quote(model, safe='')}/{action}" or not known:
            self._fail("ResourceNotFoundException", "there is no such path")
            return
        if not _is_signed(self.server, self.path, {k.lower(): v for k, v in self.headers.items()}, content):
            self._fail("AccessDeniedException", "the signature is not right")
            return
        try:
            body = json.loads(content)
            understood = checked(body) if action == "converse" else pictures.answer(model, body)
        except (Invalid, ValueError, KeyError, TypeError) as error:
            self._fail("ValidationException", f"{type(error).__name__}: {error}")
            return
        step = self.server.take(Asked(model, body, dict(self.headers.items()), time.monotonic()))
        self.server.stopping.wait(min(step.delay, LONGEST_DELAY))
        if step.lost:
            self.close_connection = True
        elif step.error:
            self._fail(step.error, "as the script says")
        else:
            if action == "converse":
                found = answer(step, understood, body)
            else:
                found = pictures.refusal(model, step.stop) if step.stop else understood
            self._send(200, step.raw.encode() or json.dumps(found).encode(), drip=step.drip)

    def do_PUT(self) -> None:
        try:
            steps = [Step(**one) for one in json.loads(self._content())]
        except (ValueError, TypeError):
            self._fail("ValidationException", f"steps are objects of {[field.name for field in fields(Step)]}")
            return
        self.server.script(*steps)
        self._send(200, json.dumps([asdict(step) for step in steps]).encode())

    def do_GET(self) -> None:
        asked = [{"model": one.model, "body": one.body} for one in self.server.asked]
        self._send(200, json.dumps(asked, ensure_ascii=False).encode())

    def _content(self) -> bytes:
        return self.rfile.read(min(int(self.headers.get("content-length") or 0), _LARGEST_BODY))

    def _fail(self, error: str, message: str) -> None:
        self._send(_STATUS.get(error, 500), json.dumps({"message": message}).encode(), error)

    def _send(self, status: int, content: bytes, error: str = "", drip: float = 0.0) -> None:
        lines = [f"HTTP/1.1 {status} ", "Content-Type: application/json", f"Content-Length: {len(content)}"]
        if error:
            lines.append(f"x-amzn-ErrorType: {error}:http://internal.amazon.com/coral/")
        answer = "\r\n".join([*lines, "", ""]).encode() + content
        try:
            for piece in [answer[at : at + 1] for at in range(len(answer))] if drip else [answer]:
                self.wfile.write(piece)
                if drip and self.server.stopping.wait(drip):
                    self.close_connection = True
                    return
        except OSError:  # the caller hung up
            self.close_connection = True

    def log_message(self, *_arguments: Any) -> None:
        """Silent: the callers say what they asked."""


def answer(step: Step, tool: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """Converse's answer."""
    content: list[dict[str, Any]]
    if step.text:
        stop, content = "end_turn", [{"text": step.text}]
    elif step.stop in {"guardrail_intervened", "content_filtered"}:
        stop, content = step.stop, [{"text": "This cannot be answered."}]
    else:
        given = filled(tool["inputSchema"]["json"]) if step.input is None else step.input
        call = {"toolUseId": f"tooluse_{len(body['messages'])}", "name": tool["name"], "input": given}
        stop, content = "tool_use", [{"toolUse": call}]
    read, written = (len(json.dumps(part)) // 4 + 1 for part in (body["messages"], content))
    return {
        "metrics": {"latencyMs": round(step.delay * 1000)},
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": step.stop or stop,
        "usage": {"inputTokens": read, "outputTokens": written, "totalTokens": read + written},
    }


def filled(schema: Mapping[str, Any]) -> Any:
    """The smallest value that a schema without references allows."""
    if "enum" in schema:
        return schema["enum"][0]
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return filled(schema[union][0])
    match schema.get("type"):
        case "object":
            return {name: filled(schema["properties"][name]) for name in schema.get("required", ())}
        case "array":
            return [filled(schema["items"]) for _ in range(schema.get("minItems", 0))]
        case "integer" | "number":
            return max(schema.get("minimum", 0), schema.get("exclusiveMinimum", -1) + 1)
        case "boolean":
            return False
        case "string":
            return "x" * schema.get("minLength", 0)
    return None


def checked(body: Mapping[str, Any]) -> dict[str, Any]:
    """The one tool that the request makes the model call. Raises `Invalid`, KeyError or TypeError."""
    messages = body["messages"]
    if not messages or any(not message["content"] for message in messages):
        raise Invalid("a message is empty")
    if [message["role"] for message in messages] != [("user", "assistant")[n % 2] for n in range(len(messages))]:
        raise Invalid("the messages do not take turns, beginning with the user's")
    if len(messages) % 2 == 0:
        raise Invalid("the last message is not the user's")
    for said, replied in pairwise(messages):
        called = {one["toolUseId"] for one in _blocks(said, "toolUse")}
        if called - {one["toolResult"]["toolUseId"] for one in replied["content"] if "toolResult" in one}:
            raise Invalid("a call of a tool has no result")
    if any(not isinstance(use["input"], dict) for message in messages for use in _blocks(message, "toolUse")):
        raise Invalid("the input of a tool is no object")
    (tool,) = body["toolConfig"]["tools"]
    found: dict[str, Any] = tool["toolSpec"]
    if found["inputSchema"]["json"].get("type") != "object":
        raise Invalid("the tool's schema is not one of an object")
    if body["toolConfig"].get("toolChoice") not in ({"tool": {"name": found["name"]}}, {"any": {}}):
        raise Invalid("the tool is not to be called")
    if not all(block["text"].strip() for block in body.get("system", ())):
        raise Invalid("the system's text is empty")
    return found


def _blocks(message: Mapping[str, Any], kind: str) -> Iterable[Mapping[str, Any]]:
    return (block[kind] for block in message["content"] if kind in block)


def _is_signed(server: Converse, path: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the signature is right: Signature Version 4 as the IAM User Guide describes it, written out once more."""
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    who, _, scope = parts.get("Credential", "").partition("/")
    names = parts.get("SignedHeaders", "").split(";")
    if scheme != "AWS4-HMAC-SHA256" or who != server.key_id or not scope.endswith("/bedrock/aws4_request"):
        return False
    # Except for S3, the path is encoded once more than it was sent.
    sent = [f"{name}:{' '.join(headers.get(name, '').split())}\n" for name in names]
    canonical = "\n".join(
        ["POST", quote(path, safe="/~"), "", "".join(sent), ";".join(names), hashlib.sha256(body).hexdigest()]
    )
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join([scheme, headers.get("x-amz-date", ""), scope, hashed])
    key = f"AWS4{server.key_secret}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return "host" in names and hmac.compare_digest(key.hex(), parts.get("Signature", ""))
