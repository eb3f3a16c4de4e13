"""Schedules, queues and streams run the same operations: failures are told to who must try again."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from quintet.api.runs import RunFailed
from quintet.api.sources import Queue, Stream
from quintet.api.triggers import Undeclared
from quintet.net.patience import timed_by
from quintet.settings import Settings
from quintet.testing import (
    Client,
    LambdaContext,
    http_event,
    schedule_event,
    socket_event,
    sqs_event,
    stream_event,
)
from quintet.testing.clock import Standing
from tests.layers.api.noted import chores, talk
from tests.layers.api.noted.notes import Note
from tests.layers.api.noted.service import api


@pytest.fixture(autouse=True)
def _nothing_done(table: Settings) -> Iterator[None]:
    chores.done.clear()
    yield
    chores.done.clear()


def test_a_schedule_runs_the_operation_and_answers_its_plain_result() -> None:
    assert chores.tidy(schedule_event(), LambdaContext()) == {"removed": 1}
    assert Client(api).post("/api/v1/chores/tidy").body == {"data": {"removed": 2}}


def test_a_failed_schedule_fails_the_invocation() -> None:
    chores.done.append("fail")
    with pytest.raises(RunFailed, match="RuntimeError: cannot tidy"):
        chores.tidy(schedule_event(), LambdaContext())


def test_a_queue_answers_the_messages_that_failed_and_only_them() -> None:
    event = sqs_event([{"name": "a"}, {"name": "impossible"}, "no json", {"nome": "b"}, {"name": "c"}])
    ids = [record["messageId"] for record in event["Records"]]
    assert chores.run_errand(event, LambdaContext()) == {
        "batchItemFailures": [{"itemIdentifier": ids[n]} for n in (1, 2, 3)]
    }
    assert chores.done == ["a", "c"]
    assert chores.run_errand(sqs_event([{"name": "d"}])) == {"batchItemFailures": []}


def test_a_failed_message_is_logged_with_its_id(capsys: pytest.CaptureFixture[str]) -> None:
    event = sqs_event([{"name": "impossible"}])
    chores.run_errand(event, LambdaContext())
    told = capsys.readouterr().out
    assert event["Records"][0]["messageId"] in told
    assert "cannot be done" in told


def measured(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line for line in lines if "_aws" in line]


def test_every_run_of_a_schedule_is_measured_and_a_failed_one_logged(capsys: pytest.CaptureFixture[str]) -> None:
    chores.tidy(schedule_event(), LambdaContext())
    (line,) = measured(capsys)
    assert (line["operation"], line["Requests"], line["Errors"]) == ("chores.tidy", [1.0], [0.0])
    assert line["LatencyMs"][0] > 0
    chores.done.append("fail")
    with pytest.raises(RunFailed):
        chores.tidy(schedule_event(), LambdaContext())
    told = capsys.readouterr().out
    stack, metrics = (json.loads(line) for line in told.splitlines())
    assert (stack["level"], stack["operation"]) == ("ERROR", "chores.tidy")
    assert "cannot tidy" in stack["exception"]
    assert metrics["Errors"] == [1.0]


def test_every_message_of_a_queue_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    event = sqs_event([{"name": "a"}, {"name": "impossible"}])
    chores.run_errand(event, LambdaContext())
    lines = measured(capsys)
    assert [line["Errors"] for line in lines] == [[0.0], [1.0]]
    assert [line["message_id"] for line in lines] == [record["messageId"] for record in event["Records"]]


def failures(answer: dict[str, Any]) -> list[str]:
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def test_after_a_failed_message_the_rest_of_its_group_comes_back_unprocessed_and_other_groups_go_on() -> None:
    event = sqs_event(
        [{"name": name} for name in ("a", "impossible", "b", "c", "d")],
        "rounds.fifo",
        ["one", "two", "one", "two", "3"],
    )
    ids = [record["messageId"] for record in event["Records"]]
    assert failures(chores.make_round(event, LambdaContext())) == [ids[1], ids[3]]
    assert chores.done == ["a", "b", "d"]


def test_a_group_of_a_queue_without_order_holds_nothing_up() -> None:
    event = sqs_event([{"name": "impossible"}, {"name": "a"}], groups=["tenant", "tenant"])
    assert failures(chores.run_errand(event, LambdaContext())) == [event["Records"][0]["messageId"]]
    assert chores.done == ["a"]


class Slow(list[str]):
    """Takes four seconds for everything that is done."""

    def __init__(self, time: Standing) -> None:
        super().__init__()
        self._time = time

    def append(self, one: str, /) -> None:
        self._time.sleep(4)
        super().append(one)


def test_messages_that_the_time_does_not_suffice_for_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Standing()
    monkeypatch.setattr(chores, "done", Slow(time))
    event = sqs_event([{"name": name} for name in "abcd"])
    ids = [record["messageId"] for record in event["Records"]]
    with timed_by(time.clock):
        answer = chores.run_errand(event, Left(10_000))
    # Nine seconds: two messages of four, and a third would be cut off.
    assert failures(answer) == ids[2:]
    assert chores.done == ["a", "b"]


def test_a_batch_makes_progress_however_little_time_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Standing()
    monkeypatch.setattr(chores, "done", Slow(time))
    event = sqs_event([{"name": name} for name in "ab"])
    with timed_by(time.clock):
        answer = chores.run_errand(event, Left(500))
    assert failures(answer) == [event["Records"][1]["messageId"]]
    assert chores.done == ["a"]


class Left(LambdaContext):
    """A context whose remaining time is what it was given, in milliseconds."""

    def __init__(self, milliseconds: int) -> None:
        super().__init__()
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


def note(title: str, text: str = "") -> Note:
    return Note(title=title, text=text)


def test_a_stream_tells_each_declared_change_in_order_with_what_was_and_what_is() -> None:
    event = stream_event([(None, note("a")), (note("a"), note("a", "longer")), (note("b"), None)])
    assert chores.note_changed(event, LambdaContext()) == {"batchItemFailures": []}
    assert chores.done == ["INSERT a", "REMOVE b"]
    assert chores.note_changed(stream_event([(note("c"), None)], expired=True), LambdaContext())
    assert chores.done[-1] == "REMOVE c expired"


def test_a_stream_goes_on_where_a_change_failed() -> None:
    event = stream_event([(None, note("a")), (None, note("impossible")), (None, note("b"))])
    answer = chores.note_changed(event, LambdaContext())
    assert failures(answer) == [event["Records"][1]["dynamodb"]["SequenceNumber"]]
    assert chores.done == ["INSERT a"]


def test_a_stream_goes_on_where_the_time_did_not_suffice(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Standing()
    monkeypatch.setattr(chores, "done", Slow(time))
    event = stream_event([(None, note(title)) for title in "abc"])
    with timed_by(time.clock):
        answer = chores.note_changed(event, Left(8_000))
    assert failures(answer) == [event["Records"][1]["dynamodb"]["SequenceNumber"]]


def test_an_operation_may_take_a_batch_of_changes_whose_failure_is_the_whole_batchs() -> None:
    event = stream_event([(None, note("a")), (note("a"), note("a", "longer"))])
    assert chores.notes_changed(event, LambdaContext()) == {"batchItemFailures": []}
    assert chores.done == ["INSERT:a MODIFY:a"]
    event["Records"][0]["dynamodb"]["NewImage"]["title"] = {"NULL": True}
    with pytest.raises(ValueError, match="title"):
        chores.notes_changed(event, LambdaContext())


def test_items_of_other_kinds_are_not_told() -> None:
    event = stream_event([(None, note("a"))])
    event["Records"][0]["dynamodb"]["NewImage"]["kind"] = {"S": "outbox"}
    assert chores.note_changed(event, LambdaContext()) == {"batchItemFailures": []}
    assert chores.done == []


@pytest.mark.parametrize("name", ["Errands", "errands.FIFO", "", "a" * 60, "er_rands"])
def test_a_name_that_no_queue_can_have_is_refused_where_it_is_declared(name: str) -> None:
    with pytest.raises(ValueError, match="names no queue"):
        Queue(name)


@pytest.mark.parametrize("wrong", [{"batch": 11}, {"concurrency": 1}, {"receives": 0}, {"delay": 901}])
def test_options_beyond_what_aws_takes_are_refused_where_they_are_declared(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="errands"):
        Queue("errands", **wrong)
    with pytest.raises(ValueError, match="a stream"):
        Stream(Note, batch=1001)


EVENTS: dict[str, dict[str, Any]] = {
    "socket": socket_event("$default", body={"name": "c"}),
    "stream": stream_event([(None, Note(title="a"))]),
    "queue": sqs_event([{"name": "c"}]),
    "schedule": schedule_event(),
    "empty": {},
    "detail alone": {"detail": {}},
    "records of nobody": {"Records": [{"body": "{}"}]},
    "a queue's and a stream's": {"Records": [{"eventSource": "aws:sqs"}, {"eventSource": "aws:dynamodb"}]},
}


@pytest.mark.parametrize("kind", EVENTS)
def test_an_event_of_a_kind_that_was_not_declared_runs_nothing(kind: str) -> None:
    assert {talk.murmur, chores.note_changed, chores.run_errand, chores.tidy} <= set(api.operations)
    for operation in api.operations:
        if getattr(operation, kind, None):
            continue
        with pytest.raises(Undeclared, match=operation.id):
            operation(EVENTS[kind], LambdaContext())
    assert chores.done == []


def test_a_schedule_runs_no_queues_operation_and_a_queue_no_schedules() -> None:
    with pytest.raises(Undeclared):
        chores.run_errand(schedule_event(), LambdaContext())
    with pytest.raises(Undeclared):
        chores.tidy(sqs_event([{"name": "a"}]), LambdaContext())
    assert chores.done == []


def test_an_operation_without_a_route_answers_no_request() -> None:
    with pytest.raises(Undeclared):
        chores.run_errand(http_event("POST", "/", body={"name": "a"}), LambdaContext())
    assert chores.done == []
