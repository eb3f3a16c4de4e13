"""DynamoDB's published arithmetic: the size of an item, and the read and write units a request consumes.

Sources, all in the Amazon DynamoDB Developer Guide: "DynamoDB item sizes and formats", "DynamoDB read and write
operations", "Global secondary indexes: provisioned throughput considerations", "Transactions: capacity management".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

Item = Mapping[str, Mapping[str, Any]]
"""An item in DynamoDB's own JSON: attribute name to `{"S": …}`."""

READ_UNIT, WRITE_UNIT = 4096, 1024
"""Bytes one unit covers."""

INDEXES = ("GSI1", "GSI2", "GSI3")
_NESTED, _ELEMENT = 3, 1


def item_size(item: Item) -> int:
    """Bytes of an item: UTF-8 of names and values, without the storage overhead, which no request pays."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(attribute: Mapping[str, Any]) -> int:
    """Bytes of one attribute value."""
    ((kind, value),) = attribute.items()
    if kind == "S":
        return len(value.encode())
    if kind == "N":
        return number_size(value)
    if kind == "B":
        return len(value.rstrip("=")) * 3 // 4 if isinstance(value, str) else len(value)
    if kind in ("BOOL", "NULL"):
        return 1
    if kind == "M":
        return _NESTED + sum(_ELEMENT + len(k.encode()) + value_size(v) for k, v in value.items())
    if kind == "L":
        return _NESTED + sum(_ELEMENT + value_size(v) for v in value)
    if kind in ("SS", "NS", "BS"):
        return sum(value_size({kind[0]: one}) for one in value)
    raise ValueError(f"no such attribute type: {kind}")


def number_size(text: str) -> int:
    """About one byte per two significant digits, and one more."""
    digits = "".join(map(str, Decimal(text).normalize().as_tuple().digits))
    return (len(digits) + 1) // 2 + 1


def read_units(size: int, *, consistent: bool) -> float:
    """Units of reading `size` bytes at once; an absent item or an empty Query still costs the smallest read."""
    units = max(1, -(-size // READ_UNIT))
    return float(units) if consistent else units / 2


def query_units(items: Iterable[Item], *, consistent: bool) -> float:
    """Units of a Query: the sizes of all items it read, added up before they are rounded."""
    return read_units(sum(map(item_size, items)), consistent=consistent)


def batch_units(items: Iterable[Item | None], *, consistent: bool) -> float:
    """Units of a BatchGetItem: every item rounded by itself."""
    return sum(read_units(item_size(item) if item else 0, consistent=consistent) for item in items)


def write_units(old: Item | None, new: Item | None, *, transactional: bool = False) -> float:
    """Units of one write with what it writes to the indexes.

    The larger of the item before and after counts. A transaction's writes cost twice in the table (prepare and
    commit); what follows from them in an index is an ordinary write.
    """
    return table_units(old, new, transactional=transactional) + index_units(old, new)


def table_units(old: Item | None, new: Item | None, *, transactional: bool = False) -> float:
    """Units of one write in the table alone; a check of a condition costs as much as a write."""
    units = _rounded(max(item_size(item) if item else 0 for item in (old, new)))
    return float(units * 2 if transactional else units)


def index_units(old: Item | None, new: Item | None) -> float:
    """Units of what one write changes in the indexes, which project every attribute.

    An entry that appears, goes or changes is one write; one that moves is two, a delete and a put.
    """
    units = 0
    if old == new:
        return 0.0
    for index in INDEXES:
        before, after = _place(old, index), _place(new, index)
        if before and after and before == after:
            units += _rounded(max(item_size(old or {}), item_size(new or {})))
            continue
        units += _rounded(item_size(old or {})) if before else 0
        units += _rounded(item_size(new or {})) if after else 0
    return float(units)


def _rounded(size: int) -> int:
    return max(1, -(-size // WRITE_UNIT))


def _place(item: Item | None, index: str) -> tuple[str, str] | None:
    if not item or index + "PK" not in item or index + "SK" not in item:
        return None
    return item[index + "PK"]["S"], item[index + "SK"]["S"]
