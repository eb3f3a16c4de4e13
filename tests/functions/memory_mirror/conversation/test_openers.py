"""Openers, visual answers and unasked suggestions: fitted to feeling, hour and person."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_mirror.conversation.engaging import SUGGESTIONS, Circumstances, chosen, weighed
from memory_mirror.conversation.openers import Situation, moment_of, openers, tone_of
from memory_mirror.conversation.phrases import phrases
from memory_mirror.conversation.visuals import Scene, visuals
from memory_mirror.feelings import TONES
from memory_mirror.guards.replies import fault
from memory_mirror.languages.spoken import LANGUAGES, fits
from memory_mirror.life.zones import Guidance


def _situation(**fields: Any) -> Situation:
    defaults: dict[str, Any] = {
        "tone": "anxious", "anxiety": 6.0, "context": "Evening routine", "hour": 18, "language": "en",
        "guidance": Guidance(),
    }  # fmt: skip
    return Situation(**{**defaults, **fields})


@pytest.mark.parametrize(
    ("label", "anxiety", "tone"),
    [
        ("anxious", 6, "anxious"),
        ("Happy", 2, "happy"),
        ("worried", 5, "anxious"),
        ("traurig", 2, "sad"),
        ("calm", 8, "anxious"),
        ("怖い", 4, "afraid"),
        ("whatever", 1, "calm"),
    ],
)
def test_a_free_label_means_a_tone(label: str, anxiety: float, tone: str) -> None:
    assert tone_of(label, anxiety) == tone


@pytest.mark.parametrize(
    ("context", "hour", "moment"),
    [
        ("Evening routine", 9, "evening"),
        ("a quiet afternoon", 9, "afternoon"),
        ("Abendessen", 9, "evening"),
        ("昼ごはん", 9, "noon"),
        ("", 9, "morning"),
        ("", 3, "night"),
        ("", 23, "night"),
    ],
)
def test_the_context_or_the_hour_tells_the_part_of_the_day(context: str, hour: int, moment: str) -> None:
    assert moment_of(context, hour) == moment


@pytest.mark.parametrize("language", LANGUAGES)
def test_openers_are_in_the_language_and_may_be_said(language: str) -> None:
    for tone in TONES:
        for anxiety in (1.0, 8.0):
            found = openers(_situation(tone=tone, anxiety=anxiety, language=language))
            assert 3 <= len(found.starters) <= 5
            assert all(fault(starter, language) is None for starter in found.starters), found
            assert fits(found.approach, language)


def test_high_anxiety_begins_with_reassurance_and_keeps_away_from_plans() -> None:
    high, low = openers(_situation(anxiety=8.0)), openers(_situation(anxiety=2.0))
    assert high.starters[0] in phrases("en")["opening"]["reassure"]
    assert "Plans, appointments and hurry" in high.avoid
    assert "Plans, appointments and hurry" not in low.avoid


def test_what_the_person_avoids_comes_first_and_is_never_a_starter() -> None:
    guide = Guidance(topics=("the garden",), avoid=("the accident",))
    found = openers(_situation(guidance=guide, topics=("the accident", "opera"), tone="calm", anxiety=1.0))
    assert found.avoid[0] == "the accident"
    assert not any("accident" in starter for starter in found.starters)


def test_a_memory_and_an_interest_become_starters() -> None:
    found = openers(_situation(tone="happy", anxiety=1.0, topics=("opera",), memory="The apple tree"))
    assert any("The apple tree" in starter for starter in found.starters)
    assert any("opera" in starter for starter in found.starters)


def test_fewer_starters_the_further_the_decline() -> None:
    counts = [len(openers(_situation(level=level)).starters) for level in ("mild", "moderate", "advanced", "severe")]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] == 2


def _scene(**fields: Any) -> Scene:
    return Scene(**{"context": "They talk about music", "tone": "happy", "language": "en", **fields})


@pytest.mark.parametrize("language", LANGUAGES)
def test_visual_answers_have_pictures_emoji_and_gestures_in_the_language(language: str) -> None:
    for tone in TONES:
        found, why = visuals(_scene(tone=tone, language=language, era="1960s"))
        assert {one.type for one in found} == {"image", "emoji", "gesture"}
        assert all(fits(one.description, language) for one in found), found
        assert "{" not in why


def test_topics_and_era_choose_the_pictures() -> None:
    found, why = visuals(_scene(topics=("family", "music"), era="1960s"))
    images = [one.content for one in found if one.type == "image"]
    assert images == ["A family at the table, as in the 1960s", "A radio and records, as in the 1960s"]
    assert "family, music" in why


def test_pictures_of_their_own_come_first() -> None:
    found, _ = visuals(_scene(photos=(("Our wedding", "Paul and I before the church"),)))
    assert next(one.content for one in found if one.type == "image") == "Our wedding"


def test_somebody_very_anxious_sees_little_and_calm_things() -> None:
    found, _ = visuals(_scene(tone="anxious", anxiety=8.0, topics=("family",), photos=(("Our wedding", ""),)))
    assert len(found) == 3
    assert found[0].type == "gesture"
    assert "family" not in " ".join(one.content for one in found)


def test_nothing_that_hurts_is_shown() -> None:
    found, _ = visuals(_scene(photos=(("The sea", "Waves"),), guidance=Guidance(avoid=("the sea",))))
    assert found
    assert not any("sea" in one.content.lower() for one in found)


def _seen(**fields: Any) -> Circumstances:
    stocked = {"has_music": True, "has_memories": True, "has_photos": True, "has_interests": True}
    return Circumstances(**{"hour": 16, **stocked, **fields})


def test_the_night_is_for_rest_and_quiet_music() -> None:
    assert chosen(_seen(hour=3)) == "rest"
    assert chosen(_seen(hour=3, suggested=("rest",))) == "music"


def test_tension_calls_for_music() -> None:
    assert chosen(_seen(moods=(8.0, 7.0, 6.0))) == "music"


def test_a_still_morning_calls_for_something_to_do() -> None:
    assert chosen(_seen(hour=10, idle_hours=6.0)) == "activity"


def test_a_long_silence_calls_for_a_talk() -> None:
    weights = weighed(_seen(silent_hours=9.0))
    assert weights["conversation"] > weighed(_seen(silent_hours=1.0))["conversation"]


def test_no_picture_is_suggested_without_one() -> None:
    found: list[str] = []
    for _ in range(20):
        found.insert(0, chosen(_seen(has_photos=False, suggested=tuple(found[:4]))))
    assert "photo" not in found
    assert len(set(found)) >= 3


def test_a_tense_mood_of_the_moment_outweighs_calm_days() -> None:
    assert _seen(moods=(8.0, 1.0, 1.0, 1.0)).tension == 8.0
    assert _seen().tension == 0.0


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 23),
    st.lists(st.floats(0, 10), max_size=6),
    st.lists(st.sampled_from(SUGGESTIONS), max_size=6),
    st.booleans(),
    st.one_of(st.none(), st.floats(0, 80)),
)
def test_never_the_same_kind_twice_in_a_row(
    hour: int, moods: list[float], suggested: list[str], stocked: bool, hours: float | None
) -> None:
    seen = Circumstances(
        hour=hour, moods=tuple(moods), suggested=tuple(suggested), has_music=stocked, has_photos=stocked,
        idle_hours=hours, silent_hours=hours,
    )  # fmt: skip
    found = chosen(seen)
    assert found in SUGGESTIONS
    assert found not in suggested[:1]
