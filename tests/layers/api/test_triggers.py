"""Schedules and queues run the same operations: failures are told to who must try again."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from quintet.api.triggers import Undeclared
from quintet.settings import Settings
from quintet.testing import Client, LambdaContext, http_event, schedule_event, sqs_event
from tests.layers.api.noted import chores
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
    with pytest.raises(RuntimeError, match="cannot tidy"):
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
    with pytest.raises(RuntimeError):
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


SOCKET_MESSAGE = {
    "requestContext": {"routeKey": "$default", "eventType": "MESSAGE", "connectionId": "abc=", "stage": "dev"},
    "body": '{"name": "c"}',
}
STREAM_RECORD = {"Records": [{"eventSource": "aws:dynamodb", "dynamodb": {}}]}


@pytest.mark.parametrize("event", [SOCKET_MESSAGE, STREAM_RECORD, {}, {"detail": {}}, {"Records": [{"body": "{}"}]}])
def test_an_event_of_a_kind_that_was_not_declared_runs_nothing(event: dict[str, Any]) -> None:
    for operation in api.load():
        with pytest.raises(Undeclared, match=operation.id):
            operation(event, LambdaContext())
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
