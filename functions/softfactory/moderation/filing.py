"""Reports: filing, deciding and taking down, each in one transaction with its entry in the trail.

Whoever decides reads, and commits inside `until_settled`: when somebody else was faster the whole is done over, and
finds what that one did.
"""

from collections.abc import Iterable
from typing import Any, Final

from quintet.api import ErrorType
from quintet.models import now
from quintet.store import Transaction
from softfactory.moderation import contents
from softfactory.moderation.contents import EXCERPT, Content
from softfactory.moderation.entities import ContentType, Filed, Report, Reported, Standing
from softfactory.service import store
from softfactory.trail.log import Act, record

CONTENT_NOT_FOUND: Final = ErrorType(404, "content_not_found", "There is no such content")
REPORT_NOT_FOUND: Final = ErrorType(404, "report_not_found", "Report not found")
ALREADY_REPORTED: Final = ErrorType(409, "already_reported", "You have reported this already")
OWN_CONTENT: Final = ErrorType(409, "own_content", "Nobody reports what is their own")
DECIDED: Final = ErrorType(409, "report_decided", "The report was decided already")
REMOVED: Final = ErrorType(409, "already_removed", "The content was taken down already")

HIGH: Final = 3
"""From so many reporters on all reports of a content are of high priority."""
TOGETHER: Final = 20
"""Pending reports of one content that one approval decides; a later one decides the rest."""
_LOOKED_AT: Final = 100


def file(report: Report, act: Act) -> Report:
    """Keep a report as it is filed, with its priority; `author_id` and `excerpt` are found here."""
    content = content_of(report.content_type, report.content_id)
    if content.author_id == report.reported_by:
        raise OWN_CONTENT()
    standing = _standing(report)
    reporters = standing.reporters + 1
    kept = report.model_copy(
        update={"author_id": content.author_id, "excerpt": content.text[:EXCERPT],
                "priority": "high" if reporters >= HIGH else "normal"}
    )  # fmt: skip
    tx = store.transaction()
    tx.create(_filed(kept), ALREADY_REPORTED)
    _keep(tx, standing, standing.model_copy(update={"reporters": reporters}))
    tx.create(kept)
    tx.create(Reported(author_id=content.author_id, report_id=kept.id))
    if reporters == HIGH:
        for other in _pending(kept):
            tx.replace(other, other.model_copy(update={"priority": "high"}), refused=None)
    # The reporter's words stay out: the entry is erased with the author of what was reported, not with the reporter.
    _note(tx, act, "report.create", kept, after={"priority": kept.priority})
    tx.commit()
    return kept


def approve(report: Report, act: Act) -> Report:
    """Decide that a report is right: the content goes, and with it the pending reports of it."""
    standing = _standing(report)
    others = [other for other in _pending(report) if other.id != report.id][: TOGETHER - 1]
    tx = store.transaction()
    decided = _decided(tx, report, act, status="approved")
    for other in others:
        _decided(tx, other, act, status="approved")
    if standing.removed_at is None:
        _take_down(tx, report, standing, act)
    _note(tx, act, "report.approve", report, after={"decided": [report.id, *(other.id for other in others)]})
    tx.commit()
    return decided


def reject(report: Report, reason: str, act: Act) -> Report:
    """Decide that a report is wrong: the content stays, and other reports of it wait on."""
    tx = store.transaction()
    decided = _decided(tx, report, act, status="rejected", reason_for_rejection=reason)
    _note(tx, act, "report.reject", report, after={"reason_for_rejection": reason})
    tx.commit()
    return decided


def remove(report: Report, act: Act) -> Report:
    """Take the content of a report down without deciding whether the report is right."""
    standing = _standing(report)
    if standing.removed_at is not None:
        raise REMOVED()
    tx = store.transaction()
    _take_down(tx, report, standing, act)
    _note(tx, act, "content.remove", report, after={"content_type": report.content_type})
    tx.commit()
    return report


def content_of(content_type: ContentType, content_id: str) -> Content:
    """The content that is reported; 404 where nobody sees one."""
    source = contents.SOURCES.get(content_type)
    content = source.find(content_id) if source else None
    if content is None:
        raise CONTENT_NOT_FOUND()
    return content


def removed(reports: Iterable[Report]) -> set[tuple[ContentType, str]]:
    """Which of the reports' contents were taken down: one batch of reads."""
    places = sorted({(each.content_type, each.content_id) for each in reports})
    found = store.get_all([Standing.ref(content_type=kind, content_id=content) for kind, content in places])
    return {(one.content_type, one.content_id) for one in found if one is not None and one.removed_at is not None}


def forget_author(user_id: str, most: int) -> bool:
    """Erase what reports say of the author of what was reported: of a profile, which is nothing but its author, the
    whole report. Answers whether none is left; doing it again is harmless."""
    part = store.query(Reported, begins="REPORTED#", author_id=user_id, limit=most, consistent=True)
    for each in part.items:
        report = store.get(Report, id=each.report_id)
        tx = store.transaction()
        tx.remove(each.own_key())
        if report is not None and report.content_type == "profile":
            tx.delete(report, refused=None)
            tx.remove(Standing.key(content_type=report.content_type, content_id=report.content_id))
            if report.reported_by is not None:
                tx.remove(_filed(report).own_key())
        elif report is not None:
            tx.replace(report, report.model_copy(update={"author_id": None, "excerpt": ""}), refused=None)
        tx.commit()
    return part.after is None


def forget(user_id: str, most: int) -> bool:
    """Take a reporter's id and own words off their reports, which stay; answers whether none is left. Doing it again is
    harmless."""
    part = store.query(Report, "gsi3", reported_by=user_id, limit=most)
    for report in part.items:
        current = store.get(Report, id=report.id)
        tx = store.transaction()
        if current is not None and current.reported_by == user_id:
            silent = current.model_copy(update={"reported_by": None, "reason": "", "details": ""})
            tx.replace(current, silent, refused=None)
        tx.remove(_filed(report).own_key())
        tx.commit()
    return part.after is None


def _pending(report: Report) -> list[Report]:
    """The pending reports of the same content, the first hundred reporters' ones."""
    filed = store.query(
        Filed, begins="REPORTER#", limit=_LOOKED_AT, consistent=True, content_type=report.content_type,
        content_id=report.content_id,
    ).items  # fmt: skip
    found: list[Report | None] = store.get_all([Report.ref(id=each.report_id) for each in filed])
    return [each for each in found if each is not None and each.status == "pending"]


def _filed(report: Report) -> Filed:
    return Filed(
        content_type=report.content_type, content_id=report.content_id, user_id=str(report.reported_by),
        report_id=report.id,
    )  # fmt: skip


def _standing(report: Report) -> Standing:
    """How the content stands; version 0 where nothing was noted of it."""
    kind, content = report.content_type, report.content_id
    found = store.get(Standing, content_type=kind, content_id=content)
    return found or Standing(version=0, content_type=kind, content_id=content)


def _keep(tx: Transaction, old: Standing, new: Standing) -> None:
    if old.version:
        tx.replace(old, new, refused=None)
    else:
        tx.create(new.model_copy(update={"version": 1}))


def _take_down(tx: Transaction, report: Report, standing: Standing, act: Act) -> None:
    _keep(tx, standing, standing.model_copy(update={"removed_at": now(), "removed_by": act.user_id}))
    source = contents.SOURCES.get(report.content_type)
    if source is not None:
        source.take_down(tx, report.content_id)


def _decided(tx: Transaction, report: Report, act: Act, **more: Any) -> Report:
    if report.status != "pending":
        raise DECIDED()
    decided = report.model_copy(update={"decided_by": act.user_id, "decided_at": now(), **more})
    tx.replace(report, decided, refused=None)
    return decided


def _note(tx: Transaction, act: Act, action: str, report: Report, after: dict[str, Any]) -> None:
    record(tx, act, action, resource="report", resource_id=report.id, after=after, about=report.author_id)
