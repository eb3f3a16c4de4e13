"""DynamoDB's arithmetic: sizes, rounding, transactions and indexes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintet.store.codec import encode_item
from tests.bench.units import (
    batch_units,
    item_size,
    number_size,
    query_units,
    read_units,
    table_units,
    value_size,
    write_units,
)

KIB = 1024


def item(size: int, **indexes: str) -> dict[str, dict[str, str]]:
    """An item of `size` bytes with one attribute `a` beside its index keys."""
    keys = {f"{name}{part}": {"S": value} for name, value in indexes.items() for part in ("PK", "SK")}
    return {**keys, "a": {"S": "x" * (size - item_size(keys) - 1)}}


@pytest.mark.parametrize(
    ("attribute", "size"),
    [
        ({"S": "abc"}, 3),
        ({"S": "é€"}, 5),
        ({"B": "aGVsbG8="}, 5),
        ({"B": b"hello"}, 5),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"N": "0"}, 2),
        ({"N": "99999"}, 4),
        ({"L": []}, 3),
        ({"M": {}}, 3),
        ({"L": [{"S": "ab"}, {"BOOL": False}]}, 3 + 1 + 2 + 1 + 1),
        ({"M": {"amount": {"N": "12"}}}, 3 + 1 + 6 + 2),
        ({"SS": ["ab", "c"]}, 3),
        ({"NS": ["1", "22"]}, 4),
    ],
)
def test_a_value_has_the_published_size(attribute: dict[str, object], size: int) -> None:
    assert value_size(attribute) == size


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(ValueError, match="no such attribute type"):
        value_size({"X": "1"})


def test_an_items_size_is_that_of_its_names_and_values() -> None:
    assert item_size({"name": {"S": "Laptop"}, "größe": {"N": "15"}}) == 4 + 6 + 7 + 2


@pytest.mark.parametrize(("text", "size"), [("100", 2), ("0.001", 2), ("-7", 2), ("123456789", 6), ("1.50", 2)])
def test_zeros_at_either_end_of_a_number_cost_nothing(text: str, size: int) -> None:
    assert number_size(text) == size


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.text(max_size=50) | st.booleans() | st.none(), max_size=8))
@settings(max_examples=50)
def test_an_item_is_as_large_as_its_parts(values: dict[str, object]) -> None:
    parts = [item_size(encode_item({name: value})) for name, value in values.items()]
    assert item_size(encode_item(values)) == sum(parts)


@pytest.mark.parametrize(
    ("size", "strong", "eventual"), [(0, 1, 0.5), (4096, 1, 0.5), (4097, 2, 1.0), (40 * KIB, 10, 5.0)]
)
def test_reads_are_rounded_up_to_four_kilobytes(size: int, strong: float, eventual: float) -> None:
    assert read_units(size, consistent=True) == strong
    assert read_units(size, consistent=False) == eventual


def test_a_query_adds_up_before_it_rounds_and_a_batch_rounds_every_item() -> None:
    items = [item(KIB) for _ in range(5)]
    assert query_units(items, consistent=True) == 2
    assert batch_units(items, consistent=True) == 5
    assert batch_units([None, item(KIB)], consistent=False) == 1.0


def test_a_write_costs_the_larger_of_before_and_after() -> None:
    assert write_units(None, item(KIB)) == 1
    assert write_units(item(3 * KIB), item(KIB)) == 3
    assert write_units(item(3 * KIB), None) == 3
    assert write_units(None, None) == 1


def test_a_transaction_doubles_the_table_but_not_the_indexes() -> None:
    new = item(KIB, GSI1="list")
    assert write_units(None, new) == 1 + 1
    assert write_units(None, new, transactional=True) == 2 + 1
    assert table_units(new, new, transactional=True) == 2


@pytest.mark.parametrize(
    ("old", "new", "indexed"),
    [
        (None, item(KIB, GSI1="a", GSI2="b"), 2),
        (item(KIB, GSI1="a"), None, 1),
        (item(KIB, GSI1="a"), item(KIB, GSI1="b"), 2),
        (item(KIB, GSI1="a"), item(KIB + 1, GSI1="a"), 2),
        (item(KIB, GSI1="a"), item(KIB), 1),
        (item(KIB, GSI1="a"), item(KIB, GSI1="a"), 0),
        (item(KIB), item(KIB - 1), 0),
    ],
    ids=["appears in two", "goes", "moves", "changes", "leaves", "stays as it was", "is not listed"],
)
def test_an_index_is_written_when_its_entry_changes(old: object, new: object, indexed: int) -> None:
    table = table_units(old, new)  # type: ignore[arg-type]
    assert write_units(old, new) - table == indexed  # type: ignore[arg-type]
