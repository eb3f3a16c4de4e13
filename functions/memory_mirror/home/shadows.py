"""Commands to devices through their shadows: what is wanted is written, and the report is waited for.

Nothing is written for a device that is not there: a wish would wait in its shadow, and a door that was asked to open
in the afternoon would open when the device comes back at night. For the same reason a hazardous wish that is not
confirmed in time is taken back.
"""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from memory_mirror.home.confirmation import Reason, judged
from memory_mirror.home.devices import SECONDS, Conflict, Shadow, desire, get_shadow
from quintet import log
from quintet.providers.errors import ProviderError, Throttled, Unavailable

BUDGET = 3.0
"""Seconds that one command may take, from the first look at its shadow to the last."""
RECALL = 1.5
"""Seconds more to take a hazardous wish back."""
GRACE = 0.1
"""Seconds that a call may take at least, also when it begins at the end of the time."""
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 0.5
_MOST_FAILURES = 3


@dataclass(frozen=True, slots=True)
class Trial:
    """How a command went: why it is not verified (None when it is), and the last shadow that was seen."""

    reason: Reason | None
    shadow: Shadow | None
    recalled: bool | None = None
    """Whether a hazardous wish was taken back; None when there was nothing to take back."""


def carry_out(
    thing: str,
    wanted: Mapping[str, Any],
    present: Callable[[Shadow | None], bool],
    *,
    hazardous: bool = False,
    seconds: float | None = None,
) -> Trial:
    """Ask a state of a thing and wait for its report, for the budget or less.

    `present` says of a shadow whether its device can be expected to act. Never raises for the service's sake.
    """
    allowed = BUDGET if seconds is None else min(BUDGET, seconds)
    command = _Command(thing, wanted, time.monotonic() + allowed)
    reason = command.write(present) or command.wait()
    recalled = None
    if hazardous and reason is not None and command.written:
        reason, recalled = command.recall(reason)
    return Trial(reason, command.last, recalled)


class _Command:
    """One command on its way."""

    def __init__(self, thing: str, wanted: Mapping[str, Any], ends: float) -> None:
        self.thing, self.wanted, self.ends = thing, wanted, ends
        self.before: Shadow | None = None
        self.last: Shadow | None = None
        self.written = False
        """Whether the wish may be in the shadow."""

    def write(self, present: Callable[[Shadow | None], bool]) -> Reason | None:
        """Put the wish into the shadow as it is at this moment; answers why that cannot be."""
        failures = 0
        while True:
            try:
                self.before = self.look()
                if self.written and self.before and _wishes(self.before, self.wanted):
                    return None  # it got there, only the answer did not come back
                if not present(self.before):
                    return Reason.OFFLINE
                self.written = True
                desire(
                    self.thing,
                    self.wanted,
                    version=self.before.version if self.before else None,
                    seconds=self.allowed(),
                )
                return None
            except Conflict:
                self.written, reason = False, Reason.BUSY
            except ProviderError as error:
                failures += 1
                reason = _reason(error)
                if failures == _MOST_FAILURES or reason is Reason.REFUSED:
                    return reason
            if not self.pause(FIRST_PAUSE * 2**failures):
                return reason

    def wait(self) -> Reason | None:
        """Look until the device has confirmed, or time is up; answers why it has not.

        What was seen counts for more than a look that failed.
        """
        pause = FIRST_PAUSE
        seen: Reason | None = None
        failed: Reason | None = None
        while self.pause(pause):
            pause = min(pause * 1.6, LONGEST_PAUSE)
            try:
                shadow = self.look()
            except ProviderError as error:
                failed = _reason(error)
                continue
            seen = judged(self.wanted, self.before, shadow) if shadow else Reason.SILENT
            if seen in (None, Reason.OFFLINE, Reason.OVERTAKEN):
                return seen
        return seen or failed or Reason.SILENT

    def recall(self, reason: Reason) -> tuple[Reason | None, bool | None]:
        """Take the wish back unless another has come since; answers why it is not verified, and whether it is gone.

        A device that confirms at the last moment has done it: then there is nothing to take back.
        """
        self.ends = time.monotonic() + RECALL
        pause = FIRST_PAUSE
        while True:
            try:
                shadow = self.look()
                if shadow is None or not _wishes(shadow, self.wanted):
                    return reason, True
                if judged(self.wanted, self.before, shadow) is None:
                    return None, None
                desire(self.thing, dict.fromkeys(self.wanted), version=shadow.version, seconds=self.allowed())
                return reason, True
            except ProviderError as error:
                if not self.pause(pause):
                    log.logger().error("a hazardous wish could not be taken back", exc_info=error)
                    return reason, False
                pause *= 2

    def look(self) -> Shadow | None:
        self.last = get_shadow(self.thing, seconds=self.allowed())
        return self.last

    def allowed(self) -> float:
        """Seconds that the next call may take."""
        return min(SECONDS, max(self.ends - time.monotonic(), GRACE))

    def pause(self, seconds: float) -> bool:
        """Wait some time, with jitter, but no longer than there is; answers whether any is left."""
        left = self.ends - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(left, random.uniform(seconds / 2, seconds)))  # noqa: S311 (jitter, not a secret)
        return True


def _wishes(shadow: Shadow, wanted: Mapping[str, Any]) -> bool:
    return all(name in shadow.desired and shadow.desired[name] == value for name, value in wanted.items())


def _reason(error: ProviderError) -> Reason:
    if isinstance(error, Throttled):
        return Reason.THROTTLED
    return Reason.UNREACHABLE if isinstance(error, Unavailable) else Reason.REFUSED
