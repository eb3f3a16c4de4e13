"""Lists of entries: which there are, how many stand between two indexes, and their members in order.

A row's rank in its list is given when the row is written, and rows are only ever added at the end: how many members
stand in a range is the difference of the ranks of its first and its last. Several lists are read as one, merged.
"""

import contextvars
import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from quintet.models import Page, Paging
from quintet.store import cursors
from quintet.store.calls import table_call
from quintet.store.codec import Item
from quintet.store.queries import refuse_depth
from softfactory.audit.entities import Row, place_at

Span = tuple[int, int]
"""Indexes from the first up to the second, without it."""

T = TypeVar("T")
U = TypeVar("U")

SIDE_BY_SIDE: Final = 8
"""Queries in flight at once."""


def of_kind(action: str, resource: str) -> str:
    """The list of all entries of a kind."""
    return f"K|{action}|{resource}"


def by_user(key_id: str) -> str:
    """The list of what a user did, by the name of the user's key."""
    return f"U|{key_id}"


def by_user_of_kind(key_id: str, action: str, resource: str) -> str:
    """The list of what a user did of one kind."""
    return f"U|{key_id}|{action}|{resource}"


def about_user(key_id: str) -> str:
    """The list of what others did to a user, or as that user."""
    return f"A|{key_id}"


def lengths(names: Sequence[str]) -> list[int]:
    """How many members lists have: a Query of one row for each."""
    last = side_by_side(lambda name: _edge(name, None, backwards=True), names)
    return [0 if row is None else row.rank + 1 for row in last]


def counts(names: Sequence[str], span: Span) -> list[int]:
    """How many members of each list stand in a range: two Queries of one row for each."""
    return side_by_side(lambda name: _count(name, span), names)


def _count(name: str, span: Span) -> int:
    last = _edge(name, span, backwards=True)
    if last is None:
        return 0
    first = _edge(name, span, backwards=False) if span[0] else None
    return last.rank + 1 - (first.rank if first else 0)


def _edge(name: str, span: Span | None, *, backwards: bool) -> Row | None:
    """The first or last row of a list in a range."""
    rows = _rows(name, span, backwards, None, 1)[0]
    return rows[0] if rows else None


def members(names: Sequence[str], span: Span, *, newest: bool, about: int) -> Iterator[int]:
    """The indexes that stand in any of the lists, in order, each once; `about` how many of them will be consumed."""
    piece = about if len(names) < 2 else max(4, -(-2 * about // len(names)))
    firsts = side_by_side(lambda name: _rows(name, span, newest, None, piece), names)
    streams = [_on(name, span, newest, first, piece) for name, first in zip(names, firsts, strict=True)]
    last = None
    for index in heapq.merge(*streams, reverse=newest):
        if index != last:
            yield index
        last = index


def _on(
    name: str, span: Span, newest: bool, first: tuple[list[Row], Item | None], piece: int
) -> Iterator[int]:  # fmt: skip
    """The members of a first answer, then those of further ones."""
    rows, after = first
    while True:
        yield from (row.index for row in rows)
        if after is None:
            return
        rows, after = _rows(name, span, newest, after, piece)


def _rows(
    name: str, span: Span | None, backwards: bool, after: Item | None, limit: int
) -> tuple[list[Row], Item | None]:  # fmt: skip
    """Some rows of a list in a range, and where to go on."""
    request: dict[str, Any] = {
        "KeyConditionExpression": "PK = :pk",
        "ExpressionAttributeValues": {":pk": {"S": Row.key(name=name, place="").pk}},
        "ScanIndexForward": not backwards,
        "ConsistentRead": True,
        "Limit": limit,
    }
    if span is not None:
        if span[0] >= span[1]:
            return [], None
        request["KeyConditionExpression"] += " AND SK BETWEEN :first AND :last"
        ends = {":first": {"S": place_at(span[0])}, ":last": {"S": place_at(span[1] - 1)}}
        request["ExpressionAttributeValues"].update(ends)
    if after is not None:
        request["ExclusiveStartKey"] = after
    answer = table_call("Query", **request)
    return [Row.load(item) for item in answer["Items"]], answer.get("LastEvaluatedKey")


def page(query: Paging, names: Sequence[str] | None, span: Span, scope: str, *, newest: bool) -> Page[int]:
    """One page of the indexes in a range that stand in any of some lists, or of all (`names` None), and their number.

    No list may hold a member of another. A page of all of them costs the same however far down it is; one of lists
    passes over the members before it and raises 400 `page_too_deep` beyond what may be passed over, where a cursor
    still goes. `scope` names the list to which its cursors belong.
    """
    numbers = [span[1] - span[0]] if names is None else counts(names, span)
    total, number, skip, rest = sum(numbers), query.number, query.offset, span
    if query.cursor:
        number, position = cursors.read(query.cursor, _ordered(scope, newest=newest))
        last, skip = int(position["at"]["S"]), 0
        rest = (span[0], min(span[1], last)) if newest else (max(span[0], last + 1), span[1])
    elif skip >= total:
        return Page([], total, number, query.size)
    if names is None:
        found = _dense(rest, skip, query.size + 1, newest=newest)
    else:
        refuse_depth(skip)
        held = [name for name, count in zip(names, numbers, strict=True) if count]
        wanted = skip + query.size + 1
        found = list(islice(members(held, rest, newest=newest, about=wanted), skip, wanted))
    shown, more = found[: query.size], len(found) > query.size
    found_page = Page(shown, total, number, query.size)
    return cut(found_page, len(shown), scope, newest=newest) if more else found_page


def cut(page: Page[int], most: int, scope: str, *, newest: bool) -> Page[int]:
    """A page that ends after `most` of its members, where a cursor goes on."""
    shown = page.items[:most]
    position = {"at": {"S": str(shown[-1])}}
    cursor = cursors.write(page.page + 1, position, _ordered(scope, newest=newest))
    return Page(shown, page.total, page.page, page.page_size, cursor)


def _ordered(scope: str, *, newest: bool) -> str:
    return f"{scope}|{'newest' if newest else 'oldest'}"


def _dense(span: Span, skip: int, wanted: int, *, newest: bool) -> list[int]:
    """Some indexes of a range in which none is missing."""
    indexes: Sequence[int] = range(*span)
    return list((indexes[::-1] if newest else indexes)[skip : skip + wanted])


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
