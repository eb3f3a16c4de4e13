"""Ranking: what may be offered, what fits, and that the order depends on nothing else."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_mirror.life.relevance import (
    Cue,
    Item,
    avoiding,
    harmless,
    matched,
    positive,
    ranked,
    shared_words,
    tokens,
)
from memory_mirror.tales.quoting import grave
from memory_mirror.tales.themes import THEMES, theme_of, themes_in
from tests.functions.memory_mirror.lives import MEMORIES, SAD

WORDS = st.sampled_from(
    ["baking", "bread", "sea", "beach", "garden", "rose", "song", "dance", "dog", "train", "school", "tea"]
)
ERAS = st.sampled_from(["1940s", "1950s", "1960s", "1970s", "present"])


@st.composite
def items(draw: st.DrawFn) -> Item[str]:
    said = " ".join(draw(st.lists(WORDS, max_size=5)))
    return Item(
        "x",
        draw(st.uuids()).hex,
        " ".join(draw(st.lists(WORDS, min_size=1, max_size=3))),
        said,
        tuple(draw(st.lists(WORDS, max_size=3))),
        era=draw(st.none() | ERAS),
        sentiment=draw(st.sampled_from(["positive", "negative", "neutral", "mixed", None])),
        safe=draw(st.booleans()),
        made=draw(st.sampled_from(["2026-01-01", "2026-02-01"])),
    )


CUES = st.builds(Cue.of, st.lists(WORDS, min_size=1, max_size=4), st.none() | ERAS)


@settings(deadline=None, max_examples=40)
@given(st.lists(items(), max_size=12, unique_by=lambda item: item.id), CUES, st.integers(0, 8), st.randoms())
def test_the_order_does_not_depend_on_how_items_come(
    found: list[Item[str]], cue: Cue, limit: int, chance: random.Random
) -> None:
    expected = ranked(cue, found, limit)
    assert len(expected) <= limit
    assert [match.points for match in expected] == sorted((match.points for match in expected), reverse=True)
    assert all(match.points > 0 for match in expected)
    chance.shuffle(found)
    assert ranked(cue, found, limit) == expected


@settings(deadline=None, max_examples=40)
@given(items(), CUES, WORDS)
def test_more_in_common_never_ranks_lower(item: Item[str], cue: Cue, word: str) -> None:
    before = matched(cue, item).points
    assert matched(cue, replace(item, tags=(*item.tags, word))).points >= before
    assert matched(replace(cue, tokens=cue.tokens | tokens(word)), item).points >= before
    if cue.era:
        assert matched(cue, replace(item, era=cue.era)).points >= before


@settings(deadline=None, max_examples=40)
@given(items(), st.lists(WORDS, max_size=2))
def test_nothing_unsafe_is_ever_offered(item: Item[str], topics: list[str]) -> None:
    avoid = avoiding(topics)
    for offered in (positive(item, avoid), harmless(item, avoid)):
        if not item.safe or item.sentiment in ("negative", "mixed") or avoid(item.whole):
            assert not offered
    if item.sentiment == "neutral":
        assert not positive(item, avoid)


@pytest.mark.parametrize(("title", "text"), SAD)
def test_a_sad_memory_that_nobody_marked_is_not_offered(title: str, text: str) -> None:
    item = Item("x", "1", title, text)
    assert grave(item.whole)
    assert not positive(item)
    assert not harmless(item)


@pytest.mark.parametrize("language", MEMORIES)
def test_a_good_memory_that_nobody_marked_is_offered(language: str) -> None:
    for title, text, _ in MEMORIES[language]:
        assert positive(Item("x", "1", title, text)), title


@pytest.mark.parametrize(
    "text",
    ["We sang in the church choir.", "Wir waren im Garten und die Sonne schien.", "They rowed on the warm lake",
     "La soupe de ma grand-mère", "Elle chantait si bien",
     "がんばった運動会", "호박죽을 먹었어요", "도서관에서 만났어요"],
)  # fmt: skip
def test_harmless_words_are_not_taken_for_grave_ones(text: str) -> None:
    assert not grave(text)


@pytest.mark.parametrize(
    ("talk", "language", "number"),
    [
        ("User is talking about baking", "en", 0), ("She speaks about the beach", "en", 1),
        ("le gusta la playa y el mar", "es", 1), ("les roses du jardin", "fr", 2), ("Sie erzählt vom Brot", "de", 0),
        ("说起海边", "zh", 1),
        ("お庭のバラの話", "ja", 2), ("바다 이야기를 해요", "ko", 1), ("تتحدث عن الخبز", "ar", 0),
    ],
)  # fmt: skip
def test_the_memory_that_the_talk_is_about_comes_first(talk: str, language: str, number: int) -> None:
    found = [Item(title, str(place), title, text, era=era) for place, (title, text, era) in
             enumerate(MEMORIES[language])]  # fmt: skip
    best = ranked(Cue.of([talk]), found, 3)
    assert best[0].item.of == MEMORIES[language][number][0]


def test_the_era_that_the_person_is_in_decides_among_equals() -> None:
    old, young = Item("old", "1", "Tea", era="1950s"), Item("young", "2", "Tea", era="1990s")
    assert [m.item.of for m in ranked(Cue.of(["tea time"], "1950s"), [young, old], 2)] == ["old", "young"]
    assert [m.item.of for m in ranked(Cue.of(["tea time"], "1990s"), [young, old], 2)] == ["young", "old"]


def test_what_is_shared_is_told_in_the_words_of_the_talk() -> None:
    item = Item("x", "1", "Baking with Mum", "We baked bread")
    talk = "User is talking about BAKING bread"
    assert shared_words([talk], [matched(Cue.of([talk]), item)]) == ["baking", "bread"]


def test_a_topic_is_touched_when_all_its_words_are_there() -> None:
    avoid = avoiding(["my brother's farm", "cats", "  "])
    assert avoid("The farm of my brother in spring")
    assert avoid("A cat slept there")
    assert not avoid("My brother laughed")
    assert not avoiding([])("anything at all")


@pytest.mark.parametrize(
    ("text", "theme"),
    [("seaside", "seaside"), ("railways", "journey"), ("jardín", "garden"), ("机器人", "any"), ("", "any"),
     ("台所", "kitchen"), ("가족", "family"), ("موسيقى", "music"), ("Weihnachten", "celebration")],
)  # fmt: skip
def test_themes_are_recognised(text: str, theme: str) -> None:
    assert theme_of(text) == theme


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    assert themes_in(text) <= set(THEMES)
    tokens(text)
    grave(text)
