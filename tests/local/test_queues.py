"""The laptop's queues: made as the source declares them, polled as Lambda polls, with only what failed coming back."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from infra.local.queues import Queues
from quintet.api.sources import Queue
from tests.local.fakes import FakeOperation, fake_systems, ignore


class FakeQueue:
    """The part of SQS's client that the poller uses: messages come back until they are deleted."""

    def __init__(self, *bodies: str) -> None:
        self.messages = {f"m{n}": body for n, body in enumerate(bodies)}
        self.asked: list[int] = []
        self.polled = threading.Event()

    def receive_message(self, *, QueueUrl: str, MaxNumberOfMessages: int, **_: Any) -> dict[str, Any]:  # noqa: N803
        assert QueueUrl == "url"
        self.asked.append(MaxNumberOfMessages)
        if len(self.asked) >= 3:
            self.polled.set()
            threading.Event().wait(0.05)
            return {}
        found = list(self.messages.items())[:MaxNumberOfMessages]
        return {"Messages": [{"MessageId": n, "ReceiptHandle": n, "Body": b, "Attributes": {}} for n, b in found]}

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:  # noqa: N803 (AWS's names)
        del self.messages[ReceiptHandle]


class Made:
    """Remembers the queues it was asked for."""

    def __init__(self) -> None:
        self.asked: dict[str, dict[str, Any]] = {}

    def __call__(self, name: str, **options: Any) -> str:
        self.asked[name] = options
        return "url"


def test_a_queue_delivers_and_only_what_failed_comes_back() -> None:
    seen: list[list[str]] = []

    def work(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
        seen.append([record["body"] for record in event["Records"]])
        failed = [r["messageId"] for r in event["Records"] if r["body"] == "bad"]
        return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}

    sqs = FakeQueue("good", "bad", "later")
    operation = FakeOperation("jobs.work", None, "", work, queue=Queue("work", batch=2))
    queues = Queues(fake_systems(operation), sqs, Made(), ignore)
    queues.start()
    assert sqs.polled.wait(5)
    queues.stop()

    assert seen == [["good", "bad"], ["bad", "later"]]
    assert list(sqs.messages.values()) == ["bad"]
    assert set(sqs.asked) == {2}


def test_an_operation_that_fails_as_a_whole_is_reported_and_loses_nothing() -> None:
    def work(_event: Mapping[str, Any], _context: Any) -> None:
        raise RuntimeError("no luck")

    sqs, said = FakeQueue("good"), list[str]()
    told = threading.Event()

    def report(text: str) -> None:
        said.append(text)
        told.set()

    operation = FakeOperation("jobs.work", None, "", work, queue=Queue("work"))
    queues = Queues(fake_systems(operation), sqs, Made(), report)
    queues.start()
    assert told.wait(5)
    queues.stop()
    assert said == ["queue fake/work: RuntimeError: no luck"]
    assert list(sqs.messages.values()) == ["good"]


def test_queues_are_made_with_their_options_and_told_to_the_functions() -> None:
    plain = FakeOperation("jobs.work", None, "", lambda _e, _c: None, queue=Queue("work", dead_letters="dead"))
    fifo = FakeOperation(
        "jobs.go", None, "", lambda _e, _c: None, queue=Queue("go.fifo", receives=2, delay=3), timeout=60
    )
    made = Made()
    queues = Queues(fake_systems(plain, fifo), FakeQueue(), made, ignore)
    queues.ensure()
    assert made.asked == {
        "quintet-local-fake-work": {
            "visible_after": 29, "receives": 5, "delay": 0, "dead_letters": "quintet-local-fake-dead",
        },
        "quintet-local-fake-go.fifo": {
            "visible_after": 60, "receives": 2, "delay": 3, "dead_letters": "quintet-local-fake-dead-letters.fifo",
        },
    }  # fmt: skip
    assert queues.settings("fake") == {"QUINTET_QUEUE_WORK": "url", "QUINTET_QUEUE_GO_FIFO": "url"}
    assert queues.settings("other") == {}
