"""Reporting what one should not see, and the moderators' queue."""

from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from quintet.api import Request
from quintet.models import Length, Line, Page, Text, Timestamp
from quintet.store import until_settled
from quintet.store.merge import merged_page
from softfactory.access.callers import Moderator, User
from softfactory.access.granting import require_above
from softfactory.lists import ListQuery
from softfactory.moderation import filing
from softfactory.moderation.entities import ContentType, Priority, Report, Status
from softfactory.moderation.filing import (
    ALREADY_REPORTED,
    CONTENT_NOT_FOUND,
    DECIDED,
    OWN_CONTENT,
    REMOVED,
    REPORT_NOT_FOUND,
)
from softfactory.people.entities import User as Account
from softfactory.people.fields import Id
from softfactory.service import api, store
from softfactory.trail.log import Act

admin, reports = api.section("admin"), api.section("reports")

Reason = Annotated[Line, Length(1, 200)]
Details = Annotated[Text, Length(0, 2000)]


class NewReport(BaseModel):
    """What is reported, a `profile` by the id of its user, and why."""

    model_config = ConfigDict(defer_build=True)

    content_type: ContentType
    content_id: Id
    reason: Reason
    details: Details | None = None


class Decision(BaseModel):
    """`approve`: the report is right and the content goes. `reject`: the content stays, for the reason given."""

    model_config = ConfigDict(defer_build=True)

    action: Literal["approve", "reject"]
    reason_for_rejection: Annotated[Text | None, Field(description="Needed to reject", validate_default=True)] = None

    @field_validator("reason_for_rejection")
    @classmethod
    def _given(cls, reason: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("action") == "reject" and not reason:
            raise ValueError("is required to reject")
        if reason is not None and len(reason) > 1000:
            raise ValueError("must have at most 1000 characters")
        return reason


class QueueQuery(ListQuery):
    status: Status | None = None
    priority: Priority | None = None
    sort: Literal["created_at", "-created_at"] = "-created_at"


class ReportReply(BaseModel):
    """A report; `excerpt` is how the content began when it was reported, `removed` whether it was taken down since."""

    model_config = ConfigDict(defer_build=True)

    report_id: str
    content_id: str
    content_type: ContentType
    excerpt: str
    reason: str
    details: str
    reported_by: str | None
    status: Status
    priority: Priority
    removed: bool
    decided_by: str | None
    decided_at: Timestamp | None
    reason_for_rejection: str | None
    created_at: Timestamp

    @classmethod
    def of(cls, report: Report, *, removed: bool) -> Self:
        same = set(cls.model_fields) - {"report_id", "removed"}
        return cls(report_id=report.id, removed=removed, **report.model_dump(include=same))


class FiledReply(BaseModel):
    """A report as whoever filed it sees it."""

    model_config = ConfigDict(defer_build=True)

    report_id: str
    content_id: str
    content_type: ContentType
    reason: str
    details: str
    reported_by: str
    status: Status
    created_at: Timestamp


@reports.post(
    "/reports", status=201, extension=True, errors=[CONTENT_NOT_FOUND, ALREADY_REPORTED, OWN_CONTENT],
    needs={"table:write"},
    example={"content_type": "profile", "content_id": "0198c0de-0000-7000-8000-000000000001", "reason": "Spam"},
)  # fmt: skip
def file_report(body: NewReport, caller: User, request: Request) -> FiledReply:
    """Report a content, once; moderators look at what three people have reported first"""
    wanted = Report(
        content_type=body.content_type, content_id=body.content_id, excerpt="", reported_by=caller.id,
        reason=body.reason, details=body.details or "",
    )  # fmt: skip
    kept = until_settled(lambda: filing.file(wanted, Act.of(caller, request)))
    return FiledReply(report_id=kept.id, **kept.model_dump(include=set(FiledReply.model_fields) - {"report_id"}))


@admin.get("/admin/flagged-content", needs={"table:read"})
def list_flagged(query: QueueQuery, caller: Moderator) -> Page[ReportReply]:
    """List reports, newest first, by status and priority"""
    if query.status is None and query.priority is None:
        page = store.page(Report, "gsi1", query, reverse=not query.descending)
    else:
        statuses = [query.status] if query.status else get_args(Status)
        priorities = [query.priority] if query.priority else get_args(Priority)
        places = [{"status": status, "priority": priority} for status in statuses for priority in priorities]
        scope = f"reports|{query.status}|{query.priority}"
        page = merged_page(store, Report, "gsi2", query, places, scope, reverse=not query.descending)
    gone = filing.removed(page.items)
    return page.map(lambda each: ReportReply.of(each, removed=(each.content_type, each.content_id) in gone))


@admin.get("/admin/flagged-content/{id}", errors=[REPORT_NOT_FOUND], needs={"table:read"})
def get_flagged(id: Id, caller: Moderator) -> ReportReply:
    """A report"""
    return _reply(_report(id))


@admin.put(
    "/admin/flagged-content/{id}", errors=[REPORT_NOT_FOUND, DECIDED], needs={"table:write"},
    example={"action": "reject", "reason_for_rejection": "Nothing wrong with it"},
)  # fmt: skip
def decide(id: Id, body: Decision, caller: Moderator, request: Request) -> ReportReply:
    """Decide a report

    Approving takes the content down, and approves the pending reports of it by other people, too. Rejecting decides
    this report alone.
    """
    act = Act.of(caller, request)

    def attempt() -> Report:
        report = _judged(id, caller)
        if body.action == "approve":
            return filing.approve(report, act)
        return filing.reject(report, body.reason_for_rejection or "", act)

    return _reply(until_settled(attempt))


@admin.post("/admin/flagged-content/{id}/remove", errors=[REPORT_NOT_FOUND, REMOVED], needs={"table:write"})
def remove(id: Id, caller: Moderator, request: Request) -> ReportReply:
    """Take the reported content down, without deciding whether the report is right"""
    return _reply(until_settled(lambda: filing.remove(_judged(id, caller), Act.of(caller, request))))


def _report(id: str) -> Report:
    return store.require(Report, REPORT_NOT_FOUND, id=id)


def _judged(id: str, caller: Moderator) -> Report:
    """The report with this id; 403 where it is about the caller, or about the profile of somebody above them."""
    report = _report(id)
    if report.author_id == caller.id:
        raise api.errors.forbidden("Nobody judges a report about themselves")
    author = store.get(Account, id=report.content_id) if report.content_type == "profile" else None
    if author is not None:
        require_above(caller, author)
    return report


def _reply(report: Report) -> ReportReply:
    return ReportReply.of(report, removed=bool(filing.removed([report])))
