"""Events that are no HTTP requests: EventBridge schedules and SQS batches. Only what an operation declares runs it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel

from quintet import log
from quintet.api.declaration import Declaration
from quintet.api.stages import called


class Undeclared(Exception):
    """An event of a kind that the operation does not declare. Nothing was done."""


def run(operation: Declaration[..., Any], event: Mapping[str, Any]) -> Any:
    """Run an operation for its schedule, or once per message of its queue. Raises `Undeclared` for any other event.

    A schedule's failure is raised, so that Lambda counts it and EventBridge retries it. A queue answers the
    messages that failed (`batchItemFailures`), so that only they come back.
    """
    if operation.queue and _from_queue(event):
        return _batch(operation, event["Records"])
    if operation.schedule and _from_schedule(event):
        with _measured(operation, event_id=str(event.get("id", ""))):
            return _plain(called(operation, _arguments(operation, event.get("detail") or {})))
    raise Undeclared(f"{operation.id} does not answer events of this kind")


def _from_queue(event: Mapping[str, Any]) -> bool:
    records = event.get("Records")
    return isinstance(records, list) and all(record.get("eventSource") == "aws:sqs" for record in records)


def _from_schedule(event: Mapping[str, Any]) -> bool:
    return event.get("source") in ("aws.scheduler", "aws.events") and "detail-type" in event


def _batch(operation: Declaration[..., Any], records: list[Mapping[str, Any]]) -> dict[str, Any]:
    failed = []
    for record in records:
        try:
            with _measured(operation, message_id=record.get("messageId", "")):
                called(operation, _arguments(operation, record.get("body") or "{}"))
        except Exception:
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


@contextmanager
def _measured(operation: Declaration[..., Any], **facts: str) -> Iterator[None]:
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


def _arguments(operation: Declaration[..., Any], body: Any) -> dict[str, Any]:
    declared = operation.signature.body
    if declared is None:
        return {}
    if isinstance(body, str | bytes):
        return {declared.name: declared.type.model_validate_json(body)}
    return {declared.name: declared.type.model_validate(body)}


def _plain(result: Any) -> Any:
    return result.model_dump(mode="json", by_alias=True) if isinstance(result, BaseModel) else result
