"""Audit without the handlers' help: what an operation reads and writes is noted, and appended when it ends.

`Audited` is put around every operation. `note` is called by the records themselves. When the function returns, one
event per subject, action and kind of data is appended to the subject's chain, before anything is replied: data that
could not be audited is not shown.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Literal

from memory_mirror.audit.chain import AuditEvent, Entry, append
from quintet import log
from quintet.api.callers import Caller
from quintet.api.request import Request

Action = Literal["read", "write", "delete", "export", "share"]
Resource = Literal["memory", "health_data", "contact_info"]


@dataclass(slots=True)
class Notes:
    """What one run of an operation did, and who ran it."""

    actor: str
    operation: str
    request_id: str
    user_email: str = ""
    user_name: str = ""
    seen: dict[tuple[str, Action, Resource], dict[str, None]] = field(default_factory=dict)

    def by_subject(self, *, success: bool) -> dict[str, list[Entry]]:
        """What is to be appended to each subject's chain."""
        found: dict[str, list[Entry]] = {}
        for (subject, action, resource), ids in self.seen.items():
            found.setdefault(subject, []).append(self.entry(action, resource, list(ids), success=success))
        return found

    def entry(self, action: str, resource: str, ids: list[str], *, success: bool = True) -> Entry:
        """An entry by whoever runs the operation."""
        return Entry(
            action_type=action,
            resource_type=resource,
            resource_ids=ids,
            actor=self.actor,
            operation=self.operation,
            request_id=self.request_id,
            success=success,
            user_email=self.user_email,
            user_name=self.user_name,
        )


_notes: ContextVar[Notes | None] = ContextVar("audit_notes", default=None)


class Audited:
    """What Memory Mirror puts around its operations (quintet.api.app.Around)."""

    needs = frozenset({"table:write", "secret"})

    def __call__(
        self, operation: str, caller: Caller | None, request: Request | None, /
    ) -> AbstractContextManager[None]:
        return audited(operation, caller, request.id if request else "")


@contextmanager
def audited(operation: str, caller: Caller | None = None, request_id: str = "") -> Iterator[None]:
    """Append what is noted within the block when it ends; whatever fails then fails the block.

    A block that raises has its accesses appended too, as unsuccessful, as far as that can be done.
    """
    notes = Notes(caller.id if caller else f"system:{operation}", operation, request_id)
    if caller is not None:
        notes.user_email = str(caller.claims.get("email", ""))
        notes.user_name = str(caller.claims.get("name", ""))
    token = _notes.set(notes)
    try:
        yield
    except BaseException:
        _append_failed(notes)
        raise
    finally:
        _notes.reset(token)
    for subject, entries in notes.by_subject(success=True).items():
        append(subject, entries)


def note(subject: str, action: Action, resource: Resource | None, ids: Iterable[str]) -> None:
    """Note an access to a subject's data; nothing outside an operation, or for data that are about nobody."""
    notes = _notes.get()
    if notes is not None and resource is not None:
        found = dict.fromkeys(ids)
        if found:
            notes.seen.setdefault((subject, action, resource), {}).update(found)


@contextmanager
def tentatively() -> Iterator[None]:
    """Around writes that may lose to somebody else's: when the block raises, what it wrote did not happen and is not
    noted; what it read was read."""
    outer = _notes.get()
    if outer is None:
        yield
        return
    inner = replace(outer, seen={})
    token = _notes.set(inner)
    done = False
    try:
        yield
        done = True
    finally:
        _notes.reset(token)
        for key, ids in inner.seen.items():
            if done or key[1] == "read":
                outer.seen.setdefault(key, {}).update(ids)


def running() -> Notes:
    """Who runs the present operation. Raises LookupError outside of one."""
    notes = _notes.get()
    if notes is None:
        raise LookupError("no operation is running")
    return notes


def name_nobody() -> None:
    """Have the present operation's events name its actor's account alone: its names have just been erased."""
    notes = running()
    notes.user_email = notes.user_name = ""


def _append_failed(notes: Notes) -> None:
    try:
        for subject, entries in notes.by_subject(success=False).items():
            append(subject, entries)
    except Exception:
        log.logger().exception("the accesses of a failed operation were not audited")


__all__ = ["Action", "AuditEvent", "Audited", "Resource", "audited", "name_nobody", "note", "running", "tentatively"]
