"""The laptop's streams: every change told once and in order, again after a failure, and on from there after a stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest

from infra.local import streams as local_streams
from infra.local.streams import Streams
from quintet.api.sources import Stream
from quintet.store import Entity, Keys
from tests.local.fakes import FakeOperation, fake_systems


class Row(Entity):
    kind: ClassVar[str] = "row"
    keys: ClassVar[Keys] = Keys("ROW#{id}", "ROW")

    id: str


class FakeStream:
    """The parts of DynamoDB's clients that the reader uses: one shard, whose iterators are positions in it."""

    def __init__(self, *ids: str) -> None:
        self.records = [record(number, row) for number, row in enumerate(ids, 1)]

    def describe_table(self, *, TableName: str) -> dict[str, Any]:  # noqa: N803 (AWS's names)
        assert TableName == "quintet-local-fake"
        return {"Table": {"LatestStreamArn": "arn"}}

    def describe_stream(self, *, StreamArn: str) -> dict[str, Any]:  # noqa: N803
        return {"StreamDescription": {"Shards": [{"ShardId": "shard"}]}}

    def get_shard_iterator(self, *, ShardIteratorType: str, SequenceNumber: str = "0", **_: str) -> dict[str, str]:  # noqa: N803
        assert ShardIteratorType == ("AFTER_SEQUENCE_NUMBER" if SequenceNumber != "0" else "TRIM_HORIZON")
        return {"ShardIterator": SequenceNumber}

    def get_records(self, *, ShardIterator: str, Limit: int) -> dict[str, Any]:  # noqa: N803
        at = int(ShardIterator)
        return {"Records": self.records[at : at + Limit], "NextShardIterator": str(min(at + Limit, len(self.records)))}


def record(number: int, id: str, event: str = "INSERT") -> dict[str, Any]:
    image = {"NewImage": Row(id=id).item()} if event != "REMOVE" else {"OldImage": Row(id=id).item()}
    return {"eventName": event, "eventSource": "aws:dynamodb", "dynamodb": {**image, "SequenceNumber": str(number)}}


class Reader:
    """An operation with a stream that remembers what it was told, and fails as a test says."""

    def __init__(self, fails: Callable[[str], bool] = lambda _: False, **options: Any) -> None:
        self.told: list[str] = []
        self.batches: list[int] = []
        self._fails = fails
        self.operation = FakeOperation("rows.told", None, "", self._run, stream=Stream(Row, **options))

    def _run(self, event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
        self.batches.append(len(event["Records"]))
        for each in event["Records"]:
            told = each["dynamodb"]
            row = (told.get("NewImage") or told["OldImage"])["id"]["S"]
            if self._fails(row):
                return {"batchItemFailures": [{"itemIdentifier": told["SequenceNumber"]}]}
            self.told.append(row)
        return {"batchItemFailures": []}


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_streams, "PAUSE", 0.0)


def streams(reader: Reader, source: FakeStream, kept: Path, said: list[str] | None = None) -> Streams:
    report = (said if said is not None else []).append
    return Streams(fake_systems(reader.operation), lambda _service: source, kept, report)


def test_changes_are_told_in_order_and_those_of_no_interest_are_not(tmp_path: Path) -> None:
    source, reader = FakeStream("a", "b", "c"), Reader(events=("INSERT",), batch=2)
    source.records.append(record(4, "gone", "REMOVE"))
    other = record(5, "other")
    other["dynamodb"]["NewImage"]["kind"] = {"S": "outbox"}
    source.records.append(other)
    running = streams(reader, source, tmp_path / "kept")
    told = [running.once("fake", "rows.told") for _ in range(4)]
    assert told == [True, True, True, False]
    assert (reader.told, reader.batches) == (["a", "b", "c"], [2, 1])


def test_a_change_that_fails_is_told_again_before_any_behind_it(tmp_path: Path) -> None:
    left = {"b": 2}

    def fails(id: str) -> bool:
        left[id] = left.get(id, 0) - 1
        return left[id] >= 0

    reader = Reader(fails)
    streams(reader, FakeStream("a", "b", "c"), tmp_path / "kept").once("fake", "rows.told")
    assert (reader.told, reader.batches) == (["a", "b", "c"], [3, 2, 2])


def test_a_change_that_fails_too_often_is_reported_and_left_behind(tmp_path: Path) -> None:
    said: list[str] = []
    reader = Reader(lambda row: row == "b", retries=2)
    streams(reader, FakeStream("a", "b", "c"), tmp_path / "kept", said).once("fake", "rows.told")
    assert reader.told == ["a", "c"]
    assert said == ["stream fake/rows.told: change 2 was given up after 3 tries"]


def test_after_a_stop_it_goes_on_where_it_was(tmp_path: Path) -> None:
    kept, source, seen = tmp_path / "kept", FakeStream("a", "b"), threading.Event()

    def noticed(row: str) -> bool:
        if row == "b":
            seen.set()
        return False

    first = Reader(noticed)
    running = streams(first, source, kept)
    running.start()
    assert seen.wait(5)
    running.stop()
    source.records.append(record(3, "c"))
    second = Reader()
    streams(second, source, kept).once("fake", "rows.told")
    assert (first.told, second.told) == (["a", "b"], ["c"])


def test_a_place_that_the_table_keeps_no_more_is_the_oldest_change_it_keeps(tmp_path: Path) -> None:
    from botocore.exceptions import ClientError

    class Trimmed(FakeStream):
        def get_shard_iterator(self, *, ShardIteratorType: str, SequenceNumber: str = "0", **_: str) -> dict[str, str]:  # noqa: N803
            if ShardIteratorType != "TRIM_HORIZON":
                raise ClientError({"Error": {"Code": "TrimmedDataAccessException"}}, "GetShardIterator")
            return {"ShardIterator": "0"}

    kept = tmp_path / "kept"
    kept.write_text('{"fake/rows.told/arn/shard": "77"}')
    reader = Reader()
    streams(reader, cast("FakeStream", Trimmed("a")), kept).once("fake", "rows.told")
    assert reader.told == ["a"]
