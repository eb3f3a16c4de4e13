"""Other orders of a listing: the same members by name, price or date, upwards and downwards, without another index.

    keys = Keys("POST#{id}", "POST", gsi1=Index("USER#{user_id}#POSTS", "{id}", counted=True, sorts=("title", "likes")))
    sorted_page(store, Post, "gsi1", query, "likes", descending=True, user_id=user.id)

Every member has one small row for each of its listing's `sorts`, written by the transaction that writes the member:

    PK  SORTED#{index}#{field}#{partition of the listing}    SK  {value in order}{END}{key of the member}

A page is one Query of rows and one batch of the members with the listing's number: two round trips at any size. A
write whose value stays costs nothing more; one whose value changes writes two rows of that order.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from quintet.models.pages import Page, Paging
from quintet.store import cursors
from quintet.store.calls import batch_get
from quintet.store.codec import Item
from quintet.store.counters import count_of, is_counter, shard_keys
from quintet.store.entity import E, Entity, Index, IndexName, Key, escape
from quintet.store.queries import SHALLOW, filled, refuse_depth

if TYPE_CHECKING:
    from quintet.store.table import Store

LONGEST_VALUE = 120
"""Characters of a text that its order heeds; a sort key holds 1,024 bytes."""
END = "\x01"
"""What ends a value in a sort key: it sorts before whatever a longer value goes on with."""
_EXPONENT = 5000
"""Added to a number's exponent, so that it is never negative."""


def moves(old: Entity | None, new: Entity | None) -> tuple[list[Key], list[dict[str, str]]]:
    """The rows that go and the rows that come when `new` takes the place of `old` (None: there is none)."""
    before, after = _rows(old), _rows(new)
    gone = [key for place, key in before.items() if place not in after]
    came = [_values(new, place) for place in after if place not in before] if new else []
    return gone, came


def sorted_page(
    store: Store,
    entity: type[E],
    index: IndexName,
    query: Paging,
    by: str,
    *,
    descending: bool = False,
    **fields: Any,
) -> Page[E]:
    """One page of a listing in the order of one of its `sorts`; equal values by key. Its total is the listing's.

    Absent values come last upwards. Raises 400 `page_too_deep` beyond what may be skipped, where a cursor still goes.
    """
    declared = entity.keys.index(index)
    pk = entity.keys.templates[index][0].render(fields)
    if pk is None or by not in declared.sorts:
        message = f"{entity.__name__}.{index} is not sorted by {by!r} for {sorted(fields)}"
        raise ValueError(message)
    scope = f"{index}|{by}|{descending}|{pk}"
    number, size, skip, after = query.number, query.size, query.offset, None
    if query.cursor:
        (number, after), skip = cursors.read(query.cursor, scope), 0
    elif skip > SHALLOW and declared.counted:
        total = store.count(entity, index, **fields)
        if skip >= total:
            return Page([], total, number, size)
        refuse_depth(skip)
    request: dict[str, Any] = {
        "KeyConditionExpression": "PK = :pk",
        "ExpressionAttributeValues": {":pk": {"S": _partition(index, by, pk)}},
        "ScanIndexForward": not descending,
    }
    rows, _ = filled(request, after, skip + size + 1)
    rows = rows[skip:]
    shown, more = rows[:size], len(rows) > size
    items, total_now = _members(entity, index, declared, pk, shown)
    last = {name: shown[-1][name] for name in ("PK", "SK")} if more else None
    cursor = cursors.write(number + 1, last, scope) if last else None
    return Page(items, total_now, number, size, cursor)


def ordered(value: Any) -> str:
    """A value as text that sorts as values do: numbers by size, text without case and accents, dates by time."""
    if value is None:
        return "~"
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool | int | float | Decimal):
        return _number(Decimal(str(int(value) if isinstance(value, bool) else value)))
    if isinstance(value, datetime):
        at = value.astimezone(UTC) if value.tzinfo else value
        return "t" + at.replace(tzinfo=None).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return "t" + value.isoformat()
    from quintet.store.folding import fold  # its tables are for those that sort or search texts

    return "t" + escape(fold(str(value))[:LONGEST_VALUE])


def _number(value: Decimal) -> str:
    """Sign, exponent, digits; of negative numbers the complements, and an end that sorts after every digit."""
    sign, digits, _ = value.normalize().as_tuple()
    if not any(digits):
        return "n1"
    text = f"{value.adjusted() + _EXPONENT:04d}" + "".join(map(str, digits))
    return "n2" + text if not sign else "n0" + "".join(str(9 - int(digit)) for digit in text) + "~"


def _rows(entity: Entity | None) -> dict[tuple[str, str], Key]:
    """The keys of an entity's rows, by themselves."""
    found: dict[tuple[str, str], Key] = {}
    if entity is None:
        return found
    for name in ("main", *entity.keys.indexes):
        index = entity.keys.main if name == "main" else entity.keys.indexes[name]
        place = entity.placement(name) if index.sorts else None
        if place is None:
            continue
        own = entity.own_key()
        for by in index.sorts:
            sk = f"{ordered(getattr(entity, by))}{END}{escape(own.pk)}#{escape(own.sk)}"
            key = Key(_partition(name, by, place[0]), sk)
            found[key.pk, key.sk] = key
    return found


def _values(entity: Entity, place: tuple[str, str]) -> dict[str, str]:
    own = entity.own_key()
    return {"PK": place[0], "SK": place[1], "kind": "sorted", "of_pk": own.pk, "of_sk": own.sk}


def _partition(index: str, by: str, pk: str) -> str:
    return f"SORTED#{index}#{by}#{pk}"


def _members(
    entity: type[E], index: IndexName, declared: Index, pk: str, rows: list[Item]
) -> tuple[list[E], int | None]:
    """The members that rows point to, as long as they still are members, and the listing's number."""
    wanted = [Key(row["of_pk"]["S"], row["of_sk"]["S"]) for row in rows]
    counters = shard_keys(index, declared, pk) if declared.counted else []
    found: dict[Key, Item] = {}
    items = batch_get([key.attributes() for key in (*wanted, *counters)], consistent=False)
    for item in items:
        found[Key(item["PK"]["S"], item["SK"]["S"])] = item
    members = [entity.load(found[key]) for key in wanted if key in found]
    # Between the two reads a member may have gone to a listing that this reader must not see.
    members = [member for member in members if (member.placement(index) or ("",))[0] == pk]
    total = count_of([item for item in items if is_counter(item)]) if declared.counted else None
    return members, total
