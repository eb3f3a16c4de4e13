"""Razorpay's stand-in: its Orders and Payments API over HTTP on 127.0.0.1, and its webhooks. Never deployed.

What it has beside Razorpay's own paths is for a person with curl and for tests:
    POST /_pay/{order id}   pays as a customer would at checkout; answers what checkout hands to the front end and
                            sends the webhooks. `{"outcome": "failed"}` fails instead.
    GET, POST /_webhooks    the events so far; a POST sends them all again, oldest first.
    PUT /_faults            what goes wrong from now on (see `Faults`); `{}` nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from base64 import b64encode
from dataclasses import dataclass, fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from infra.local.environment import HOST
from infra.local.razorpay_book import BadRequest, Book, Entity

KEY_ID, KEY_SECRET, WEBHOOK_SECRET = "rzp_test_quintet", "quintet-local-secret", "quintet-local-webhook"
LONGEST_DELAY = 30.0
_DELIVERY_SECONDS = 10
_LARGEST_BODY = 1_048_576


@dataclass
class Faults:
    """What goes wrong. `requests` counts the API's calls that it happens to, -1 for all."""

    requests: int = -1
    delay: float = 0.0
    """Seconds before the answer; the request is carried out at once."""
    status: int = 0
    """Answered instead of doing anything, such as 503."""
    lost: bool = False
    """Carry the request out and close the connection without an answer."""
    webhook_repeat: int = 1
    """How often each event is sent; 0 sends none."""
    webhook_order: str = "forward"
    """`forward`, or `reverse`: what happened last comes first."""
    webhook_signature: str = "right"
    """`right`, `wrong` (by another secret) or `missing`."""


class Razorpay(ThreadingHTTPServer):
    """The stand-in on a port of 127.0.0.1: starts with `start`, ends with `stop`. Raises OSError on a taken port."""

    daemon_threads = True

    def __init__(self, state: Path, webhook_url: str = "", port: int = 0) -> None:
        super().__init__((HOST, port), _Handler)
        self.book, self.faults, self.webhook_url = Book(state), Faults(), webhook_url
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

    def pay(self, order_id: str, *, captured: bool = True) -> dict[str, str]:
        """Pay an order and send the webhooks; what checkout answers. Raises `BadRequest`."""
        order, payment = self.book.pay(order_id, captured=captured)
        if not captured:
            self.deliver([self.book.add_event("payment.failed", payment=payment)])
            return {"error": "Payment failed", "razorpay_order_id": order_id, "razorpay_payment_id": payment["id"]}
        captured_event = self.book.add_event("payment.captured", payment=payment)
        self.deliver([captured_event, self.book.add_event("order.paid", payment=payment, order=order)])
        return {
            "razorpay_order_id": order_id,
            "razorpay_payment_id": payment["id"],
            "razorpay_signature": signed(f"{order_id}|{payment['id']}".encode(), KEY_SECRET),
        }

    def deliver(self, events: list[Entity]) -> list[int]:
        """Send events to the webhook's URL; the statuses answered, 0 for none."""
        faults = self.faults
        ordered = events[::-1] if faults.webhook_order == "reverse" else events
        return [self._send(event) for event in ordered for _ in range(faults.webhook_repeat) if self.webhook_url]

    def fault(self) -> Faults | None:
        """What shall happen to this call of the API."""
        with self._turn:
            if self.faults.requests == 0:
                return None
            self.faults.requests -= self.faults.requests > 0
            return self.faults

    def _send(self, event: Entity) -> int:
        body = json.dumps(event["body"], separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json", "X-Razorpay-Event-Id": event["id"]}
        if self.faults.webhook_signature != "missing":
            right = self.faults.webhook_signature == "right"
            headers["X-Razorpay-Signature"] = signed(body, WEBHOOK_SECRET if right else "another secret")
        request = urllib.request.Request(self.webhook_url, body, headers, method="POST")  # noqa: S310 (ours)
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(request, timeout=_DELIVERY_SECONDS) as reply:
                return int(reply.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0


def signed(message: bytes, secret: str) -> str:
    """HMAC-SHA256 in hexadecimal, Razorpay's signature."""
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 75
    wbufsize = 65536
    disable_nagle_algorithm = True
    server: Razorpay

    def _handle(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("content-length") or 0), _LARGEST_BODY))
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        fault = self.server.fault() if path.startswith("/v1/") else None
        if fault and fault.status:
            self._answer(fault.status, _error("SERVER_ERROR", "We are facing some trouble completing your request"))
            return
        status, answer = self._route(path, query, body)
        if fault:
            time.sleep(min(fault.delay, LONGEST_DELAY))
            if fault.lost:
                self.close_connection = True
                return
        self._answer(status, answer)

    do_GET = do_POST = do_PUT = _handle  # noqa: N815 (as the standard library wants them)

    def _route(self, path: str, query: dict[str, list[str]], body: bytes) -> tuple[int, Any]:
        try:
            if not path.startswith("/v1/"):
                return 200, self._helper(path, _parsed(body))
            credentials = b64encode(f"{KEY_ID}:{KEY_SECRET}".encode()).decode()
            if self.headers.get("authorization") != f"Basic {credentials}":
                return 401, _error("BAD_REQUEST_ERROR", "Authentication failed")
            return 200, self._api(path.removeprefix("/v1").rstrip("/"), query, body)
        except BadRequest as error:
            return 400, _error("BAD_REQUEST_ERROR", error.description, error.field)
        except LookupError:
            return 404, _error("BAD_REQUEST_ERROR", "The requested URL was not found on the server.")

    def _api(self, path: str, query: dict[str, list[str]], body: bytes) -> Any:
        """Razorpay's own paths. Raises `BadRequest`, and LookupError for any other path."""
        book = self.server.book
        match [self.command, *path.split("/")[1:]]:
            case ["POST", "orders"]:
                return book.create_order(_parsed(body))
            case ["GET", "orders"]:
                where = {"receipt": query["receipt"][0]} if "receipt" in query else {}
                return _collection(book.all("order", **where), query)
            case ["GET", "orders", id]:
                return book.get("order", id)
            case ["GET", "orders", id, "payments"]:
                return _collection(book.all("payment", order_id=book.get("order", id)["id"]), query)
            case ["GET", "payments", id]:
                return book.get("payment", id)
        raise LookupError(path)

    def _helper(self, path: str, body: Any) -> Any:
        """The paths that Razorpay has not. Raises `BadRequest`, and LookupError for any other path."""
        match [self.command, *path.split("/")[1:]]:
            case ["POST", "_pay", id]:
                return self.server.pay(id, captured=(body or {}).get("outcome", "captured") != "failed")
            case ["GET", "_webhooks"]:
                return [{"id": event["id"], **event["body"]} for event in self.server.book.all("delivery")[::-1]]
            case ["POST", "_webhooks"]:
                return {"statuses": self.server.deliver(self.server.book.all("delivery")[::-1])}
            case ["PUT", "_faults"]:
                unknown = sorted((body or {}).keys() - {field.name for field in fields(Faults)})
                if unknown:
                    raise BadRequest(f"there are no faults {unknown}")
                self.server.faults = Faults(**(body or {}))
                return vars(self.server.faults)
        raise LookupError(path)

    def _answer(self, status: int, answer: Any) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: Any) -> None:
        """Silent: the callers say what they asked."""


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        raise BadRequest("The request body is not valid JSON.") from None


def _collection(items: list[Entity], query: dict[str, list[str]]) -> Entity:
    try:
        count, skip = (int(query.get(name, [default])[0]) for name, default in (("count", "10"), ("skip", "0")))
    except ValueError:
        raise BadRequest("The count must be an integer.", "count") from None
    if not 1 <= count <= 100:
        raise BadRequest("The count must be between 1 and 100.", "count")
    shown = items[skip : skip + count]
    return {"entity": "collection", "count": len(shown), "items": shown}


def _error(code: str, description: str, field: str | None = None) -> Entity:
    return {
        "error": {
            "code": code,
            "description": description,
            "source": "business",
            "step": "payment_initiation",
            "reason": "input_validation_failed" if field else "NA",
            "metadata": {},
            "field": field,
        }
    }
