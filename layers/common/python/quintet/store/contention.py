"""Work that reads, decides and writes on condition: when the condition fails, it is done over from the read."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from quintet.store.errors import BUSY, ConditionFailed

T = TypeVar("T")

DEADLINE = 8.0
"""Seconds within which another attempt may begin."""
FIRST_PAUSE, LONGEST_PAUSE = 0.01, 0.4


def until_settled(attempt: Callable[[], T]) -> T:
    """The result of the first `attempt` that meets no `ConditionFailed`.

    Each attempt must read afresh what it decides upon. Somebody else has written whenever a condition fails, so
    the whole makes progress; pauses have full jitter. Raises 503 `busy` when the deadline passes first.
    """
    started, pause = time.monotonic(), FIRST_PAUSE
    while True:
        try:
            return attempt()
        except ConditionFailed:
            if time.monotonic() - started > DEADLINE:
                raise BUSY() from None
        time.sleep(random.uniform(0, pause))  # noqa: S311 (jitter, not a secret)
        pause = min(pause * 2, LONGEST_PAUSE)
