"""Reading the log: entries as they are shown, in the log or on their way there."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from quintet.models import Timestamp
from quintet.store.errors import BUSY
from softfactory.audit import lists
from softfactory.audit.entities import Checkpoint, Leaf, Located, Subject
from softfactory.audit.facts import kind_of, moment
from softfactory.audit.lasting import lasting
from softfactory.audit.leaves import PARTS
from softfactory.audit.lists import Selection
from softfactory.audit.pending import head
from softfactory.audit.sealing import Opened, opened
from softfactory.people.entities import User
from softfactory.service import store
from softfactory.trail.log import Entry


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
        """An entry of the log, of which some parts could be opened."""
        shown = {name: value for name, value in leaf.said.items() if name not in PARTS}
        for part, names in PARTS.items():
            known = parts[part]
            shown.update(known[1] if known else dict.fromkeys(names))
        return cls(**shown, resource_type=shown["resource"], erased=any(each is None for each in parts.values()))

    @classmethod
    def waiting(cls, entry: Entry, at: datetime) -> Self:
        """An entry that the log will have with the timestamp `at`, as it is shown then."""
        return cls(
            id=entry.id, user_id=entry.user_id, impersonator_id=entry.on_behalf, action=entry.action,
            resource=entry.resource, resource_type=entry.resource, resource_id=entry.resource_id, timestamp=at,
            ip_address=entry.ip_address, before=entry.before, after=entry.after, request_id=entry.request_id,
            erased=False,
        )  # fmt: skip


def entries(indexes: Sequence[int]) -> list[EntryReply]:
    """The entries at some indexes, which there must be; a batch of reads for every hundred, and one for their keys."""
    leaves = leaves_at(indexes)
    return [EntryReply.of(leaf, parts) for leaf, parts in zip(leaves, opened(leaves), strict=True)]


def leaves_at(indexes: Iterable[int]) -> list[Leaf]:
    """The leaves at some indexes, which there must be; raises 503 where one cannot be seen yet."""
    found: list[Leaf | None] = lasting([Leaf.ref(index=index) for index in indexes])
    leaves = [leaf for leaf in found if leaf is not None]
    if len(leaves) < len(found):
        raise BUSY()
    return leaves


def entry(id: str, *, access: bool = False) -> EntryReply | None:
    """The entry with an id, in the log or on its way there; with `access` only one that is about access."""
    located, waiting = store.get_all([Located.ref(id=id), Entry.ref(id=id)])
    if located is not None:
        if access and not located.access:
            return None
        leaves = leaves_at([located.index])
        return EntryReply.of(leaves[0], opened(leaves)[0])
    if waiting is None or (access and not kind_of(waiting).access):
        return None
    return EntryReply.waiting(waiting, moment(waiting, head().at))


def entries_of(user_id: str, *, after: int = -1, limit: int = 100) -> tuple[list[EntryReply], int | None]:
    """What the log says of a user, oldest first: what they did, and what others did to them or in their name.

    Of other people it says nothing: parts under another's key are left out, as null. At most `limit` entries with an
    index above `after`; the second result is the `after` of the next call, None when that was all.
    """
    key_id = key_of(user_id)
    if key_id is None:
        return [], None
    names = [lists.by_user(key_id), lists.about_user(key_id)]
    span = (after + 1, 10**12)
    members = Selection(names, span).members(newest=False, about=limit + 1)
    indexes = list(islice(members, limit + 1))
    leaves = leaves_at(indexes[:limit])
    found = [EntryReply.of(leaf, parts) for leaf, parts in zip(leaves, opened(leaves, key_id), strict=True)]
    return found, indexes[limit - 1] if len(indexes) > limit else None


def last_export() -> Checkpoint | None:
    """The last export of the log, whose `at` says when it was; None when there was none."""
    newest = store.query(Checkpoint, limit=1, consistent=True).items
    return newest[0] if newest else None


def knows(user_id: str) -> bool:
    """Whether somebody has an account, or the log says something of them."""
    return any(store.get_all([Subject.ref(user_id=user_id), User.ref(id=user_id)]))


def key_of(user_id: str) -> str | None:
    """The name of the key that a user's parts are under; None where the log says nothing of them."""
    subject = store.get(Subject, user_id=user_id)
    return subject.key_id if subject else None
