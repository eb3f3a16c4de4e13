"""Batches of SQS messages: one run a message; those that failed or were not begun come back (AWS Lambda developer
guide, "Handling errors for an SQS event source")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from quintet import log
from quintet.api.declaration import Declaration
from quintet.api.runs import Pieces, arguments, measured
from quintet.api.stages import called


def run(operation: Declaration[..., Any], records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Run an operation once per message; answers the messages that must come back (`batchItemFailures`).

    In a FIFO queue nothing overtakes: after the first message of a group that failed the rest of the group comes back
    unprocessed. Messages for which the time does not suffice come back, too; each return counts as a receive.
    """
    assert operation.queue is not None
    pieces, held = Pieces(operation.timeout), set[str]()
    failed: list[str] = []
    unbegun = 0
    for record in records:
        group = _group(record) if operation.queue.fifo else None
        if group in held or not pieces.another():
            unbegun += 1
        elif _succeeds(operation, record, pieces):
            continue
        failed.append(str(record["messageId"]))
        if group is not None:
            held.add(group)
    if unbegun:
        log.logger().warning("messages left for another batch", extra={"operation": operation.id, "messages": unbegun})
    return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}


def _group(record: Mapping[str, Any]) -> str | None:
    found = (record.get("attributes") or {}).get("MessageGroupId")
    return None if found is None else str(found)


def _succeeds(operation: Declaration[..., Any], record: Mapping[str, Any], pieces: Pieces) -> bool:
    try:
        with pieces.piece(), measured(operation, message_id=str(record.get("messageId", ""))):
            called(operation, arguments(operation, record.get("body") or "{}"))
    except Exception:
        return False
    return True
