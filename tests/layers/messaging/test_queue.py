"""The port that sends to queues: what fits, in what order, and what is offered again."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from quintet.messaging import queue
from quintet.messaging.queue import LARGEST, NotSent, Sending, send, send_all
from quintet.net import aws
from quintet.net.patience import timed_by
from quintet.providers.errors import NotConfigured, Rejected
from quintet.testing.clock import Standing
from tests.conftest import Systems


class Errand(BaseModel):
    name: str


@pytest.fixture
def urls(system: Systems) -> dict[str, str]:
    """A plain queue and a FIFO one, in the system's settings."""
    system("demo")
    sqs, unique = aws.client("sqs"), uuid.uuid4().hex
    found = {
        "errands": sqs.create_queue(QueueName=unique)["QueueUrl"],
        "rounds.fifo": sqs.create_queue(QueueName=f"{unique}.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"],
    }
    system("demo", **{queue.setting_of(name): url for name, url in found.items()})
    return found


def received(url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    sqs = aws.client("sqs")
    while part := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"]).get("Messages"):
        found += part
        for message in part:  # those in flight hold the rest of their group
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def test_a_queues_url_is_a_setting_of_its_name() -> None:
    assert queue.setting_of("rounds.fifo") == "QUINTET_QUEUE_ROUNDS_FIFO"
    assert queue.setting_of("thumb-nails") == "QUINTET_QUEUE_THUMB_NAILS"


def test_models_values_and_text_are_sent(urls: dict[str, str]) -> None:
    assert send("errands", Sending(Errand(name="a")))
    send_all("errands", [Sending({"name": "ü"}), Sending(["x", 1]), Sending("plain")])
    bodies = {message["Body"] for message in received(urls["errands"])}
    assert bodies == {'{"name":"a"}', '{"name":"ü"}', '["x",1]', "plain"}


def test_a_fifo_queue_keeps_groups_in_order_and_drops_what_was_sent_once(urls: dict[str, str]) -> None:
    sendings = [Sending(f"{n}", group="abc"[n % 3], once=f"id{n}") for n in range(12)]
    send_all("rounds.fifo", sendings)
    send("rounds.fifo", sendings[0])
    found = received(urls["rounds.fifo"])
    assert len(found) == 12
    for group in "abc":
        own = [int(m["Body"]) for m in found if m["Attributes"]["MessageGroupId"] == group]
        assert own == sorted(own)


@pytest.mark.parametrize(
    ("name", "sending"),
    [
        ("errands", Sending("")),
        ("errands", Sending("x" * (LARGEST + 1))),
        ("errands", Sending("é" * (LARGEST // 2 + 1))),
        ("errands", Sending("a\x00b")),
        ("errands", Sending("a", delay=901)),
        ("errands", Sending("a", once="1")),
        ("errands", Sending("a", group="with space")),
        ("rounds.fifo", Sending("a", group="g")),
        ("rounds.fifo", Sending("a", once="1")),
        ("rounds.fifo", Sending("a", group="g", once="1", delay=5)),
    ],
)
def test_what_no_queue_takes_is_refused_before_anything_is_sent(
    urls: dict[str, str], name: str, sending: Sending
) -> None:
    good = Sending("good", group="g", once="2") if name.endswith(".fifo") else Sending("good")
    with pytest.raises(ValueError, match=name):
        send(name, sending)
    with pytest.raises(ValueError, match=name):
        send_all(name, [good, sending])
    assert received(urls[name]) == []


def test_a_queue_that_is_not_configured_says_which_setting_is_missing(urls: dict[str, str]) -> None:
    with pytest.raises(NotConfigured, match="QUINTET_QUEUE_LETTERS"):
        send("letters", Sending("a"))


def test_what_sqs_refuses_as_a_whole_is_rejected(system: Systems) -> None:
    system("demo", QUINTET_QUEUE_ERRANDS="https://sqs.us-east-1.amazonaws.com/123456789012/nowhere")
    with pytest.raises(Rejected):
        send("errands", Sending("a"))


class Moody:
    """SQS's client that fails some messages: each body as often as it is listed, or for good."""

    def __init__(self, *, passing: list[str] | None = None, lasting: tuple[str, ...] = ()) -> None:
        self.passing, self.lasting = list(passing or ()), lasting
        self.requests: list[list[str]] = []
        self.taken: list[str] = []

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self.requests.append([entry["MessageBody"] for entry in Entries])
        failed = []
        for entry in Entries:
            body = entry["MessageBody"]
            if body in self.passing:
                self.passing.remove(body)
                failed.append({"Id": entry["Id"], "Code": "InternalError", "SenderFault": False})
            elif body in self.lasting:
                failed.append({"Id": entry["Id"], "Code": "InvalidMessageContents", "SenderFault": True})
            else:
                self.taken.append(body)
        return {"Failed": failed}


@pytest.fixture
def standing(system: Systems) -> Iterator[Standing]:
    system("demo", QUINTET_QUEUE_ERRANDS="url", QUINTET_QUEUE_ROUNDS_FIFO="url")
    time = Standing()
    with timed_by(time.clock):
        yield time


def moody(monkeypatch: pytest.MonkeyPatch, **moods: Any) -> Moody:
    found = Moody(**moods)
    monkeypatch.setattr(aws, "client", lambda _service: found)
    return found


def test_messages_that_sqs_failed_to_take_are_offered_again_and_only_they(
    standing: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqs = moody(monkeypatch, passing=["b", "c", "c"])
    send_all("errands", [Sending(body) for body in "abc"])
    assert sqs.requests == [["a", "b", "c"], ["b", "c"], ["c"]]
    assert sorted(sqs.taken) == ["a", "b", "c"]
    assert len(standing.slept) == 2


def test_messages_that_were_never_taken_are_told_by_their_place(
    standing: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqs = moody(monkeypatch, passing=["c"] * 50, lasting=("b",))
    with pytest.raises(NotSent) as told:
        send_all("errands", [Sending(body) for body in "abcd"])
    assert told.value.failed == {1: "InvalidMessageContents", 2: "InternalError"}
    assert sorted(sqs.taken) == ["a", "d"]
    assert sqs.requests.count(["b", "c"]) == 0


def test_nothing_is_sent_to_a_fifo_queue_after_a_message_of_its_group_that_stayed_behind(
    standing: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqs = moody(monkeypatch, lasting=("a2",))
    bodies = ["a1", "b1", "a2", "b2", "a3", "b3"]
    with pytest.raises(NotSent) as told:
        send_all("rounds.fifo", [Sending(body, group=body[0], once=body) for body in bodies])
    assert told.value.failed == {2: "InvalidMessageContents", 4: "BehindInItsGroup"}
    assert sqs.taken == ["a1", "b1", "b2", "b3"]


def test_a_request_carries_ten_messages_and_a_mebibyte_at_most(
    standing: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqs = moody(monkeypatch)
    large = "x" * (LARGEST // 2)
    send_all("errands", [*(Sending(json.dumps(n)) for n in range(12)), Sending(large), Sending(large), Sending("y")])
    assert [len(request) for request in sqs.requests] == [10, 3, 2]
    assert all(sum(len(body.encode()) for body in request) <= LARGEST for request in sqs.requests)
