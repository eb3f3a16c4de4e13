"""The audit log as the entity API shows it: readable by its subject and by administrators, writable by nobody.

Access patterns: see audit/chain.py.
"""

from typing import Any

from memory_mirror.accounts.access import person
from memory_mirror.audit.chain import AuditEvent
from memory_mirror.audit.trail import note
from memory_mirror.service import User, api, not_found, store
from memory_mirror.times.moments import iso
from quintet.store import cursors

NAME = "AuditLog"


def audited_subject(caller: User) -> str:
    """Whose log a request is about: the caller's own; an administrator may name a patient. Raises 403 or 404."""
    if not caller.patient_id:
        return caller.id
    found = person(caller)
    if found.subject != caller.id and not caller.is_admin:
        raise api.errors.forbidden()
    return found.subject


def log_page(subject: str, limit: int, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
    """One page of a subject's log, newest first, and the cursor of the next one. Reading it is logged, too."""
    scope = f"{NAME}|{subject}"
    after = cursors.read(cursor, scope)[1] if cursor else None
    part = store.query(AuditEvent, begins="E", subject=subject, limit=limit, after=after, consistent=True)
    note(subject, "read", "health_data", [event.id for event in part.items])
    return [shown(event) for event in part.items], cursors.write(1, part.after, scope) if part.after else None


def log_entry(subject: str, id: str) -> dict[str, Any]:
    """One event of a subject's log. Raises 404."""
    owner, _, seq = id.rpartition(".")
    found = None
    if owner == subject and seq.isascii() and seq.isdigit() and len(seq) <= 12:
        found = store.get(AuditEvent, subject=subject, place=f"E{int(seq):012d}")
    if found is None:
        raise not_found(NAME)()
    note(subject, "read", "health_data", [found.id])
    return shown(found)


def shown(event: AuditEvent) -> dict[str, Any]:
    """An event as its subject reads it; what was erased is empty."""
    personal = event.personal
    return {
        "id": event.id,
        "created_date": iso(event.at),
        "updated_date": iso(event.at),
        "created_by": (personal.user_email if personal else "") or event.actor,
        "seq": event.seq,
        "action_type": event.action_type,
        "resource_type": event.resource_type,
        "resource_id": event.resource_ids[0] if event.resource_ids else "",
        "resource_ids": event.resource_ids,
        "resource_count": event.count,
        "user_email": personal.user_email if personal else "",
        "user_name": personal.user_name if personal else "",
        "details": personal.details if personal else {},
        "success": event.success,
        "operation": event.operation,
        "request_id": event.request_id,
        "erased": personal is None,
        "previous_hash": event.previous,
        "hash": event.hash,
    }
