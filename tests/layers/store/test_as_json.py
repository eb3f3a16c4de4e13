"""Objects of a caller's own: kept as text, so that nothing in them can be too deep, too large or misread."""

from typing import Annotated, Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field

from quintet.settings import Settings
from quintet.store import AsJson, Entity, Keys, Store

pytestmark = pytest.mark.dynamodb


class Box(Entity):
    kind: ClassVar[str] = "box"
    keys: ClassVar[Keys] = Keys("BOX#{id}", "BOX")

    id: str
    content: Annotated[dict[str, Any], AsJson()] = Field(default_factory=dict)
    parts: list[Annotated[dict[str, Any], AsJson()] | str] = Field(default_factory=list)
    value: Annotated[Any, AsJson()] = None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.text(), JSON), JSON)
def test_an_object_of_the_callers_own_comes_back_as_it_was(content: dict[str, Any], value: Any) -> None:
    box = Box(id="1", content=content, parts=[content, "text"], value=value)
    item = box.item()
    assert {name for name in ("content", "parts", "value") if name in item and "S" not in item[name]} == set()
    assert Box.load(item) == box


def test_an_object_deeper_or_larger_than_the_table_takes_is_kept(table: Settings) -> None:
    deep: dict[str, Any] = {"number": 10**60, "": "no name", "M": {"S": {"N": "1"}}}
    for _ in range(60):
        deep = {"inner": deep}
    store = Store()
    store.create(Box(id="1", content=deep))
    found = store.get(Box, id="1")
    assert found is not None
    assert found.content == deep
    changed = store.update(Box, found.own_key(), add={"version": 1})
    assert changed.content == deep
