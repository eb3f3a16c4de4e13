"""Running a routine: when it may run, that it runs once at a time, and what became of its steps."""

import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from memory_mirror.home import conditions
from memory_mirror.home.control import Errand, observed
from memory_mirror.home.entities import SmartDevice, SmartHomeRoutine
from memory_mirror.home.hazards import local
from memory_mirror.home.plans import Planned, Step, carry_out_all
from memory_mirror.home.routine_runs import begin, end
from memory_mirror.life.diary import ActivityLog, AnxietyTrend
from memory_mirror.records.record import create, every, join_change, new, read, recent, view
from memory_mirror.service import store
from quintet.models import now
from quintet.store.contention import until_settled

ACTIVITY = "routine_run"
"""The activity type of what a run leaves in the log."""
LOOKING, LOOK = 4.0, 1.0
"""Seconds that looking at devices for the conditions may take, and looking at one of them."""


class Status(StrEnum):
    """How running a routine ended."""

    COMPLETED = "completed"
    PARTIAL = "partial"
    FAILED = "failed"
    AWAITING_APPROVAL = "awaiting_approval"
    CONDITIONS_NOT_MET = "conditions_not_met"
    ALREADY_RUNNING = "already_running"
    INACTIVE = "inactive"


_TOLD = {
    Status.AWAITING_APPROVAL: "The routine needs approval and was not run",
    Status.CONDITIONS_NOT_MET: "The routine's conditions are not met",
    Status.ALREADY_RUNNING: "The routine is running already",
    Status.INACTIVE: "The routine is switched off",
}


@dataclass(frozen=True)
class Run:
    """What became of a routine."""

    routine: SmartHomeRoutine
    status: Status
    steps: list[Step] = field(default_factory=list)
    unmet: list[str] = field(default_factory=list)
    """The conditions that did not hold, also when they were overridden."""

    @property
    def success(self) -> bool:
        return self.status is Status.COMPLETED

    @property
    def verified(self) -> int:
        """Steps that their devices confirmed."""
        return sum(step.verified for step in self.steps)

    def view(self) -> dict[str, Any]:
        """The routine with what became of it; `reason` only when it was not run."""
        found = {
            **view(self.routine),
            "status": self.status,
            "steps_result": [step.view() for step in self.steps],
            "unmet_conditions": self.unmet,
        }
        return {**found, "reason": _TOLD[self.status]} if self.status in _TOLD else found


def named(subject: str, name: str) -> SmartHomeRoutine | None:
    """The subject's newest routine of that name; case, and spaces around it, do not count."""
    wanted = name.strip().casefold()
    return next((one for one in every(SmartHomeRoutine, subject) if one.name.casefold() == wanted), None)


def execute(routine: SmartHomeRoutine, by: str, zone: str, *, confirm: bool, override: bool) -> Run:
    """Run a routine for `by`, in the person's zone.

    `confirm` asks for approval where the routine needs it, so that it is not run. `override` runs it although its
    conditions do not hold, and answers for what is unsafe at night.
    """
    run = _executed(routine, by, zone, confirm=confirm, override=override)
    _log(run, by, override=override)
    return run


def _executed(routine: SmartHomeRoutine, by: str, zone: str, *, confirm: bool, override: bool) -> Run:
    if not routine.active:
        return Run(routine, Status.INACTIVE)
    if confirm and routine.needs_approval:
        return Run(routine, Status.AWAITING_APPROVAL)
    unmet = _unmet(routine, zone)
    if unmet and not override:
        return Run(routine, Status.CONDITIONS_NOT_MET, unmet=unmet)
    lease = begin(routine.subject, routine.id, override=override)
    if lease is None:
        return Run(routine, Status.ALREADY_RUNNING, unmet=unmet)
    try:
        errand = Errand(by, zone, "routine", routine.id, override)
        steps = carry_out_all(routine.subject, [Planned(step, errand) for step in routine.steps])
        return Run(_stamped(routine), _status(steps), steps, unmet)
    finally:
        end(lease)


def _status(steps: list[Step]) -> Status:
    done = sum(step.verified for step in steps)
    if done == len(steps):
        return Status.COMPLETED
    return Status.PARTIAL if done else Status.FAILED


def _unmet(routine: SmartHomeRoutine, zone: str) -> list[str]:
    wanted = conditions.read(routine.conditions)
    facts = conditions.Facts(
        local(now(), zone),
        _anxiety(routine.subject) if wanted.anxiety_level else None,
        _states(routine.subject, wanted.devices),
    )
    return conditions.unmet(wanted, facts)


def _anxiety(subject: str) -> float | None:
    """The latest reading, None when there is none of the last day."""
    readings = [one for one in recent(AnxietyTrend, subject, 20) if now() - one.recorded_at <= conditions.FRESH]
    return max(readings, key=lambda one: one.recorded_at).level if readings else None


def _states(subject: str, device_ids: list[str]) -> dict[str, dict[str, Any]]:
    """What these devices report; those that cannot be asked, or not within the time for all of them, are absent."""
    ends = time.monotonic() + LOOKING
    found: dict[str, dict[str, Any]] = {}
    for device_id in dict.fromkeys(device_ids):
        device, left = read(SmartDevice, subject, device_id), ends - time.monotonic()
        state = observed(device, min(left, LOOK)) if device and left > 0 else None
        if state is not None:
            found[device_id] = state
    return found


def _stamped(routine: SmartHomeRoutine) -> SmartHomeRoutine:
    """The routine with the time of this run; one that is gone by now stays as it was."""
    at = now()

    def attempt() -> SmartHomeRoutine:
        current = store.get(SmartHomeRoutine, subject=routine.subject, id=routine.id)
        if current is None:
            return routine
        changed = current.changed(last_run_at=at)
        tx = store.transaction()
        join_change(tx, current, changed, refused=None)
        tx.commit()
        return changed

    return until_settled(attempt)


def _log(run: Run, by: str, *, override: bool) -> None:
    details = {
        "routine_id": run.routine.id,
        "status": run.status,
        "override": override,
        "unmet_conditions": run.unmet,
        "verified": run.verified,
        "steps": len(run.routine.steps),
    }
    told = f"{run.routine.name}: {run.status.replace('_', ' ')}"[:500]
    create(new(ActivityLog, run.routine.subject, by, activity_type=ACTIVITY, description=told, details=details))
