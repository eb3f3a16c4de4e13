"""The states of a job, each change of which is a write on condition of the state that it leaves.

    queued → running → completed
       ↑        ├────→ failed
       └────────┘ continued, or failed for now

An attempt holds its job by number: whatever it writes says that the job is still at that attempt, so that one whose
lease ran out changes nothing any more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from quintet.jobs.entities import KEPT, UNSENT, Job
from quintet.jobs.tasks import LONGEST_PAUSE, Later, Writes, pause_after, superseded
from quintet.models import epoch, now
from quintet.store import ConditionFailed, Store, Transaction, equals, until_settled
from quintet.store.meters import Meter

Ending = Callable[[Transaction, Job], list[Job]]
"""Adds what belongs to an end to its transaction; answers the jobs that come of it."""

GIVEN_UP: Final = Meter("jobs_given_up", shards=1)
"""Jobs that were tried in vain, by day."""
MARGIN: Final = 10
"""Seconds that a lease lasts longer than the invocation that holds it; clocks may differ by less."""


def claim(store: Store, job: Job, seconds: float) -> Job | None:
    """The job with a lease of our own for `seconds`; None when somebody else has it, or has written to it."""
    held = job.model_copy(
        update={
            "status": "running",
            "attempts": job.attempts + 1,
            "due_at": epoch() + int(seconds) + MARGIN,
            "started_at": job.started_at or now(),
            "updated_at": now(),
        }
    )
    try:
        return store.replace(job, held, _as_it_was(job), refused=None)
    except ConditionFailed:
        return None


def complete(store: Store, job: Job, result: Any, writes: list[Writes], ending: Ending) -> tuple[Job, list[Job]]:
    """End an attempt well, with its writes; answers the job and those that follow. Raises `Superseded`, and whatever
    the writes' conditions say."""
    done = {"status": "completed", "progress": 100, "result": result, "reason": None}
    return _ended(store, job, done, writes, ending)


def fail(store: Store, job: Job, reason: str, ending: Ending, *, given_up: bool = False) -> tuple[Job, list[Job]]:
    """End a job badly; answers it and those that follow. `given_up` counts it among the dead letters.

    Raises `Superseded`.
    """
    writes: list[Writes] = [lambda tx: GIVEN_UP.join(tx, today(), jobs=1)] if given_up else []
    return _ended(store, job, {"status": "failed", "reason": reason}, writes, ending)


def put_off(store: Store, job: Job, later: Later, writes: list[Writes]) -> Job:
    """End an attempt that asks to be continued, with its writes. Raises `Superseded`."""
    pause = min(max(later.seconds, 0), LONGEST_PAUSE)
    changes = {"state": dict(later.state), "continued": job.attempts, "reason": None}
    if later.progress is not None:
        changes["progress"] = later.progress
    return _queued(store, job, pause, changes, writes)


def try_again(store: Store, job: Job, reason: str) -> Job:
    """End an attempt that failed for now. Raises `Superseded`."""
    return _queued(store, job, pause_after(job.tries), {"reason": reason}, [])


def recover(store: Store, job: Job, seconds: int) -> Job | None:
    """The job back in the queue, to be looked after again in `seconds`: nobody began it, or the process that did is
    gone. None when somebody else has written to it."""
    back = job.model_copy(update={"status": "queued", "due_at": epoch() + seconds, "updated_at": now()})
    try:
        return store.replace(job, back, _as_it_was(job), refused=None)
    except ConditionFailed:
        return None


def today() -> str:
    """The day (UTC) under which what is given up now is counted."""
    return now().date().isoformat()


def _ended(
    store: Store, job: Job, changes: Mapping[str, Any], writes: list[Writes], ending: Ending
) -> tuple[Job, list[Job]]:
    moment = now()
    times = {"finished_at": moment, "updated_at": moment, "expires_at": epoch(moment) + KEPT, "arguments": {}}
    new = job.model_copy(update={**times, **changes})

    def attempt() -> tuple[Job, list[Job]]:
        tx = store.transaction()
        tx.replace(job, new, _as_it_was(job), refused=superseded)
        for each in writes:
            each(tx)
        following = ending(tx, new)
        tx.commit()
        return new, following

    return until_settled(attempt)


def _queued(store: Store, job: Job, pause: int, changes: Mapping[str, Any], writes: list[Writes]) -> Job:
    until = epoch() + pause
    waiting = {
        "status": "queued",
        "not_before": until,
        "ready_at": until,
        "due_at": until + UNSENT,
        "updated_at": now(),
    }
    new = job.model_copy(update={**waiting, **changes})

    def attempt() -> Job:
        tx = store.transaction()
        tx.replace(job, new, _as_it_was(job), refused=superseded)
        for each in writes:
            each(tx)
        tx.commit()
        return new

    return until_settled(attempt)


def _as_it_was(job: Job) -> list[Any]:
    """Conditions beside the version's: nothing but this attempt, or nobody, has the job."""
    return [equals("attempts", job.attempts), equals("status", job.status)]
