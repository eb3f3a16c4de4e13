"""Several device commands together: devices side by side, and each device's own commands in their order."""

import contextvars
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from memory_mirror.home.confirmation import Reason
from memory_mirror.home.control import Errand, Outcome, command
from memory_mirror.home.entities import SmartDevice
from memory_mirror.home.parameters import InvalidCommand
from memory_mirror.records.fields import DeviceAction
from memory_mirror.records.record import read

LONGEST = 18.0
"""Seconds that all commands together may take; a function has 29, and a hazardous one may be taken back after."""
LEAST = 0.2
"""Seconds below which a command is not begun any more."""
_SIDE_BY_SIDE = 8


@dataclass(frozen=True)
class Planned:
    """One command of several, and why it is given."""

    action: DeviceAction
    errand: Errand


@dataclass(frozen=True)
class Step:
    """What became of one command of several."""

    planned: DeviceAction
    outcome: Outcome | None = None
    name: str = ""
    """The device's."""
    reason: str | None = None
    """Why there is no outcome."""

    @property
    def verified(self) -> bool:
        return self.outcome is not None and self.outcome.verified

    def view(self) -> dict[str, Any]:
        """As replies show it; `reason` only when there is one."""
        told: dict[str, Any] = {
            "device_id": self.planned.device_id,
            "device_name": self.name,
            "action": self.planned.action,
        }
        if self.outcome is not None:
            return {**told, **self.outcome.result()}
        return {**told, "verified": False, "reason": self.reason}


def carry_out_all(subject: str, plan: Sequence[Planned], seconds: float = LONGEST) -> list[Step]:
    """Carry out commands for a subject's devices; answers what became of each, in the order they were given.

    What a device does not understand, one that is gone, and a lack of time are said in the steps.
    """
    ends = time.monotonic() + seconds
    by_device: dict[str, list[int]] = {}
    for number, planned in enumerate(plan):
        by_device.setdefault(planned.action.device_id, []).append(number)
    found: dict[int, Step] = {}

    def work(device_id: str, numbers: list[int]) -> None:
        device = read(SmartDevice, subject, device_id)
        for number in numbers:
            found[number], device = _step(plan[number], device, ends)

    if by_device:
        # Settings and the audit's notes live in the context, which threads do not inherit.
        jobs = [partial(contextvars.copy_context().run, work, *one) for one in by_device.items()]
        with ThreadPoolExecutor(min(len(jobs), _SIDE_BY_SIDE)) as pool:
            running = [pool.submit(job) for job in jobs]
        for one in running:
            one.result()
    return [found[number] for number in range(len(plan))]


def _step(planned: Planned, device: SmartDevice | None, ends: float) -> tuple[Step, SmartDevice | None]:
    """One command, and the device's record after it."""
    action, left = planned.action, ends - time.monotonic()
    if device is None:
        return Step(action, reason="SmartDevice not found"), None
    if left < LEAST:
        return Step(action, name=device.name, reason=Reason.NO_TIME), device
    try:
        outcome = command(device, action.action, action.parameters, planned.errand, left)
    except InvalidCommand as error:
        return Step(action, name=device.name, reason=str(error)), device
    return Step(action, outcome, device.name), outcome.device
