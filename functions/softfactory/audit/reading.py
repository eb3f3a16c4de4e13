"""Reading the log: entries as they are shown, found by what was done, by whom and when."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from quintet.models import Page, Paging, Timestamp
from quintet.models.pages import MAX_PAGE_BYTES, sent_bytes
from softfactory.audit import lists
from softfactory.audit.days import between
from softfactory.audit.entities import Checkpoint, Head, Kind, Leaf, Subject
from softfactory.audit.leaves import PARTS, index_in
from softfactory.audit.sealing import Opened, opened
from softfactory.service import store

_ACCESS: Final = frozenset(
    {
        "access", "auth", "grant", "impersonate", "impersonation", "login", "logout", "override", "permission",
        "permissions", "rbac", "role", "roles", "session", "sessions", "settle", "signin",
    }
)  # fmt: skip
"""Words in an action or a resource that tell of access."""
_CLOSING: Final = frozenset({"user.ban", "user.deactivate", "user.delete", "user.erase"})
"""Actions that shut somebody out."""


class EntryReply(BaseModel):
    """An entry of the log. Of a person whose data were erased it shows null; `erased` says whether that is so."""

    model_config = ConfigDict(defer_build=True)

    id: str
    user_id: str | None = Field(description="Whose account acted; null for somebody who was not signed in")
    impersonator_id: str | None = Field(description="The administrator who acted in that user's name")
    action: str
    resource: str
    resource_type: str
    resource_id: str | None
    timestamp: Timestamp
    ip_address: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request_id: str
    erased: bool

    @classmethod
    def of(cls, leaf: Leaf, parts: Opened) -> Self:
        shown = {name: value for name, value in leaf.said.items() if name not in PARTS}
        for part, names in PARTS.items():
            known = parts[part]
            shown.update(known[1] if known else dict.fromkeys(names))
        return cls(**shown, resource_type=shown["resource"], erased=any(each is None for each in parts.values()))


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are asked for. `action` may be the family of one, what stands before its dot; `access` leaves those
    that are about access alone; the range of time ends before `until`."""

    resource: str | None = None
    action: str | None = None
    user_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    access: bool = False
    concerning: bool = False
    """Of a user, also what others did to them or in their name."""

    def names(self) -> list[str] | None:
        """The lists whose members these are; None for all entries."""
        if not (self.resource or self.action or self.user_id or self.access):
            return None
        key_id = _key_id(self.user_id) if self.user_id else None
        if self.user_id and key_id is None:
            return []
        if key_id and not (self.resource or self.action or self.access):
            return [lists.by_user(key_id), *([lists.about_user(key_id)] if self.concerning else [])]
        kinds = [kind for kind in _kinds() if self._takes(kind)]
        if key_id:
            return [lists.by_user_of_kind(key_id, kind.action, kind.resource) for kind in kinds]
        return [lists.of_kind(kind.action, kind.resource) for kind in kinds]

    def _takes(self, kind: Kind) -> bool:
        return (
            self.resource in (None, kind.resource)
            and self.action in (None, kind.action, *_families(kind.action))
            and (not self.access or is_access(kind.action, kind.resource))
        )

    @property
    def scope(self) -> str:
        """The name of the list, to which its cursors belong."""
        parts = (self.resource, self.action, self.user_id, self.since, self.until, self.access, self.concerning)
        return "audit|" + "|".join(map(str, parts))

    def page(self, head: Head, query: Paging, *, newest: bool = True) -> Page[EntryReply]:
        """One page of them, and their exact number. A page with more than an answer carries ends early."""
        span = between(head, self.since, self.until)
        found = lists.page(query, self.names(), span, self.scope, newest=newest)
        replies = entries(found.items)
        fit = _fitting(replies)
        if fit < len(replies):
            found = lists.cut(found, fit, self.scope, newest=newest)
        return Page(replies[:fit], found.total, found.page, found.page_size, found.next_cursor)


def _fitting(replies: Sequence[EntryReply]) -> int:
    """How many of a page's entries an answer carries, where each stands twice; one at least."""
    room = MAX_PAGE_BYTES
    for count, reply in enumerate(replies):
        room -= 2 * (sent_bytes(reply) + 1)
        if room < 0:
            return max(count, 1)
    return len(replies)


def is_access(action: str, resource: str) -> bool:
    """Whether entries of a kind are about access: who came in, or was refused, and who may do what."""
    return action in _CLOSING or bool(_ACCESS & set(re.split(r"[^a-z]+", f"{action} {resource}".lower())))


def entries(indexes: Sequence[int]) -> list[EntryReply]:
    """The entries at some indexes, which there must be; a batch of reads for every hundred, and one for their keys."""
    leaves = leaves_at(indexes)
    return [EntryReply.of(leaf, parts) for leaf, parts in zip(leaves, opened(leaves), strict=True)]


def leaves_at(indexes: Iterable[int]) -> list[Leaf]:
    """The leaves at some indexes, which there must be."""
    found: list[Leaf] = store.get_all([Leaf.ref(index=index) for index in indexes])
    return found


def entry(id: str) -> EntryReply | None:
    """The entry with an id."""
    leaf = store.get(Leaf, index=index_in(id))
    if leaf is None or leaf.said["id"] != id:
        return None
    return EntryReply.of(leaf, opened([leaf])[0])


def entries_of(user_id: str, *, after: int = -1, limit: int = 100) -> tuple[list[EntryReply], int | None]:
    """What the log says of a user, oldest first: what they did, and what others did to them or in their name.

    Of other people it says nothing: parts under another's key are left out, as null. At most `limit` entries with an
    index above `after`; the second result is the `after` of the next call, None when that was all.
    """
    key_id = _key_id(user_id)
    if key_id is None:
        return [], None
    names = [lists.by_user(key_id), lists.about_user(key_id)]
    span = (after + 1, 10**12)
    indexes = list(islice(lists.members(names, span, newest=False, about=limit + 1), limit + 1))
    leaves = leaves_at(indexes[:limit])
    found = [EntryReply.of(leaf, parts) for leaf, parts in zip(leaves, opened(leaves, key_id), strict=True)]
    return found, indexes[limit - 1] if len(indexes) > limit else None


def last_export() -> Checkpoint | None:
    """The last export of the log, whose `at` says when it was; None when there was none."""
    newest = store.query(Checkpoint, limit=1, consistent=True).items
    return newest[0] if newest else None


def _key_id(user_id: str) -> str | None:
    subject = store.get(Subject, user_id=user_id)
    return subject.key_id if subject else None


def _kinds() -> list[Kind]:
    return store.query(Kind, consistent=True).items


def _families(action: str) -> tuple[str, str]:
    """How one asks for the family of an action."""
    family = action.partition(".")[0]
    return family, family + "."
