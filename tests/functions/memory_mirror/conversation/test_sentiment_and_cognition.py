"""analyzeSentiment and assessCognitiveLevel: rules beneath, a model above that cannot make things up."""

from __future__ import annotations

from typing import Any

import pytest

from infra.local.converse import Step
from quintet.testing import Client
from tests.functions.memory_mirror.conversation.test_cognition import CLEAR, LOST
from tests.support.model import model

SENTIMENT, COGNITION = "/functions/analyzeSentiment", "/functions/assessCognitiveLevel"


def _history(said: tuple[str, ...]) -> list[dict[str, str]]:
    return [turn for text in said for turn in ({"role": "assistant", "content": "Tell me."},
                                                {"role": "user", "content": text})]  # fmt: skip


def test_the_documents_example_is_read(rose: Client) -> None:
    answer = rose.post(SENTIMENT, {"text": "I want to go home, where is everyone?"})
    assert answer.status == 200
    assert answer.body == {
        "sentiment": "negative",
        "emotional_tone": "anxious",
        "anxiety_level": answer.body["anxiety_level"],
        "detected_themes": ["going_home", "looking_for_family", "confusion"],
        "recommended_approach": "validate",
        "trigger_words": ["want to go home", "where is everyone"],
    }
    assert 4 <= answer.body["anxiety_level"] <= 7
    assert answer.headers["x-answer-source"] == "fallback"


def test_reading_a_text_stores_nothing(rose: Client) -> None:
    rose.post(SENTIMENT, {"text": "I am so scared"})
    assert rose.get("/entities/AnxietyTrend").body["items"] == []


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": None}, {"text": 5}, {"text": "x" * 5001}])
def test_a_text_is_needed(rose: Client, body: dict[str, Any]) -> None:
    answer = rose.post(SENTIMENT, body)
    assert answer.status == 400
    assert answer.body["error"].startswith("text:")


@pytest.mark.parametrize("path", [SENTIMENT, COGNITION])
def test_nobody_asks_without_a_session(mirror: Client, path: str) -> None:
    answer = mirror.post(path, {"text": "Hello", "conversation_history": []})
    assert (answer.status, answer.body) == (401, {"error": "Unauthorized"})


def _reading(**fields: Any) -> dict[str, Any]:
    return {
        "sentiment": "negative", "emotional_tone": "Afraid", "anxiety_level": 2, "detected_themes": ["Going Home"],
        "recommended_approach": "reassure", "trigger_words": ["terrified", "invented words"], **fields,
    }  # fmt: skip


def test_a_models_reading_quotes_the_text_and_keeps_grave_words_grave(rose: Client) -> None:
    with model(Step(input=_reading())):
        answer = rose.post(SENTIMENT, {"text": "Please help me, I am terrified, I am so scared"})
    assert answer.headers["x-answer-source"] == "model"
    assert answer.body["trigger_words"] == ["terrified"]
    assert answer.body["anxiety_level"] >= 7
    assert (answer.body["emotional_tone"], answer.body["detected_themes"]) == ("afraid", ["going_home"])


def test_a_models_impossible_reading_is_left_out(rose: Client) -> None:
    wrong = Step(input=_reading(sentiment="furious", anxiety_level=50))
    with model(wrong, wrong) as asked:
        answer = rose.post(SENTIMENT, {"text": "I like tea"})
        assert len(asked.asked) == 2
    assert (answer.headers["x-answer-source"], answer.body["sentiment"]) == ("fallback", "positive")


def test_lost_speech_is_assessed_kept_and_compared(rose: Client) -> None:
    first = rose.post(COGNITION, {"conversation_history": _history(CLEAR)}).body
    assert set(first) == {"cognitive_level", "indicators", "adaptations", "trend", "reasoning"}
    assert (first["cognitive_level"], first["trend"]) == ("mild", "insufficient_data")
    assert rose.post(COGNITION, {"conversation_history": _history(CLEAR)}).body["trend"] == "insufficient_data"
    assert rose.post(COGNITION, {"conversation_history": _history(CLEAR)}).body["trend"] == "stable"
    worse = rose.post(COGNITION, {"conversation_history": _history(LOST)}).body
    assert worse["trend"] == "declining"
    assert worse["cognitive_level"] in ("advanced", "severe")
    assert "Compared with 3 earlier assessments" in worse["reasoning"]
    kept = rose.get("/entities/CognitiveAssessment").body["items"]
    assert [one["trend"] for one in kept] == ["declining", "stable", "insufficient_data", "insufficient_data"]
    assert kept[0]["score"] > 60
    assert kept[0]["turns"] == len(LOST)
    assert kept[0]["indicators"] == worse["indicators"]


def test_too_little_is_said_and_not_kept(rose: Client) -> None:
    answer = rose.post(COGNITION, {"conversation_history": [{"role": "user", "content": "Hello"}]})
    assert answer.status == 200
    assert answer.body["trend"] == "insufficient_data"
    assert answer.body["reasoning"].startswith("Too little to judge by: 1 turns")
    assert rose.get("/entities/CognitiveAssessment").body["items"] == []
    assert rose.post(COGNITION, {"conversation_history": []}).status == 200


def test_other_interactions_count_as_turns(rose: Client) -> None:
    body = {
        "conversation_history": [],
        "recent_interactions": [*LOST[:3], *({"content": one} for one in LOST[3:]), 7, {}],
    }
    answer = rose.post(COGNITION, body)
    assert answer.status == 200
    assert answer.body["cognitive_level"] in ("advanced", "severe")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "conversation_history"),
        ({"conversation_history": "no"}, "conversation_history"),
        ({"conversation_history": [{"content": "x"}]}, "conversation_history.0.role"),
        ({"conversation_history": [], "recent_interactions": "no"}, "recent_interactions"),
    ],
)
def test_a_bad_field_of_an_assessment_is_named(rose: Client, body: dict[str, Any], field: str) -> None:
    answer = rose.post(COGNITION, body)
    assert answer.status == 400
    assert answer.body["error"].startswith(f"{field}:")


def _judged(level: str, reasoning: str = "They repeat some questions.") -> Step:
    return Step(input={"cognitive_level": level, "reasoning": reasoning, "adaptations": ["Speak slowly."]})


def test_a_model_may_word_it_and_move_one_step(rose: Client) -> None:
    with model(_judged("moderate")):
        answer = rose.post(COGNITION, {"conversation_history": _history(CLEAR)})
    assert answer.headers["x-answer-source"] == "model"
    assert (answer.body["cognitive_level"], answer.body["adaptations"]) == ("moderate", ["Speak slowly."])
    assert answer.body["indicators"]


@pytest.mark.parametrize(
    "step", [_judged("severe"), _judged("mild", "They score 99.9."), _judged("mild", "Dose 5 mg.")]
)
def test_a_model_that_invents_is_left_out(rose: Client, step: Step) -> None:
    with model(step, step):
        answer = rose.post(COGNITION, {"conversation_history": _history(CLEAR)})
    assert answer.headers["x-answer-source"] == "fallback"
    assert answer.body["cognitive_level"] == "mild"
