"""Fixtures of the clock's tests: a stopped clock over an empty table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from quintet.models.time import FrozenClock, frozen
from quintet.testing import Client
from tests.functions.memory_mirror.clock.support import account

MORNING = datetime(2026, 11, 20, 8, 0, 20, tzinfo=UTC)


@pytest.fixture
def clock(mirror: Client) -> Iterator[FrozenClock]:
    """The clock, stopped on a Friday a little after 08:00 UTC, which is 09:00 in Berlin."""
    with frozen(MORNING) as stopped:
        yield stopped


@pytest.fixture
def rosa(clock: FrozenClock) -> str:
    """The person whom most tests are about: the account rosa@example.com."""
    return account()
