"""Schedules and queues run the same operations: failures are told to who must try again."""

from collections.abc import Iterator

import pytest

from quintet.settings import Settings
from quintet.testing import Client, LambdaContext, schedule_event, sqs_event
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
