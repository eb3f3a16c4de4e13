"""What feeds operations that no request runs: SQS queues with their dead letters, and the table's stream."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from infra.render.cloudformation import Att, Resource
from infra.render.permissions import SENDS, queue_id
from infra.render.systems import System
from quintet.api import Operation
from quintet.api.sources import Queue, Stream
from quintet.messaging.queue import LARGEST

MOST_READERS = 2
"""Functions that may read one table's stream (DynamoDB developer guide, "Streams and Lambda triggers")."""
KEPT = 14 * 24 * 3600
"""Seconds a dead letter is kept; as long as SQS keeps anything."""
DEAD_LETTERS, DEAD_LETTERS_FIFO = "DeadLetters", "DeadLettersFifo"
"""The logical ids of the queues of what nobody could process. What a FIFO queue gives up needs a FIFO queue."""


def queues_of(system: System) -> dict[str, tuple[Queue, Operation[Any, Any]]]:
    """The system's queues by name, each with its one reader. Raises `ValueError` for one that two operations read, or
    that is sent to and nobody reads."""
    readers = [(o.queue, o) for o in system.operations if o.queue]
    twice = [name for name, times in Counter(queue.name for queue, _ in readers).items() if times > 1]
    if twice:
        raise ValueError(f"{system.name} has queues that two operations read: {sorted(twice)}")
    found = {queue.name: (queue, operation) for queue, operation in readers}
    sent = {name.removeprefix(SENDS) for o in system.operations for name in o.needs if name.startswith(SENDS)}
    sent |= {queue.dead_letters for queue, _ in readers if queue.dead_letters}
    if sent - found.keys():
        raise ValueError(f"{system.name} sends to queues nothing reads: {sorted(sent - found.keys())}")
    return dict(sorted(found.items()))


def events_of(operation: Operation[Any, Any]) -> dict[str, Any]:
    """The event sources of an operation's function, as SAM takes them."""
    found = {}
    if operation.queue:
        found["Messages"] = _messages(operation.queue)
    if operation.stream:
        found["Changes"] = _changes(operation.stream)
    return found


def queues(system: System) -> dict[str, Resource]:
    """The queues, and those of their dead letters."""
    known = queues_of(system)
    found = {DEAD_LETTERS: _dead_letters(fifo=False)}
    if any(queue.fifo for queue, _ in known.values()):
        found[DEAD_LETTERS_FIFO] = _dead_letters(fifo=True)
    return found | {queue_id(name): _queue(queue, operation) for name, (queue, operation) in known.items()}


def streamed(system: System) -> list[Operation[Any, Any]]:
    """The operations that are told the table's changes. Raises `ValueError` when a stream has too many readers."""
    found = [operation for operation in system.operations if operation.stream]
    if len(found) > MOST_READERS:
        raise ValueError(f"{system.name} has {len(found)} readers of its table's stream, and may have {MOST_READERS}")
    return found


def _queue(queue: Queue, operation: Operation[Any, Any]) -> Resource:
    dead = DEAD_LETTERS_FIFO if queue.fifo else DEAD_LETTERS
    dead = queue_id(queue.dead_letters) if queue.dead_letters else dead
    return {
        "Type": "AWS::SQS::Queue",
        "Properties": {
            **({"FifoQueue": True} if queue.fifo else {}),
            **({"DelaySeconds": queue.delay} if queue.delay else {}),
            # Six times the function's timeout, as the Lambda developer guide advises for SQS sources.
            "VisibilityTimeout": 6 * operation.timeout,
            "MaximumMessageSize": LARGEST,
            "SqsManagedSseEnabled": True,
            "RedrivePolicy": {"deadLetterTargetArn": Att(f"{dead}.Arn"), "maxReceiveCount": queue.receives},
        },
    }


def _dead_letters(*, fifo: bool) -> Resource:
    kind = {"FifoQueue": True} if fifo else {}
    properties = {"MaximumMessageSize": LARGEST, "MessageRetentionPeriod": KEPT, "SqsManagedSseEnabled": True}
    return {"Type": "AWS::SQS::Queue", "Properties": {**kind, **properties}}


def _messages(queue: Queue) -> dict[str, Any]:
    scaling = {"ScalingConfig": {"MaximumConcurrency": queue.concurrency}} if queue.concurrency else {}
    return {
        "Type": "SQS",
        "Properties": {
            "Queue": Att(f"{queue_id(queue.name)}.Arn"),
            "BatchSize": queue.batch,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            **scaling,
        },
    }


def _changes(stream: Stream) -> dict[str, Any]:
    return {
        "Type": "DynamoDB",
        "Properties": {
            "Stream": Att("Table.StreamArn"),
            # LATEST may miss what is written while the source is being made.
            "StartingPosition": "TRIM_HORIZON",
            "BatchSize": stream.batch,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "BisectBatchOnFunctionError": True,
            "MaximumRetryAttempts": stream.retries,
            "MaximumRecordAgeInSeconds": stream.oldest,
            "DestinationConfig": {"OnFailure": {"Type": "SQS", "Destination": Att(f"{DEAD_LETTERS}.Arn")}},
            "FilterCriteria": {"Filters": [{"Pattern": json.dumps(pattern)} for pattern in patterns(stream)]},
        },
    }


def patterns(stream: Stream) -> list[dict[str, Any]]:
    """The filter patterns that let the declared changes through (Lambda developer guide, "Event filtering"): what is
    gone has an old image alone."""
    kind = {"kind": {"S": sorted(stream.kinds)}}
    written = [event for event in stream.events if event != "REMOVE"]
    found: list[dict[str, Any]] = []
    if written:
        found.append({"eventName": written, "dynamodb": {"NewImage": kind}})
    if "REMOVE" in stream.events:
        found.append({"eventName": ["REMOVE"], "dynamodb": {"OldImage": kind}})
    return found
