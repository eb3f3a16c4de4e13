"""Searches: what readers of any script find, documents that change meanwhile, and cursors that are places."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.errors import ApiError
from quintet.models import PageQuery
from quintet.models.ids import new_id
from quintet.settings import Settings
from quintet.store import cursors
from quintet.store.folding import needles
from tests.layers.store.documents import INDEX, drop, page, save, titles
from tests.support.calls import crashing

pytestmark = pytest.mark.dynamodb


def test_a_document_that_never_had_both_words_is_not_found(table: Settings) -> None:
    """Between the two Queries it changes from one word to the other."""
    for find in (lambda: INDEX.search("alpha beta"), lambda: page("alpha beta")):
        doc, reads = new_id(), [0]
        save(doc, ["alpha"])

        def change_between(params: dict[str, Any], doc: str = doc, reads: list[int] = reads) -> None:
            if "begins_with" in params.get("KeyConditionExpression", ""):
                reads[0] += 1
                if reads[0] == 2:
                    save(doc, ["beta"])

        with crashing("Query", change_between):
            found = find()
        assert found == ([], 0) or (found.items, found.total) == ([], 0)  # type: ignore[union-attr]
        drop(doc)


def test_a_long_text_that_is_changed_while_it_is_searched_is_looked_at_once_more(table: Settings) -> None:
    doc, reads = new_id(), [0]
    rest = " ".join(f"w{n}" for n in range(100))
    save(doc, ["alpha", rest])

    def change_between(params: dict[str, Any]) -> None:
        if "begins_with" in params.get("KeyConditionExpression", ""):
            reads[0] += 1
            if reads[0] == 2:
                save(doc, ["beta", rest])

    with crashing("Query", change_between):
        assert INDEX.search("alpha beta") == ([], 0)


def test_a_cursor_of_a_search_is_a_place(table: Settings) -> None:
    first = [new_id() for _ in range(5)]
    for doc in first:
        save(doc, ["laptop"])
    one = page("laptop", PageQuery(page_size=2))
    assert (titles(one), one.total) == (first[:2:-1], 5)
    newer = new_id()
    save(newer, ["laptop"])
    drop(first[4])
    two = page("Laptop!", PageQuery(page_size=1, cursor=one.next_cursor))
    assert titles(two) == [first[2]], "what came and went before it repeats and hides nothing; another size is fine"
    three = page("laptop", PageQuery(page_size=9, cursor=two.next_cursor))
    assert (titles(three), three.next_cursor) == ([first[1], first[0]], None)
    assert titles(page("laptop", PageQuery(page=3, page_size=2))) == [first[0]]
    places = INDEX.places("laptop")
    assert list(places) == INDEX.matches("laptop") == [newer, *first[3::-1]]
    filtered = cursors.cut(list(places), PageQuery(page_size=2), "mine", lambda one: places[one])
    rest = cursors.cut(list(places), PageQuery(cursor=filtered.next_cursor), "mine", lambda one: places[one])
    assert [*filtered.items, *rest.items] == list(places)
    with pytest.raises(ApiError, match="cursor"):
        page("laptop pro", PageQuery(cursor=one.next_cursor))


@pytest.mark.parametrize(
    ("written", "questions", "others"),
    [
        ("Łóżko", ["lozko", "łóżko", "ŁÓŻKO"], []),
        ("Lozko", ["łóżko"], []),
        ("Smørrebrød", ["smorrebrod", "SMØRREBRØD"], []),
        ("Œuf de Pâques", ["oeuf", "œuf paques"], []),
        ("Oeuf", ["œuf"], []),
        ("Đuveč", ["duvec", "ĐUVEČ"], []),
        ("Işıklı", ["isikli", "ışıklı", "IŞIKLI", "İSİKLİ"], []),
        ("İstanbul", ["istanbul", "ISTANBUL", "ıstanbul"], []),
        ("Straße", ["strasse", "STRASSE", "STRAẞE"], []),
        ("Strasse", ["straße"], []),
        ("かぎ", ["かぎ", "ぎ"], ["かき"]),
        ("ﾊﾞｯｸﾞ", ["バッグ"], ["ハック"]),
        ("किताब", ["किताब", "किता"], ["कताब", "किताबें", "त"]),
        ("ไทยแท้", ["ไทย"], ["ไท้"]),
        ("Men's shoes", ["mens", "men's", "men’s", "men", "shoes mens"], ["smen"]),
        ("Mens shoes", ["men's"], []),
        ("Tom O’Neill", ["oneill", "o'neill", "neill", "O’NEILL tom"], ["eill"]),
        ("L'eau de rose", ["eau", "l'eau", "leau"], []),
        ("机械键盘", ["键盘", "机械", "机械键盘", "械键", "盘"], ["键机", "盘键"]),
        ("ワイヤレスイヤホン", ["イヤホン", "ワイヤレス", "ワイヤレスイヤホン", "ﾜｲﾔﾚｽ"], ["イヤホンワ"]),
        ("무선이어폰", ["이어폰", "무선"], ["폰무"]),
        ("USB键盘 v2", ["usb", "键盘", "USB键盘", "v2"], ["usb鼠"]),
        ("soft\u00adware", ["software"], []),
    ],
)
def test_scripts_and_letters_are_found_as_their_readers_write_them(
    table: Settings, written: str, questions: list[str], others: list[str]
) -> None:
    doc = new_id()
    save(doc, [written])
    for question in questions:
        assert INDEX.search(question) == ([doc], 1), question
        assert titles(page(question)) == [doc], question
        assert INDEX.holds(question, [written])
    for question in others:
        assert INDEX.search(question) == ([], 0), question
        assert not INDEX.holds(question, [written])


RUNS = st.text(alphabet="键盘机械のイ가a' ", max_size=24)


@given(RUNS, st.data())
def test_any_part_of_unspaced_writing_finds_its_text(text: str, data: st.DataObject) -> None:
    runs = [run for run in text.replace("'", " ").replace("a", " ").split() if run]
    if runs:
        run = data.draw(st.sampled_from(runs))
        start = data.draw(st.integers(0, len(run) - 1))
        part = run[start : data.draw(st.integers(start + 1, len(run)))]
        assert INDEX.holds(part, [text])
    assert INDEX.holds(text, [text]) == bool(needles(text))
