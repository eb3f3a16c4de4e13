"""Runs of routines: a routine runs once at a time, and a run with override answers for what is unsafe at night.

Access patterns:
    the latest run of a routine    SUBJECT#<subject>#RUN / <routine id>
"""

from datetime import timedelta
from typing import ClassVar

from memory_mirror.service import store
from quintet.models import epoch, new_id, now
from quintet.store import ConditionFailed, Entity, Keys, absent, any_of, at_most, equals

LEASE = 40
"""Seconds after which a run that nobody ended is taken for dead; above the longest that a function may take."""
OVERRIDE = timedelta(minutes=5)
"""How long a run with override answers for commands that are given for its routine."""


class RoutineRun(Entity):
    """The latest run of a routine. It goes by itself a day after its end."""

    kind: ClassVar[str] = "routine_run"
    keys: ClassVar[Keys] = Keys("SUBJECT#{subject}#RUN", "{routine_id}")

    subject: str
    routine_id: str
    token: str
    """Which run it is."""
    override: bool
    override_until: int
    """Epoch seconds; 0 without override."""
    held_until: int
    """Epoch seconds until which no other run may begin; 0 once it has ended."""
    expires_at: int


def begin(subject: str, routine_id: str, *, override: bool) -> RoutineRun | None:
    """Begin a run, unless one is under way: then None."""
    at = epoch()
    run = RoutineRun(
        subject=subject,
        routine_id=routine_id,
        token=new_id(),
        override=override,
        override_until=epoch(now() + OVERRIDE) if override else 0,
        held_until=at + LEASE,
        expires_at=at + 24 * 3600,
    )
    tx = store.transaction()
    tx.put(run, [any_of(absent(), at_most("held_until", at))])
    try:
        tx.commit()
    except ConditionFailed:
        return None
    return run


def end(run: RoutineRun) -> None:
    """Let the next run begin. A run whose lease went to another leaves that alone."""
    try:
        store.update(RoutineRun, run.own_key(), put={"held_until": 0}, where=[equals("token", run.token)])
    except ConditionFailed:
        return


def overridden(subject: str, routine_id: str) -> bool:
    """Whether the latest run of a routine was with override, and not long ago."""
    run = store.get(RoutineRun, subject=subject, routine_id=routine_id)
    return run is not None and run.override_until > epoch()
