"""The safety floor as rules: what words, sounds, voice and motion are taken for, and what may never happen."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_mirror.safety import PHYSICAL, Kind, Verdict, assess, is_night, raised
from memory_mirror.safety.kinds import CLASSES
from memory_mirror.safety.lexicon import LANGUAGES, lexicon
from memory_mirror.safety.reading import _read
from tests.functions.memory_mirror.safety.phrases import all_phrases
from tests.support.pace import effort

DANGERS = [phrase.text for phrase in all_phrases() if phrase.is_danger and phrase.split == "tuned"]
ANYTHING = [phrase.text for phrase in all_phrases()]

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)


def kind_of(text: str, **more: Any) -> Kind:
    return assess(text, **more).kind


def test_the_documents_example_is_a_disorientation_of_level_seven() -> None:
    verdict = assess(
        "Help, I don't know where I am",
        voice={"volume": 85, "speech_rate": "rapid"},
        sounds=["banging"],
        movement={},
        local_time="03:15",
    )
    assert verdict == Verdict(
        Kind.DISORIENTATION,
        7,
        physical=False,
        evidence=("words: lost", "words: cry_for_help", "sound: banging", "voice: volume", "voice: speech_rate"),
        language="en",
    )
    assert verdict.alerting


@pytest.mark.parametrize(
    "text",
    ["I can't breathe", "I can't get up", "no puedo respirar", "je ne peux pas respirer", "ich kriege keine Luft",
     "我喘不过气", "息ができない", "숨을 못 쉬겠어요", "لا أستطيع التنفس",
     "I CAN’T BREATHE", "i cant breath", "i cannot breathe"],
)  # fmt: skip
def test_a_danger_that_holds_a_negation_is_a_danger(text: str) -> None:
    verdict = assess(text)
    assert verdict.physical
    assert verdict.level >= 9


@pytest.mark.parametrize(
    ("denied", "meant"),
    [
        ("I didn't fall", "I fell"),
        ("No me he caído", "Me he caído"),
        ("Je ne suis pas tombée", "Je suis tombée"),
        ("Ich bin nicht gestürzt", "Ich bin gestürzt"),
        ("我没有摔倒", "我摔倒了"),
        ("転んでいません", "転びました"),
        ("안 넘어졌어요", "넘어졌어요"),
        ("لم أقع", "وقعت"),
    ],
)
def test_what_is_denied_is_no_danger(denied: str, meant: str) -> None:
    assert kind_of(denied) is Kind.NONE
    assert kind_of(meant) is Kind.FALL


def test_a_denial_ends_at_a_contrast_or_a_comma() -> None:
    assert kind_of("I didn't mean to but I fell") is Kind.FALL
    assert kind_of("No, I fell") is Kind.FALL
    assert kind_of("Don't worry, I have fallen") is Kind.FALL


def test_the_present_within_a_memory_counts() -> None:
    assert kind_of("When I was young I fell off a horse") is Kind.NONE
    assert kind_of("When I was young I fell off a horse. I've fallen in the kitchen") is Kind.FALL
    assert kind_of("I used to be strong and now I have fallen again") is Kind.FALL


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I was watching something on the tv and I fell", Kind.FALL),
        ("My mother said goodbye, and I can't breathe", Kind.BREATHING),
        ("I can't remember how I fell", Kind.FALL),
        ("no no I fell", Kind.FALL),
        ("I have no idea what happened I fell", Kind.FALL),
        ("I'm afraid I fell", Kind.FALL),
        ("I can't get up at all", Kind.FALL),
        ("I fell last week and my hip hurts", Kind.PAIN),
        ("no recuerdo cómo me caí", Kind.FALL),
        ("non je suis tombée", Kind.FALL),
        ("es brennt ich kann nicht raus", Kind.FIRE),
        ("nein ich bin gestürzt", Kind.FALL),
        ("我晕过去了", Kind.PAIN),
        ("不记得怎么摔倒的", Kind.FALL),
        ("血が止まらない", Kind.PAIN),
        ("불났어 나갈 수가 없어", Kind.FIRE),
        ("لا أتذكر كيف وقعت", Kind.FALL),
    ],
)
def test_what_only_looks_like_a_denial_or_a_tale_is_a_danger(text: str, kind: Kind) -> None:
    assert kind_of(text) is kind


@pytest.mark.parametrize(
    "text",
    ["Thank you for your help", "I need help with my buttons", "I'm sitting in the garden", "I have to go now, goodbye",
     "I can't walk very well these days", "Je ne sais pas", "Was ist das für ein Kuchen?", "Ouvre la fenêtre",
     "Me van a visitar mis nietos", "ما هذا؟",
     "سأذهب إلى المطبخ", "助けてくれてありがとう", "도와줘서 고마워요", "谢谢你帮我"],
)  # fmt: skip
def test_everyday_words_that_sound_like_danger_are_none(text: str) -> None:
    assert kind_of(text) is Kind.NONE


def test_an_opinion_denies() -> None:
    assert kind_of("I don't think there is a fire") is Kind.NONE


def test_spelling_case_accents_and_width_do_not_matter() -> None:
    assert kind_of("HEEELP MEEE") is Kind.DISTRESS
    assert kind_of("i have falen") is Kind.FALL
    assert kind_of("there is smokke in the kitchen") is Kind.FIRE
    assert kind_of("no puedo réspirar") is Kind.BREATHING
    assert kind_of("ﾀｽｹﾃ") is kind_of("たすけて") is Kind.DISTRESS
    assert kind_of("لا أستطيـــع التَّنَفُّس") is kind_of("لا استطيع التنفس") is Kind.BREATHING
    assert kind_of("廚房著火了") is kind_of("厨房着火了") is Kind.FIRE


def test_the_words_decide_the_language_not_the_profile() -> None:
    assert assess("Ich kriege keine Luft", "en").language == "de"
    assert assess("Fuego", "es").kind is Kind.FIRE
    assert assess("助けて", "zh").language == "ja"
    assert assess("", "fr").language is None


def test_dangers_in_two_languages_are_both_heard() -> None:
    verdict = assess("I feel so alone. Es brennt in der Küche!")
    assert (verdict.kind, verdict.level) == (Kind.FIRE, 10)


@pytest.mark.parametrize(
    ("sound", "kind", "level"),
    [
        ("smoke_alarm", Kind.FIRE, 9),
        ("Glass breaking", Kind.INTRUDER, 7),
        ("loud thud", Kind.FALL, 7),
        ("scream", Kind.DISTRESS, 7),
        ({"label": "smoke detector", "confidence": 0.8}, Kind.FIRE, 9),
        ({"label": "smoke detector", "confidence": 0.1}, Kind.NONE, 0),
        ("rainfall", Kind.NONE, 0),
        ("snoring", Kind.NONE, 0),
    ],
)
def test_sounds_speak_for_themselves(sound: Any, kind: Kind, level: int) -> None:
    verdict = assess(None, sounds=[sound])
    assert (verdict.kind, verdict.level) == (kind, level)


@pytest.mark.parametrize(
    ("movement", "kind"),
    [
        ({"fall_detected": True}, Kind.FALL),
        ({"fallDetected": True}, Kind.FALL),
        ({"left_bed": True, "no_movement_minutes": 45}, Kind.FALL),
        ({"left_bed": False, "no_movement_minutes": 240}, Kind.NONE),
        ({"room": "bed", "no_movement_minutes": 240}, Kind.NONE),
        ({"location": "street"}, Kind.WANDERING),
        ({"fall_detected": "maybe", "room": 7}, Kind.NONE),
    ],
)
def test_motion_speaks_for_itself(movement: dict[str, Any], kind: Kind) -> None:
    assert assess(None, movement=movement).kind is kind


def test_an_open_front_door_means_something_at_night_only() -> None:
    assert assess(None, movement={"door_opened": True}, local_time="03:00").kind is Kind.WANDERING
    assert assess(None, movement={"door_opened": True}, local_time="15:00").kind is Kind.NONE
    assert assess(None, movement={"door_opened": True}).kind is Kind.NONE


def test_night_and_agitation_make_a_worry_worse_and_a_mood_not() -> None:
    assert assess("I'm so scared").level == 5
    assert assess("I'm so scared", local_time="02:00").level == 6
    assert assess("I'm so scared", voice={"volume": 95}).level == 6
    assert assess("I can't find my husband", local_time="02:00").level == 4
    assert assess(None, voice={"volume": 95}, local_time="02:00").level == 2


def test_setting_off_within_talk_of_the_past_is_part_of_the_memory() -> None:
    text = "I have to go to work"
    assert kind_of(text) is Kind.WANDERING
    assert kind_of(text, era_context="1950s") is Kind.DISORIENTATION
    assert kind_of("I have fallen", era_context="1950s") is Kind.FALL


@given(st.sampled_from(ANYTHING), st.sampled_from(DANGERS), st.sampled_from(["en", "ja", None]))
@settings(max_examples=60, deadline=None)
def test_a_sentence_of_danger_never_lowers_the_verdict(text: str, danger: str, language: str | None) -> None:
    alone, added = assess(danger, language), assess(f"{text}\n{danger}", language)
    before = assess(text, language)
    assert added.level >= max(alone.level, before.level)
    assert added.physical == (alone.physical or before.physical)
    assert added.kind is not Kind.NONE


@given(
    st.text(max_size=300),
    json_values,
    json_values,
    json_values,
    st.text(max_size=6),
    st.sampled_from([None, *LANGUAGES]),
)
@settings(max_examples=60, deadline=None)
def test_nothing_makes_it_fail(
    text: str, sounds: Any, voice: Any, movement: Any, clock: str, language: str | None
) -> None:
    verdict = assess(text, language, sounds=sounds, voice=voice, movement=movement, local_time=clock)
    assert 0 <= verdict.level <= 10
    assert not verdict.physical or verdict.kind in PHYSICAL


kinds = st.sampled_from(list(Kind))
levels = st.integers(min_value=0, max_value=10)


@given(st.sampled_from(ANYTHING), kinds, st.integers(min_value=-3, max_value=15))
@settings(max_examples=60, deadline=None)
def test_a_model_never_lowers_anything(text: str, kind: Kind, level: int) -> None:
    floor = assess(text)
    found = raised(floor, Verdict(kind, level))
    assert found.level == max(floor.level, min(level, 10))
    assert found.physical >= floor.physical
    assert found.alerting >= floor.alerting
    assert found.kind is (kind if floor.kind is Kind.NONE else floor.kind)


def test_a_model_that_sees_a_body_in_danger_raises_the_alarm() -> None:
    assert raised(Verdict(), Verdict(Kind.FALL, 8)) == Verdict(Kind.FALL, 8, physical=True)
    assert raised(Verdict(), Verdict(Kind.PAIN, 3)) == Verdict(Kind.PAIN, 3, physical=False)


def test_night_is_from_ten_to_six() -> None:
    assert [is_night(at) for at in ("21:59", "22:00", "03:15", "05:59", "06:00", "25:00", "now")] == [
        False, True, True, True, False, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_lexicon_knows_every_class_of_words(language: str) -> None:
    sensed = {"thud", "stillness", "glass", "door", "scream", "crying", "moaning", "pacing"}
    assert {name for name, _ in lexicon(language).danger} == set(CLASSES) - sensed


def test_a_message_is_judged_in_a_moment() -> None:
    some = ANYTHING[::5]

    def judge_anew() -> None:
        _read.cache_clear()
        for text in some:
            assess(text)

    assert effort(judge_anew) / len(some) < 1
