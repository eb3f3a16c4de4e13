"""Events that are no HTTP requests: EventBridge schedules and SQS batches."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from quintet import log

if TYPE_CHECKING:
    from quintet.api.operation import Operation


def run(operation: Operation[Any, Any], event: Mapping[str, Any]) -> Any:
    """Run an operation for a schedule, or once per message of a queue.

    A schedule's failure is raised, so that Lambda counts it and EventBridge retries it. A queue answers the
    messages that failed (`batchItemFailures`), so that only they come back.
    """
    if "Records" in event:
        return _batch(operation, event["Records"])
    detail = event.get("detail") or {}
    with _measured(operation, event_id=str(event.get("id", ""))):
        return _plain(operation.run(_arguments(operation, detail)))


def _batch(operation: Operation[Any, Any], records: list[Mapping[str, Any]]) -> dict[str, Any]:
    failed = []
    for record in records:
        try:
            with _measured(operation, message_id=record.get("messageId", "")):
                operation.run(_arguments(operation, record.get("body") or "{}"))
        except Exception:
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


@contextmanager
def _measured(operation: Operation[Any, Any], **facts: str) -> Iterator[None]:
    """One run in logs and metrics, under the same names as a request's. What it raises is logged and passes on."""
    started, errors = time.perf_counter(), 1
    with log.context(operation=operation.id, **facts):
        try:
            yield
            errors = 0
        except Exception:
            log.logger().exception("operation failed")
            raise
        finally:
            spent = (time.perf_counter() - started) * 1000
            log.metrics(operation.id, {"Requests": 1, "LatencyMs": round(spent, 2), "Errors": errors}, **facts)


def _arguments(operation: Operation[Any, Any], body: Any) -> dict[str, Any]:
    declared = operation.signature.body
    if declared is None:
        return {}
    if isinstance(body, str | bytes):
        return {declared.name: declared.type.model_validate_json(body)}
    return {declared.name: declared.type.model_validate(body)}


def _plain(result: Any) -> Any:
    return result.model_dump(mode="json", by_alias=True) if isinstance(result, BaseModel) else result
