"""A meter for DynamoDB: which requests a block makes and, by DynamoDB's published rules, what they consume."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from quintet.net import aws
from quintet.settings import settings
from tests.bench.units import Item, batch_units, query_units, read_units, table_units, write_units
from tests.bench.units import item_size as size_of

Key = tuple[str, str]


@dataclass
class Usage:
    """What was asked of DynamoDB, and the read and write units it took."""

    requests: list[str] = field(default_factory=list)
    reads: float = 0.0
    writes: float = 0.0

    @property
    def summary(self) -> str:
        """The requests in the order of their first use, such as `GetItem, 2 Query`."""
        counted = Counter(self.requests)
        return ", ".join(f"{n} {name}" if n > 1 else name for name, n in counted.items()) or "none"


@contextmanager
def metered() -> Iterator[Usage]:
    """Meter what the block asks of the table in force."""
    meter = _Meter()
    emitter = aws.session().get_component("event_emitter")
    emitter.register_first("before-send.dynamodb", meter.note)
    try:
        yield meter.usage
    finally:
        emitter.unregister("before-send.dynamodb", meter.note)
        meter.settle()


@dataclass(frozen=True)
class _Write:
    """A write under way: the item before it, and whether a transaction makes it."""

    key: Key
    old: Item | None
    transactional: bool
    check: bool = False


class _Meter:
    """Sees every request before it is sent; how an item stands after it is read before the next."""

    def __init__(self) -> None:
        self._eye = _eye(settings().region, aws.endpoint("dynamodb"))
        self._table = settings().table
        self._open: list[_Write] = []
        self.usage = Usage()

    def note(self, request: Any, **_: Any) -> None:
        """The hook: books the request, answers nothing."""
        self.settle()
        operation = request.headers["X-Amz-Target"]
        operation = (operation.decode() if isinstance(operation, bytes) else operation).rpartition(".")[2]
        body = json.loads(request.body)
        self.usage.requests.append(operation)
        if operation in ("GetItem", "BatchGetItem", "Query"):
            self.usage.reads += self._read(operation, body)
        else:
            self._open = self._writes(operation, body)

    def settle(self) -> None:
        """Book the writes of the request before, now that their effect can be seen."""
        for write in self._open:
            if write.check:
                self.usage.writes += table_units(write.old, write.old, transactional=True)
            else:
                new = self._item(write.key)
                self.usage.writes += write_units(write.old, new, transactional=write.transactional)
        self._open = []

    def _read(self, operation: str, body: Mapping[str, Any]) -> float:
        if operation == "GetItem":
            found = self._item(_key(body["Key"]))
            return read_units(size_of(found or {}), consistent=body.get("ConsistentRead", False))
        if operation == "BatchGetItem":
            units = 0.0
            for asked in body["RequestItems"].values():
                items = [self._item(_key(key)) for key in asked["Keys"]]
                units += batch_units(items, consistent=asked.get("ConsistentRead", False))
            return units
        # What a projection, a filter or a count leaves out is read, and paid for, all the same.
        whole = {k: v for k, v in body.items() if k not in ("ProjectionExpression", "FilterExpression", "Select")}
        return query_units(self._eye.query(**whole)["Items"], consistent=body.get("ConsistentRead", False))

    def _writes(self, operation: str, body: Mapping[str, Any]) -> list[_Write]:
        if operation in ("PutItem", "UpdateItem", "DeleteItem"):
            return [self._write(body, transactional=False)]
        if operation == "BatchWriteItem":
            requests = [r for group in body["RequestItems"].values() for r in group]
            return [self._write(next(iter(request.values())), transactional=False) for request in requests]
        if operation == "TransactWriteItems":
            actions = [next(iter(action.items())) for action in body["TransactItems"]]
            return [self._write(r, transactional=True, check=kind == "ConditionCheck") for kind, r in actions]
        raise ValueError(f"the meter does not know {operation}")

    def _write(self, request: Mapping[str, Any], *, transactional: bool, check: bool = False) -> _Write:
        key = _key(request.get("Key") or request["Item"])
        return _Write(key, self._item(key), transactional, check)

    def _item(self, key: Key) -> Item | None:
        asked = {"PK": {"S": key[0]}, "SK": {"S": key[1]}}
        found: Item | None = self._eye.get_item(TableName=self._table, Key=asked, ConsistentRead=True).get("Item")
        return found


@cache
def _eye(region: str, endpoint: str) -> Any:
    """A client of a session of its own, so that looking at items is not metered."""
    from botocore.session import get_session

    return get_session().create_client("dynamodb", region_name=region, endpoint_url=endpoint or None)


def _key(attributes: Item) -> Key:
    return attributes["PK"]["S"], attributes["SK"]["S"]
