"""Typed text and pages: one form in, nothing harmful through."""

from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from quintet.models import Length, Line, Page, PageQuery, Text
from quintet.models.text import clean_line, clean_text


class Note(BaseModel):
    title: Annotated[Line, Length(1, 5)]
    text: Text = ""


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("abc", "abc"), ("  abc  ", "abc"), ("e\u0301te\u0301", "été"), ("12345 ", "12345"), ("日本語", "日本語")],
)
def test_a_line_is_trimmed_and_normalised(typed: str, kept: str) -> None:
    assert Note(title=typed).title == kept


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("", "string_too_short"),
        ("   ", "string_too_short"),
        ("123456", "string_too_long"),
        ("a\nb", "value_error"),
        ("a\x00b", "value_error"),
        ("a\x7fb", "value_error"),
        ("a\u2028b", "value_error"),
        ("a\u0085b", "value_error"),
        ("a\ud800b", "value_error"),
        (5, "string_type"),
    ],
)
def test_a_bad_line_is_refused_by_name(bad: object, why: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Note.model_validate({"title": bad})
    assert [error["type"] for error in refused.value.errors()] == [why]


@pytest.mark.parametrize(
    "unseen",
    ["\u200b", "\u200b\u200b\u200b", " \ufeff\u2060 ", "\u200d\u200c", "\u3164", "\u2800", "\u00ad", "\u200e\u200f",
     "\ufe0f", "\u115f\u1160", "\U000e0020", "\u2066\u2069"],
)  # fmt: skip
def test_what_cannot_be_seen_is_blank(unseen: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Note.model_validate({"title": unseen})
    assert [error["type"] for error in refused.value.errors()] == ["string_too_short"]
    assert Note(title="a", text=unseen).text == ""


@pytest.mark.parametrize("seen", ["می\u200cخواهم", "❤\ufe0f", "👩\u200d🚀", "\u200fשלום", "a\u2068ב\u2069"])
def test_what_joins_and_directs_what_is_seen_stays(seen: str) -> None:
    assert clean_line(seen) == clean_text(seen) == seen


def test_a_line_cannot_turn_its_letters_round() -> None:
    for override in "\u202d\u202e":
        with pytest.raises(ValueError, match="direction"):
            clean_line(f"invoice{override}gpj.exe")
    assert clean_text("a\u202eb") == "a\u202eb"


def test_text_keeps_its_paragraphs() -> None:
    assert Note(title="a", text=" one\r\n\ttwo\rthree\n").text == "one\n\ttwo\nthree"
    with pytest.raises(ValidationError):
        Note(title="a", text="bell\x07")


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    for clean in (clean_line, clean_text):
        try:
            once = clean(text)
        except ValueError:
            continue
        assert clean(once) == once
        assert "\x00" not in once


def test_lengths_show_in_the_schema() -> None:
    assert Note.model_json_schema()["properties"]["title"] == {
        "type": "string", "title": "Title", "minLength": 1, "maxLength": 5,
    }  # fmt: skip


def test_a_page_query_has_the_documented_defaults_and_bounds() -> None:
    assert PageQuery().model_dump() == {"page": 1, "page_size": 20, "cursor": None}
    assert PageQuery(page=3, page_size=10).offset == 20
    for bad in ({"page": 0}, {"page_size": 0}, {"page_size": 101}, {"page": "x"}, {"cursor": ""}):
        with pytest.raises(ValidationError):
            PageQuery.model_validate(bad)


@pytest.mark.parametrize(
    ("total", "page", "pages", "has_next", "has_prev"),
    [(150, 1, 8, True, False), (150, 8, 8, False, True), (0, 1, 0, False, False), (20, 1, 1, False, False),
     (21, 1, 2, True, False), (5, 9, 1, False, True), (None, 1, 0, False, False)],
)  # fmt: skip
def test_a_page_knows_its_neighbours(total: int | None, page: int, pages: int, has_next: bool, has_prev: bool) -> None:
    one = Page([1, 2], total, page, 20)
    assert (one.total_pages, one.has_next, one.has_prev) == (pages, has_next, has_prev)


def test_a_cursor_means_there_is_more() -> None:
    one = Page([1, 2], next_cursor="abc", page_size=2)
    assert one.has_next
    assert one.map(str) == Page(["1", "2"], next_cursor="abc", page_size=2)
