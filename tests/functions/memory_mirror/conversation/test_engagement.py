"""generatePersonalizedConversation, suggestVisualResponses and proactiveEngagement, with and without a model."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from infra.local.converse import Step
from memory_mirror.languages.spoken import fits
from quintet.models.time import frozen
from quintet.testing import Client
from tests.functions.memory_mirror.conftest import MakePatient, SignIn
from tests.functions.memory_mirror.conversation.test_chat import APPLES, FARM, PROFILE
from tests.support.aws import in_threads
from tests.support.model import model

PERSONALIZED = "/functions/generatePersonalizedConversation"
VISUAL = "/functions/suggestVisualResponses"
PROACTIVE = "/functions/proactiveEngagement"
ANXIOUS = {"emotionalState": "anxious", "anxietyLevel": 6, "currentContext": "Evening routine"}
HAPPY = {
    "conversation_context": "User seems happy",
    "detected_emotion": "happy",
    "detected_era": "1960s",
    "anxiety_level": 2,
    "conversation_topics": ["family", "music"],
}
BODIES = {PERSONALIZED: ANXIOUS, VISUAL: HAPPY, PROACTIVE: None}


def _make(client: Client, kind: str, **fields: Any) -> dict[str, Any]:
    answer = client.post(f"/entities/{kind}", fields)
    assert answer.status == 201, answer.body
    return dict(answer.body)


@pytest.mark.parametrize("path", BODIES)
def test_nobody_asks_without_a_session(mirror: Client, path: str) -> None:
    answer = mirror.post(path, BODIES[path])
    assert (answer.status, answer.body) == (401, {"error": "Unauthorized"})


@pytest.mark.parametrize("path", BODIES)
def test_a_strangers_patient_is_not_found(rose: Client, sign_in: SignIn, make_patient: MakePatient, path: str) -> None:
    stranger = sign_in("caregiver", "stranger@example.com")
    stranger.headers["X-Patient-Id"] = make_patient(rose)["id"]
    answer = stranger.post(path, BODIES[path])
    assert (answer.status, answer.body) == (404, {"error": "Patient not found"})


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (PERSONALIZED, {"anxietyLevel": 6}, "emotionalState"),
        (PERSONALIZED, {"emotionalState": "sad"}, "anxietyLevel"),
        (PERSONALIZED, {**ANXIOUS, "anxietyLevel": 11}, "anxietyLevel"),
        (PERSONALIZED, {**ANXIOUS, "emotionalState": ""}, "emotionalState"),
        (PERSONALIZED, {**ANXIOUS, "currentContext": 5}, "currentContext"),
        (VISUAL, {}, "conversation_context"),
        (VISUAL, {**HAPPY, "anxiety_level": -1}, "anxiety_level"),
        (VISUAL, {**HAPPY, "detected_era": "long ago"}, "detected_era"),
        (VISUAL, {**HAPPY, "conversation_topics": "family"}, "conversation_topics"),
    ],
)
def test_a_bad_field_is_named(rose: Client, path: str, body: dict[str, Any], field: str) -> None:
    answer = rose.post(path, body)
    assert answer.status == 400
    assert answer.body["error"].startswith(f"{field}:"), answer.body


def test_openers_fit_the_moment_and_spare_what_hurts(rose: Client) -> None:
    _make(rose, "UserProfile", **PROFILE)
    _make(rose, "SafeMemoryZone", **FARM)
    answer = rose.post(PERSONALIZED, ANXIOUS)
    assert answer.status == 200
    assert set(answer.body) == {"conversation_starters", "approach", "topics_to_avoid"}
    assert 3 <= len(answer.body["conversation_starters"]) <= 5
    assert answer.body["topics_to_avoid"][:2] == ["the accident", "the fire"]
    assert not any(word in " ".join(answer.body["conversation_starters"]) for word in ("accident", "fire"))
    assert answer.headers["x-answer-source"] == "fallback"


def test_openers_are_in_the_language_of_the_profile(rose: Client) -> None:
    _make(rose, "UserProfile", full_name="花子", language="ja")
    answer = rose.post(PERSONALIZED, ANXIOUS)
    assert all(fits(starter, "ja") for starter in answer.body["conversation_starters"])
    assert fits(rose.post(VISUAL, HAPPY).body["visual_suggestions"][0]["description"], "ja")


def test_a_memory_becomes_an_opener_for_a_good_moment(rose: Client) -> None:
    _make(rose, "Memory", **APPLES)
    body = {"emotionalState": "happy", "anxietyLevel": 1, "currentContext": "We sit in the garden with apples"}
    assert any("The apple tree" in one for one in rose.post(PERSONALIZED, body).body["conversation_starters"])


def test_a_models_openers_are_used_but_never_what_hurts(rose: Client) -> None:
    _make(rose, "UserProfile", **PROFILE)
    good = {"conversation_starters": ["Shall we sing?"], "approach": "Softly.", "topics_to_avoid": ["Hurry"]}
    with model(Step(input=good)):
        answer = rose.post(PERSONALIZED, ANXIOUS)
    assert answer.headers["x-answer-source"] == "model"
    assert answer.body["conversation_starters"] == ["Shall we sing?"]
    assert {"the accident", "Hurry"} <= set(answer.body["topics_to_avoid"])
    bad = Step(input={**good, "conversation_starters": ["Tell me about the accident."]})
    with model(bad, bad):
        answer = rose.post(PERSONALIZED, ANXIOUS)
    assert answer.headers["x-answer-source"] == "fallback"


def test_visual_answers_fit_topics_and_era(rose: Client) -> None:
    answer = rose.post(VISUAL, HAPPY)
    assert answer.status == 200
    assert set(answer.body) == {"visual_suggestions", "rationale"}
    shown = answer.body["visual_suggestions"]
    assert all(set(one) == {"type", "content", "description"} for one in shown)
    assert {one["type"] for one in shown} == {"image", "emoji", "gesture"}
    assert "1960s" in shown[1]["content"]
    assert "family, music" in answer.body["rationale"]


def test_a_picture_of_hers_is_shown_first_and_an_unsafe_one_never(rose: Client) -> None:
    _make(rose, "Photo", title="Our family at the lake", url="https://example.com/1.jpg", tags=["family"], era="1960s")
    _make(rose, "Photo", title="Family at the grave", url="https://example.com/2.jpg", tags=["family"], safe=False)
    images = [one["content"] for one in rose.post(VISUAL, HAPPY).body["visual_suggestions"] if one["type"] == "image"]
    assert images[0] == "Our family at the lake"
    assert "Family at the grave" not in images


def test_only_the_context_is_needed(rose: Client) -> None:
    answer = rose.post(VISUAL, {"conversation_context": "She cries and misses her sister"})
    assert answer.status == 200
    assert answer.body["visual_suggestions"][0]["description"] == "Warm comfort"


def test_a_models_pictures_are_checked(rose: Client) -> None:
    _make(rose, "UserProfile", **PROFILE)
    good = {
        "visual_suggestions": [{"type": "emoji", "content": "🌷", "description": "A tulip"}],
        "rationale": "Soft and calm.",
    }
    with model(Step(input=good)):
        assert rose.post(VISUAL, HAPPY).body == good
    bad = Step(input={**good, "visual_suggestions": [{"type": "film", "content": "x", "description": "y"}]})
    hurtful = Step(
        input={**good, "visual_suggestions": [{"type": "image", "content": "The accident", "description": "A car"}]}
    )
    with model(bad, hurtful):
        assert rose.post(VISUAL, HAPPY).headers["x-answer-source"] == "fallback"


def _at(hour: int) -> AbstractContextManager[object]:
    """A day in May, at an hour of UTC; whoever calls must sign in within it."""
    return frozen(datetime(2026, 5, 4, hour, tzinfo=UTC))


def test_a_newcomer_is_suggested_something_and_told_that_little_is_known(sign_in: SignIn) -> None:
    with _at(10):
        answer = sign_in().post(PROACTIVE)
    assert answer.status == 200
    assert set(answer.body) == {"suggestion_type", "message", "media"}
    assert answer.body["media"] is None
    assert "only just getting to know each other" in answer.body["message"]


def test_suggestions_change_from_call_to_call(sign_in: SignIn) -> None:
    with _at(15):
        rose = sign_in()
        _make(rose, "UserProfile", **PROFILE)
        _make(rose, "Memory", **APPLES)
        _make(rose, "Music", title="Moon River", artist="Audrey Hepburn")
        answers = [rose.post(PROACTIVE).body for _ in range(6)]
    kinds = [answer["suggestion_type"] for answer in answers]
    assert all(one != other for one, other in pairwise(kinds))
    assert all(one["message"] != other["message"] for one, other in pairwise(answers))
    assert "getting to know" in answers[0]["message"]
    assert not any("getting to know" in answer["message"] for answer in answers[1:])
    for answer in answers:
        if answer["suggestion_type"] == "music":
            assert (answer["media"]["title"], answer["media"]["artist"]) == ("Moon River", "Audrey Hepburn")
        if answer["suggestion_type"] == "memory":
            assert answer["media"]["title"] in answer["message"]


def test_the_night_on_her_own_clock_is_for_quiet_things(sign_in: SignIn) -> None:
    with _at(17):  # 02:00 in Tokyo
        rose = sign_in()
        _make(rose, "UserProfile", full_name="Rose", timezone="Asia/Tokyo")
        kinds = {rose.post(PROACTIVE).body["suggestion_type"] for _ in range(3)}
    assert kinds == {"rest", "music"}


def test_tense_days_call_for_music_from_her_library(sign_in: SignIn) -> None:
    with _at(16):
        rose = sign_in()
        _make(rose, "Music", title="Moon River")
        for _ in range(3):
            _make(rose, "AnxietyTrend", level=8)
        answer = rose.post(PROACTIVE).body
    assert (answer["suggestion_type"], answer["media"]["title"]) == ("music", "Moon River")
    assert "Moon River" in answer["message"]


def test_a_suggestion_is_no_activity_of_hers(rose: Client) -> None:
    rose.post(PROACTIVE)
    assert rose.get("/entities/ActivityLog").body["items"] == []


def test_a_model_words_the_suggestion_and_must_name_what_is_offered(sign_in: SignIn) -> None:
    with _at(16):
        rose = sign_in()
        _make(rose, "Music", title="Moon River")
        _make(rose, "AnxietyTrend", level=8)
        with model(Step(input={"message": "Shall we drift along with Moon River?"})):
            answer = rose.post(PROACTIVE)
        assert answer.headers["x-answer-source"] == "model"
        assert answer.body["message"] == "Shall we drift along with Moon River?"
        wrong = Step(input={"message": "Your mother comes at five, that's not true."})
        with model(wrong, wrong):
            assert rose.post(PROACTIVE).headers["x-answer-source"] == "fallback"


def test_calls_at_the_same_moment_suggest_different_things(rose: Client) -> None:
    answers: list[Any] = in_threads(4, lambda _: rose.post(PROACTIVE))
    assert [answer.status for answer in answers] == [200] * 4
    assert len({answer.body["message"] for answer in answers}) == 4
