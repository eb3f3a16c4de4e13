"""What stands on the trail and is not in the log yet: readers show it after the log, as it will stand there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from quintet.store import Slice
from quintet.store.errors import BUSY
from softfactory.audit import facts
from softfactory.audit.entities import STEPS, Head
from softfactory.audit.facts import Kind
from softfactory.service import store
from softfactory.trail.log import Entry

MOST: Final = 2000
"""Entries that a reader reads of the trail: what it holds for a minute at thirty a second."""
_TRIES: Final = 5
"""How often a reader begins anew."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry on the trail, with the timestamp that it gets when nothing is taken in before it."""

    entry: Entry
    at: datetime

    @property
    def id(self) -> str:
        return self.entry.id

    @property
    def kind(self) -> Kind:
        return facts.kind_of(self.entry)

    def concerns(self, user_id: str, *, others: bool) -> bool:
        """Whether a user did it, or with `others` also whether it was done to them or in their name."""
        return self.entry.user_id == user_id or (others and user_id in facts.concerned(self.entry))


@dataclass(frozen=True, slots=True)
class Reading:
    """The log and the trail at a moment: the tree's head, what waits to be taken in, the oldest first, and how many
    entries wait behind these that were not read."""

    head: Head
    waiting: list[Waiting]
    beyond: int = 0

    @property
    def size(self) -> int:
        """How many entries there are."""
        return self.head.size + len(self.waiting) + self.beyond

    @property
    def last_at(self) -> datetime | None:
        """The timestamp of the last entry."""
        return self.waiting[-1].at if self.waiting else self.head.at


def head() -> Head:
    """The tree as it stands."""
    return store.get(Head) or Head()


def read() -> Reading:
    """The log and the trail, so that every entry that was committed before is in one of the two, and none in both.

    The trail is read before the head, which names what was taken in meanwhile, and anew where more steps were taken
    than that remembers. Three requests, one more for every megabyte. Raises 503 where it never comes to rest.
    """
    for _ in range(_TRIES):
        before = store.get(Head, consistent=False)  # where that is an old one, more steps seem to have been taken
        found = store.query(Entry, limit=MOST, consistent=True)
        tree = head()
        if tree.version - (before.version if before else 0) < STEPS:
            return _reading(tree, found)
    raise BUSY()


def _reading(tree: Head, found: Slice[Entry]) -> Reading:
    waiting = list(_not_in(tree, found))
    beyond = store.count_beyond(Entry, "main", found.items[-1].id) if found.after else 0
    return Reading(tree, list(_timed(waiting, tree.at)), beyond)


def next_after(tree: Head, most: int) -> list[Entry]:
    """The next entries that a tree takes in."""
    found = store.query(Entry, limit=most + len(tree.leaving), consistent=True)
    return list(_not_in(tree, found))[:most]


def _not_in(tree: Head, found: Slice[Entry]) -> Iterator[Entry]:
    lately = tree.lately
    return (entry for entry in found.items if entry.id not in lately)


def _timed(entries: list[Entry], last: datetime | None) -> Iterator[Waiting]:
    for entry in entries:
        last = facts.moment(entry, last)
        yield Waiting(entry, last)
