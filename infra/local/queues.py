"""What Lambda's event source for SQS does in AWS: polls the operations' queues and hands over what is in them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from infra.local.environment import names
from infra.local.gateway import context
from infra.local.systems import Generation, Operation, Systems

if TYPE_CHECKING:
    from quintet.api.sources import Queue

Report = Callable[[str], None]
Place = tuple[str, str]
"""A system's name and its queue's."""


class Made(Protocol):
    """What makes queues; `Resources.queue` does."""

    def __call__(self, name: str, *, visible_after: int, receives: int, delay: int = 0, dead_letters: str) -> str: ...


class Queues:
    """The queues of all systems, one poller each, so that a queue's messages are processed one batch after the other.

    A message that failed is seen again after as many seconds as its function may take (in AWS after six times as many),
    and lies in the system's dead letters after as many tries as in AWS.
    """

    def __init__(self, systems: Systems, sqs: Any, made: Made, report: Report) -> None:
        self.systems, self._sqs, self._made, self._report = systems, sqs, made, report
        self._urls: dict[Place, str] = {}
        self._pollers: dict[Place, threading.Thread] = {}
        self._seen: Generation | None = None
        self._stopped = threading.Event()

    def settings(self, system: str) -> dict[str, str]:
        """The variables that tell a system's functions where its queues are."""
        from quintet.messaging.queue import setting_of

        return {setting_of(queue): url for (owner, queue), url in self._urls.items() if owner == system}

    def ensure(self) -> None:
        """Make the queues that the systems' source now declares."""
        generation = self.systems.now()
        if generation is self._seen:
            return
        for system, operation, queue in _declared(generation):
            prefix = names(system)["QUINTET_TABLE"]
            usual = f"dead-letters{'.fifo' if queue.fifo else ''}"
            self._urls[system, queue.name] = self._made(
                f"{prefix}-{queue.name}",
                visible_after=operation.timeout,
                receives=queue.receives,
                delay=queue.delay,
                dead_letters=f"{prefix}-{queue.dead_letters or usual}",
            )
        self._seen = generation

    def start(self) -> None:
        """Poll every queue, and those that the source declares later."""
        threading.Thread(target=self._watch, name="queues", daemon=True).start()

    def stop(self) -> None:
        """Poll nothing more, and wait for the batches under way."""
        self._stopped.set()
        for poller in self._pollers.values():
            poller.join(5)

    def _watch(self) -> None:
        while not self._stopped.is_set():
            try:
                self.ensure()
            except Exception as error:
                self._report(f"queues: {type(error).__name__}: {error}")
            for place in self._urls.keys() - self._pollers.keys():
                poller = threading.Thread(target=self._poll, args=(place,), name=f"queue-{place[1]}", daemon=True)
                self._pollers[place] = poller
                poller.start()
            self._stopped.wait(1)

    def _poll(self, place: Place) -> None:
        while not self._stopped.is_set():
            try:
                self._once(place)
            except Exception as error:
                self._report(f"queue {'/'.join(place)}: {type(error).__name__}: {error}")
                self._stopped.wait(2)

    def _once(self, place: Place) -> None:
        generation, (system, name) = self.systems.now(), place
        found = [(o, q) for owner, o, q in _declared(generation) if (owner, q.name) == place]
        if not found:
            self._stopped.wait(1)
            return
        operation, queue = found[0]
        received = self._sqs.receive_message(
            QueueUrl=self._urls[place],
            MaxNumberOfMessages=queue.batch,
            WaitTimeSeconds=1,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        ).get("Messages", [])
        if received:
            with self.systems.environment(generation, system):
                answer = operation({"Records": [_record(m, name) for m in received]}, context(system, operation))
            failed = {one["itemIdentifier"] for one in (answer or {}).get("batchItemFailures", [])}
            for message in received:
                if message["MessageId"] not in failed:
                    self._sqs.delete_message(QueueUrl=self._urls[place], ReceiptHandle=message["ReceiptHandle"])


def _declared(generation: Generation) -> list[tuple[str, Operation, Queue]]:
    return [(s.name, o, o.queue) for s in generation.systems.values() for o in s.operations if o.queue]


def _record(message: Mapping[str, Any], queue: str) -> dict[str, Any]:
    """A received message as Lambda's event source hands it over."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": message.get("MessageAttributes", {}),
        "md5OfBody": message.get("MD5OfBody", ""),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{queue}",
        "awsRegion": "us-east-1",
    }
