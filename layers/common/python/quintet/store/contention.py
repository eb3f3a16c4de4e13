"""Work that reads, decides and writes on condition: when the condition fails, it is done over from the read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from quintet.net import patience
from quintet.store.errors import BUSY, ConditionFailed

T = TypeVar("T")


def until_settled(attempt: Callable[[], T], seconds: float = patience.CALL_SECONDS) -> T:
    """The result of the first `attempt` that meets no `ConditionFailed`, within `seconds`.

    Each attempt must read afresh what it decides upon. Somebody else has written whenever a condition fails, so
    the whole makes progress. Raises 503 `busy` when patience is at its end first.
    """
    waiting = patience.start(seconds=seconds)
    while True:
        try:
            return attempt()
        except ConditionFailed:
            if not waiting.again(patience.CONTENTION):
                raise BUSY() from None
