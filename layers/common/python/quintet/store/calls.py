"""One DynamoDB call: contention, throttling and lost answers are waited out, the rest is said plainly.

DynamoDB cancels one of two writers that meet on an item (TransactionConflict). Which of them wins is no error of the
caller's, so the loser waits a random moment and tries again while patience lasts, then answers 503.

A write whose answer is lost, or says that the service failed, may have been done. It is sent again as it was: a
transaction with the token of its first send, by which DynamoDB knows it for ten minutes, far longer than patience
lasts; a lone write with its mark (`marks`). A transaction gets another token only once it was cancelled and no earlier
send of it is without an answer, for that one might still arrive.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from quintet.net import patience
from quintet.net.carrier import Lost
from quintet.net.patience import CONTENTION, FAILED, THROTTLED, TIMED_OUT, Cause, Patience
from quintet.net.wire import DYNAMODB, NoAnswer, send
from quintet.settings import settings
from quintet.store.codec import Item, decode_item
from quintet.store.errors import BUSY, UNCONFIRMED, Old

BATCH_GET, BATCH_WRITE = 100, 25
"""Most keys of one BatchGetItem, most writes of one BatchWriteItem (Amazon DynamoDB API reference)."""
TRANSACTION, CANCELLED = "TransactWriteItems", "TransactionCanceledException"

_CAUSES = {
    "TransactionConflictException": CONTENTION,
    "TransactionConflict": CONTENTION,
    "TransactionInProgressException": CONTENTION,
    "ThrottlingException": THROTTLED,
    "ThrottlingError": THROTTLED,
    "Throttling": THROTTLED,
    "ProvisionedThroughputExceededException": THROTTLED,
    "ProvisionedThroughputExceeded": THROTTLED,
    "RequestLimitExceeded": THROTTLED,
}
"""Why an error is waited out. All others are final."""
_UNDECIDED = "TransactionInProgressException"
"""The error that leaves open whether the write will be done, beside those of the service's own, which count as lost."""

Doubted = Callable[[], Mapping[str, Any]]
"""Arguments that take the place of a request's own once an answer was lost."""


class Cancelled(Exception):
    """Conditions failed; `reasons` holds per item None (held) or a tuple of the item as it stands.

    `lost` says that the answer to an earlier send of the same request was lost, so the condition may have met the
    request's own doing.
    """

    def __init__(self, reasons: list[tuple[Old] | None], *, lost: bool = False) -> None:
        super().__init__("a condition did not hold")
        self.reasons, self.lost = reasons, lost


def call(operation: str, doubted: Doubted | None = None, **request: Any) -> dict[str, Any]:
    """Call an operation of DynamoDB (`GetItem`, …).

    Raises `Cancelled` when conditions failed; when patience is at its end the 503 errors `busy` for what certainly
    was not done and `unconfirmed` for a write that may have been; and botocore's `ClientError` for everything else.
    """
    from botocore.exceptions import ClientError

    waiting, lost = patience.start(DYNAMODB.name), False
    if operation == TRANSACTION:
        request["ClientRequestToken"] = secrets.token_hex(16)
    while True:
        fault: Exception
        try:
            return _once(operation, request, waiting)
        except ClientError as error:
            fault, cause = error, _cause(error.response)
            failed = _failed_conditions(error.response)
            if failed is not None:
                raise Cancelled(failed, lost=lost) from None
            if cause is None:
                raise
            lost = lost or _code(error.response) == _UNDECIDED
            if _code(error.response) == CANCELLED and not lost:
                request["ClientRequestToken"] = secrets.token_hex(16)
        except _Unanswered as silence:
            fault, cause = silence, silence.cause
            lost = lost or silence.sent
        if not waiting.again(cause):
            raise _given_up(operation, lost=lost) from fault
        if lost and doubted is not None:
            request, doubted = {**request, **doubted()}, None


class _Unanswered(Exception):
    """No whole answer came. `sent` tells whether the request may have arrived."""

    def __init__(self, cause: Cause, *, sent: bool) -> None:
        super().__init__("DynamoDB did not answer")
        self.cause, self.sent = cause, sent


def _once(operation: str, request: Mapping[str, Any], waiting: Patience) -> dict[str, Any]:
    """Send a request a single time."""
    from botocore.exceptions import ClientError

    single = patience.start(DYNAMODB.name, waiting.left(), most=0)
    try:
        answer = send(DYNAMODB, operation, request, single)
    except NoAnswer as error:
        cause = error.__cause__.cause if isinstance(error.__cause__, Lost) else TIMED_OUT
        raise _Unanswered(cause, sent=error.sent) from error
    except ClientError as error:
        if _code(error.response).isdigit():  # an error that names none is no answer of DynamoDB's, or not all of it
            raise _Unanswered(FAILED, sent=True) from error
        raise
    waiting.succeeded()
    return answer


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
    waiting = patience.start(DYNAMODB.name)
    while True:
        answer = call(operation, RequestItems=left)
        yield answer
        left = answer.get(rest) or {}
        if not left:
            return
        if not waiting.again(THROTTLED):
            raise BUSY()


def _given_up(operation: str, *, lost: bool) -> Exception:
    """What to say at the end of patience. Bulk writes are of rows that nobody reads yet: done twice is done once."""
    writes = operation in (TRANSACTION, "PutItem", "UpdateItem", "DeleteItem")
    return UNCONFIRMED() if lost and writes else BUSY()


def _failed_conditions(response: Mapping[str, Any]) -> list[tuple[Old] | None] | None:
    if _code(response) == "ConditionalCheckFailedException":
        return [(_old(response.get("Item")),)]
    if _code(response) == CANCELLED:
        reasons = response.get("CancellationReasons", [])
        if any(r.get("Code") == "ConditionalCheckFailed" for r in reasons):
            return [(_old(r.get("Item")),) if r.get("Code") == "ConditionalCheckFailed" else None for r in reasons]
    return None


def _old(item: Any) -> Old:
    return decode_item(item) if item else None


def _cause(response: Mapping[str, Any]) -> Cause | None:
    """Why to try again after an error answer; None when that is of no use. Of several causes the dearest counts."""
    if _code(response) != CANCELLED:
        return _CAUSES.get(_code(response))
    codes = {str(reason.get("Code", "None")) for reason in response.get("CancellationReasons", [])} - {"None"}
    if not codes or not codes <= _CAUSES.keys():
        return None
    return max((_CAUSES[code] for code in codes), key=lambda cause: cause.cost)


def _code(response: Mapping[str, Any]) -> str:
    return str(response.get("Error", {}).get("Code"))
