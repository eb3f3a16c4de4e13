"""The platform's job queue in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quintet.messaging import queue as queues
from quintet.models.time import frozen
from quintet.testing import Client
from tests.support.line import Line


@pytest.fixture
def line(platform: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """The queue, over a clock that stands still."""
    with frozen() as clock:
        found = Line(clock)
        monkeypatch.setattr(queues, "send", found.send)
        yield found
