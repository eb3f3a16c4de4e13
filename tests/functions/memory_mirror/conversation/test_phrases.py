"""The companion's sentences: the same sections everywhere, in their language, kind; and how they are chosen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_mirror.conversation.phrases import addressed, distinct, era_name, filled, phrases, pick
from memory_mirror.feelings import APPROACHES, THEMES, TONES
from memory_mirror.guards.replies import fault
from memory_mirror.languages.spoken import LANGUAGES, fits

_TO_CAREGIVERS = {"about", "approach", "avoid", "gestures", "address", "quote", "decade", "in_era", "weekdays"}


def _texts(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(node, str):
        yield path, node
    elif isinstance(node, list):
        for one in node:
            yield from _texts(one, path)
    else:
        for name, one in node.items():
            yield from _texts(one, (*path, name))


def _shape(node: Any) -> Any:
    return {name: _shape(one) for name, one in node.items()} if isinstance(node, dict) else type(node).__name__


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_languages_have_the_same_sections_and_places(language: str) -> None:
    own, english = phrases(language), phrases("en")
    assert _shape(own) == _shape(english)
    for (path, text), (same, template) in zip(_texts(own["proactive"]), _texts(english["proactive"]), strict=True):
        assert path == same
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", template)), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_in_its_language_and_could_be_said(language: str) -> None:
    for path, text in _texts(phrases(language)):
        if path[0] == "about":
            continue
        bare = re.sub(r"{\w+}", "", text)
        assert fits(bare, language), (path, text)
        if path[0] not in _TO_CAREGIVERS:
            wrong = fault(re.sub(r"{\w+}", "7" if language in ("zh", "ja", "ko", "ar") else "Anna", text), language)
            assert wrong is None, (path, text, wrong)


def test_every_approach_tone_and_theme_has_words() -> None:
    for language in LANGUAGES:
        words = phrases(language)
        assert set(words["opening"]) == {*APPROACHES.values(), "validate", "check_comfort"}
        assert set(words["theme"]) == set(THEMES)
        for section in ("follow", "starters", "approach", "gestures", "faces"):
            assert set(words[section]) == set(TONES), (language, section)


def test_a_sentence_that_was_said_is_passed_over_while_there_is_another() -> None:
    variants = ["Tell me about {topic}.", "I love to hear of {topic}.", "Let us think of {topic}."]
    said: list[str] = []
    for _ in variants:
        said.insert(0, pick(variants, 1, said).format(topic="roses"))
    assert len(set(said)) == 3
    assert pick(variants, 1, said).format(topic="roses") == said[-1]  # the one of the longest ago


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from("abcde"), min_size=1, max_size=5, unique=True), st.integers(0, 10**9))
def test_one_of_the_sentences_is_picked(variants: list[str], seed: int) -> None:
    assert pick(variants, seed) in variants
    assert pick(variants, seed) == pick(variants, seed)


def test_a_name_stands_before_a_sentence() -> None:
    assert addressed("That is a good question.", "Rose", "en") == "Rose, that is a good question."
    assert addressed("I am here.", "Rose", "en") == "Rose, I am here."
    assert addressed("¡Qué alegría!", "Rosa", "es") == "Rosa, ¡qué alegría!"
    assert addressed("そばにいますよ。", "花子", "ja") == "花子さん、そばにいますよ。"


def test_spanish_contracts_and_eras_are_named() -> None:
    assert filled("Háblame de {topic}.", "es", topic="el jardín") == "Háblame del jardín."
    assert era_name("1960s", "de") == "60er-Jahren"
    assert era_name("present", "de") is None


def test_a_text_unlike_the_earlier_ones_is_found() -> None:
    assert distinct(str, ["0", "1"]) == "2"
    assert distinct(lambda _: "same", ["same"]) == "same"
