"""Maintenance: nightly repairs and inspection, and whether the system works.

All three are public, as the document has it. So they are bounded, several calls at once do the work once, a call right
after a run does nothing, and the replies name kinds, numbers and masked ids only.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from memory_mirror import service
from memory_mirror.times.moments import Moment
from memory_mirror.upkeep import health, inspection, nightly, walk
from memory_mirror.upkeep.integrity import Type, masked
from quintet.api import RateLimit
from quintet.models import now

api = service.api.section("maintenance")

CALLS = RateLimit(10, per=60, by="ip")


class FixReply(BaseModel):
    """One item that was mended; its state before is kept for four months."""

    model_config = ConfigDict(defer_build=True)

    type: Type
    entity: str
    id: str
    action: Literal["changed", "removed"]


class FailureReply(BaseModel):
    """Somebody whose data could not be looked at."""

    model_config = ConfigDict(defer_build=True)

    subject: str
    error: str


class FixesReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    fixes: list[FixReply]
    errors: list[FailureReply]
    summary: str


class MaintenanceReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    issues: list[dict[str, Any]]
    statistics: dict[str, Any]
    recommendations: list[str]
    generated_at: Moment


class DatabaseCheck(BaseModel):
    model_config = ConfigDict(defer_build=True)

    status: health.Verdict
    responseTime: int  # noqa: N815 (the document's spelling)


class EntitiesCheck(BaseModel):
    model_config = ConfigDict(defer_build=True)

    status: health.Verdict
    details: dict[str, Any]


class ErrorRateCheck(BaseModel):
    model_config = ConfigDict(defer_build=True)

    status: health.Verdict
    recentErrors: int | None  # noqa: N815


class PerformanceCheck(BaseModel):
    model_config = ConfigDict(defer_build=True)

    status: health.Verdict
    totalCheckTime: int  # noqa: N815


class Checks(BaseModel):
    model_config = ConfigDict(defer_build=True)

    database: DatabaseCheck
    entities: EntitiesCheck
    errorRate: ErrorRateCheck  # noqa: N815
    performance: PerformanceCheck


class HealthReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    timestamp: Moment
    status: health.Status
    checks: Checks
    issues: list[str]
    recommendations: list[str]


@api.post(
    "/autoFixErrors", schedule="cron(15 3 * * ? *)", needs={"table:write", "storage:read"}, timeout=90, limit=CALLS
)
def auto_fix_errors() -> FixesReply:
    """Find broken data and mend them

    Looks at the next part of everybody's data: settles stuck notifications, puts lost schedules back, removes links to
    what is gone and, after a week, the data of people who are gone. Everything is kept as it was before.
    """
    if not walk.begin(nightly.JOB):
        return FixesReply(fixes=[], errors=[], summary="Nothing done: a run is at work or has just ended.")
    done = nightly.repaired(now())
    walk.end(nightly.JOB)
    return FixesReply(
        fixes=[
            FixReply(
                type=fix.type,
                entity=fix.item_kind,
                id=masked(fix.item_id),
                action="removed" if fix.removed else "changed",
            )
            for fix in done.fixes
        ],
        errors=[FailureReply(subject=one.subject, error=one.error) for one in done.failures],
        summary=(
            f"Fixed {len(done.fixes)} problems in the data of {done.subjects} people; {done.for_people} need somebody "
            f"to look at them, {len(done.failures)} people's data could not be read."
        ),
    )


@api.post(
    "/generateMaintenanceReport",
    schedule="cron(45 3 * * ? *)",
    needs={"table:write", "storage:read", "secret"},
    timeout=90,
    limit=CALLS,
)
def generate_maintenance_report() -> MaintenanceReply:
    """Report on data quality, audit chains and storage

    Verifies the audit chains that have grown and looks at the next part of everybody's data; changes nothing of it.
    Right after a run, or while one is at work, the last report is answered.
    """
    report = inspection.inspected(now()) if walk.begin(inspection.JOB) else None
    if report is not None:
        walk.end(inspection.JOB)
    else:
        report = inspection.last_report()
    if report is None:
        advice = ["The first report is being made; ask again in a minute."]
        return MaintenanceReply(issues=[], statistics={}, recommendations=advice, generated_at=now())
    return MaintenanceReply.model_validate(report, from_attributes=True)


@api.post("/healthCheck", needs={"table:write"})
def health_check() -> HealthReply:
    """Check whether the system works

    Answers 200 also when it does not: `status` says so, `critical` when the database does not answer.
    """
    at = now()
    found = health.checked(at)
    advice = [text for check in found.checks for text in check.advice]
    return HealthReply(
        timestamp=at,
        status=found.status,
        checks=Checks(
            database=DatabaseCheck(status=found.database.status, **found.database.facts),
            entities=EntitiesCheck(status=found.entities.status, **found.entities.facts),
            errorRate=ErrorRateCheck(status=found.errors.status, **found.errors.facts),
            performance=PerformanceCheck(status=found.performance.status, **found.performance.facts),
        ),
        issues=[issue for check in found.checks for issue in check.issues],
        recommendations=list(dict.fromkeys(advice)) or ["System is operating normally"],
    )
