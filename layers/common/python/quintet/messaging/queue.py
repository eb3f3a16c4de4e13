"""Sends messages to the system's SQS queues; an operation declared with `queue=…` takes them.

The role needs the capability `queue:<name>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from quintet.net import aws, patience
from quintet.providers.errors import NotConfigured, aws_errors
from quintet.settings import settings

LARGEST = 1_048_576
"""Bytes of one message, and of all messages of one request (Amazon SQS message quotas: 1 MiB)."""
MOST = 10
"""Messages of one request."""
LONGEST_DELAY = 900
"""Seconds."""
_SERVICE = "SQS"
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that SQS does not carry: it would store others in their place (SendMessage, Amazon SQS API reference)."""
_ID = re.compile(r"[A-Za-z0-9!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]{1,128}\Z")
"""A message group's or a deduplication's id."""


@dataclass(frozen=True, slots=True)
class Sending:
    """One message to send: a model or JSON value, or text as it is.

    `group`: its message group, required in a FIFO queue; in any other it shares the queue fairly among tenants.
    `once`: its deduplication id, required in a FIFO queue, where SQS drops a second message with the same one for
    five minutes. `delay`: seconds until it is seen, the queue's own when None; a FIFO queue takes none.
    """

    body: BaseModel | Mapping[str, Any] | Sequence[Any] | str
    group: str | None = None
    once: str | None = None
    delay: int | None = None


class NotSent(Exception):
    """Messages that SQS did not take, by their place in what was to be sent; the others were sent."""

    def __init__(self, failed: Mapping[int, str]) -> None:
        self.failed = dict(failed)
        super().__init__(f"{len(failed)} messages were not sent: {', '.join(sorted(set(failed.values())))}")


def setting_of(queue: str) -> str:
    """The environment variable with a queue's URL: `QUINTET_QUEUE_ERRANDS_FIFO` for `errands.fifo`."""
    return "QUINTET_QUEUE_" + re.sub(r"[^A-Z0-9]", "_", queue.upper())


def send(queue: str, sending: Sending) -> str:
    """Send one message; answers its id. At least once: a lost answer leads to a second message, unless `once` is set
    in a FIFO queue.

    Raises ValueError for a message that no queue could take, NotConfigured, Rejected, Throttled or Unavailable.
    """
    entry = _entry(queue, sending)
    with aws_errors(_SERVICE):
        answer = aws.client("sqs").send_message(QueueUrl=_url(queue), **entry)
    return str(answer["MessageId"])


def send_all(queue: str, sendings: Iterable[Sending]) -> None:
    """Send many messages, as many a request as fit; what SQS fails to take for its own reasons is offered again.

    Raises ValueError before anything was sent when some message could not be; NotSent with those that stayed behind;
    NotConfigured, Rejected, Throttled or Unavailable when a request failed as a whole. Within a message group nothing
    is sent after a message of it that stayed behind.
    """
    entries = [_entry(queue, sending) for sending in sendings]
    fifo = queue.endswith(".fifo")
    failed: dict[int, str] = {}
    held = set[str]()
    for batch in _batches(entries, fifo=fifo):
        behind = {n: "BehindInItsGroup" for n in batch if entries[n].get("MessageGroupId") in held}
        open_ = {n: entries[n] for n in batch if n not in behind}
        refused = behind | (_offer(queue, open_) if open_ else {})
        failed |= refused
        if fifo:
            held |= {entries[n]["MessageGroupId"] for n in refused}
    if failed:
        raise NotSent(failed)


def waiting(queue: str) -> int:
    """How many messages wait in a queue, about. Raises NotConfigured, Rejected, Throttled or Unavailable."""
    name = "ApproximateNumberOfMessages"
    with aws_errors(_SERVICE):
        answer = aws.client("sqs").get_queue_attributes(QueueUrl=_url(queue), AttributeNames=[name])
    return int(answer["Attributes"][name])


def _offer(queue: str, batch: dict[int, dict[str, Any]]) -> dict[int, str]:
    """Send one request's messages; answers those that were not taken, with SQS's code."""
    failed: dict[int, str] = {}
    waiting = patience.start(_SERVICE)
    while True:
        with aws_errors(_SERVICE):
            answer = aws.client("sqs").send_message_batch(
                QueueUrl=_url(queue), Entries=[{"Id": str(n), **entry} for n, entry in batch.items()]
            )
        refused = {int(one["Id"]): one for one in answer.get("Failed", [])}
        failed |= {n: one["Code"] for n, one in refused.items() if one["SenderFault"]}
        again = {n: one["Code"] for n, one in refused.items() if not one["SenderFault"]}
        if not again:
            waiting.succeeded()
            return failed
        if not waiting.again(patience.FAILED):
            return failed | again
        batch = {n: batch[n] for n in again}


def _batches(entries: list[dict[str, Any]], *, fifo: bool) -> Iterator[list[int]]:
    """Places of messages that fit into one request each, in order.

    A FIFO queue gets one message of a group a request: SQS may refuse one of a request and take those behind it.
    """
    batch: list[int] = []
    size, groups = 0, set[str]()
    for place, entry in enumerate(entries):
        own, group = len(entry["MessageBody"].encode()), entry.get("MessageGroupId")
        if batch and (len(batch) == MOST or size + own > LARGEST or (fifo and group in groups)):
            yield batch
            batch, size, groups = [], 0, set()
        batch.append(place)
        groups.add(str(group))
        size += own
    if batch:
        yield batch


def _entry(queue: str, sending: Sending) -> dict[str, Any]:
    text = _text(sending.body)
    if not 1 <= len(text.encode()) <= LARGEST:
        raise ValueError(f"{queue}: a message has 1 to {LARGEST} bytes")
    if _FORBIDDEN.search(text):
        raise ValueError(f"{queue}: the message has characters that no queue takes")
    fifo = queue.endswith(".fifo")
    if fifo and (sending.group is None or sending.once is None or sending.delay is not None):
        raise ValueError(f"{queue}: a FIFO queue's message has a group and a deduplication id, and no delay")
    if not fifo and sending.once is not None:
        raise ValueError(f"{queue}: only a FIFO queue drops duplicates")
    for given in (sending.group, sending.once):
        if given is not None and not _ID.match(given):
            raise ValueError(f"{queue}: group and deduplication ids are 1 to 128 visible ASCII characters")
    if sending.delay is not None and not 0 <= sending.delay <= LONGEST_DELAY:
        raise ValueError(f"{queue}: a delay is 0 to {LONGEST_DELAY} seconds")
    named = {"MessageGroupId": sending.group, "MessageDeduplicationId": sending.once, "DelaySeconds": sending.delay}
    return {"MessageBody": text, **{name: value for name, value in named.items() if value is not None}}


def _text(body: Any) -> str:
    if isinstance(body, str):
        return body
    if isinstance(body, BaseModel):
        return body.model_dump_json(by_alias=True)
    import json

    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _url(queue: str) -> str:
    name = setting_of(queue)
    found = settings().get(name)
    if not found:
        raise NotConfigured(_SERVICE, name)
    return found
