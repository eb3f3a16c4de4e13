"""Stories and content, as callers see them: theirs, another one every time, whoever words them."""

from __future__ import annotations

from typing import Any

import pytest

from infra.local.converse import Step
from memory_mirror.languages.spoken import fits
from memory_mirror.service import api, store
from memory_mirror.stories.tale_memory import Telling, told
from quintet.testing import Client
from tests.functions.memory_mirror.conftest import Keep, MakePatient, Settle, SignIn, subject_of
from tests.functions.memory_mirror.lives import LANGUAGES, MEMORIES, SAD
from tests.support.aws import in_threads
from tests.support.model import model

STORY, CONTENT = "/functions/generatePersonalizedStory", "/functions/generateAIContent"
GARDEN = {"contentType": "story", "theme": "garden", "mood": "calm"}
TYPES = "story, poem, conversation_starter, memory_prompt, affirmation"


@pytest.mark.parametrize(("path", "body"), [(STORY, GARDEN), (CONTENT, {"type": "story"}), (CONTENT, {"type": 5})])
def test_anonymous_callers_learn_nothing(mirror: Client, path: str, body: dict[str, Any]) -> None:
    answer = mirror.post(path, body)
    assert (answer.status, answer.body) == (401, {"error": "Unauthorized"})


@pytest.mark.parametrize(("path", "body"), [(STORY, GARDEN), (CONTENT, {"type": "memory_prompt"})])
def test_stories_of_others_are_not_told(
    path: str, body: dict[str, Any], settle: Settle, rose: Client, carer: Client, sign_in: SignIn,
    make_patient: MakePatient,
) -> None:  # fmt: skip
    settle("en")
    named = {"X-Patient-Id": make_patient(rose, caregivers=["carer@example.com"])["id"]}
    assert "Red roses" in str(carer.post(path, body, headers=named).body)
    stranger = sign_in("caregiver", "stranger@example.com").post(path, body, headers=named)
    assert (stranger.status, stranger.body) == (404, {"error": "Patient not found"})
    assert "Red roses" not in str(sign_in("user", "other@example.com").post(path, body).body)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (STORY, {"contentType": "novel"}, "contentType"),
        (STORY, {"theme": ""}, "theme"),
        (STORY, {"theme": "x" * 101}, "theme"),
        (STORY, {"mood": 3}, "mood"),
        (CONTENT, {}, "type"),
        (CONTENT, {"type": "horoscope"}, "type"),
        (CONTENT, {"type": "story", "cognitiveLevel": "genius"}, "cognitiveLevel"),
        (CONTENT, {"type": "story", "existingStories": "one"}, "existingStories"),
        (CONTENT, {"type": "story", "existingMemories": {}}, "existingMemories"),
        (CONTENT, {"type": "story", "userProfile": []}, "userProfile"),
    ],
)
def test_a_bad_field_is_named(rose: Client, path: str, body: dict[str, Any], field: str) -> None:
    answer = rose.post(path, body)
    assert answer.status == 400
    assert list(answer.body) == ["error"]
    assert field in answer.body["error"]


def test_an_unknown_type_is_told_the_known_ones(rose: Client) -> None:
    assert rose.post(CONTENT, {"type": "horoscope"}).body == {"error": f"type: must be one of {TYPES}"}


def test_a_story_from_her_own_memories(rose: Client, settle: Settle) -> None:
    settle("en")
    answer = rose.post(STORY, GARDEN)
    assert (answer.status, answer.headers["x-answer-source"]) == (200, "fallback")
    assert list(answer.body) == ["title", "content", "theme"]
    assert answer.body["theme"] == "garden"
    assert "“Red roses”" in answer.body["content"]
    assert "Dad let me plant the roses by the gate." in answer.body["content"]
    assert "Rose" in answer.body["content"]


def test_a_poem_has_lines(rose: Client, settle: Settle) -> None:
    settle("en")
    poem = rose.post(STORY, {"contentType": "poem", "theme": "seaside"}).body
    assert all(2 <= len(stanza.split("\n")) <= 4 for stanza in poem["content"].split("\n\n"))
    assert "The pier at Brighton" in poem["content"]


def test_without_a_theme_her_interests_take_turns(rose: Client, settle: Settle) -> None:
    settle("en")
    assert [rose.post(STORY, {}).body["theme"] for _ in range(3)] == ["gardening", "jazz", "gardening"]


def test_somebody_of_whom_nothing_is_known_gets_a_story_too(rose: Client) -> None:
    answer = rose.post(STORY, {})
    assert answer.status == 200
    assert len(answer.body["content"]) > 80


def test_twenty_calls_are_twenty_stories(rose: Client, settle: Settle) -> None:
    settle("en")
    texts = [rose.post(STORY, GARDEN).body["content"] for _ in range(20)]
    assert len(set(texts)) == 20
    (kept,) = store.query(Telling, subject=subject_of(rose)).items
    assert (kept.form, kept.count, len(kept.texts)) == ("story", 20, 20)
    assert len(kept.sentences) <= 160
    assert not any(word in str(kept) for word in ("roses", "Brighton")), "only fingerprints are kept"


def test_stories_asked_for_at_once_are_different_ones(rose: Client, settle: Settle) -> None:
    settle("en")
    answers = in_threads(6, lambda _: rose.post(STORY, GARDEN))
    texts = [answer.body["content"] for answer in answers if not isinstance(answer, Exception)]
    assert len(set(texts)) == 6
    assert told(subject_of(rose), "story").count == 6


def test_nothing_that_hurts_is_told(rose: Client, keep: Keep) -> None:
    keep("UserProfile", full_name="Rose Miller", topics_to_avoid=["Vera"], interests=["walks with Vera", "tea"])
    for number, (title, text) in enumerate(SAD):
        keep("Memory", title=title, content=text, sentiment="negative")
        keep("Memory", title=f"Day {number}", content=f"We laughed. {text}", sentiment="positive")
    keep("Memory", title="Vera's party", content="Cake.", sentiment="positive")
    keep("Memory", title="Unsafe", content="Cake.", sentiment="positive", safe=False)
    for _ in range(6):
        said = str(rose.post(STORY, {"theme": "family"}).body)
        assert not any(text in said or title in said for title, text in SAD)
        assert "Vera" not in said
        assert "Unsafe" not in said
    everything = str([rose.post(CONTENT, {"type": kind}).body for kind in TYPES.split(", ")])
    assert not any(text in everything for _, text in SAD)
    assert "Vera" not in everything


@pytest.mark.parametrize("language", LANGUAGES)
def test_stories_and_content_speak_her_language(rose: Client, settle: Settle, language: str) -> None:
    settle(language)
    for form in ("story", "poem"):
        tale = rose.post(STORY, {"contentType": form}).body
        assert fits(tale["content"], language)
        assert any(title in tale["content"] for title, *_ in MEMORIES[language])
    starters = rose.post(CONTENT, {"type": "conversation_starter"}).body["conversation_starters"]
    assert all(fits(text, language) for text in starters)


def test_the_model_tells_a_story_once(rose: Client, settle: Settle) -> None:
    settle("en")
    words = {"title": "Roses by the gate", "paragraphs": ["The gate is warm in the sun.", "Red roses open slowly."]}
    with model(Step(input=words), Step(input=words), Step(input=words)) as asked:
        first, second = rose.post(STORY, GARDEN), rose.post(STORY, GARDEN)
    assert first.headers["x-answer-source"] == "model"
    assert first.body == {
        "title": "Roses by the gate", "content": "The gate is warm in the sun.\n\nRed roses open slowly.",
        "theme": "garden",
    }  # fmt: skip
    assert second.headers["x-answer-source"] == "fallback"
    assert second.body["content"] != first.body["content"]
    assert len(asked.asked) == 3
    prompt = str(asked.asked[0].body)
    assert "Dad let me plant the roses" in prompt
    assert "Miller" not in prompt
    assert "example.com" not in prompt


@pytest.mark.parametrize(
    "paragraph",
    ["Your husband passed away last year.", "Das ist eine schöne Geschichte über einen Garten im Sommer für dich",
     "Hello {name}, here is the garden.", "x" * 900],
)  # fmt: skip
def test_what_must_not_be_told_is_composed_instead(rose: Client, settle: Settle, paragraph: str) -> None:
    settle("en")
    bad = Step(input={"title": "Garden", "paragraphs": [paragraph]})
    with model(bad, bad):
        answer = rose.post(STORY, GARDEN)
    assert answer.headers["x-answer-source"] == "fallback"
    assert paragraph not in answer.body["content"]


@pytest.mark.parametrize("down", [Step(error="ServiceUnavailableException"), Step(text="I will not."), Step(raw="{")])
def test_a_story_never_fails_for_the_models_sake(rose: Client, settle: Settle, down: Step) -> None:
    settle("en")
    with model(down, down, down):
        answer = rose.post(STORY, GARDEN)
    assert (answer.status, answer.headers["x-answer-source"]) == (200, "fallback")


@pytest.mark.parametrize(
    ("asked", "kind", "fields"),
    [
        ("story", "story", ["title", "content", "theme"]),
        ("Poem", "poem", ["title", "content", "theme"]),
        ("conversation_starters", "conversation_starter", ["conversation_starters"]),
        ("memory-prompt", "memory_prompt", ["memory_prompts"]),
        ("affirmation", "affirmation", ["affirmations"]),
    ],
)
def test_each_type_has_its_shape(rose: Client, settle: Settle, asked: str, kind: str, fields: list[str]) -> None:
    ids = settle("en")
    answer = rose.post(CONTENT, {"type": asked, "cognitiveLevel": "moderate"})
    assert (answer.status, answer.headers["x-answer-source"]) == (200, "fallback")
    assert list(answer.body) == ["type", *fields, "cognitive_level"]
    assert (answer.body["type"], answer.body["cognitive_level"]) == (kind, "moderate")
    if kind == "memory_prompt":
        prompts = answer.body["memory_prompts"]
        assert len(prompts) == 5
        assert {prompt["memory_id"] for prompt in prompts[:3]} == set(ids)
        assert all(list(prompt) == ["prompt", "memory_id", "follow_ups"] for prompt in prompts)
    elif kind == "conversation_starter":
        assert len(answer.body["conversation_starters"]) == 4


def test_the_request_describes_the_person(rose: Client, settle: Settle) -> None:
    settle("en")
    profile = {"name": "Anna Schmidt", "language": "de", "interests": ["Züge"], "cognitive_level": "severe"}
    memories: list[Any] = [
        {"id": "m-1", "title": "Die erste Fahrt", "content": "Der Zug war rot.", "sentiment": "positive"},
        {"id": "m-2", "title": "Der Krieg", "content": "Alles brannte."},
        {"title": "Unsicher", "content": "Nein.", "safe": False},
        7,
        None,
    ]
    body = {"type": "story", "userProfile": profile, "existingMemories": memories}
    story = rose.post(CONTENT, body).body
    assert (story["theme"], story["cognitive_level"]) == ("Züge", "severe")
    assert "„Die erste Fahrt“" in story["content"]
    assert not any(word in story["content"] for word in ("Krieg", "Unsicher", "Red roses"))
    mild = rose.post(CONTENT, {**body, "cognitiveLevel": "mild"}).body
    assert mild["cognitive_level"] == "mild"
    assert "Anna" in mild["content"]
    assert len(mild["content"]) > len(story["content"])


def test_odd_descriptions_do_no_harm(rose: Client) -> None:
    long = "word " * 3000
    odd = {"name": "...", "interests": ["  ", 4, "{theme}", long], "language": "xx", "era": "never", "level": []}
    memories = [{"title": "…"}, {"title": ".", "content": "."}, {"content": long}, {"tags": [1]}, [], long]
    body = {"userProfile": odd, "existingMemories": memories, "existingStories": [long] * 20}
    for kind in TYPES.split(", "):
        answer = rose.post(CONTENT, {"type": kind, **body})
        assert answer.status == 200
        assert len(str(answer.body)) < 8000
        assert "{" not in str(list(answer.body.get("affirmations", [])))
    assert rose.post(STORY, {"theme": "...", "mood": "{x}"}).status == 200


def test_existing_stories_are_not_told_again(rose: Client, settle: Settle) -> None:
    settle("en", interests=["gardening"])
    first = rose.post(CONTENT, {"type": "story"}).body
    store.delete(store.query(Telling, subject=subject_of(rose)).items[0])
    again = rose.post(CONTENT, {"type": "story"}).body
    assert again == first, "the same person, the same day, nothing told before"
    store.delete(store.query(Telling, subject=subject_of(rose)).items[0])
    another = rose.post(CONTENT, {"type": "story", "existingStories": [first, {"odd": 1}, 5, "A tale"]}).body
    assert another["content"] != first["content"]


@pytest.mark.parametrize("kind", ["poem", "conversation_starter", "memory_prompt", "affirmation"])
def test_content_changes_from_call_to_call(rose: Client, settle: Settle, kind: str) -> None:
    settle("en")
    said = [str(rose.post(CONTENT, {"type": kind}).body) for _ in range(8)]
    assert len(set(said)) == 8


def test_the_model_words_content(rose: Client, settle: Settle) -> None:
    ids = settle("en", cognitive_level="severe")
    prompts = [f"Here is a warm day, number {n}." for n in ("one", "two", "three")]
    few = Step(input={"title": "", "texts": prompts[:1]})
    with model(few, Step(input={"title": "", "texts": prompts})) as asked:
        answer = rose.post(CONTENT, {"type": "memory_prompt"})
    assert len(asked.asked) == 2
    assert answer.headers["x-answer-source"] == "model"
    assert [one["prompt"] for one in answer.body["memory_prompts"]] == prompts
    assert {one["memory_id"] for one in answer.body["memory_prompts"]} == set(ids)


def test_the_documentation_shows_every_shape() -> None:
    document = api.openapi()
    schema = document["paths"]["/functions/generateAIContent"]["post"]["responses"]["200"]["content"]
    named = [
        one["$ref"].rpartition("/")[2] for one in _resolved(document, schema["application/json"]["schema"])["oneOf"]
    ]
    kinds = [document["components"]["schemas"][name]["properties"]["type"] for name in named]
    assert [kind.get("enum") or [kind["const"]] for kind in kinds] == [
        ["story", "poem"], ["conversation_starter"], ["memory_prompt"], ["affirmation"],
    ]  # fmt: skip


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema
