"""The nightly repair: a bounded part of all subjects a run, everything mended once and with its before-image.

One run looks at most at `MOST_SUBJECTS` subjects and mends at most `MOST_FIXES` items within `SECONDS`; the next goes
on from there. The records of subjects that are gone are removed `GRACE` after that was found.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from memory_mirror.entities.kinds import KINDS
from memory_mirror.service import store
from memory_mirror.upkeep.integrity import findings, masked, orphans
from memory_mirror.upkeep.repairs import Fix, mend
from memory_mirror.upkeep.walk import Orphan, exists, orphans_since, save, snapshot, subjects, walk_of
from quintet import log

JOB = "auto-fix"
MOST_FIXES = 200
MOST_SUBJECTS = 60
MOST_ORPHANS = 5
SECONDS = 20.0
GRACE = timedelta(days=7)


@dataclass(slots=True)
class Failure:
    """A subject that could not be looked at."""

    subject: str
    """Masked."""
    error: str
    """The kind of error; what it says may be about somebody."""


@dataclass(slots=True)
class Upkeep:
    """What one run did."""

    fixes: list[Fix] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    subjects: int = 0
    for_people: int = 0
    """Problems that somebody has to look at."""

    @property
    def room(self) -> int:
        """How many items the run may still mend."""
        return MOST_FIXES - len(self.fixes)


def repaired(at: datetime) -> Upkeep:
    """One run. Only the run that holds the job calls this."""
    done, ends, walk = Upkeep(), time.monotonic() + SECONDS, walk_of(JOB)
    for subject in subjects(walk, MOST_SUBJECTS, SECONDS):
        try:
            for finding in findings(snapshot(subject), at):
                if not finding.mendable:
                    done.for_people += 1
                elif done.room:
                    _add(done, mend(finding, at))
        except Exception as error:
            _failed(done, subject.id, error)
        if not done.room:
            break
        done.subjects += 1
    save(walk)
    for orphan in orphans_since(at - GRACE, MOST_ORPHANS):
        if not done.room or time.monotonic() >= ends:
            break
        try:
            _clear(orphan, done, at)
        except Exception as error:
            _failed(done, orphan.subject, error)
    return done


def _clear(orphan: Orphan, done: Upkeep, at: datetime) -> None:
    """Remove the records of a subject that is gone; the note of it, once there are none."""
    if not exists(orphan.subject):
        for kind in KINDS.values():
            records = store.query(kind, subject=orphan.subject, limit=done.room + 1, consistent=True).items
            for finding in orphans(records[: done.room]):
                _add(done, mend(finding, at))
            if not done.room:
                return
    tx = store.transaction()
    tx.remove(orphan.own_key())
    tx.commit()


def _add(done: Upkeep, fix: Fix | None) -> None:
    if fix is not None:
        done.fixes.append(fix)


def _failed(done: Upkeep, subject: str, error: Exception) -> None:
    log.logger().exception("a subject was not looked at", extra={"subject": masked(subject)})
    done.failures.append(Failure(masked(subject), type(error).__name__))
