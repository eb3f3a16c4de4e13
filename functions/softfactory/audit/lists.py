"""Lists of entries: which there are, how many stand between two indexes, and their members in order.

A list is kept in chunks that say how many members stand before them, and only ever grows at its end: how many stand in
a range is a difference of two ranks, and a page is one Query. Several lists are read as one, merged.
"""

import contextvars
import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, TypeVar

from quintet.store import Slice
from softfactory.audit.entities import Chunk, place_at
from softfactory.audit.facts import Kind
from softfactory.service import store

Span = tuple[int, int]
"""Indexes from the first up to the second, without it."""

T = TypeVar("T")
U = TypeVar("U")

WIDTH: Final = 64
"""Members of a full chunk."""
SIDE_BY_SIDE: Final = 8
"""Queries in flight at once."""
ACCESS: Final = "X"
"""The list of what is about access."""


def of_kind(kind: Kind) -> str:
    """The list of all entries of a kind."""
    return f"K|{kind.action}|{kind.resource}|{int(kind.access)}"


def of_family(family: str) -> str:
    """The list of all entries whose actions begin so."""
    return f"F|{family}"


def of_resource(resource: str) -> str:
    """The list of what was done to a kind of row."""
    return f"R|{resource}"


def by_user(key_id: str) -> str:
    """The list of what a user did, by the name of the user's key."""
    return f"U|{key_id}"


def by_user_on_access(key_id: str) -> str:
    """The list of what a user did that is about access."""
    return f"U|{key_id}|X"


def by_user_of_kind(key_id: str, kind: Kind) -> str:
    """The list of what a user did of one kind."""
    return f"U|{key_id}|{of_kind(kind)}"


def about_user(key_id: str) -> str:
    """The list of what others did to a user, or as that user."""
    return f"A|{key_id}"


@dataclass(slots=True)
class Ends:
    """The last chunks of some lists, to which members are added; `changed` are those that are to be written."""

    last: dict[str, Chunk | None] = field(default_factory=dict)
    changed: dict[tuple[str, str], Chunk] = field(default_factory=dict)

    def learn(self, names: Iterable[str]) -> None:
        """Read the ends of lists that are not known: a Query for each."""
        missing = [name for name in dict.fromkeys(names) if name not in self.last]
        self.last.update(zip(missing, ends(missing), strict=True))

    def cost(self, names: Iterable[str]) -> int:
        """How many further chunks are written when each of some lists gets a member."""
        begun = {name: self._begun(name) for name in names}
        return sum(chunk is None or (name, chunk.place) not in self.changed for name, chunk in begun.items())

    def add(self, name: str, index: int) -> bool:
        """Add a member to a list; answers whether it is the first."""
        last, begun = self.last[name], self._begun(name)
        if begun is None:
            rank = last.end if last else 0
            chunk = Chunk(name=name, place=place_at(index), rank=rank, members=[index])
        else:
            chunk = begun.model_copy(update={"members": [*begun.members, index]})
        self.last[name] = self.changed[name, chunk.place] = chunk
        return last is None

    def written(self) -> list[Chunk]:
        """What is to be written; from here on it counts as written."""
        found, self.changed = list(self.changed.values()), {}
        return found

    def _begun(self, name: str) -> Chunk | None:
        last = self.last[name]
        return last if last is not None and len(last.members) < WIDTH else None


def ends(names: Sequence[str]) -> list[Chunk | None]:
    """The last chunks of lists: a Query for each."""
    found = side_by_side(lambda name: store.query(Chunk, name=name, reverse=True, limit=1, consistent=True), names)
    return [part.items[0] if part.items else None for part in found]


def holds(name: str, index: int) -> bool:
    """Whether an entry stands in a list."""
    return any(index in chunk.members for chunk in _before(name, index + 1).items)


class Selection:
    """The entries in a range that stand in any of some lists, or all of them (`names` None).

    No list may hold a member of another.
    """

    def __init__(self, names: Sequence[str] | None, span: Span, about: int = 1) -> None:
        """With a Query for each list, which reads about as many of the newest members as the number says."""
        self.names, self.span = names, (span[0], max(span))
        held = () if names is None or self.span[0] == self.span[1] else names
        parts = _side_by_side(lambda name: _before(name, self.span[1], _chunks(about)), held)
        self._parts = {name: part for name, part in parts.items() if part.items}

    @cached_property
    def total(self) -> int:
        """How many they are; a Query for each list where the range does not begin with the log."""
        first, end = self.span
        if self.names is None:
            return end - first
        before = side_by_side(lambda name: _rank(_before(name, first), first), self._parts) if first else []
        return sum(_rank(part, end) for part in self._parts.values()) - sum(before)

    def members(self, *, newest: bool, about: int, within: Span | None = None) -> Iterator[int]:
        """Their indexes in order, `within` a narrower range; `about` how many of them will be consumed."""
        first, end = self.span if within is None else within
        span = max(first, self.span[0]), min(end, self.span[1])
        if span[0] >= span[1]:
            return iter(())
        if self.names is None:
            return iter(range(*span)[::-1] if newest else range(*span))
        parts, read = self._parts, _newest if newest else _oldest
        if not newest:
            parts = _side_by_side(lambda name: _from(name, span[0], _chunks(about)), parts)
        elif span[1] < self.span[1]:
            parts = _side_by_side(lambda name: _before(name, span[1], _chunks(about)), parts)
        return iter(heapq.merge(*(read(name, span, part) for name, part in parts.items()), reverse=newest))


def _chunks(about: int) -> int:
    """How many chunks have so many members: the last one may have but one."""
    return 1 + -(-about // WIDTH)


def _before(name: str, end: int, limit: int = 1) -> Slice[Chunk]:
    """The chunks of a list that begin before an index, the last first."""
    return store.query(Chunk, name=name, before=place_at(end), reverse=True, limit=limit, consistent=True)


def _rank(part: Slice[Chunk], end: int) -> int:
    """How many members stand before an index, of which the chunks before it are at hand."""
    return part.items[0].rank + bisect_left(part.items[0].members, end) if part.items else 0


def _newest(name: str, span: Span, part: Slice[Chunk]) -> Iterator[int]:
    """The members of a list in a range, of which the last chunks are at hand, the last first."""
    while True:
        for chunk in part.items:
            for index in reversed(chunk.members):
                if index < span[0]:
                    return
                if index < span[1]:
                    yield index
        if part.after is None:
            return
        part = store.query(
            Chunk, name=name, before=place_at(span[1]), reverse=True, limit=max(2, len(part.items)), after=part.after,
            consistent=True,
        )  # fmt: skip


def _from(name: str, first: int, limit: int) -> Slice[Chunk]:
    """The chunks of a list from the one on that holds an index, or what follows on it."""
    begun = _before(name, first).items if first else []
    after = begun[0].own_key().attributes() if begun and begun[0].members[-1] < first else None
    if begun and after is None:
        more = store.query(Chunk, name=name, after=begun[0].own_key().attributes(), limit=limit, consistent=True)
        return Slice([*begun, *more.items], more.after)
    return store.query(Chunk, name=name, after=after, limit=limit, consistent=True)


def _oldest(name: str, span: Span, part: Slice[Chunk]) -> Iterator[int]:
    """The members of a list in a range, of which the first chunks are at hand, the first first."""
    while True:
        for chunk in part.items:
            for index in chunk.members:
                if index >= span[1]:
                    return
                if index >= span[0]:
                    yield index
        if part.after is None:
            return
        part = store.query(Chunk, name=name, after=part.after, limit=max(2, len(part.items)), consistent=True)


def _side_by_side(ask: Callable[[str], Slice[Chunk]], names: Iterable[str]) -> dict[str, Slice[Chunk]]:
    names = list(names)
    return dict(zip(names, side_by_side(ask, names), strict=True))


def side_by_side(ask: Callable[[T], U], things: Iterable[T]) -> list[U]:
    """The answers for some things, some at a time."""
    things = list(things)
    if len(things) < 2:
        return [ask(thing) for thing in things]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(SIDE_BY_SIDE, len(things))) as pool:
        # Each call has its own copy of the context: settings may be in force for this one only.
        calls = [pool.submit(contextvars.copy_context().run, ask, thing) for thing in things]
        return [one.result() for one in calls]
