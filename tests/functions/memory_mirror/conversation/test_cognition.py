"""Cognition: what is measured in turns of speech, the levels it makes, and the trend over assessments."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_mirror.conversation.cognition import SIGNS, Assessment, Sign, assess, level_of, trend
from memory_mirror.conversation.cognition_words import adaptations, indicators, reasoning
from memory_mirror.languages.spoken import LANGUAGES

CLEAR = (
    "It was a pleasant day. I watered the roses and then my neighbour Anna came for coffee and cake.",
    "We talked about her grandson, who starts his studies in Vienna this autumn.",
    "I visited Vienna once; the opera was magnificent and the coffee houses were full of newspapers.",
    "We saw The Magic Flute. The singer of the Queen had an astonishing voice.",
    "Every evening I listen to the radio, mostly Mozart, sometimes old dance music.",
)
LOST = (
    "I want to go home. Where is my mother?",
    "She, um, the thing... where is my mother?",
    "I have to go home now, where is my mother? I have to go home.",
    "What day is it? I don't know where I am... um, you know, the thing",
    "I want to go home. Where is my mother?",
    "What day is it? I want to go home.",
)


def _turns(said: Sequence[str]) -> list[tuple[str, str]]:
    return [turn for text in said for turn in (("assistant", "Tell me more about it."), ("user", text))]


def _sign(found: Assessment, name: str) -> Sign:
    return next(sign for sign in found.signs if sign.name == name)


def test_clear_speech_shows_no_sign_and_lost_speech_many() -> None:
    clear, lost = assess(_turns(CLEAR), "en"), assess(_turns(LOST), "en")
    assert clear.score is not None
    assert lost.score is not None
    assert clear.level == "mild"
    assert lost.level in ("advanced", "severe")
    assert clear.score < 15 < 60 < lost.score


def test_each_sign_counts_what_it_says() -> None:
    lost = assess(_turns(LOST), "en")
    assert [sign.name for sign in lost.signs] == list(SIGNS)
    assert (_sign(lost, "repeated_questions").count, _sign(lost, "repeated_questions").of) == (3, 6)
    assert (_sign(lost, "disorientation").count, _sign(lost, "disorientation").of) == (6, 6)
    assert _sign(lost, "word_finding").count == 7


def test_a_statement_told_again_is_noticed() -> None:
    again = assess(_turns([*CLEAR, CLEAR[0]]), "en")
    assert (_sign(again, "repeated_statements").count, _sign(again, "repeated_statements").of) == (1, 6)


def test_variety_does_not_fall_with_length_alone() -> None:
    once, twice = assess(_turns(CLEAR), "en"), assess(_turns(CLEAR * 3), "en")
    assert abs(_sign(once, "word_variety").value - _sign(twice, "word_variety").value) < 0.05


def test_only_the_persons_own_turns_count() -> None:
    assert assess([("assistant", text) for text in LOST * 3], "en").confidence == "none"


@pytest.mark.parametrize("said", [(), ("hello",), ("yes",) * 10])
def test_too_little_is_no_assessment(said: Sequence[str]) -> None:
    found = assess(_turns(said), "en")
    assert (found.score, found.level) == (None, None)
    assert found.confidence in ("none", "low")
    assert "Too little to judge by" in reasoning("mild", found, "insufficient_data", 0)


def test_more_speech_gives_more_confidence() -> None:
    assert assess(_turns(CLEAR), "en").confidence == "medium"
    assert assess(_turns(CLEAR * 3), "en").confidence == "high"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", ["Ich will nach Hause. Wo ist meine Mutter?", "Äh, das Dings... wo ist meine Mutter?"]),
        ("ja", ["家に帰りたい。お母さんはどこ？", "えーと、あの、何だっけ…お母さんはどこ？"]),
        ("zh", ["我想回家。妈妈在哪里？", "嗯，那个什么……妈妈在哪里？"]),
        ("ar", ["أريد أن أعود إلى البيت. أين أمي؟", "يعني... أين أمي؟"]),
    ],
)
def test_other_languages_are_measured_too(language: str, said: list[str]) -> None:
    found = assess(_turns(said * 5), language)
    assert found.score is not None
    assert found.score > 50
    assert _sign(found, "repeated_questions").count >= 8


@pytest.mark.parametrize(
    ("score", "earlier", "direction"),
    [
        (60.0, [30.0, 32.0, 28.0], "declining"),
        (10.0, [40.0, 42.0, 45.0], "improving"),
        (33.0, [30.0, 32.0], "stable"),
        (33.0, [30.0], "insufficient_data"),
        (None, [30.0, 31.0, 32.0], "insufficient_data"),
        (60.0, [10.0, 90.0, 30.0, 70.0], "stable"),
    ],
)
def test_the_trend_compares_with_the_usual(score: float | None, earlier: list[float], direction: str) -> None:
    assert trend(score, earlier) == direction


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 100), st.lists(st.floats(0, 100), min_size=2, max_size=9))
def test_a_worse_score_never_turns_the_trend_better(score: float, earlier: list[float]) -> None:
    order = ["improving", "stable", "declining"]
    assert order.index(trend(score, earlier)) <= order.index(trend(min(100.0, score + 20), earlier))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["user", "assistant"]), st.text(max_size=80)), max_size=15),
    st.sampled_from(LANGUAGES),
)
def test_any_turns_are_measured_within_bounds(turns: list[tuple[str, str]], language: str) -> None:
    found = assess(turns, language)
    assert (found.score is None) == (found.level is None)
    assert found.score is None or 0 <= found.score <= 100
    assert all(0 <= sign.strength <= 1 and sign.count <= max(sign.of, sign.count) for sign in found.signs)
    assert found == assess(turns, language)


def test_levels_rise_with_the_score() -> None:
    assert [level_of(score) for score in (0, 24.9, 25, 47, 48, 69, 70, 100)] == [
        "mild", "mild", "moderate", "moderate", "advanced", "advanced", "severe", "severe",
    ]  # fmt: skip


def test_the_words_tell_the_counts() -> None:
    lost = assess(_turns(LOST), "en")
    told = {one["name"]: one for one in indicators(lost)}
    assert told["repeated_questions"]["description"] == "3 of 6 questions were asked before"
    assert told["repeated_questions"]["strength"] == "strong"
    why = reasoning("severe", lost, "stable", 3)
    assert f"Score {lost.score:g} of 100 from 6 turns" in why
    assert "Compared with 3 earlier assessments the trend is stable" in why
    assert "no diagnosis" in why
    tips = adaptations("severe", lost)
    assert tips[0].startswith("Speak little")
    assert any("Answer a repeated question" in tip for tip in tips)
