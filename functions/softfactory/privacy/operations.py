"""A person's data on their behalf: all of it copied, or its erasure planned; and the clock that erases.

Round trips to the table: export 8 where a copy is there, delete 5.
"""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from quintet.api import Request
from quintet.jobs import Job, Status
from quintet.models import Length, Text
from softfactory.access.callers import IMPERSONATING, AdminWriter
from softfactory.access.changes import LAST_ADMIN, USER_NOT_FOUND
from softfactory.access.granting import require_above
from softfactory.people.fields import Id
from softfactory.privacy import erasing, exporting
from softfactory.privacy.planning import Plan, living, plan
from softfactory.service import api as suite
from softfactory.service import store
from softfactory.trail.log import Act, record
from softfactory.work import WORK

api = suite.section("admin")

LAYERS: Final = ("oidc",)
SECONDS: Final = 200
"""After which a run of the clock begins with no further person."""


class ExportRequest(BaseModel):
    model_config = ConfigDict(defer_build=True)

    user_id: Id


class DeleteRequest(BaseModel):
    """Whose account is to be erased, and why, for the audit log."""

    model_config = ConfigDict(defer_build=True)

    user_id: Id
    reason: Annotated[Text, Length(0, 1000)] | None = None


class ExportReply(BaseModel):
    """A copy of a person's data; asking again answers how far it is."""

    model_config = ConfigDict(defer_build=True)

    job_id: str
    status: Status
    download_url: Annotated[str | None, Field(description="A zip archive, for 15 minutes; null until it is complete")]
    error: Annotated[str | None, Field(description="Why the last attempt failed")]


class Run(BaseModel):
    """What one run of the clock did."""

    model_config = ConfigDict(defer_build=True)

    begun: int
    erased: int
    left: int


@api.post(
    "/admin/gdpr/data-export",
    errors=[USER_NOT_FOUND],
    needs=WORK,
    layers=LAYERS,
    example={"user_id": "0198c0de-0000-7000-8000-000000000001"},
)
def data_export(body: ExportRequest, caller: AdminWriter, request: Request) -> ExportReply:
    """Copy everything that there is about a user

    A job writes one zip archive: a file of JSON for each kind of data, the user's files, and a manifest with the hash
    of each. Asking again answers the same job, for a day; then a new copy is made. That one failed is told once; who
    asks then has it made anew. An archive stays for seven days, or until the next one is complete. Every time it is
    asked for enters the audit log.
    """
    user = living(body.user_id)
    require_above(caller, user)
    job = exporting.asked(user.id)
    url = exporting.download_url(job, user.id)
    _noted(job, user.id, caller, request, handed_out=url is not None)
    return ExportReply(job_id=job.id, status=job.status, download_url=url, error=job.reason)


@api.post(
    "/admin/gdpr/data-delete",
    errors=[USER_NOT_FOUND, LAST_ADMIN, IMPERSONATING],
    needs={"table:write"},
    example={"user_id": "0198c0de-0000-7000-8000-000000000001", "reason": "Asked for it by letter"},
)
def data_delete(body: DeleteRequest, caller: AdminWriter, request: Request) -> Plan:
    """Plan the erasure of an account, 30 days from now

    Its sessions end and nobody sees it any more. Within the 30 days signing in takes the plan back. `erases` says what
    goes, `keeps` what stays, until when and why. Asking again answers the plan that there is. The person is told by
    mail. Nobody does this in somebody else's name.
    """
    return plan(body.user_id, body.reason or None, caller, request)


@api.event(
    schedule="rate(1 minute)",
    needs={"table:write", "storage:read", "storage:write"},
    layers=LAYERS,
    timeout=300,
)
def erase_due() -> Run:
    """Erase accounts whose time has come, a piece of each in a run"""
    begun = erasing.begin_due()
    waiting = erasing.under_way()
    erased = erasing.go_on_with_all(waiting, SECONDS)
    return Run(begun=begun, erased=erased, left=len(waiting) - erased)


def _noted(job: Job, user_id: str, caller: AdminWriter, request: Request, *, handed_out: bool) -> None:
    tx = store.transaction()
    told = {"job_id": job.id, "handed_out": handed_out}
    record(tx, Act.of(caller, request), "gdpr.export", resource="user", resource_id=user_id, after=told)
    tx.commit()
