"""One page over several listings of one entity, as if they were one list.

The sort keys must be unique over all the listings together, as time-ordered ids are. Page 1 costs one batch read for
the total and one short Query for each listing that has members, made side by side; a cursor holds the last sort key,
so that going on costs the same at any depth. Page numbers have to walk to where they start, like in any listing.
"""

from __future__ import annotations

import contextvars
import heapq
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from quintet.models.pages import Page, Paging
from quintet.store import cursors
from quintet.store.calls import table_call
from quintet.store.codec import Item
from quintet.store.counters import is_counter
from quintet.store.entity import E, IndexName
from quintet.store.queries import attribute_names, refuse_depth
from quintet.store.table import Store

SIDE_BY_SIDE = 8
"""Queries in flight at once."""
LEAST = 4
"""Members that one Query of a listing asks for at least."""


def merged_page(
    store: Store,
    entity: type[E],
    index: IndexName,
    query: Paging,
    listings: Sequence[Mapping[str, Any]],
    scope: str,
    counts: Sequence[int] | None = None,
    *,
    reverse: bool = False,
) -> Page[E]:
    """A page of the members of all `listings` (the fields of each one's partition) in their common order.

    `scope` names the list to which its cursors belong; it may gain and lose listings between two pages. `counts` are
    the numbers of members where somebody else keeps them than the listings' own counters. `reverse` lists them in the
    opposite of their order.
    """
    scope = scope + "|reverse" if reverse else scope
    counts = store.counts(entity, index, listings) if counts is None else counts
    places = [fields for fields, count in zip(listings, counts, strict=True) if count]
    number, size, after = query.number, query.size, ""
    if query.cursor:
        number, position = cursors.read(query.cursor, scope)
        after = position["after"]["S"]
    lists = _Lists(entity, index, places, reverse=reverse)
    if query.offset and not after:
        if query.offset >= sum(counts):
            return Page([], sum(counts), number, size, None)
        refuse_depth(query.offset)
        passed = list(islice(lists.merged("", query.offset, lean=True), query.offset))
        if len(passed) < query.offset:
            return Page([], sum(counts), number, size, None)
        after = lists.sort_key(passed[-1])
    rows = list(islice(lists.merged(after, size + 1), size + 1))
    shown, more = rows[:size], len(rows) > size
    cursor = cursors.write(number + 1, {"after": {"S": lists.sort_key(shown[-1])}}, scope) if more else None
    return Page([entity.load(row) for row in shown], sum(counts), number, size, cursor)


class _Lists:
    """Several listings, read in pieces as the merge consumes them."""

    def __init__(
        self, entity: type[E], index: IndexName, places: Sequence[Mapping[str, Any]], *, reverse: bool
    ) -> None:
        self._pk, self._sk = attribute_names(index)
        self._index, declared = index, entity.keys.index(index)
        self._newest = (declared.order == "newest") is not reverse
        self._counters = 0 if reverse else declared.counters
        template = entity.keys.templates[index][0]
        self._partitions = [str(template.render(fields)) for fields in places]

    def sort_key(self, row: Item) -> str:
        return str(row[self._sk]["S"])

    def merged(self, after: str, wanted: int, *, lean: bool = False) -> Iterator[Item]:
        """Members after a sort key ("" for the start), where about `wanted` of them will be consumed."""
        count = len(self._partitions)
        piece = max(LEAST, -(-2 * wanted // count)) if count > 1 else wanted
        requests = [self._request(pk, after, min(piece, wanted), lean) for pk in self._partitions]
        streams = [_members(request, first) for request, first in zip(requests, _all(requests), strict=True)]
        return heapq.merge(*streams, key=self.sort_key, reverse=self._newest)

    def _request(self, pk: str, after: str, limit: int, lean: bool) -> dict[str, Any]:
        names = {"#pk": self._pk}
        values = {":pk": {"S": pk}}
        condition = "#pk = :pk"
        if after:
            names["#sk"], values[":sk"] = self._sk, {"S": after}
            condition += " AND #sk < :sk" if self._newest else " AND #sk > :sk"
        request: dict[str, Any] = {
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
            "ScanIndexForward": not self._newest,
            "Limit": limit if after else limit + self._counters,  # the counter's rows come first
        }
        if self._index != "main":
            request["IndexName"] = self._index.upper()
        if lean:
            names |= {"#sk": self._sk, "#kind": "kind"}
            request["ProjectionExpression"] = "#sk, #kind"
        return request


def _members(request: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[Item]:
    """The members of a first answer, then those of further ones."""
    while True:
        yield from (row for row in answer.get("Items", []) if not is_counter(row))
        after = answer.get("LastEvaluatedKey")
        if not after:
            return
        answer = table_call("Query", **request, ExclusiveStartKey=after)


def _all(requests: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The answers to all requests, some at a time."""
    if len(requests) < 2:
        return [table_call("Query", **request) for request in requests]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(SIDE_BY_SIDE, len(requests))) as pool:
        # Each call has its own copy of the context: settings may be in force for this one only.
        calls = [pool.submit(contextvars.copy_context().run, _query, request) for request in requests]
        return [one.result() for one in calls]


def _query(request: Mapping[str, Any]) -> dict[str, Any]:
    return table_call("Query", **request)
