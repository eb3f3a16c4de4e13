"""Pages of entries: those of the log, and at its end what is on its way there.

In the log entries are in the order of their indexes, on the trail in that of their ids, in which the sequencer takes
them in. As entries may be committed while it does so, a few may change places with a neighbour on their way. A cursor
behind an entry that waited therefore says how large the log was: what has come since stays in the order of ids, so
that nothing is repeated or left out, wherever it is by then.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from quintet.models import Page, Paging
from quintet.models.pages import MAX_PAGE_BYTES, sent_bytes
from quintet.store import cursors
from quintet.store.queries import refuse_depth
from softfactory.audit.days import between
from softfactory.audit.entities import Leaf, Located
from softfactory.audit.lists import Selection
from softfactory.audit.pending import Reading, Waiting
from softfactory.audit.reading import EntryReply, entries, leaves_at
from softfactory.audit.selecting import Filter
from softfactory.audit.sequencer import AT_ONCE
from softfactory.service import store

_DISPLACED: Final = 2 * AT_ONCE
"""How far an entry may stand from where its id alone would have it: it is missed by one step and taken by the next."""


@dataclass(frozen=True, slots=True)
class _Member:
    """An entry of a page: in the log, or waiting; with its `id` where it stands in the order of ids."""

    index: int | None = None
    waiting: Waiting | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class _After:
    """Where a page ended: at an index, or at an id among what came to a log that had some `size`."""

    index: int | None = None
    size: int = 0
    id: str = ""


def page(wanted: Filter, query: Paging, reading: Reading, *, newest: bool = True) -> Page[EntryReply]:
    """One page of the entries that are asked for, and their exact number.

    A page of the whole log costs the same however far down it is; one of lists passes over the members before it and
    raises 400 `page_too_deep` beyond what may be passed over, where a cursor still goes. A page with more than an
    answer carries ends early.
    """
    listing = _Listing(wanted, query, reading, newest)
    members = list(islice(listing.members(), query.size + 1))
    shown = members[: query.size]
    replies = _replies(shown)
    fit = _fitting(replies)
    more = len(members) > fit
    cursor = listing.cursor(shown[fit - 1]) if more and fit else None
    return Page(replies[:fit], listing.total, listing.number, query.size, cursor)


class _Listing:
    """The entries that are asked for, from where a page begins."""

    def __init__(self, wanted: Filter, query: Paging, reading: Reading, newest: bool) -> None:
        self._newest, self._tree = newest, reading.head
        self._scope = f"{wanted.scope}|{'newest' if newest else 'oldest'}"
        self.number, self._after = query.number, _After()
        if query.cursor:
            self.number, position = cursors.read(query.cursor, self._scope)
            said = {name: value["S"] for name, value in position.items()}
            self._after = _After(int(said["at"])) if "at" in said else _After(None, int(said["size"]), said["id"])
        self._offset = 0 if query.cursor else query.offset
        self._waiting = [each for each in reading.waiting if wanted.takes(each)]
        names = wanted.names()
        self._dense, self._about = names is None, query.size + 1 + _DISPLACED
        self._log = Selection(names, between(self._tree, wanted.since, wanted.until), self._offset + self._about)
        self.total = self._log.total + len(self._waiting)

    def members(self) -> Iterator[_Member]:
        if self._after.id:
            return self._since_then()
        if self._offset >= self.total:
            return iter(())
        waiting = [_Member(waiting=each, id=each.id) for each in self._waiting]
        if self._newest:
            if self._after.index is not None:
                return self._within(0, self._after.index)
            return chain(waiting[::-1][self._offset :], self._within(skip=self._offset - len(waiting)))
        if self._after.index is not None:
            return chain(self._within(self._after.index + 1), waiting)
        skipped = max(0, self._offset - self._log.total)
        return chain(self._within(skip=self._offset), waiting[skipped:])

    def cursor(self, last: _Member) -> str:
        """Where the page after this one begins."""
        if last.id:
            said = {"size": str(self._after.size if self._after.id else self._tree.size), "id": last.id}
        else:
            said = {"at": str(last.index)}
        return cursors.write(self.number + 1, {name: {"S": value} for name, value in said.items()}, self._scope)

    def _within(self, first: int = 0, end: int | None = None, *, skip: int = 0) -> Iterator[_Member]:
        """Members in the log between two indexes, after some that are passed over."""
        skip = max(0, skip)
        if not self._dense:
            refuse_depth(skip)
        span = first, self._tree.size if end is None else end
        found = self._log.members(newest=self._newest, about=skip + self._about, within=span)
        return map(_Member, islice(found, skip, None))

    def _since_then(self) -> Iterator[_Member]:
        """What has come to the log since a cursor was given, and waits, in the order of ids; then the log before."""
        after, newest = self._after, self._newest
        waiting = [_Member(waiting=each, id=each.id) for each in self._waiting]
        in_log = [_Member(leaf.index, id=leaf.said["id"]) for leaf in self._come_since()]
        found = [each for each in (*in_log, *waiting) if (each.id < after.id if newest else each.id > after.id)]
        found.sort(key=lambda member: member.id, reverse=newest)
        return chain(found, self._within(0, after.size)) if newest else iter(found)

    def _come_since(self) -> Sequence[Leaf]:
        """As many leaves of those that came to the log since a cursor was given as a page may need."""
        size, then = self._tree.size, self._after.size
        if size == then:
            return []
        located = store.get(Located, id=self._after.id)
        if self._newest:
            span = then, size if located is None else min(size, located.index + _DISPLACED)
        else:
            span = max(then, (size if located is None else located.index) - _DISPLACED), size
        found = self._within(*span)
        return leaves_at(each.index for each in islice(found, self._about + _DISPLACED) if each.index is not None)


def _replies(members: Sequence[_Member]) -> list[EntryReply]:
    in_log = iter(entries([member.index for member in members if member.index is not None]))
    return [
        next(in_log) if each.waiting is None else EntryReply.waiting(each.waiting.entry, each.waiting.at)
        for each in members
    ]


def _fitting(replies: Sequence[EntryReply]) -> int:
    """How many of a page's entries an answer carries, where each stands twice; one at least."""
    room = MAX_PAGE_BYTES
    for count, reply in enumerate(replies):
        room -= 2 * (sent_bytes(reply) + 1)
        if room < 0:
            return max(count, 1)
    return len(replies)
