"""Branches: what a condition compares, and that nothing it is given makes it fail."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caidence.workflow.conditions import Operator, holds

OUTPUT = {
    "content": "Fresh Juice",
    "count": 3,
    "ratio": 1.0,
    "done": True,
    "tags": ["a", 1],
    "deep": {"list": [{"x": 5}]},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("field", "op", "value", "expected"),
    [
        ("count", "eq", 3, True), ("count", "eq", 3.0, True), ("ratio", "eq", 1, True), ("done", "eq", 1, False),
        ("done", "eq", True, True), ("missing", "eq", None, True), ("missing", "eq", 0, False),
        ("missing", "ne", 0, True), ("count", "ne", 3, False), ("count", "gt", 2, True), ("count", "gt", 3, False),
        ("count", "lt", 4, True), ("count", "gt", "2", False), ("content", "gt", "A", True), ("done", "gt", 0, False),
        ("missing", "lt", 5, False), ("content", "contains", "juice", True), ("content", "contains", "tea", False),
        ("tags", "contains", 1, True), ("tags", "contains", True, False), ("deep", "contains", "list", True),
        ("count", "contains", 3, False), ("deep.list.0.x", "eq", 5, True), ("deep.list.1.x", "eq", None, True),
        ("deep.list.x", "eq", None, True), ("content.x", "eq", None, True),
    ],
)  # fmt: skip
def test_a_condition_compares_as_json_does(field: str, op: Operator, value: Any, expected: bool) -> None:
    assert holds(OUTPUT, field, op, value) is expected


@given(
    JSON,
    st.text(max_size=8),
    st.sampled_from(get_args(Operator)),
    st.none() | st.booleans() | st.integers() | st.text(),
)
def test_a_condition_always_decides(output: Any, field: str, op: Operator, value: Any) -> None:
    assert holds(output, field, op, value) in (True, False)


@given(JSON, st.text(max_size=8), st.none() | st.booleans() | st.integers() | st.text())
def test_equal_and_unequal_never_agree(output: Any, field: str, value: Any) -> None:
    assert holds(output, field, "eq", value) is not holds(output, field, "ne", value)
