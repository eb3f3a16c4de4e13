"""A recorder of the AWS calls made inside a block, and a way to make some of them fail."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from quintet import aws


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
def recorded(service: str = "dynamodb") -> Iterator[Calls]:
    """Record what is asked of a service inside the block, retries of botocore not counted."""
    calls = Calls()

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        calls.add(Call(model.name, params))

    events = aws.client(service).meta.events
    events.register("provide-client-params." + service, note)
    try:
        yield calls
    finally:
        events.unregister("provide-client-params." + service, note)


Failure = Callable[[dict[str, Any]], tuple[int, dict[str, Any]] | None]
"""Looks at a call's parameters; None lets it pass, else (HTTP status, parsed error answer)."""


@contextmanager
def failing(operation: str, failure: Failure, service: str = "dynamodb") -> Iterator[None]:
    """Answer calls of one operation in AWS's place where `failure` says so."""
    from botocore.awsrequest import AWSResponse
    from botocore.compat import HTTPHeaders

    def answer(params: dict[str, Any], model: Any, **_: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
        found = failure(params)
        if found is None:
            return None
        status, parsed = found
        parsed.setdefault("ResponseMetadata", {"HTTPStatusCode": status})
        return AWSResponse("https://aws.test/", status, HTTPHeaders(), None), parsed

    name = f"before-call.{service}.{operation}"
    events = aws.client(service).meta.events
    events.register_first(name, answer)
    try:
        yield
    finally:
        events.unregister(name, answer)


def error(code: str, **more: Any) -> tuple[int, dict[str, Any]]:
    """An error answer of DynamoDB."""
    return 400, {"Error": {"Code": code, "Message": code}, **more}
