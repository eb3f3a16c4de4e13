"""A recorder of the AWS calls made inside a block, and a way to make some of them fail."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from quintet.net import aws


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the operation as AWS names it (`Query`) and its parameters."""

    operation: str
    params: dict[str, Any]


@dataclass
class Calls:
    """The calls of a block in their order."""

    made: list[Call] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, call: Call) -> None:
        with self._lock:
            self.made.append(call)

    @property
    def names(self) -> list[str]:
        return [call.operation for call in self.made]

    def of(self, operation: str) -> list[Call]:
        return [call for call in self.made if call.operation == operation]

    def __len__(self) -> int:
        return len(self.made)


@contextmanager
def recorded() -> Iterator[Calls]:
    """Record what is asked of DynamoDB inside the block: every request that goes out, repeated ones too."""
    calls = Calls()

    def note(event_name: str, request: Any, **_: Any) -> None:
        calls.add(Call(event_name.rpartition(".")[2], json.loads(request.body)))

    with _hook("before-send.dynamodb", note):
        yield calls


Failure = Callable[[dict[str, Any]], "Refused | None"]
"""Looks at a call's parameters; None lets it pass."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An error answer in DynamoDB's protocol."""

    code: str
    status: int = 400
    more: dict[str, Any] = field(default_factory=dict)


@contextmanager
def failing(operation: str, failure: Failure) -> Iterator[None]:
    """Answer calls of one operation in DynamoDB's place where `failure` says so."""

    def answer(request: Any, **_: Any) -> Any:
        found = failure(json.loads(request.body))
        if found is None:
            return None
        return _answered(found.status, {"__type": "x#" + found.code, "message": found.code, **found.more})

    with _hook(f"before-send.dynamodb.{operation}", answer):
        yield


Changed = tuple[dict[str, Any], Callable[[Any], Any]]
"""What to send instead, and a function of the parsed answer."""


@contextmanager
def answering(operation: str, change: Callable[[dict[str, Any]], Changed]) -> Iterator[None]:
    """Change requests on their way out and their answers on their way back.

    `change` takes the parameters and gives those to send instead, with a function of the parsed answer.
    """

    def answer(request: Any, **_: Any) -> Any:
        params, reshape = change(json.loads(request.body))
        request.body = json.dumps(params).encode()
        status, body = _sent(request)
        return _answered(status, reshape(json.loads(body)))

    with _hook(f"before-send.dynamodb.{operation}", answer):
        yield


@contextmanager
def crashing(operation: str, happen: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    """Run `happen` with the parameters of every call of an operation (`*`: of any) just before it; it may raise."""

    def note(request: Any, **_: Any) -> None:
        happen(json.loads(request.body))

    with _hook("before-send.dynamodb" + ("" if operation == "*" else f".{operation}"), note):
        yield


@contextmanager
def losing_answers(operation: str, times: int = 1) -> Iterator[None]:
    """Let the next calls of an operation be done, and their answers be lost on the way back."""
    left = [times]

    def lose(request: Any, **_: Any) -> None:
        from botocore.exceptions import ReadTimeoutError

        if left[0]:
            left[0] -= 1
            _sent(request)
            raise ReadTimeoutError(endpoint_url="https://dynamodb.test/")

    with _hook(f"before-send.dynamodb.{operation}", lose):
        yield


def transaction_refused(*codes: str) -> Refused:
    """A cancelled transaction with a reason per action; `None` is the reason of one that would have held."""
    return Refused("TransactionCanceledException", more={"CancellationReasons": [{"Code": code} for code in codes]})


def _sent(request: Any) -> tuple[int, bytes]:
    """Send a prepared request past all hooks: to moto, or to the DynamoDB Local that listens on loopback."""
    from botocore.httpsession import URLLib3Session
    from moto.core.models import botocore_stubber

    if "127.0.0.1" in request.url:
        request.headers["Content-Length"] = str(len(request.body))
        answer = URLLib3Session().send(request)
        return answer.status_code, answer.content
    mocked: Any = botocore_stubber.process_request(request)
    return mocked[0], mocked[2]


def _answered(status: int, body: dict[str, Any]) -> Any:
    from botocore.awsrequest import AWSResponse
    from botocore.compat import HTTPHeaders
    from moto.core.botocore_stubber import MockRawResponse

    raw: Any = MockRawResponse(json.dumps(body))
    return AWSResponse("https://dynamodb.test/", status, HTTPHeaders(), raw)


@contextmanager
def _hook(event: str, handler: Callable[..., Any]) -> Iterator[None]:
    # The store signs and sends its requests itself and emits on the session; see `quintet.net.wire`.
    events = aws.session().get_component("event_emitter")
    events.register_first(event, handler)
    try:
        yield
    finally:
        events.unregister(event, handler)
