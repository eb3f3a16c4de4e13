"""The audit log as administrators read it: all of it under `/admin`, what is about access under `/rbac`."""

from datetime import timedelta
from typing import Any, Final

from quintet.api import Binary, ErrorType, Reply, Request
from quintet.models import Page, rfc3339
from quintet.net import patience
from quintet.store.cursors import INVALID_CURSOR
from softfactory.access.callers import AdminReader, RbacReader, User
from softfactory.audit import paging, pending, sequencer
from softfactory.audit.exports import ExportReply, Wanted, export
from softfactory.audit.filters import AccessExport, AccessFilter, AccessQuery, LogExport, LogFilter, LogQuery
from softfactory.audit.formats import MEDIA, preferred
from softfactory.audit.reading import EntryReply, entry, knows
from softfactory.audit.selecting import Filter
from softfactory.people.fields import Id
from softfactory.service import api, store
from softfactory.trail.log import Act, record

admin, rbac = api.section("admin"), api.section("rbac")

ENTRY_NOT_FOUND: Final = ErrorType(404, "audit_entry_not_found", "Audit entry not found")
READS: Final = ("table:read",)
WRITES: Final = ("table:write",)
"""An export takes in first what stands on the trail, since what it shows must be in the tree; it is an entry itself."""
LAYERS: Final = ("oidc",)
HEADERS: Final = {
    "X-Total-Count": "The number of entries in all parts of the export",
    "X-Next-Cursor": "What `cursor` must say for the next part; absent where this is the last",
    "X-Pending-Count": "The number of entries that came before the export and are not in its tree yet",
    "Vary": "`Accept`, which decides where no `format` is given",
}
FORMATS: Final = tuple(MEDIA.values())
CONTENT_TYPES: Final = {"csv": f"{MEDIA['csv']}; charset=utf-8", "json": MEDIA["json"]}
NO_STORE: Final = {"Cache-Control": "no-store"}


@admin.get("/admin/audit-logs", rows="logs", needs=READS, layers=LAYERS)
def audit_logs(query: LogQuery, caller: AdminReader) -> Reply[Page[EntryReply]]:
    """List the audit log, newest first

    The filters may be combined. `action` may be one action or a family of them, `date_from` and `date_to` days in UTC
    or moments, which belong to the range. Where `pending` stands beside `total`, so many entries are not in it yet.
    """
    return _page(query, _of_log(query))


@admin.get(
    "/admin/audit-logs/export", produces=FORMATS, json=ExportReply, headers=HEADERS, needs=WRITES, layers=LAYERS,
    errors=[INVALID_CURSOR],
)  # fmt: skip
def export_audit_logs(query: LogExport, caller: AdminReader, request: Request) -> Reply[Binary]:
    """Export the audit log, newest entries first

    As JSON `{tree: {size, root_hash}, logs: [{…, salts, leaf, leaf_index, inclusion_proof}], consistency: [{first_size,
    first_root, second_size, second_root, proof}], total, next_cursor}`, with the proofs of RFC 9162 in base64:
    `python -m infra.verify_audit export.json` checks it offline. Up to a thousand entries a part; `cursor` asks for the
    next part of the same tree. `first_size` is the size of a tree of an older export, whose growth is then proven.
    `pending` is 0 where everything is there that was done before; else ask again for what waited.

    Without `format` it is what `Accept` prefers (RFC 9110), JSON where that says nothing. CSV has no proofs: lines as
    in RFC 4180, each part with a header, in UTF-8 with a byte order mark, for Excel reads no other.
    """
    return _export(query, _of_log(query), "audit_log", caller, request)


@admin.get("/admin/audit-logs/{id}", needs=READS, layers=LAYERS, errors=[ENTRY_NOT_FOUND])
def audit_log(id: Id, caller: AdminReader) -> EntryReply:
    """One entry of the audit log"""
    found = entry(id)
    if found is None:
        raise ENTRY_NOT_FOUND()
    return found


@rbac.get("/rbac/audit", rows="logs", needs=READS, layers=LAYERS)
def audit(query: AccessQuery, caller: RbacReader) -> Reply[Page[EntryReply]]:
    """List the entries about access, newest first

    Roles and permissions given and taken, sign-ins and refused ones, accounts that were closed or got another status or
    address, impersonation, exports of this list. Where `pending` stands beside `total`, so many entries of any kind
    are not in it yet.
    """
    return _page(query, _of_access(query))


@rbac.get("/rbac/audit/{id}", needs=READS, layers=LAYERS, errors=[ENTRY_NOT_FOUND])
def audit_entry(id: Id, caller: RbacReader) -> EntryReply:
    """One entry about access"""
    found = entry(id, access=True)
    if found is None:
        raise ENTRY_NOT_FOUND()
    return found


@rbac.post(
    "/rbac/audit/export", produces=FORMATS, json=ExportReply, headers=HEADERS, needs=WRITES, layers=LAYERS,
    errors=[INVALID_CURSOR], example={"format": "csv"},
)  # fmt: skip
def export_audit(caller: RbacReader, request: Request, body: AccessExport | None = None) -> Reply[Binary]:
    """Export the entries about access, newest first

    As `GET /api/admin/audit-logs/export` does, `Accept` and the byte order mark of CSV included; to be verified with
    `--filtered`, since they are not the whole log.
    """
    asked = body or AccessExport()
    return _export(asked, _of_access(asked), "access_log", caller, request)


@api.event(schedule="rate(1 minute)", needs=WRITES, layers=LAYERS, timeout=50)
def sequence() -> None:
    """Take what stands on the trail into the log"""
    sequencer.catch_up(40)


def _of_log(asked: LogFilter) -> Filter:
    return Filter(asked.resource_type, asked.action, asked.user_id, asked.date_from, asked.date_to)


def _of_access(asked: AccessFilter) -> Filter:
    return Filter(None, asked.action, asked.user_id, asked.date_from, asked.date_to, access=True)


def _page(query: LogQuery | AccessQuery, wanted: Filter) -> Reply[Page[EntryReply]]:
    reading = pending.read()
    found = paging.page(wanted, query, reading, newest=query.descending)
    return Reply(found, meta={"pending": reading.beyond} if reading.beyond else None, headers=NO_STORE)


def _export(
    asked: LogExport | AccessExport, wanted: Filter, resource: str, caller: User, request: Request
) -> Reply[Binary]:  # fmt: skip
    """An export, which is itself an entry of the log; the tree that it shows is remembered."""
    waiting = sequencer.catch_up(patience.left() / 2) if asked.cursor is None else 0
    chosen = asked.format or preferred(request.headers.get("accept", ""))
    part = export(pending.head(), Wanted(wanted, chosen, asked.limit, asked.cursor, asked.first_size, waiting))
    if not request.head:  # which delivers nothing of it
        tx = store.transaction()
        about = wanted.user_id if wanted.user_id and knows(wanted.user_id) else None
        filters = _told(asked) if about else _told(asked, frozenset({"user_id"}))
        after = {"format": chosen, "entries": part.entries, "tree_size": part.tree.size, "filters": filters}
        record(tx, Act.of(caller, request), "audit.export", resource=resource, after=after, about=about)
        if asked.cursor is None:
            tx.put(part.tree)
        tx.commit()
    headers = {**NO_STORE, "Vary": "Accept", "X-Total-Count": str(part.total), "X-Pending-Count": str(part.pending)}
    if part.next_cursor:
        headers["X-Next-Cursor"] = part.next_cursor
    name = f"{resource.replace('_', '-')}-{part.tree.size}.{chosen}"
    return Reply(Binary(part.content, CONTENT_TYPES[chosen], name), headers=headers)


def _told(asked: LogExport | AccessExport, unknown: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The filters of an export as its entry tells of them: the last second of the range, not the first after it, and
    nothing of whom the log does not know, or not any more."""
    told = asked.model_dump(mode="json", exclude_none=True, exclude={"format", "limit", "cursor", "first_size"})
    told |= dict.fromkeys(unknown & told.keys())
    return told | ({"date_to": rfc3339(asked.date_to - timedelta(seconds=1))} if asked.date_to else {})
