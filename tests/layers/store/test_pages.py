"""Lists: pages, offsets and cursors walk the same sequence, at a price that does not grow with the collection."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from quintet.errors import ApiError
from quintet.models import PageQuery, SkipQuery
from quintet.settings import Settings
from quintet.store import cursors, queries
from quintet.store.entity import IndexName
from tests.layers.store.things import STORE, Part, Plain, Thing
from tests.support.aws import system
from tests.support.calls import recorded

pytestmark = pytest.mark.dynamodb


def fill(count: int, owner: str = "o") -> list[str]:
    """Things of one owner; answers their ids, newest first."""
    ids = [f"{owner}{number:03}" for number in range(count)]
    for number, id_ in enumerate(ids):
        STORE.create(Thing(id=id_, owner=owner, name=f"{count - number:03}"))
    return ids[::-1]


def by_number(index: IndexName, size: int, *, reverse: bool = False, **fields: Any) -> Iterator[list[str]]:
    number = 1
    while True:
        page = STORE.page(Thing, index, PageQuery(page=number, page_size=size), reverse=reverse, **fields)
        yield [t.id for t in page.items]
        if not page.has_next:
            after = STORE.page(Thing, index, PageQuery(page=number + 1, page_size=size), reverse=reverse, **fields)
            assert after.items == []
            return
        number += 1


def by_cursor(index: IndexName, size: int, *, reverse: bool = False, **fields: Any) -> Iterator[list[str]]:
    query, number = PageQuery(page_size=size), 1
    while True:
        page = STORE.page(Thing, index, query, reverse=reverse, **fields)
        assert page.page == number
        yield [t.id for t in page.items]
        if page.next_cursor is None:
            return
        query, number = PageQuery(page_size=size, cursor=page.next_cursor), number + 1


@given(count=st.integers(0, 11), size=st.integers(1, 6))
@hypothesis_settings(max_examples=10, deadline=None)
def test_pages_and_cursors_show_every_member_once_in_order(count: int, size: int) -> None:
    with system("demo"):
        expected = fill(count)
        fill(2, owner="other")
        pages = [expected[n : n + size] for n in range(0, count, size)] or [[]]
        assert list(by_number("gsi1", size, owner="o")) == pages
        assert list(by_cursor("gsi1", size, owner="o")) == pages
        total = STORE.page(Thing, "gsi1", PageQuery(page=2, page_size=size), owner="o").total
        assert total == count


@given(count=st.integers(0, 11), size=st.integers(1, 6), index=st.sampled_from(["gsi1", "gsi2"]))
@hypothesis_settings(max_examples=10, deadline=None)
def test_a_listing_is_walked_in_the_opposite_of_its_order(count: int, size: int, index: IndexName) -> None:
    with system("demo"):
        expected = fill(count)[::-1]
        if index == "gsi2":  # by names, of which the last thing has the first
            expected = sorted(expected)
        pages = [expected[n : n + size] for n in range(0, count, size)] or [[]]
        fields: dict[str, Any] = {"owner": "o"} if index == "gsi1" else {}
        assert list(by_number(index, size, reverse=True, **fields)) == pages
        assert list(by_cursor(index, size, reverse=True, **fields)) == pages
        forward = STORE.page(Thing, index, PageQuery(page_size=size), **fields)
        assert (
            STORE.page(Thing, index, PageQuery(page_size=size), reverse=True, **fields).total == forward.total == count
        )
        if forward.next_cursor:
            with pytest.raises(ApiError):
                STORE.page(Thing, index, PageQuery(cursor=forward.next_cursor), reverse=True, **fields)


def test_an_ascending_listing_is_walked_upwards(table: Settings) -> None:
    expected = fill(7)
    assert [i for page in by_cursor("gsi2", 3) for i in page] == expected
    assert [i for page in by_number("gsi2", 3) for i in page] == expected


def test_page_one_is_one_query_and_reads_no_more_than_it_shows(table: Settings) -> None:
    fill(30)
    with recorded() as calls:
        page = STORE.page(Thing, "gsi1", PageQuery(page_size=5), owner="o")
    assert (len(page.items), page.total) == (5, 30)
    assert calls.names == ["Query"]
    assert calls.made[0].params["Limit"] == 5 + 1 + 3, "the page, one to know of more, three shards of the number"


def test_later_pages_and_cursors_are_two_calls(table: Settings) -> None:
    fill(30)
    first = STORE.page(Thing, "gsi1", PageQuery(page_size=5), owner="o")
    with recorded() as calls:
        STORE.page(Thing, "gsi1", PageQuery(page=4, page_size=5), owner="o")
    assert calls.names == ["Query", "Query"]
    with recorded() as calls:
        STORE.page(Thing, "gsi1", PageQuery(page_size=5, cursor=first.next_cursor), owner="o")
    assert calls.names == ["Query", "Query"]


def test_a_page_beyond_the_last_costs_one_small_read(table: Settings) -> None:
    fill(12)
    for number in (1_000_000, 50):
        with recorded() as calls:
            page = STORE.page(Thing, "gsi1", PageQuery(page=number, page_size=5), owner="o")
        assert (page.items, page.total, page.has_next) == ([], 12, False)
        assert calls.names == ["Query"]
        assert "COUNTER#gsi1#OWNER#o" in str(calls.made[0].params), "the counter's rows alone"


def test_a_page_far_down_asks_the_counter_first_and_the_deepest_are_refused(
    table: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = fill(12)
    monkeypatch.setattr(queries, "SHALLOW", 4)
    monkeypatch.setattr(queries, "DEEPEST", 8)
    with recorded() as calls:
        page = STORE.page(Thing, "gsi1", PageQuery(page=3, page_size=4), owner="o")
    assert [thing.id for thing in page.items] == expected[8:]
    assert calls.names == ["Query"] * 3
    with pytest.raises(ApiError) as caught:
        STORE.page(Thing, "gsi1", PageQuery(page=4, page_size=3), owner="o")
    assert (caught.value.status, caught.value.code) == (400, "page_too_deep")
    walked = [one for part in by_cursor("gsi1", 5, owner="o") for one in part]
    assert walked == expected, "a cursor goes on at any depth"


def test_skip_and_limit_cut_the_same_listing(table: Settings) -> None:
    expected = fill(9)
    for skip, limit in ((0, 4), (3, 4), (8, 4), (9, 4), (40, 2)):
        page = STORE.page(Thing, "gsi1", SkipQuery(skip=skip, limit=limit), owner="o")
        assert [thing.id for thing in page.items] == expected[skip : skip + limit]
        assert page.total == 9
        assert (page.next_cursor is not None) == (skip + limit < 9)
    first = STORE.page(Thing, "gsi1", SkipQuery(skip=2, limit=3), owner="o")
    second = STORE.page(Thing, "gsi1", SkipQuery(skip=7, limit=4, cursor=first.next_cursor), owner="o")
    assert [thing.id for thing in second.items] == expected[5:9], "the cursor overrules how many to skip"


def test_a_cursor_goes_on_where_it_was_though_the_list_grew(table: Settings) -> None:
    fill(6)
    first = STORE.page(Thing, "gsi1", PageQuery(page_size=3), owner="o")
    STORE.create(Thing(id="o999", owner="o"))
    second = STORE.page(Thing, "gsi1", PageQuery(page_size=3, cursor=first.next_cursor), owner="o")
    assert [t.id for t in second.items] == ["o002", "o001", "o000"]
    assert second.total == 7


def refused(cursor: str, owner: str = "o") -> bool:
    try:
        STORE.page(Thing, "gsi1", PageQuery(page_size=2, cursor=cursor), owner=owner)
    except ApiError as error:
        if (error.status, error.code) == (400, "invalid_cursor"):
            return True
        raise
    return False


def test_a_cursor_is_good_only_for_its_list_and_its_holder(table: Settings) -> None:
    fill(6)
    fill(6, owner="other")
    with cursors.held_by("orders.list|ann"):
        cursor = STORE.page(Thing, "gsi1", PageQuery(page_size=2), owner="o").next_cursor
        assert cursor is not None
        assert not refused(cursor)
        assert refused(cursor, owner="other"), "another partition"
        with pytest.raises(ApiError, match="cursor"):
            STORE.page(Thing, "gsi2", PageQuery(page_size=2, cursor=cursor))
    with cursors.held_by("orders.list|bob"):
        assert refused(cursor)
    assert refused(cursor)


def test_a_changed_cursor_is_refused(table: Settings) -> None:
    fill(3)
    cursor = STORE.page(Thing, "gsi1", PageQuery(page_size=2), owner="o").next_cursor
    assert cursor is not None
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    for place in range(len(raw)):
        changed = raw[:place] + bytes([raw[place] ^ (1 << place % 8)]) + raw[place + 1 :]
        assert refused(base64.urlsafe_b64encode(changed).rstrip(b"=").decode())


@given(st.text(min_size=1, max_size=60))
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_other_text_is_no_cursor(table: Settings, text: str) -> None:
    assert refused(text)


def test_slices_go_on_where_they_ended_and_narrow_by_prefix(table: Settings) -> None:
    for number in ("a1", "a2", "a3", "b1"):
        STORE.create(Part(thing="t", number=number))
    first = STORE.query(Part, limit=3, thing="t")
    second = STORE.query(Part, limit=3, after=first.after, thing="t")
    assert [p.number for p in first.items + second.items] == ["a1", "a2", "a3", "b1"]
    assert [p.number for p in STORE.query(Part, begins="a", reverse=True, thing="t").items] == ["a3", "a2", "a1"]
    assert [p.number for p in STORE.each(Part, thing="t")] == ["a1", "a2", "a3", "b1"]
    assert STORE.query(Part, thing="u").items == []
    assert STORE.get(Plain, id="none") is None


def test_what_lies_before_a_sort_key_is_read_and_nothing_else(table: Settings) -> None:
    for number in ("a1", "a2", "b1", "b2"):
        STORE.create(Part(thing="t", number=number))
    with recorded() as calls:
        found = STORE.query(Part, before="b1", thing="t")
    assert [part.number for part in found.items] == ["a1", "a2"]
    assert "< :before" in calls.made[0].params["KeyConditionExpression"]
    assert STORE.query(Part, before="a1", thing="t").items == []
    STORE.create(Thing(id="2", name="y"))
    assert [thing.id for thing in STORE.query(Thing, "gsi2", before="z").items] == ["2"]
    assert STORE.query(Thing, "gsi2", before="y").items == []


@pytest.mark.parametrize("rubbish", ["!!!", "=", "==", " ", "\n", ".", "é", "A", "AAAA"])
def test_a_cursor_with_rubbish_behind_or_before_it_is_none(table: Settings, rubbish: str) -> None:
    good = cursors.write(2, {"PK": {"S": "a"}}, "things")
    assert cursors.read(good, "things") == (2, {"PK": {"S": "a"}})
    for bad in (good + rubbish, rubbish + good, good[:9] + rubbish + good[9:]):
        with pytest.raises(ApiError) as refused:
            cursors.read(bad, "things")
        assert refused.value.code == "invalid_cursor"


def test_a_cursor_has_one_spelling(table: Settings) -> None:
    good = cursors.write(2, {"PK": {"S": "a"}}, "things")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for letter in letters.replace(good[-1], ""):
        with pytest.raises(ApiError):
            cursors.read(good[:-1] + letter, "things")
