"""Queries of one listing: how they are asked, read on, and how many members a page may skip."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quintet.errors import ErrorType
from quintet.store.calls import table_call
from quintet.store.codec import Attribute, Item
from quintet.store.counters import count_of, is_counter
from quintet.store.entity import Entity, IndexName

SHALLOW = 200
"""Members that a page skips without asking first how many there are."""
DEEPEST = 10_000
"""Members that a page may skip: each is read to be passed over. A cursor goes on from there at no such cost."""
TOO_DEEP = ErrorType(400, "page_too_deep", f"Pages skip {DEEPEST:,} items at most; follow the `next` link to go on")


def refuse_depth(offset: int) -> None:
    """Raise 400 `page_too_deep` for a page of a listing that would skip more than DEEPEST members."""
    if offset > DEEPEST:
        raise TOO_DEEP()


def listing(
    entity: type[Entity],
    index: IndexName,
    fields: Mapping[str, Any],
    *,
    begins: str | None = None,
    reverse: bool | None = None,
    consistent: bool = False,
) -> dict[str, Any]:
    """The arguments of a Query of one listing in its order, or in the one that `reverse` says."""
    pk_name, sk_name = attribute_names(index)
    pk = entity.keys.templates[index][0].render(fields)
    if pk is None:
        raise ValueError(f"{entity.__name__}.{index} needs {entity.keys.templates[index][0].fields}")
    values: dict[str, Attribute] = {":pk": {"S": pk}}
    condition = f"{pk_name} = :pk"
    if begins is not None:
        condition += f" AND begins_with({sk_name}, :sk)"
        values[":sk"] = {"S": begins}
    backward = entity.keys.index(index).order == "newest" if reverse is None else reverse
    request: dict[str, Any] = {
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": values,
        "ScanIndexForward": not backward,
    }
    if index == "main":
        request["ConsistentRead"] = consistent
    else:
        request["IndexName"] = index.upper()
    return request


def attribute_names(index: IndexName) -> tuple[str, str]:
    """The attributes that a listing's partition and sort key are kept in."""
    return ("PK", "SK") if index == "main" else (index.upper() + "PK", index.upper() + "SK")


def position(item: Item, index: IndexName) -> Item:
    """Where an item stands in a listing, as a Query goes on from there."""
    names = dict.fromkeys(("PK", "SK", *attribute_names(index)))
    return {name: item[name] for name in names}


def filled(request: Mapping[str, Any], after: Item | None, wanted: int) -> tuple[list[Item], Item | None]:
    """Rows of a Query until `wanted` are there: DynamoDB ends an answer at 1 MB whatever the limit."""
    rows: list[Item] = []
    while True:
        more = {"ExclusiveStartKey": after} if after else {}
        answer = table_call("Query", **request, **more, Limit=wanted - len(rows))
        rows += answer.get("Items", [])
        after = answer.get("LastEvaluatedKey")
        if not after or len(rows) >= wanted:
            return rows, after


def members(
    request: Mapping[str, Any], after: Item | None, wanted: int, counters: int
) -> tuple[list[Item], int, Item | None]:
    """The next `wanted` members of a listing, the sum of the counter rows among them, and where the reading ended.

    `counters` is how many counter rows to expect; more of them, from when there were more, cost another Query.
    """
    rows, end = filled(request, after, wanted + counters)
    while end and (lacking := wanted - sum(not is_counter(row) for row in rows)) > 0:
        more, end = filled(request, end, lacking)
        rows += more
    found = [row for row in rows if not is_counter(row)]
    return found, count_of(rows), end


def skipped(request: Mapping[str, Any], offset: int, counters: int) -> tuple[int, Item | None]:
    """The number of a listing and the position after `offset` members (None: the listing is shorter)."""
    index = request.get("IndexName", "main").lower()
    names = attribute_names(index)
    lean = {**request, "ProjectionExpression": ", ".join(dict.fromkeys(("PK", "SK", *names, "kind", "n")))}
    found, total, end = members(lean, None, offset, counters)
    if len(found) < offset or (len(found) == offset and end is None):
        return total, None
    return total, position(found[offset - 1], index)
