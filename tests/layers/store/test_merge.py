"""Several listings read as one: order, totals, page numbers and cursors, at the price of what is shown."""

from __future__ import annotations

from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintet.api import ApiError
from quintet.models import Page, PageQuery
from quintet.settings import Settings
from quintet.store import Entity, Index, Keys, Store
from quintet.store.entity import IndexName
from quintet.store.merge import merged_page
from tests.support.aws import system
from tests.support.calls import recorded

store = Store()


class Note(Entity):
    kind: ClassVar[str] = "note"
    keys: ClassVar[Keys] = Keys(
        "NOTE#{id}",
        "NOTE",
        gsi1=Index("BOOK#{book}", "{id}", counted=True, shards=2),
        gsi2=Index("SHELF#{book}", "{id}", counted=True, order="ascending"),
    )

    id: str
    book: str


def fill(*books: str) -> None:
    """One note after the other, each in the book named."""
    for number, book in enumerate(books):
        store.create(Note(id=f"{number:04}", book=book))


def page(books: str, query: PageQuery, index: IndexName = "gsi1", *, reverse: bool = False) -> Page[Note]:
    return merged_page(store, Note, index, query, [{"book": book} for book in books], scope="books", reverse=reverse)


def ids(found: Page[Note]) -> list[str]:
    return [note.id for note in found.items]


@given(
    notes=st.lists(st.sampled_from("abc"), max_size=25),
    books=st.sets(st.sampled_from("abcd"), min_size=1).map(sorted).map("".join),
    size=st.integers(1, 7),
    index=st.sampled_from(["gsi1", "gsi2"]),
    reverse=st.booleans(),
)
@settings(max_examples=25, deadline=None)
def test_pages_and_cursors_give_every_member_once_in_order(
    notes: list[str], books: str, size: int, index: IndexName, reverse: bool
) -> None:
    with system("demo"):
        fill(*notes)
        expected = [f"{n:04}" for n, book in enumerate(notes) if book in books]
        if (index == "gsi1") is not reverse:
            expected.reverse()
        by_number: list[str] = []
        by_cursor: list[str] = []
        cursor = None
        for number in range(1, -(-len(expected) // size) + 2):
            numbered = page(books, PageQuery(page=number, page_size=size), index, reverse=reverse)
            by_number += ids(numbered)
            assert (numbered.total, numbered.page, numbered.page_size) == (len(expected), number, size)
            assert (numbered.next_cursor is not None) == (number * size < len(expected))
            if number == 1 or cursor:
                followed = page(books, PageQuery(page_size=size, cursor=cursor), index, reverse=reverse)
                by_cursor += ids(followed)
                assert (followed.total, followed.page) == (len(expected), number)
                cursor = followed.next_cursor
        assert by_number == by_cursor == expected


@pytest.mark.parametrize("members", [9, 90])
def test_page_one_costs_the_same_whatever_the_listings_hold(table: Settings, members: int) -> None:
    fill(*("abc"[number % 3] for number in range(members)))
    with recorded() as calls:
        assert len(page("abcdef", PageQuery(page_size=5)).items) == 5
    assert sorted(calls.names) == ["BatchGetItem", "Query", "Query", "Query"], "empty listings are not asked"


def test_one_busy_listing_is_read_further_as_needed(table: Settings) -> None:
    fill(*"a" * 3, *"b" * 40)
    assert ids(page("ab", PageQuery(page_size=30))) == [f"{number:04}" for number in range(42, 12, -1)]


def test_a_listing_may_join_between_two_pages(table: Settings) -> None:
    fill(*"aabab")
    first = page("a", PageQuery(page_size=2))
    assert ids(first) == ["0003", "0001"]
    assert ids(page("ab", PageQuery(page_size=9, cursor=first.next_cursor))) == ["0000"]


def test_a_cursor_of_another_list_is_refused(table: Settings) -> None:
    fill(*"aab")
    cursor = page("ab", PageQuery(page_size=1)).next_cursor
    with pytest.raises(ApiError) as refused:
        merged_page(store, Note, "gsi1", PageQuery(cursor=cursor), [{"book": "a"}], scope="others")
    assert refused.value.code == "invalid_cursor"
