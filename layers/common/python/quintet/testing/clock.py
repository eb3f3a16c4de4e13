"""A clock for tests of patience: it stands still, but for what is slept."""

from __future__ import annotations

from quintet.net.patience import Clock


class Standing:
    """Time that passes only by `sleep` and by hand; pauses are as long as their jitter allows.

    with timed_by((time := Standing()).clock): …
    """

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self.slept: list[float] = []
        self.clock = Clock(lambda: self.now, self.sleep, lambda _, longest: longest)

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass at once."""
        self.slept.append(seconds)
        self.now += seconds
