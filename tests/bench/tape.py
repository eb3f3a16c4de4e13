"""Tapes: AWS's real answers to a handler, as moto gives them, recorded to be played in a child process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.bench.child import request_name

Exchange = dict[str, Any]
Handler = Callable[[Mapping[str, Any], Any], Mapping[str, Any]]


@dataclass(frozen=True)
class Recording:
    """What AWS was asked by the first call of a process, and by every later one."""

    first: list[Exchange]
    again: list[Exchange]


@contextmanager
def exchanges() -> Iterator[list[Exchange]]:
    """Everything the block asks of the mocked AWS, with the answers."""
    from moto.core.models import botocore_stubber

    stubber: Any = botocore_stubber
    plain = stubber.process_request
    made: list[Exchange] = []

    def process(request: Any) -> Any:
        answer = plain(request)
        if answer is not None:
            status, headers, body = answer
            text = body if isinstance(body, str) else body.decode()
            kept = {name: str(value) for name, value in headers.items()}
            asked = request_name(request.method, request.url, request.headers)
            made.append({"request": asked, "status": status, "headers": kept, "body": text})
        return answer

    stubber.process_request = process
    try:
        yield made
    finally:
        stubber.process_request = plain


def record(handler: Handler, event: Mapping[str, Any], expect: int, forget: Callable[[], None],
           prepare: Callable[[], None]) -> Recording:  # fmt: skip
    """Run a handler cold and warm. `forget` empties its caches, `prepare` makes the table ready for one more run."""
    found = []
    for run in range(2):
        prepare()
        if run == 0:
            forget()
        with exchanges() as made:
            answer = handler(event, None)
        if answer["statusCode"] != expect:
            raise AssertionError(f"the handler answered {answer}")
        found.append(made)
    return Recording(*found)
