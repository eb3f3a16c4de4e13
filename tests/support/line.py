"""A job queue in memory, which loses, delays and repeats what a test tells it to, and the end of a process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from quintet.jobs import Jobs, Note
from quintet.messaging import queue as queues
from quintet.models.time import FrozenClock, epoch
from quintet.providers.errors import Unavailable
from tests.support.calls import crashing


class Killed(BaseException):
    """The end of a process, which no code of it can handle."""


@dataclass
class Writes:
    """How many writes there were, and whether the process came to its end before one of them."""

    count: int = 0
    killed: bool = False


@contextmanager
def killed(before: int) -> Iterator[Writes]:
    """End the process before the n-th write of the block, counted from 1; with 0 it comes to no harm.

    Between two writes nothing changes, so that dying there is dying before the second.
    """
    writes = Writes()

    def happen(params: dict[str, Any]) -> None:
        if params.keys() & {"TransactItems", "Item", "UpdateExpression"} or "PutRequest" in json.dumps(params):
            writes.count += 1
            if writes.count == before:
                raise Killed

    try:
        with crashing("*", happen):
            yield writes
    except Killed:
        writes.killed = True


@dataclass
class Line:
    """What lies in the queue: messages, and since when each can be seen."""

    clock: FrozenClock
    down: bool = False
    lying: list[tuple[int, Note]] = field(default_factory=list)
    sent: list[tuple[int, Note]] = field(default_factory=list)

    def send(self, _queue: str, sending: queues.Sending) -> str:
        if self.down:
            raise Unavailable("SQS cannot be reached")
        assert isinstance(sending.body, Note)
        assert sending.group == sending.body.tenant
        assert sending.delay is None or 0 <= sending.delay <= queues.LONGEST_DELAY
        message = epoch() + (sending.delay or 0), sending.body
        self.lying.append(message)
        self.sent.append((sending.delay or 0, sending.body))
        return "id"

    def deliver(self, jobs: Jobs) -> int:
        """Hand over what can be seen, until nothing can; answers how many messages that were. One whose run was
        killed stays."""
        count = 0
        while seen := [message for message in self.lying if message[0] <= epoch()]:
            jobs.take(seen[0][1])
            self.lying.remove(seen[0])
            count += 1
        return count

    def run_dry(self, jobs: Jobs) -> None:
        """Deliver all there is, moving the clock on to each message's time."""
        while self.lying:
            until = min(at for at, _ in self.lying)
            self.clock.advance(seconds=max(0, until - epoch()))
            self.deliver(jobs)
