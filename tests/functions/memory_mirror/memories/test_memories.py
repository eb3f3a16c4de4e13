"""Recalling memories and media, reflections and sessions, as callers see them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import ANY

import pytest

from infra.local.converse import Step
from memory_mirror.languages.spoken import fits
from memory_mirror.life.diary import ActivityLog
from memory_mirror.records.record import every
from quintet.models.time import frozen
from quintet.testing import Client
from tests.functions.memory_mirror.conftest import Keep, MakePatient, Settle, SignIn, subject_of
from tests.functions.memory_mirror.lives import LANGUAGES, MEMORIES, SAD
from tests.support.model import model

RECALL, MEDIA = "/functions/recallMemories", "/functions/findRelevantMedia"
REFLECTION, SESSION = "/functions/generateMemoryReflection", "/functions/generateMemorySession"
GOOD: dict[str, dict[str, Any]] = {
    RECALL: {"context": "User is talking about baking"},
    MEDIA: {"context": "User is talking about a beach holiday"},
    REFLECTION: {},
    SESSION: {},
}


def titles(found: list[dict[str, Any]]) -> list[str]:
    return [one["title"] for one in found]


@pytest.mark.parametrize("path", GOOD)
def test_anonymous_callers_learn_nothing(mirror: Client, path: str) -> None:
    for body in (GOOD[path], {"nonsense": 1}):
        answer = mirror.post(path, body)
        assert (answer.status, answer.body) == (401, {"error": "Unauthorized"})


@pytest.mark.parametrize("path", GOOD)
def test_a_caregiver_sees_their_own_patients_alone(
    path: str, settle: Settle, rose: Client, carer: Client, sign_in: SignIn, make_patient: MakePatient
) -> None:
    settle("en")
    patient = make_patient(rose, caregivers=["carer@example.com"])
    named = {"X-Patient-Id": patient["id"]}
    assert carer.post(path, GOOD[path], headers=named).status == 200
    stranger = sign_in("caregiver", "stranger@example.com").post(path, GOOD[path], headers=named)
    assert (stranger.status, stranger.body) == (404, {"error": "Patient not found"})
    other = sign_in("user", "other@example.com").post(path, GOOD[path])
    assert other.status == 200
    assert "Baking with Mum" not in str(other.body)
    assert "Baking with Mum" in str(carer.post(RECALL, GOOD[RECALL], headers=named).body)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (RECALL, {}, "context"),
        (RECALL, {"context": ""}, "context"),
        (RECALL, {"context": 5}, "context"),
        (RECALL, {"context": "x", "detected_era": "long ago"}, "detected_era"),
        (RECALL, {"context": "x", "sentiment_analysis": []}, "sentiment_analysis"),
        (MEDIA, {}, "context"),
        (MEDIA, {"context": "x", "current_era": "soon"}, "current_era"),
        (MEDIA, {"context": "x", "conversation_topics": "beach"}, "conversation_topics"),
        (MEDIA, {"context": "x", "conversation_topics": [""]}, "conversation_topics"),
        (REFLECTION, {"reflection_type": "yearly"}, "reflection_type"),
        (SESSION, {"sessionType": "exam"}, "sessionType"),
    ],
)
def test_a_bad_field_is_named(rose: Client, path: str, body: dict[str, Any], field: str) -> None:
    answer = rose.post(path, body)
    assert answer.status == 400
    assert list(answer.body) == ["error"]
    assert field in answer.body["error"]


def test_the_memory_that_fits_is_recalled_with_its_pictures(rose: Client, keep: Keep, settle: Settle) -> None:
    settle("en")
    photo = keep("Photo", title="Mum at the oven", url="https://example.com/1.jpg", era="1970s")
    baking = keep(
        "Memory", title="Cake for the fair", content="We were baking all night long and laughed.", era="1970s",
        tags=["baking"], sentiment="positive", photo_ids=[photo.id],
    )  # fmt: skip
    body = {**GOOD[RECALL], "sentiment_analysis": {"emotional_tone": "nostalgic"}, "detected_era": "1970s"}
    answer = rose.post(RECALL, body)
    assert (answer.status, answer.headers["x-answer-source"]) == (200, "fallback")
    assert list(answer.body) == ["memories", "media_items", "reasoning"]
    assert answer.body["memories"][0] == {
        "id": baking.id, "title": "Cake for the fair", "content": "We were baking all night long and laughed.",
        "era": "1970s", "tags": ["baking"], "people": [], "place": "", "sentiment": "positive",
        "photo_ids": [photo.id], "relevance": ANY,
    }  # fmt: skip
    assert titles(answer.body["memories"])[1] == "Baking with Mum"
    assert answer.body["media_items"] == [
        {"id": photo.id, "type": "photo", "title": "Mum at the oven", "url": "https://example.com/1.jpg",
         "era": "1970s", "artist": "", "source": "library"}
    ]  # fmt: skip
    said = answer.body["reasoning"]
    assert "of 4 memories" in said
    assert "baking" in said
    assert "1970s" in said


def test_only_good_and_safe_memories_are_recalled(rose: Client, keep: Keep) -> None:
    about = "We were baking bread"
    keep("Memory", title="Unsafe", content=about, sentiment="positive", safe=False)
    for sentiment in ("negative", "mixed", "neutral"):
        keep("Memory", title=sentiment, content=about, sentiment=sentiment)
    for title, text in SAD:
        keep("Memory", title=title, content=f"{about}. {text}")
    keep("Memory", title="Avoided", content=f"{about} with Vera", sentiment="positive")
    keep("SafeMemoryZone", name="Kitchen", topics_to_avoid=["Vera"])
    nothing = rose.post(RECALL, GOOD[RECALL])
    assert nothing.body["memories"] == []
    assert nothing.body["reasoning"].startswith(f"None of the {5 + len(SAD)} stored memories")
    good = keep("Memory", title="Sunday", content=about, sentiment="positive")
    assert [one["id"] for one in rose.post(RECALL, GOOD[RECALL]).body["memories"]] == [good.id]


def test_when_nothing_fits_the_newest_good_ones_are_offered_and_that_is_said(rose: Client, settle: Settle) -> None:
    settle("en")
    answer = rose.post(RECALL, {"context": "zzz qqq"})
    assert titles(answer.body["memories"]) == ["Red roses", "The pier at Brighton", "Baking with Mum"]
    assert "Nothing fits" in answer.body["reasoning"]
    assert {one["relevance"] for one in answer.body["memories"]} == {0}


def test_without_memories_that_is_said(rose: Client) -> None:
    answer = rose.post(RECALL, GOOD[RECALL])
    assert answer.body == {"memories": [], "media_items": [], "reasoning": "No memories are stored yet."}


def test_comforting_topics_count_for_somebody_who_worries(rose: Client, keep: Keep) -> None:
    keep("UserProfile", full_name="Rose Miller", comforts=["the garden"])
    for title, text in (("Tea in the garden", "It was warm."), ("The train", "We went far."), ("A walk", "So nice.")):
        keep("Memory", title=title, content=text, sentiment="positive")
    calm = rose.post(RECALL, {"context": "zzz"})
    assert titles(calm.body["memories"])[0] == "A walk"
    worried = rose.post(RECALL, {"context": "zzz", "sentiment_analysis": {"emotional_tone": "anxious"}})
    assert titles(worried.body["memories"]) == ["Tea in the garden"]


def test_the_model_chooses_among_what_may_be_offered(rose: Client, keep: Keep, settle: Settle) -> None:
    settle("en")
    keep("Memory", title="The hidden grief", content="Baking in the war, when Tom died", sentiment="negative")
    chosen = {"numbers": [2], "reasoning": "Both speak of a warm kitchen."}
    body = {"context": "baking bread by the sea"}
    with model(Step(input={"numbers": [9], "reasoning": "x"}), Step(input=chosen)) as asked:
        answer = rose.post(RECALL, body)
    assert len(asked.asked) == 2
    assert "grief" not in str([one.body for one in asked.asked])
    assert answer.headers["x-answer-source"] == "model"
    plain = rose.post(RECALL, body).body["memories"]
    assert answer.body["memories"] == plain[1:2]
    assert answer.body["reasoning"] == "Both speak of a warm kitchen."


def test_unkind_reasons_of_the_model_are_not_told(rose: Client, settle: Settle) -> None:
    settle("en")
    unkind = Step(input={"numbers": [1], "reasoning": "Her husband passed away and she has dementia."})
    with model(unkind, unkind):
        answer = rose.post(RECALL, GOOD[RECALL])
    assert answer.headers["x-answer-source"] == "fallback"
    assert "passed away" not in answer.body["reasoning"]


def test_media_that_fit_come_from_her_own_library(rose: Client, keep: Keep) -> None:
    beach = keep("Photo", title="Beach at Brighton", url="photos/1.jpg", era="1970s", tags=["holiday"])
    keep("Photo", title="The old office", url="photos/2.jpg")
    keep("Photo", title="The beach after the storm", url="photos/3.jpg", safe=False)
    keep("Photo", title="Beach quarrel", url="photos/4.jpg", sentiment="negative")
    film = keep("Video", title="Waves", url="https://example.com/w.mp4", description="The ocean in summer")
    song = keep("Music", title="La Mer", artist="Charles Trenet", year=1946, tags=["ocean"])
    body = {"context": "a beach holiday", "current_era": "1970s", "conversation_topics": ["holiday", "ocean"]}
    answer = rose.post(MEDIA, body)
    assert (answer.status, answer.headers["x-answer-source"]) == (200, "fallback")
    assert list(answer.body) == ["photos", "music", "videos", "reasoning"]
    assert [one["id"] for one in answer.body["photos"]] == [beach.id]
    assert [one["id"] for one in answer.body["videos"]] == [film.id]
    assert answer.body["music"] == [
        {"id": song.id, "type": "music", "title": "La Mer", "url": None, "era": "1940s", "artist": "Charles Trenet",
         "source": "library"}
    ]  # fmt: skip
    said = answer.body["reasoning"]
    assert "1 photos, 1 pieces of music, 1 videos; 6 items" in said
    assert "beach" in said


def test_when_no_media_fit_none_are_shown(rose: Client, keep: Keep) -> None:
    assert rose.post(MEDIA, GOOD[MEDIA]).body == {
        "photos": [], "music": [], "videos": [], "reasoning": "The library is still empty.",
    }  # fmt: skip
    keep("Photo", title="The old office", url="photos/2.jpg")
    answer = rose.post(MEDIA, GOOD[MEDIA])
    assert answer.body["photos"] == []
    assert answer.body["reasoning"] == "Nothing in the library of 1 items fits this talk."


def test_the_model_chooses_media_by_number(rose: Client, keep: Keep) -> None:
    photos = [keep("Photo", title=f"Beach {n}", url=f"photos/{n}.jpg") for n in range(3)]
    nothing = {"photos": [], "music": [], "videos": [], "reasoning": "None."}
    chosen = {"photos": [3], "music": [], "videos": [], "reasoning": "The beach they speak of."}
    with model(Step(input=nothing), Step(input=chosen)):
        answer = rose.post(MEDIA, GOOD[MEDIA])
    assert answer.headers["x-answer-source"] == "model"
    assert [one["id"] for one in answer.body["photos"]] == [photos[0].id]
    assert answer.body["reasoning"] == "The beach they speak of."


def test_a_day_begins_at_midnight_where_she_lives(rose: Client, keep: Keep) -> None:
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    with frozen(noon - timedelta(hours=16)):
        keep("UserProfile", full_name="Rose Miller", timezone="America/New_York")
        yesterday = keep("Memory", title="Yesterday's walk", content="The sun was out.", sentiment="positive")
    with frozen(noon - timedelta(hours=2)):
        today = keep("Memory", title="Breakfast outside", content="Fresh rolls and jam.", sentiment="positive")
    with frozen(noon):
        answer = rose.post(REFLECTION, {})
        week = rose.post(REFLECTION, {"reflection_type": "weekly"})
    assert answer.status == 200
    assert list(answer.body) == ["reflection", "memories_used", "generated_at"]
    assert answer.body["memories_used"] == [{"id": today.id, "title": "Breakfast outside"}]
    assert "Breakfast outside: “Fresh rolls and jam.”" in answer.body["reflection"]
    assert "so far: 1" in answer.body["reflection"]
    assert answer.body["generated_at"] == noon.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert [one["id"] for one in week.body["memories_used"]] == [today.id, yesterday.id]


def test_a_day_without_memories_offers_an_earlier_one(rose: Client, keep: Keep) -> None:
    with frozen(datetime.now(UTC) - timedelta(days=30)):
        old = keep("Memory", title="The fair", content="We won a goldfish.", sentiment="positive")
    answer = rose.post(REFLECTION, {"reflection_type": "weekly"})
    assert answer.body["memories_used"] == [{"id": old.id, "title": "The fair"}]
    assert "from another day" in answer.body["reflection"]
    assert "no memories written down for this chapter yet" in answer.body["reflection"]


def test_no_memories_at_all_is_said_kindly(rose: Client) -> None:
    answer = rose.post(REFLECTION, {"reflection_type": "life_story"})
    assert answer.body["memories_used"] == []
    assert "A small one is a lovely way to begin" in answer.body["reflection"]


def test_a_life_story_goes_era_by_era(rose: Client, keep: Keep, settle: Settle) -> None:
    settle("en")
    keep("Memory", title="Gone", content="The funeral.", sentiment="negative", era="1930s")
    answer = rose.post(REFLECTION, {"reflection_type": "life_story"})
    assert titles(answer.body["memories_used"]) == ["Red roses", "Baking with Mum", "The pier at Brighton"]
    places = [answer.body["reflection"].index(f"From the {era}") for era in ("1940s", "1950s", "1960s")]
    assert places == sorted(places)
    assert "funeral" not in answer.body["reflection"]


def test_the_model_words_a_reflection(rose: Client, settle: Settle) -> None:
    settle("en")
    words = "There is a warm kitchen, a pier, and red roses. All of it is yours."
    with model(Step(input={"reflection": words})):
        answer = rose.post(REFLECTION, {"reflection_type": "life_story"})
    assert (answer.body["reflection"], answer.headers["x-answer-source"]) == (words, "model")
    assert len(answer.body["memories_used"]) == 3


@pytest.mark.parametrize("kind", ["reminiscence", "life_review", "music_memory"])
def test_a_session_has_its_documented_parts_and_is_kept(rose: Client, keep: Keep, settle: Settle, kind: str) -> None:
    ids = settle("en")
    keep("Photo", title="Brighton pier", url="photos/1.jpg")
    keep("Music", title="Moon River", artist="Andy Williams")
    answer = rose.post(SESSION, {"sessionType": kind})
    assert (answer.status, answer.headers["x-answer-source"]) == (200, "fallback")
    session = answer.body
    assert list(session) == [
        "session_id", "session_type", "title", "opening", "prompts", "media", "conversation_starters", "closing",
        "duration_minutes",
    ]  # fmt: skip
    assert session["session_type"] == kind
    assert [prompt["order"] for prompt in session["prompts"]] == [1, 2, 3, 4, 5, 6]
    assert all(list(prompt) == ["order", "prompt", "memory_id", "media", "follow_ups"] for prompt in session["prompts"])
    assert session["duration_minutes"] == 30
    told = [prompt["memory_id"] for prompt in session["prompts"] if prompt["memory_id"]]
    if kind == "reminiscence":
        assert told == ids[::-1]
    elif kind == "life_review":
        assert told == [ids[2], ids[0], ids[1]]
    else:
        assert session["prompts"][0]["media"][0]["title"] == "Moon River"
    assert session["media"]
    (kept,) = every(ActivityLog, subject_of(rose))
    assert (kept.id, kept.activity_type, kept.duration_minutes) == (session["session_id"], "memory_session", 30)
    assert kept.details["session_type"] == kind


def test_reminiscence_is_the_default_and_a_session_shrinks_with_the_level(rose: Client, settle: Settle) -> None:
    settle("en", cognitive_level="severe")
    session = rose.post(SESSION, {}).body
    assert session["session_type"] == "reminiscence"
    assert (len(session["prompts"]), session["duration_minutes"]) == (3, 9)


def test_the_model_words_a_session_step_by_step(rose: Client, settle: Settle) -> None:
    settle("en", cognitive_level="severe")
    step = {"prompt": "What a lovely kitchen this is.", "follow_ups": ["What smells so good?"]}
    words = {"title": "Warm days", "opening": "Let us sit together.", "steps": [step] * 2,
             "conversation_starters": ["What makes you smile?"], "closing": "That was lovely."}  # fmt: skip
    with model(Step(input=words), Step(input={**words, "steps": [step] * 3})) as asked:
        answer = rose.post(SESSION, {})
    assert len(asked.asked) == 2, "two steps for three prompts are not valid"
    assert answer.headers["x-answer-source"] == "model"
    assert [one["prompt"] for one in answer.body["prompts"]] == [step["prompt"]] * 3
    assert all(one["memory_id"] for one in answer.body["prompts"])
    assert answer.body["title"] == "Warm days"


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_said_in_her_language(rose: Client, settle: Settle, language: str) -> None:
    settle(language)
    recalled = rose.post(RECALL, {"context": MEMORIES[language][0][0]}).body
    assert recalled["memories"][0]["title"] == MEMORIES[language][0][0]
    session = rose.post(SESSION, {}).body
    reflection = rose.post(REFLECTION, {"reflection_type": "life_story"}).body
    texts = [recalled["reasoning"], reflection["reflection"], session["title"], session["opening"], session["closing"]]
    for text in (*texts, *session["conversation_starters"], *(one["prompt"] for one in session["prompts"])):
        assert fits(text, language), text
