"""One DynamoDB call: contention and throttling are retried with full jitter, the rest is said plainly.

DynamoDB cancels one of two writes that meet on an item (TransactionConflict). Which of them wins is no error of
the caller's, so the loser waits a random moment and tries again until a deadline, then answers 503.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from quintet.net.wire import DYNAMODB, send
from quintet.settings import settings
from quintet.store.codec import Item, decode_item
from quintet.store.errors import BUSY, Old

DEADLINE = 8.0
"""Seconds a call may spend on being retried; below the API's 29 s even when an operation makes three calls."""
FIRST_PAUSE, LONGEST_PAUSE = 0.008, 0.4
BATCH_GET, BATCH_WRITE = 100, 25
"""Most keys of one BatchGetItem, most writes of one BatchWriteItem (Amazon DynamoDB API reference)."""

_TRANSIENT = {
    "TransactionConflictException",
    "TransactionConflict",
    "TransactionInProgressException",
    "ThrottlingException",
    "ThrottlingError",
    "Throttling",
    "ProvisionedThroughputExceededException",
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
    "InternalServerError",
}


class Cancelled(Exception):
    """Conditions failed; `reasons` holds per item None (held) or a tuple of the item as it stands."""

    def __init__(self, reasons: list[tuple[Old] | None]) -> None:
        super().__init__("a condition did not hold")
        self.reasons = reasons


def call(operation: str, **request: Any) -> dict[str, Any]:
    """Call an operation of DynamoDB (`GetItem`, …).

    Raises `Cancelled` when conditions failed, the 503 error `busy` when contention outlasted the deadline,
    and botocore's `ClientError` for everything else.
    """
    from botocore.exceptions import ClientError

    started, pause = time.monotonic(), FIRST_PAUSE
    while True:
        try:
            if operation == "TransactWriteItems":  # a repeated send of one attempt commits once
                request["ClientRequestToken"] = secrets.token_hex(16)
            return send(DYNAMODB, operation, request)
        except ClientError as error:
            failed = _failed_conditions(error.response)
            if failed is not None:
                raise Cancelled(failed) from None
            if not _transient(error.response):
                raise
            if time.monotonic() - started > DEADLINE:
                raise BUSY() from error
        pause = _rest(pause)


def table_call(operation: str, **request: Any) -> dict[str, Any]:
    return call(operation, TableName=settings().table, **request)


def batch_get(keys: Sequence[Mapping[str, Any]], consistent: bool, **more: Any) -> list[Item]:
    """The items at many keys in no particular order, a hundred keys a round trip."""
    table, found = settings().table, []
    for start in range(0, len(keys), BATCH_GET):
        part = keys[start : start + BATCH_GET]
        left: dict[str, Any] = {table: {"Keys": part, "ConsistentRead": consistent, **more}}
        for answer in _until_processed("BatchGetItem", left, "UnprocessedKeys"):
            found += answer.get("Responses", {}).get(table, [])
    return found


def batch_write(requests: Sequence[Mapping[str, Any]]) -> None:
    """Put and Delete requests, twenty-five a round trip."""
    for start in range(0, len(requests), BATCH_WRITE):
        left = {settings().table: requests[start : start + BATCH_WRITE]}
        for _ in _until_processed("BatchWriteItem", left, "UnprocessedItems"):
            pass


def _until_processed(operation: str, left: Mapping[str, Any], rest: str) -> Iterator[dict[str, Any]]:
    """The answers of a batch and of its unprocessed rests: DynamoDB leaves these when it is throttled."""
    started, pause = time.monotonic(), FIRST_PAUSE
    while True:
        answer = call(operation, RequestItems=left)
        yield answer
        left = answer.get(rest) or {}
        if not left:
            return
        if time.monotonic() - started > DEADLINE:
            raise BUSY()
        pause = _rest(pause)


def _rest(pause: float) -> float:
    """Wait a random part of `pause` seconds; answers the next one."""
    time.sleep(random.uniform(0, pause))  # noqa: S311 (jitter, not a secret)
    return min(pause * 2, LONGEST_PAUSE)


def _failed_conditions(response: Mapping[str, Any]) -> list[tuple[Old] | None] | None:
    code = response.get("Error", {}).get("Code")
    if code == "ConditionalCheckFailedException":
        return [(_old(response.get("Item")),)]
    if code == "TransactionCanceledException":
        reasons = response.get("CancellationReasons", [])
        if any(r.get("Code") == "ConditionalCheckFailed" for r in reasons):
            return [(_old(r.get("Item")),) if r.get("Code") == "ConditionalCheckFailed" else None for r in reasons]
    return None


def _old(item: Any) -> Old:
    return decode_item(item) if item else None


def _transient(response: Mapping[str, Any]) -> bool:
    code = response.get("Error", {}).get("Code")
    if code == "TransactionCanceledException":
        codes = {r.get("Code", "None") for r in response.get("CancellationReasons", [])} - {"None"}
        return bool(codes) and codes <= _TRANSIENT
    return code in _TRANSIENT
