"""A system's jobs over a queue in memory, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from quintet.jobs import Job, Jobs
from quintet.messaging import queue as queues
from quintet.models.time import FrozenClock, frozen
from quintet.settings import Settings
from quintet.store import Store
from tests.support.line import Line

STORE = Store()


class Sum(BaseModel):
    """What the tests' tasks are given."""

    a: int
    b: int = 0
    text: str = ""


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
