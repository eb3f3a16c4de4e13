"""Changes of the table as its stream tells them, in the order they happened to each item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, get_args, get_origin

from pydantic import BaseModel, ConfigDict

from quintet import log
from quintet.api.declaration import Declaration
from quintet.api.runs import Pieces, measured
from quintet.api.sources import EventName, Stream
from quintet.api.stages import called
from quintet.store.entity import E

_EXPIRED = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
"""Whose deletion it is when an item's time to live ran out (DynamoDB developer guide, "Streams and time to live")."""


class Change(BaseModel, Generic[E]):
    """One change of one item: what it was and what it is, None where it was not or is no more.

    `sequence` grows with each change of the same item; a change may be told twice, then with the same one.
    """

    model_config = ConfigDict(defer_build=True)

    old: E | None = None
    new: E | None = None
    sequence: str = ""
    expired: bool = False
    """Whether it was deleted because its `expires_at` had passed."""

    @property
    def event(self) -> EventName:
        """What happened."""
        return "INSERT" if self.old is None else "REMOVE" if self.new is None else "MODIFY"

    @property
    def entity(self) -> E:
        """The entity as it is, or as it was when it is no more."""
        found = self.new if self.new is not None else self.old
        assert found is not None
        return found


def run(operation: Declaration[..., Any], records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Run an operation for its changes: one by one, or all at once where its `body` is a list.

    One by one, the first change that failed or could not be begun in time is answered, and Lambda goes on there
    (`batchItemFailures`). A whole batch that fails raises, and Lambda halves it until what fails stands alone.
    """
    assert operation.stream is not None
    changes = [change for record in records if (change := _change(operation.stream, record)) is not None]
    if _takes_all(operation):
        with measured(operation, changes=str(len(changes))):
            called(operation, _argument(operation, changes))
        return {"batchItemFailures": []}
    pieces = Pieces(operation.timeout)
    for change in changes:
        if not pieces.another():
            log.logger().warning("changes left for another batch", extra={"operation": operation.id})
            return _from(change)
        try:
            with pieces.piece(), measured(operation, sequence=change.sequence):
                called(operation, _argument(operation, change))
        except Exception:
            return _from(change)
    return {"batchItemFailures": []}


def _from(change: Change[Any]) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": change.sequence}]}


def _takes_all(operation: Declaration[..., Any]) -> bool:
    body = operation.signature.body
    return body is not None and get_origin(body.type) is list and len(get_args(body.type)) == 1


def _argument(operation: Declaration[..., Any], value: Any) -> dict[str, Any]:
    body = operation.signature.body
    return {body.name: value} if body is not None else {}


def _change(stream: Stream, record: Mapping[str, Any]) -> Change[Any] | None:
    """The change of a record; None for one that the declared stream does not name, as the source's filter has it."""
    told: Mapping[str, Any] = record["dynamodb"]
    old, new = told.get("OldImage"), told.get("NewImage")
    kind = ((new or old or {}).get("kind") or {}).get("S")
    entity = stream.kinds.get(str(kind))
    if entity is None or record.get("eventName") not in stream.events:
        return None
    return Change[Any].model_construct(
        old=entity.load(dict(old)) if old else None,
        new=entity.load(dict(new)) if new else None,
        sequence=str(told.get("SequenceNumber", "")),
        expired=record.get("userIdentity") == _EXPIRED,
    )
