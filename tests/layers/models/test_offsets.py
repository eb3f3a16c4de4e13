"""Lists asked for by how many items to pass over."""

import pytest
from pydantic import ValidationError

from quintet.models.pages import OffsetQuery


def test_an_offset_says_where_a_page_begins_and_which_it_is() -> None:
    first, second, between = OffsetQuery(), OffsetQuery(offset=20), OffsetQuery(offset=45, limit=10)
    assert [(q.offset, q.size, q.number, q.cursor) for q in (first, second, between)] == [
        (0, 20, 1, None), (20, 20, 2, None), (45, 10, 5, None),
    ]  # fmt: skip


@pytest.mark.parametrize("bad", [{"offset": -1}, {"limit": 0}, {"limit": 101}, {"offset": 1_000_001}, {"cursor": ""}])
def test_an_offset_has_bounds(bad: dict[str, int | str]) -> None:
    with pytest.raises(ValidationError):
        OffsetQuery.model_validate(bad)
