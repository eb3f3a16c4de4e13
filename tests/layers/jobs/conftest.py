"""A queue in memory before the jobs of a test's system, which loses, delays and repeats what it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from pydantic import BaseModel

from quintet.jobs import Job, Jobs, Note
from quintet.messaging import queue as queues
from quintet.models.time import FrozenClock, epoch, frozen
from quintet.providers.errors import Unavailable
from quintet.settings import Settings
from quintet.store import Store

STORE = Store()


class Killed(BaseException):
    """The end of a process, which no code of it can handle."""


class Sum(BaseModel):
    """What the tests' tasks are given."""

    a: int
    b: int = 0
    text: str = ""


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


@pytest.fixture
def clock(table: Settings) -> Iterator[FrozenClock]:
    with frozen() as found:
        yield found


@pytest.fixture
def line(clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> Line:
    found = Line(clock)
    monkeypatch.setattr(queues, "send", found.send)
    return found


@pytest.fixture
def jobs() -> Jobs:
    return Jobs(STORE, "jobs")


def now_of(job: Job) -> Job:
    """A job as it is stored now."""
    found = STORE.get(Job, tenant=job.tenant, id=job.id)
    assert found is not None
    return found
