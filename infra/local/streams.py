"""What Lambda's event source for a table's stream does in AWS: reads the changes and hands them over in order."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from infra.local.environment import names
from infra.local.gateway import context
from infra.local.systems import Generation, Operation, Systems

Report = Callable[[str], None]
Client = Callable[[str], Any]
"""Makes a client of an AWS service; `Resources.client` does."""

EVERY = 0.25
"""Seconds between two looks at a stream in which nothing happens."""
PAUSE = 1.0
"""Seconds before a change that failed is told again."""


class Streams:
    """Tells every operation that has a stream what changes in its system's table, each at its own pace.

    How far each has come is kept in a file, so that nothing is missed or told again after a normal stop. A new
    operation begins with the oldest change that the table still keeps, as in AWS.
    """

    def __init__(self, systems: Systems, client: Client, kept: Path, report: Report) -> None:
        self.systems, self._report, self._kept = systems, report, kept
        self._tables, self._streams = client("dynamodb"), client("dynamodbstreams")
        self._reached: dict[str, str] = json.loads(kept.read_text()) if kept.exists() else {}
        self._iterators: dict[str, str | None] = {}
        self._readers: dict[tuple[str, str], threading.Thread] = {}
        self._lock, self._stopped = threading.Lock(), threading.Event()

    def start(self) -> None:
        """Read for every operation that has a stream, and for those that the source declares later."""
        threading.Thread(target=self._watch, name="streams", daemon=True).start()

    def stop(self) -> None:
        """Tell nothing more, wait for the batches under way, and keep how far each reader has come."""
        self._stopped.set()
        for reader in self._readers.values():
            reader.join(5)
        if self._reached:
            self._kept.write_text(json.dumps(self._reached))

    def _watch(self) -> None:
        while not self._stopped.is_set():
            for system in self.systems.now().systems.values():
                for operation in system.operations:
                    key = (system.name, operation.id)
                    if operation.stream and key not in self._readers:
                        reader = threading.Thread(target=self._read, args=key, name=f"stream-{key[1]}", daemon=True)
                        self._readers[key] = reader
                        reader.start()
            self._stopped.wait(1)

    def _read(self, system: str, operation_id: str) -> None:
        while not self._stopped.is_set():
            try:
                if not self.once(system, operation_id):
                    self._stopped.wait(EVERY)
            except Exception as error:
                self._report(f"stream {system}/{operation_id}: {type(error).__name__}: {error}")
                self._stopped.wait(PAUSE)

    def once(self, system: str, operation_id: str) -> bool:
        """Tell one operation the next changes of every shard; False when there were none."""
        table = self._tables.describe_table(TableName=names(system)["QUINTET_TABLE"])["Table"]
        arn = table["LatestStreamArn"]
        shards = self._streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        told = [self._shard(system, operation_id, arn, shard["ShardId"]) for shard in shards]
        return any(told)

    def _shard(self, system: str, operation_id: str, arn: str, shard: str) -> bool:
        generation = self.systems.now()
        operation = generation.systems[system].operation(operation_id)
        if operation is None or operation.stream is None:
            return False
        place = f"{system}/{operation_id}/{arn}/{shard}"
        iterator = self._iterators.get(place) or self._iterator(place, arn, shard)
        answer = self._streams.get_records(ShardIterator=iterator, Limit=operation.stream.batch)
        records = [_record(record, arn) for record in answer["Records"]]
        if records:
            if not self._tell(generation, system, operation, records):
                return True
            with self._lock:
                self._reached[place] = records[-1]["dynamodb"]["SequenceNumber"]
        self._iterators[place] = answer.get("NextShardIterator")
        return bool(records)

    def _iterator(self, place: str, arn: str, shard: str) -> str:
        from botocore.exceptions import ClientError

        begin: dict[str, Any] = {"ShardIteratorType": "TRIM_HORIZON"}
        after = self._reached.get(place)
        if after:
            try:
                begin = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": after}
                return str(self._streams.get_shard_iterator(StreamArn=arn, ShardId=shard, **begin)["ShardIterator"])
            except ClientError:  # the table keeps its changes for a day
                begin = {"ShardIteratorType": "TRIM_HORIZON"}
        return str(self._streams.get_shard_iterator(StreamArn=arn, ShardId=shard, **begin)["ShardIterator"])

    def _tell(self, generation: Generation, system: str, operation: Operation, records: list[dict[str, Any]]) -> bool:
        """Hand over what the operation's filter lets through until all is processed; False when the laptop stops before
        that. What fails too often is reported and left behind, where AWS tells the dead letters of it."""
        assert operation.stream is not None
        waiting, tries = [r for r in records if _wanted(operation, r)], 0
        while waiting and not self._stopped.is_set():
            left = self._left(generation, system, operation, waiting)
            tries = tries + 1 if len(left) == len(waiting) else 0
            if tries > operation.stream.retries:
                given_up = left.pop(0)["dynamodb"]["SequenceNumber"]
                self._report(f"stream {system}/{operation.id}: change {given_up} was given up after {tries} tries")
                tries = 0
            elif left:
                self._stopped.wait(PAUSE)
            waiting = left
        return not waiting

    def _left(
        self, generation: Generation, system: str, operation: Operation, waiting: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Run the operation; what of the batch must come again."""
        try:
            with self.systems.environment(generation, system):
                answer = operation({"Records": waiting}, context(system, operation)) or {}
        except Exception as error:
            self._report(f"stream {system}/{operation.id}: {type(error).__name__}: {error}")
            return waiting
        failed = {one["itemIdentifier"] for one in answer.get("batchItemFailures", [])}
        first = next((n for n, r in enumerate(waiting) if r["dynamodb"]["SequenceNumber"] in failed), len(waiting))
        return waiting[first:]


def _wanted(operation: Operation, record: dict[str, Any]) -> bool:
    assert operation.stream is not None
    told = record["dynamodb"]
    kind = ((told.get("NewImage") or told.get("OldImage") or {}).get("kind") or {}).get("S")
    return record["eventName"] in operation.stream.events and kind in operation.stream.kinds


def _record(record: dict[str, Any], arn: str) -> dict[str, Any]:
    """A record as Lambda's event source hands it over: JSON alone, its time in seconds."""
    told, made = record["dynamodb"], record["dynamodb"].get("ApproximateCreationDateTime")
    seconds = int(made.timestamp()) if isinstance(made, datetime) else made
    return {**record, "eventSourceARN": arn, "dynamodb": {**told, "ApproximateCreationDateTime": seconds}}
