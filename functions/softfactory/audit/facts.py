"""What the log knows of an entry before it has it: what kind it is, whose its parts are, and when it was."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from quintet.models.time import as_utc
from softfactory.audit.leaves import PartName
from softfactory.trail.log import Entry

ANONYMOUS: Final = "anonymous-"
"""With the month: whose the parts of entries are that are about people without an account."""
_ACCESS: Final = frozenset(
    {
        "access", "auth", "grant", "impersonate", "impersonation", "login", "logout", "override", "permission",
        "permissions", "rbac", "role", "roles", "session", "sessions", "settle", "signin",
    }
)  # fmt: skip
"""Words in an action or a resource that tell of access."""
_CLOSING: Final = frozenset({"gdpr.delete", "user.ban", "user.deactivate", "user.delete", "user.erase"})
"""Actions that shut somebody out."""
_CHANGE: Final = "user.update"
_DECIDING: Final = frozenset({"banned_until", "deletion_due", "email", "roles", "status"})
"""Fields of an account that say who comes in, and with which rights."""
_PEOPLE: Final = "user"
"""The resource whose rows are people."""


@dataclass(frozen=True, slots=True)
class Kind:
    """The kind of an entry: what was done, to what, and whether that is about access."""

    action: str
    resource: str
    access: bool

    @property
    def family(self) -> str:
        """What stands before the dot of the action."""
        return self.action.partition(".")[0]


def kind_of(entry: Entry) -> Kind:
    """The kind of an entry."""
    fields = {*(entry.before or ()), *(entry.after or ())}
    return Kind(entry.action, entry.resource, is_access(entry.action, entry.resource, fields))


def anonymous(at: datetime) -> str:
    """Whose the parts about people without an account are."""
    return f"{ANONYMOUS}{at:%Y-%m}"


def is_access(action: str, resource: str, fields: Iterable[str] = ()) -> bool:
    """Whether an entry is about access: who came in, or was refused or shut out, and who may do what. `fields` are
    those that it shows, by which some changes of an account are and others are not."""
    if action == _CHANGE:
        return not _DECIDING.isdisjoint(fields)
    return action in _CLOSING or bool(_ACCESS & set(re.split(r"[^a-z]+", f"{action} {resource}".lower())))


def owners(entry: Entry) -> dict[PartName, str | None]:
    """Whose each part of an entry is; None for a part that is about nobody."""
    nobody = anonymous(entry.created_at) if entry.user_id is None and entry.ip_address is not None else None
    row = entry.about or (entry.resource_id if entry.resource == _PEOPLE else None)
    at_keyboard = entry.on_behalf or entry.user_id
    return {"user": entry.user_id, "client": at_keyboard or nobody, "subject": row or nobody}


def concerned(entry: Entry) -> list[str]:
    """The users whom an entry is about or in whose name it was done, beside who did it."""
    found = dict.fromkeys((entry.on_behalf, owners(entry)["subject"]))
    return [each for each in found if each is not None and each != entry.user_id and not each.startswith(ANONYMOUS)]


def moment(entry: Entry, last: datetime | None) -> datetime:
    """An entry's timestamp, which is in whole seconds and not before that of the `last` one."""
    at = as_utc(entry.created_at).replace(microsecond=0)
    return at if last is None else max(at, last)
