"""One run of an operation that no request asked for: its argument, its log line and metrics, the time it has."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from quintet import log
from quintet.api.declaration import Declaration
from quintet.net import patience


class RunFailed(Exception):
    """A run failed; the text tells of what, as far as a log may."""


@contextmanager
def measured(operation: Declaration[..., Any], **facts: str) -> Iterator[None]:
    """One run in logs and metrics, under the same names as a request's. Raises `RunFailed` for whatever it raises,
    which is logged: Lambda prints as it is what an invocation ends with, and that may show secrets and refused input.
    """
    started, errors = time.perf_counter(), 1
    with log.context(operation=operation.id, **facts):
        try:
            yield
            errors = 0
        except Exception as error:
            log.logger().exception("operation failed")
            raise RunFailed(log.describe(error)) from None
        finally:
            spent = (time.perf_counter() - started) * 1000
            log.metrics(operation.id, {"Requests": 1, "LatencyMs": round(spent, 2), "Errors": errors}, **facts)


def arguments(operation: Declaration[..., Any], body: Any) -> dict[str, Any]:
    """What the event carries as the function's `body`: text is JSON unless a `str` is declared, the rest is validated
    as it is. Raises pydantic's `ValidationError`."""
    declared = operation.signature.body
    if declared is None:
        return {}
    if declared.type is str and isinstance(body, str):
        return {declared.name: body}
    as_json = isinstance(body, str | bytes)
    if declared.adapter is not None:
        value = declared.adapter.validate_json(body) if as_json else declared.adapter.validate_python(body)
    else:
        value = declared.type.model_validate_json(body) if as_json else declared.type.model_validate(body)
    return {declared.name: value}


class Pieces:
    """The pieces of a batch, one after the other: whether another can be begun in the time that the invocation has.

    The first always can, so that every batch makes progress; a later one is taken to need as long as the longest so
    far. `seconds` are those of an invocation that says nothing.
    """

    __slots__ = ("_longest", "_seconds")

    def __init__(self, seconds: float) -> None:
        self._seconds, self._longest = seconds, -1.0

    def another(self) -> bool:
        """Whether a piece begun now would come to its end."""
        return patience.left(self._seconds) > self._longest

    @contextmanager
    def piece(self) -> Iterator[None]:
        """The block is one piece."""
        before = patience.left(self._seconds)
        try:
            yield
        finally:
            self._longest = max(self._longest, before - patience.left(self._seconds))
