"""The nightly inspection: data quality, audit chains, what is stuck, and how much there is; it changes nothing of it.

Access patterns:
    the last report    MAINTENANCE#report / LAST
One run verifies at most `MOST_CHAINS` audit chains that have grown, those that wait longest first, and looks at most
at `MOST_SUBJECTS` subjects; the next goes on from there. What is told names nobody: kinds and numbers.
"""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from pydantic import Field

from memory_mirror.audit.chain import note_verified, unverified, verify
from memory_mirror.entities.kinds import KINDS
from memory_mirror.records.record import Record
from memory_mirror.service import store
from memory_mirror.times.moments import Moment, iso
from memory_mirror.upkeep.integrity import Finding, findings, masked
from memory_mirror.upkeep.repairs import fixes_of
from memory_mirror.upkeep.walk import left_behind, note_orphan, save, snapshot, subjects, walk_of
from quintet import log
from quintet.messaging import outbox
from quintet.store import Entity, Keys
from quintet.store.calls import table_call

JOB = "report"
MOST_CHAINS = 100
LONGEST_CHAIN = 20_000
"""Events of one chain that are verified."""
MOST_SUBJECTS = 40
MOST_DEAD = 100
CHAIN_SECONDS, SUBJECT_SECONDS = 8.0, 12.0

Severity = Literal["info", "warning", "critical"]


@dataclass(frozen=True, slots=True)
class Issue:
    """A kind of problem, how many of it, and what is to be done about it."""

    type: str
    severity: Severity
    entity: str
    count: int
    advice: str

    def told(self) -> dict[str, Any]:
        return {"type": self.type, "severity": self.severity, "entity": self.entity, "count": self.count}


_KNOWN: dict[str, tuple[Severity, str]] = {
    "stuck_notification": ("warning", "Stuck notifications are settled by the next repair."),
    "waiting_notification": ("info", "E-mails that could not be sent yet are tried again for half a day."),
    "late_schedule": ("warning", "Something is due and did not happen: see whether the clock functions run."),
    "stopped_schedule": ("critical", "The clock functions stood still for more than a day: see why."),
    "lost_schedule": ("warning", "Schedules that the clock does not see are put back by the next repair."),
    "missing_device": ("info", "Ask families to change routines that name devices which are gone."),
    "missing_photo": ("info", "Memories that name photos which are gone are corrected by the next repair."),
    "missing_file": (
        "warning",
        "Files that photos, videos or music name are gone: restore them or ask families again.",
    ),
    "orphaned_access": ("warning", "Access to patients who are gone is removed by the next repair."),
    "orphaned_patient": ("warning", "Patients whose account is gone need an administrator's decision."),
    "orphaned_subject": ("warning", "Data of people who are gone are removed a week after that is found."),
    "audit_chain": ("critical", "An audit chain is broken: compare it with a backup and find out who wrote the table."),
    "dead_message": ("warning", "E-mails were given up: check the addresses and the mail service."),
    "unreadable_subject": ("critical", "Somebody's data could not be read: see the log of this run."),
}


class Report(Entity):
    """The last report, as it was told."""

    kind: ClassVar[str] = "maintenance_report"
    keys: ClassVar[Keys] = Keys("MAINTENANCE#report", "LAST")

    issues: list[dict[str, Any]] = Field(default_factory=list)
    statistics: dict[str, Any] = Field(default_factory=dict)
    recommendations: list[str] = Field(default_factory=list)
    generated_at: Moment

    @property
    def critical(self) -> int:
        """How many critical problems there were."""
        return sum(issue["count"] for issue in self.issues if issue["severity"] == "critical")


@dataclass(slots=True)
class Found:
    """What one run came upon, counted by problem and entity."""

    issues: Counter[tuple[str, str]] = field(default_factory=Counter)
    chains: int = 0
    events: int = 0
    subjects: int = 0

    def add(self, type: str, entity: str) -> None:
        self.issues[type, entity] += 1


def inspected(at: datetime) -> Report:
    """One run; its report is kept. Only the run that holds the job calls this."""
    found = Found()
    _verify_chains(found)
    records, counted_at = _look_at_subjects(found, at)
    dead = len(outbox.dead(store, MOST_DEAD))
    if dead:
        found.issues["dead_message", "outbox"] = dead
    issues = _issues(found)
    report = Report(
        issues=[issue.told() for issue in issues],
        statistics={
            "subjects_looked_at": found.subjects,
            "records": dict(sorted(records.items())),
            "records_total": sum(records.values()),
            "records_counted_at": iso(counted_at) if counted_at else None,
            "audit_chains_verified": found.chains,
            "audit_events_verified": found.events,
            "dead_messages": dead,
            "fixes_in_two_days": _fixes(at),
        },
        recommendations=list(dict.fromkeys(issue.advice for issue in issues)) or ["No maintenance is needed."],
        generated_at=at,
    )
    tx = store.transaction()
    tx.put(report)
    tx.commit()
    return report


def last_report() -> Report | None:
    return store.get(Report)


def _verify_chains(found: Found) -> None:
    """Verify chains that have grown; note subjects that are gone while records of theirs are not."""
    ends = time.monotonic() + CHAIN_SECONDS
    for head in unverified(MOST_CHAINS):
        if time.monotonic() >= ends:
            return
        checked = verify(head.subject, most=LONGEST_CHAIN)
        found.chains += 1
        found.events += checked.events
        if checked.problem is not None:
            log.logger().error("an audit chain is broken", extra={"problem": checked.problem, "seq": checked.seq})
            found.add("audit_chain", "AuditLog")
            continue
        if left_behind(head.subject):
            note_orphan(head.subject)
            found.add("orphaned_subject", "Patient")
        note_verified(head)


def _look_at_subjects(found: Found, at: datetime) -> tuple[dict[str, int], datetime | None]:
    """Check and count the next subjects' records.

    Answers the numbers of the last whole round and when it ended; of the present one and None before there is one.
    """
    walk = walk_of(JOB)
    for subject in subjects(walk, MOST_SUBJECTS, SUBJECT_SECONDS):
        found.subjects += 1
        try:
            _note(found, findings(snapshot(subject), at))
            for kind in KINDS.values():
                walk.gather(kind.kind, _size(kind, subject.id))
        except Exception:
            log.logger().exception("a subject was not looked at", extra={"subject": masked(subject.id)})
            found.add("unreadable_subject", "Subject")
    save(walk)
    if walk.last_ended_at is not None:
        return walk.last_round, walk.last_ended_at
    return walk.gathered, None


def _note(found: Found, problems: Iterable[Finding]) -> None:
    for problem in problems:
        found.add(problem.type, problem.item.kind)


def _size(kind: type[Record], subject: str) -> int:
    """How many records of a kind a subject has; their contents do not travel."""
    pk = kind.keys.templates["main"][0].render({"subject": subject})
    count = 0
    more: dict[str, Any] = {}
    while True:
        answer = table_call(
            "Query",
            KeyConditionExpression="PK = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
            Select="COUNT",
            **more,
        )
        count += int(answer["Count"])
        if not answer.get("LastEvaluatedKey"):
            return count
        more = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def _fixes(at: datetime) -> int:
    """What was mended today and yesterday."""
    return sum(len(fixes_of(f"{day:%Y-%m-%d}")) for day in (at, at - timedelta(days=1)))


def _issues(found: Found) -> list[Issue]:
    """The most severe first."""
    order = ["critical", "warning", "info"]
    listed = []
    for (name, entity), count in found.issues.items():
        severity, advice = _KNOWN[name]
        listed.append(Issue(name, severity, entity, count, advice))
    return sorted(listed, key=lambda issue: (order.index(issue.severity), issue.type, issue.entity))
