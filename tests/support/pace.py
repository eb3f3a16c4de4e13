"""How much work something is, in terms that neither the machine nor its load changes.

Both measures count this process's own processor time, the best of a few runs, and compare it with other processor time
of the same moment; a test's limit leaves room for several times the usual.
"""

from __future__ import annotations

import time
from collections.abc import Callable

_RUNS = 3
_TOO_SHORT = 0.0005
"""Seconds below which processor time cannot be told well; what is shorter counts as this."""


def assert_linear(work: Callable[[int], object], size: int, growth: int = 16) -> None:
    """Fail when `work` on `growth` times the size takes far more than `growth` times as long.

    Quadratic work would take `growth` squared times as long; the limit lies between, at four times linear.
    """
    large, small = _seconds(lambda: work(size * growth)), max(_seconds(lambda: work(size)), _TOO_SHORT)
    assert large < 4 * growth * small, f"{growth} times the size took {large / small:.0f} times as long"


def effort(work: Callable[[], object]) -> float:
    """The processor time of `work`, in multiples of a fixed piece of plain Python (some 2 ms on a laptop)."""
    return _seconds(work) / _seconds(_yardstick)


def _seconds(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(_RUNS):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def _yardstick() -> int:
    total = 0
    for number in range(40_000):
        total += number & 7
    return total
