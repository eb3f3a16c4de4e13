"""An HTTP endpoint between the code and DynamoDB that loses, delays, repeats and truncates answers on request.

It stands on loopback and passes requests on to the DynamoDB Local of `make test-dynamodb`, else to moto.
"""

from __future__ import annotations

import contextvars
import json
import os
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

from quintet.settings import use

Fault = Literal[
    "refused",  # the connection breaks before the request arrives
    "lost",  # the request is carried out, and the connection breaks before the answer
    "failed",  # carried out, and answered with 500
    "undone",  # not carried out, and answered with 500
    "truncated",  # carried out; half of the answer comes, then the connection ends
    "shortened",  # carried out; half of the answer comes, said to be all of it
    "garbled",  # carried out; the answer is no JSON
    "repeated",  # carried out twice, as by a network that delivers twice; the second answer comes
    "in_progress",  # carried out, and a transaction is told that it still is under way, other writes as "failed"
    "conflicting",  # not carried out: cancelled, as by another writer
    "throttled",  # not carried out
]
FAULTS: tuple[Fault, ...] = (
    "refused", "lost", "failed", "undone", "truncated", "shortened", "garbled", "repeated", "in_progress",
    "conflicting", "throttled",
)  # fmt: skip


@dataclass
class Plan:
    """Which fault meets the n-th send, counted from 0, and what others do right after that send was carried out."""

    faults: Mapping[int, Fault] = field(default_factory=dict)
    meanwhile: Callable[[], object] | None = None
    """Happens once, after the first send that a fault meets, before its answer."""
    sends: int = 0
    """Sends so far."""


@contextmanager
def faulty(plan: Plan) -> Iterator[None]:
    """Put an endpoint that follows `plan` before DynamoDB for the block; what happens `meanwhile` goes around it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Endpoint)
    server.daemon_threads = True
    state: Any = server
    state.plan, state.lock, state.context = plan, threading.Lock(), contextvars.copy_context()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        with use({"AWS_ENDPOINT_URL_DYNAMODB": f"http://127.0.0.1:{server.server_port}"}):
            yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


class _Endpoint(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server: Any = self.server
        with server.lock:  # one at a time, so that a plan means the same every time
            plan: Plan = server.plan
            fault = plan.faults.get(plan.sends)
            plan.sends += 1
            self._meet(fault, body, plan)

    def _meet(self, fault: Fault | None, body: bytes, plan: Plan) -> None:
        operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        answer = None
        if fault not in ("refused", "undone", "conflicting", "throttled"):
            answer = self._passed_on(body)
        if fault == "repeated":
            answer = self._passed_on(body)
        if fault and plan.meanwhile:
            meanwhile, plan.meanwhile = plan.meanwhile, None
            server: Any = self.server
            server.context.run(meanwhile)
        if fault in ("refused", "lost"):
            self.close_connection = True
        elif fault in ("failed", "undone") or (fault == "in_progress" and operation != "TransactWriteItems"):
            self._answer(500, _error("InternalServerError"))
        elif fault == "throttled":
            self._answer(400, _error("ThrottlingException"))
        elif fault in ("in_progress", "conflicting"):
            self._answer(400, _contended(fault, operation, body))
        elif answer is not None:
            self._answer(*answer, spoilt=fault)

    def _answer(self, status: int, content: bytes, spoilt: Fault | None = None) -> None:
        length, whole = len(content), content
        if spoilt in ("truncated", "shortened"):
            content = content[: max(1, length // 2)]
        elif spoilt == "garbled":
            content = b"<html>" + content
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(length if spoilt == "truncated" else len(content)))
        if spoilt != "garbled":
            self.send_header("x-amz-crc32", str(zlib.crc32(whole)))
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = self.close_connection or spoilt == "truncated"

    def _passed_on(self, body: bytes) -> tuple[int, bytes]:
        url = os.environ.get("QUINTET_DYNAMODB_URL", "")
        names = ("X-Amz-Target", "Content-Type", "Authorization", "X-Amz-Date")
        headers = {name: self.headers[name] for name in names if self.headers[name]}
        from botocore.awsrequest import AWSRequest
        from botocore.httpsession import URLLib3Session

        if url:
            prepared = AWSRequest("POST", url + "/", headers, body).prepare()
            found = URLLib3Session().send(prepared)
            return found.status_code, found.content
        from moto.core.models import botocore_stubber

        prepared = AWSRequest("POST", "https://dynamodb.us-east-1.amazonaws.com/", headers, body).prepare()
        stubber: Any = botocore_stubber
        status, _, content = stubber.process_request(prepared)
        return int(status), content if isinstance(content, bytes) else content.encode()

    def log_message(self, *args: Any) -> None:
        """Quiet."""


def _contended(fault: Fault, operation: str, body: bytes) -> bytes:
    if operation != "TransactWriteItems":
        return _error("TransactionConflictException")
    if fault == "in_progress":
        return _error("TransactionInProgressException")
    reasons = [{"Code": "TransactionConflict"} for _ in json.loads(body)["TransactItems"]]
    return _error("TransactionCanceledException", CancellationReasons=reasons)


def _error(code: str, **more: Any) -> bytes:
    return json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": code, **more}).encode()
