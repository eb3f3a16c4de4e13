"""Events that are no HTTP requests: schedules, SQS batches, stream records, WebSocket messages. Only what an operation
declares runs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from quintet.api.declaration import Declaration
from quintet.api.runs import arguments, measured
from quintet.api.stages import called
from quintet.net import patience


class Undeclared(Exception):
    """An event of a kind that the operation does not declare. Nothing was done."""


def run(operation: Declaration[..., Any], event: Mapping[str, Any], context: Any = None) -> Any:
    """Run an operation for its schedule, its queue, its stream or its socket. Raises `Undeclared` for any other event.

    A schedule's failure is raised, so that Lambda counts it and EventBridge retries it. A queue and a stream answer
    what must come again (`batchItemFailures`), a socket the message for its client. `context` is Lambda's, and says how
    long the run may last.
    """
    with patience.begin(context, most=operation.timeout):
        return _run(operation, event)


def _run(operation: Declaration[..., Any], event: Mapping[str, Any]) -> Any:
    if operation.queue and _all_from("aws:sqs", event):
        from quintet.api import batches

        return batches.run(operation, event["Records"])
    if operation.stream and _all_from("aws:dynamodb", event):
        from quintet.api import streams

        return streams.run(operation, event["Records"])
    if operation.socket and _from_socket(operation.socket, event):
        from quintet.api import sockets

        return sockets.run(operation, event)
    if operation.schedule and _from_schedule(event):
        with measured(operation, event_id=str(event.get("id", ""))):
            return _plain(called(operation, arguments(operation, event.get("detail") or {})))
    raise Undeclared(f"{operation.id} does not answer events of this kind")


def _all_from(source: str, event: Mapping[str, Any]) -> bool:
    records = event.get("Records")
    return isinstance(records, list) and all(record.get("eventSource") == source for record in records)


def _from_socket(route: str, event: Mapping[str, Any]) -> bool:
    context = event.get("requestContext") or {}
    return bool(context.get("connectionId")) and context.get("routeKey") == route


def _from_schedule(event: Mapping[str, Any]) -> bool:
    return event.get("source") in ("aws.scheduler", "aws.events") and "detail-type" in event


def _plain(result: Any) -> Any:
    return result.model_dump(mode="json", by_alias=True) if isinstance(result, BaseModel) else result
