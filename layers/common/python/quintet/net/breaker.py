"""A circuit breaker: after several failures in a row nobody waits for a service that is down.

Closed lets every call through. After `Rules.failures` failures without a success between them it opens: nothing goes
through for `Rules.pause` seconds. Then one call probes, and its outcome closes the circuit or opens it anew; a probe
that never reports is given up after another pause. `Circuit` is the state machine, `Breaker` one per service, shared
by threads.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock


@dataclass(frozen=True, slots=True)
class Rules:
    """When a circuit opens, and for how many seconds."""

    failures: int = 3
    pause: float = 30.0


@dataclass(frozen=True, slots=True)
class Circuit:
    """What is known about a service. Times are seconds of one monotonic clock."""

    failures: int = 0
    opened: float | None = None
    """When it opened; None while it is closed."""
    probed: float | None = None
    """When the call that tries it went out; None while none does."""
    turn: int = 0
    """Counts openings, probes and closings. What a call of an earlier turn reports is out of date."""

    def admitted(self, now: float, rules: Rules) -> tuple[Circuit, int | None]:
        """The circuit after a call asks to go through, and the turn it goes in; None when it must not."""
        if self.opened is None:
            return self, self.turn
        since = self.opened if self.probed is None else self.probed
        if now - since < rules.pause:
            return self, None
        probing = replace(self, probed=now, turn=self.turn + 1)
        return probing, probing.turn

    def reported(self, turn: int, works: bool, now: float, rules: Rules) -> Circuit:
        """The circuit after a call of `turn` has found the service working or not."""
        if turn != self.turn:
            return self
        if works:
            return Circuit(turn=self.turn if self.opened is None else self.turn + 1)
        failures = self.failures + 1
        if self.opened is None and failures < rules.failures:
            return replace(self, failures=failures)
        return Circuit(failures, opened=now, turn=self.turn + 1)


class Breaker:
    """The circuits of a process, by the name of what they protect."""

    def __init__(self, rules: Rules | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.rules, self._clock = rules or Rules(), clock
        self._lock, self._circuits = Lock(), dict[str, Circuit]()

    def admit(self, name: str) -> int | None:
        """The turn in which a call may go through, to be handed to `report`; None when it must not."""
        with self._lock:
            self._circuits[name], turn = self.circuit(name).admitted(self._clock(), self.rules)
            return turn

    def report(self, name: str, turn: int, *, works: bool) -> None:
        """Say what a call found."""
        with self._lock:
            self._circuits[name] = self.circuit(name).reported(turn, works, self._clock(), self.rules)

    def circuit(self, name: str) -> Circuit:
        """The state of one circuit."""
        return self._circuits.get(name, Circuit())

    def reset(self) -> None:
        """Close all circuits."""
        with self._lock:
            self._circuits.clear()
