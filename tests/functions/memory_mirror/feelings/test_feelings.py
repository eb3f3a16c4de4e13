"""Feelings: the lexicons against labelled sentences of eight languages, and what always holds."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_mirror.feelings import APPROACHES, THEMES, TONES, analyse
from memory_mirror.feelings.lexicon import lexicon
from memory_mirror.languages.spoken import LANGUAGES
from tests.functions.memory_mirror.feelings.corpora import BANDS, corpus
from tests.support.pace import assert_linear, effort

FLOORS = {"tuned": 0.95, "held": 0.65}
OVERALL_HELD = 0.8


def _hits(language: str, part: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in corpus(language):
        if one.part == part:
            read = analyse(one.text)
            low, high = BANDS[one.band]
            found["n"] += 1
            found["language"] += read.language == language
            found["sentiment"] += read.sentiment == one.sentiment
            found["tone"] += read.tone == one.tone
            found["anxiety"] += low <= read.anxiety <= high
    return found


def test_labelled_sentences_are_read_right_in_every_language(capsys: pytest.CaptureFixture[str]) -> None:
    lines, held = [], Counter[str]()
    for part, floor in FLOORS.items():
        for language in LANGUAGES:
            found = _hits(language, part)
            shares = {name: found[name] / found["n"] for name in ("language", "sentiment", "tone", "anxiety")}
            told = "  ".join(f"{name} {share:4.0%}" for name, share in shares.items())
            lines.append(f"  {language} {part:5} n={found['n']:2}  {told}")
            assert min(shares.values()) >= floor, (language, part, shares)
            held += found if part == "held" else Counter()
    for name in ("language", "sentiment", "tone", "anxiety"):
        assert held[name] / held["n"] >= OVERALL_HELD, (name, held)
    with capsys.disabled():
        print("\nfeelings, share of labelled sentences read right:")
        print("\n".join(lines))


def test_there_are_enough_labelled_sentences() -> None:
    for language in LANGUAGES:
        assert len(corpus(language)) >= 25
        assert {one.tone for one in corpus(language)} == set(TONES)


def test_the_documents_example_wants_to_go_home() -> None:
    read = analyse("I want to go home, where is everyone?")
    assert (read.sentiment, read.tone, read.approach) == ("negative", "anxious", "validate")
    assert read.themes == ("going_home", "looking_for_family", "confusion")
    assert read.triggers == ("want to go home", "where is everyone")
    assert 4 <= read.anxiety <= 7


@pytest.mark.parametrize(
    ("plain", "denied"),
    [
        ("I am sad", "I am not sad"),
        ("Ich bin traurig", "Ich bin nicht traurig"),
        ("Je suis triste", "Je ne suis pas triste"),
        ("Estoy triste", "No estoy triste"),
        ("我很难过", "我不难过"),
        ("悲しい", "悲しくない"),
        ("슬퍼요. 슬프다", "슬프지 않아요"),
        ("أنا حزينة", "لست حزينة"),
    ],
)
def test_a_feeling_that_is_denied_is_not_felt(plain: str, denied: str) -> None:
    assert analyse(plain).tone == "sad"
    assert analyse(denied).tone == "calm"
    assert analyse(denied).anxiety < analyse(plain).anxiety


def test_nobody_comes_is_lonely_and_no_denial() -> None:
    assert analyse("Nobody comes").tone == "lonely"
    assert analyse("誰も来ない").tone == "lonely"


def test_joy_that_is_denied_is_sadness() -> None:
    assert analyse("I am not happy").sentiment == "negative"


def test_emphasis_and_signs_raise_and_soften() -> None:
    calm, loud = analyse("I am worried"), analyse("I am very worried!!! Please hurry NOW, HELP")
    assert loud.anxiety > calm.anxiety > analyse("I am a bit worried").anxiety
    assert analyse("see you tomorrow 😊").tone == "happy"
    assert analyse("😱").tone == "afraid"


def test_a_question_asked_twice_shows_confusion() -> None:
    once, twice = analyse("Is lunch ready?"), analyse("Is lunch ready? Is the lunch ready?")
    assert (once.tone, twice.tone) == ("calm", "confused")
    assert twice.anxiety > once.anxiety


def test_triggers_are_the_texts_own_words() -> None:
    text = "ICH HABE ANGST! Wo ist meine MÜTZE, ich finde meine Brille nicht."
    for phrase in analyse(text).triggers:
        assert phrase in text


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.sampled_from([*LANGUAGES, "pt-BR", None]))
def test_any_text_is_read_within_bounds(text: str, language: str | None) -> None:
    read = analyse(text, language)
    assert 0 <= read.anxiety <= 10
    assert read.tone in TONES
    assert read.approach in {*APPROACHES.values(), "validate", "check_comfort"}
    assert set(read.themes) <= set(THEMES)
    assert len(read.themes) == len(set(read.themes))
    assert len(read.triggers) <= 10
    assert read == analyse(text, language)


_FEARS = ["I'm scared.", "Please help me.", "I'm so worried.", "I want to go home.", "I don't know where I am."]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(_FEARS), max_size=5), st.sampled_from(_FEARS))
def test_one_more_fear_never_calms(said: list[str], more: str) -> None:
    before = analyse(" ".join(said), "en").anxiety if said else 0.0
    assert analyse(" ".join([*said, more]), "en").anxiety >= before


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([one for language in LANGUAGES for one in corpus(language)]))
def test_case_and_space_around_do_not_matter(one: object) -> None:
    text = one.text  # type: ignore[attr-defined]
    plain, padded = analyse(text), analyse(f"  {text}\n")
    assert (plain.tone, plain.sentiment, plain.anxiety) == (padded.tone, padded.sentiment, padded.anxiety)


def test_every_language_knows_every_tone_and_theme() -> None:
    for language in LANGUAGES:
        words = lexicon(language)
        assert {word.feeling for word in words.words.values()} == set(TONES)
        assert set(words.themes) == set(THEMES)


def test_a_message_is_read_in_a_moment() -> None:
    texts = [one.text for language in LANGUAGES for one in corpus(language)]
    assert effort(lambda: [analyse(text) for text in texts]) / len(texts) < 5


@pytest.mark.parametrize("piece", ["? ", "not ", "!", "我", "a", "help "])
def test_a_hostile_text_takes_time_in_proportion_to_its_length(piece: str) -> None:
    assert_linear(lambda times: analyse(piece * times), 100)
