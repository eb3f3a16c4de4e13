"""Whether the system works: real checks, each with its own verdict, none of which can make the others fail.

Access patterns:
    what the check writes and reads back    HEALTH / PROBE
No check reads anything about anybody beyond whether it is there; the answer is public and names nobody.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from memory_mirror.accounts.access import PatientPlace
from memory_mirror.clock.due import SHARDS, minute
from memory_mirror.service import store
from memory_mirror.times.moments import Moment, iso
from memory_mirror.upkeep.inspection import last_report
from quintet import log
from quintet.messaging.outbox import DEAD, Message, pause_after
from quintet.models import epoch, new_id
from quintet.store import Entity, Index, Keys

Verdict = Literal["pass", "warn", "fail"]
Status = Literal["healthy", "degraded", "unhealthy", "critical"]

SLOW, TOO_SLOW = 1000, 5000
"""Milliseconds of the database's round trips that are worth a warning, and that fail."""
LONG, TOO_LONG = 3000, 12_000
"""Milliseconds of all checks together, likewise."""
MANY_ERRORS = 10
"""Errors of the last hour that fail."""
SAMPLE = 25
"""Items that a check looks at."""
LATE, TOO_LATE = timedelta(minutes=10), timedelta(hours=1)
"""How long something may be due before that is worth a warning, and before it fails."""


class Probe(Entity):
    """What the check writes and reads back."""

    kind: ClassVar[str] = "probe"
    keys: ClassVar[Keys] = Keys("HEALTH", "PROBE")

    at: Moment
    sample: str


class PatientRow(Entity):
    """Of a patient, that there is one."""

    kind: ClassVar[str] = "patient_row"
    keys: ClassVar[Keys] = Keys("-", "-", gsi3=Index("PATIENTS", "{id}"))

    id: str


class DueRow(Entity):
    """Of something that is due, when."""

    kind: ClassVar[str] = "due_row"
    keys: ClassVar[Keys] = Keys("-", "-", gsi3=Index("DUE#{item_kind}#{shard}", "{next_due}", order="ascending"))

    next_due: str


@dataclass(slots=True)
class Check:
    """The verdict of one check, its facts as they are told, and what to do when it is not passed."""

    status: Verdict = "pass"
    facts: dict[str, Any] = field(default_factory=dict)
    issues: list[str] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)

    def worsen(self, status: Verdict, issue: str, advice: str) -> None:
        """Note a problem; a verdict never gets better."""
        order: list[Verdict] = ["pass", "warn", "fail"]
        self.status = max(self.status, status, key=order.index)
        self.issues.append(issue)
        self.advice.append(advice)


@dataclass(frozen=True, slots=True)
class Health:
    """All checks and what they come to."""

    status: Status
    database: Check
    entities: Check
    errors: Check
    performance: Check

    @property
    def checks(self) -> list[Check]:
        return [self.database, self.entities, self.errors, self.performance]


def checked(at: datetime) -> Health:
    """Run all checks. When the database does not answer, those that need it fail without asking it again."""
    started = time.perf_counter()
    database = _measured(lambda check: _database(check, at))
    if database.status == "fail" and database.issues[0] == _SILENT:
        entities, errors = _unknown({"details": {}}), _unknown({"recentErrors": None})
    else:
        entities = _guarded(lambda check: _entities(check, at), {"details": {}})
        errors = _guarded(lambda check: _errors(check, at), {"recentErrors": None})
    performance = _performance(_milliseconds(started))
    return Health(overall(database, entities, errors, performance), database, entities, errors, performance)


def overall(database: Check, *others: Check) -> Status:
    """Critical when the database fails, unhealthy when anything else does, degraded when something is to be watched."""
    if database.status == "fail":
        return "critical"
    found = {database.status, *(check.status for check in others)}
    if "fail" in found:
        return "unhealthy"
    return "degraded" if "warn" in found else "healthy"


_SILENT = "The database does not answer"


def _measured(run: Callable[[Check], None]) -> Check:
    """The database's check with the milliseconds it took."""
    started = time.perf_counter()
    check = _guarded(run, {}, _SILENT)
    took = check.facts["responseTime"] = _milliseconds(started)
    if check.status == "pass" and took > SLOW:
        advice = "Look at the table's throttling and latency metrics"
        check.worsen("fail" if took > TOO_SLOW else "warn", "The database is slow", advice)
    return check


def _guarded(run: Callable[[Check], None], facts: dict[str, Any], issue: str = "A check could not be made") -> Check:
    check = Check(facts=facts)
    try:
        run(check)
    except Exception:
        log.logger().exception("a health check failed")
        check.worsen("fail", issue, "Look at the function's log and at the status of the database's region")
    return check


def _unknown(facts: dict[str, Any]) -> Check:
    return Check("fail", facts)


def _database(check: Check, at: datetime) -> None:
    """A write, conditional as all of the store's are, and a consistent read of it, or of what others wrote after it."""
    probe = Probe(at=at, sample=new_id())
    put = {"kind": Probe.kind, "at": iso(at), "sample": probe.sample}
    written = store.update(Probe, probe.own_key(), put=put)
    found = store.get(Probe)
    if found is None or found.version < written.version:
        check.worsen("fail", "The database does not answer what was written", "Look at the table's status")


def _entities(check: Check, at: datetime) -> None:
    """Whether sampled patients have their place, the clock keeps up, and the last inspection found nothing grave."""
    patients = store.query(PatientRow, "gsi3", limit=SAMPLE).items
    places = store.get_all([PatientPlace.ref(id=one.id) for one in patients])
    missing = sum(place is None for place in places)
    overdue = _due_before(at - LATE)
    report = last_report()
    critical = report.critical if report else 0
    check.facts["details"] = {
        "sampled": len(patients),
        "broken": missing,
        "overdue": len(overdue),
        "last_inspection": iso(report.generated_at) if report else None,
        "critical_issues": critical,
    }
    if missing:
        check.worsen("fail", "Patients were found that nobody can reach", "Run autoFixErrors and read its result")
    if overdue:
        status: Verdict = "fail" if min(overdue) < minute(at - TOO_LATE) else "warn"
        check.worsen(status, "Reminders or alerts are overdue", "See whether the clock functions run")
    if critical:
        check.worsen("fail", "The last maintenance report has critical issues", "Read the maintenance report")


def _due_before(at: datetime) -> list[str]:
    """Since when reminders and alert conditions are due that were so before `at`: the oldest of each partition."""
    return [
        row.next_due
        for kind in ("Reminder", "AlertCondition")
        for n in range(SHARDS)
        for row in store.query(DueRow, "gsi3", item_kind=kind, shard=str(n), before=minute(at), limit=SAMPLE).items
    ]


def _errors(check: Check, at: datetime) -> None:
    """E-mails given up in the last hour, those that wait too long, and what the last repairs could not mend."""
    hour_ago = epoch(at - timedelta(hours=1))
    dead = store.query(Message, "gsi1", queue=DEAD, limit=100, reverse=True).items
    recent = sum(message.due_at - pause_after(message.attempts) >= hour_ago for message in dead)
    check.facts["recentErrors"] = recent
    if recent:
        status: Verdict = "fail" if recent >= MANY_ERRORS else "warn"
        check.worsen(status, "E-mails could not be sent", "Check the addresses and the mail service")


def _performance(took: int) -> Check:
    check = Check(facts={"totalCheckTime": took})
    if took > LONG:
        advice = "Look at the latency of the database and the function's memory"
        check.worsen("fail" if took > TOO_LONG else "warn", "The checks took long", advice)
    return check


def _milliseconds(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
