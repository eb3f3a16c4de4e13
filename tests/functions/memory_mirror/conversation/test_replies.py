"""Composed replies: in the language, kind, about what was said, never twice the same; and what no reply may hold."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_mirror.conversation.replies import Moment, composed
from memory_mirror.feelings import analyse
from memory_mirror.guards.replies import LONGEST, checked, fault
from memory_mirror.languages.spoken import LANGUAGES
from memory_mirror.life.zones import Guidance
from tests.functions.memory_mirror.feelings.corpora import corpus

NAMES = {"zh": "李梅", "ja": "花子", "ko": "순자", "ar": "فاطمة"}
LEVELS = ("mild", "moderate", "advanced", "severe")


def _moment(text: str, language: str = "en", **fields: object) -> Moment:
    return Moment(text, analyse(text, language), language, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_labelled_sentence_gets_a_kind_reply_in_its_language(language: str) -> None:
    for place, one in enumerate(corpus(language)):
        level = LEVELS[place % 4]
        reply = composed(_moment(one.text, language, level=level, name=NAMES.get(language, "Rosa"), era="1960s"))
        assert fault(reply, language) is None, (one.text, reply)
        assert not re.search(r"[{}]|\s{2}|\s[,.]|[,،、]{2}", reply.replace(" ?", "?").replace(" !", "!")), reply


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_sentence_again_and_again_gets_other_words(language: str) -> None:
    said = corpus(language)[0].text
    replies: list[str] = []
    for _ in range(8):
        replies.insert(0, composed(_moment(said, language, earlier=tuple(replies))))
    assert len(set(replies)) == 8


def test_the_same_moment_gets_the_same_reply() -> None:
    assert composed(_moment("I miss my sister")) == composed(_moment("I miss my sister"))


def test_what_was_said_and_what_it_is_about_change_the_reply() -> None:
    texts = ["I want to go home", "My knee hurts", "I love the roses", "What day is it?", "Nobody visits me", "Hello"]
    assert len({composed(_moment(text)) for text in texts}) == len(texts)


def test_her_own_words_come_back_where_that_comforts() -> None:
    replies = [composed(_moment("I must milk the goats before dark", earlier=("x",) * n)) for n in range(6)]
    assert any("“I must milk the goats before dark”" in reply for reply in replies)


def test_hard_words_are_not_given_back() -> None:
    for text in ("You are all thieves, go away!", "I am scared of the men in the cupboard"):
        for turns in range(6):
            assert text.rstrip("!") not in composed(_moment(text, earlier=("x",) * turns))


def test_talk_that_touches_what_hurts_is_led_to_what_comforts() -> None:
    guide = Guidance(topics=("the garden",), avoid=("the accident",), astray=True)
    for turns in range(6):
        reply = composed(_moment("I saw the accident again", guidance=guide, memory="The fair", earlier=("x",) * turns))
        assert "the garden" in reply
        assert "accident" not in reply
        assert "The fair" not in reply


def test_a_fitting_memory_is_offered() -> None:
    assert "The apple tree" in composed(_moment("I love apples", memory="The apple tree"))


def test_somebody_afraid_or_in_pain_is_not_led_elsewhere() -> None:
    for text in ("I am so scared", "My back hurts"):
        assert "The apple tree" not in composed(_moment(text, memory="The apple tree"))


def test_somebody_dear_is_spoken_of_by_name() -> None:
    assert "Paul" in composed(_moment("Paul makes me laugh", loved=("Anna", "Paul")))


def test_whoever_asks_for_the_day_is_told_it() -> None:
    assert "Sunday" in composed(_moment("What day is it today?", weekday=6))
    assert "日曜日" in composed(_moment("今日は何曜日？", "ja", weekday=6))


def test_the_further_the_decline_the_shorter_the_reply() -> None:
    text = "We used to dance every Saturday, those were the days"
    lengths = [len(composed(_moment(text, level=level, era="1960s"))) for level in LEVELS]
    assert lengths[0] >= lengths[1] > lengths[2] >= lengths[3]


def test_one_question_at_a_time() -> None:
    for language in ("en", "de", "es"):
        for one in corpus(language):
            reply = composed(_moment(one.text, language, memory="Tanz", level="moderate"))
            assert len(re.findall(r"\?", reply)) <= 2, reply


@settings(max_examples=100, deadline=None)
@given(st.text(min_size=1, max_size=300), st.sampled_from(LANGUAGES), st.sampled_from(LEVELS))
def test_anything_gets_a_reply_without_a_place_left_open(text: str, language: str, level: str) -> None:
    reply = composed(_moment(text, language, level=level, name="Rose", era="1940s"))
    assert reply.strip()
    assert not re.search(r"\{(name|quote|words|topic|title|loved|weekday)\}", reply)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("No, your husband is dead.", "en"),
        ("That's not true, you are at home.", "en"),
        ("You already asked me that.", "en"),
        ("Do you remember what year it is?", "en"),
        ("Take two tablets, 500 mg each.", "en"),
        ("Eso no es verdad.", "es"),
        ("Vous avez oublié, madame.", "fr"),
        ("Das stimmt nicht.", "de"),
        ("您丈夫已经去世了。", "zh"),
        ("それは違います。", "ja"),
        ("남편은 돌아가셨어요.", "ko"),
        ("أنت مخطئ يا سيدي.", "ar"),
        ("", "en"),
        ("Good morning, how are you today?", "ja"),
        ("Guten Morgen, wie geht es Ihnen heute, meine Liebe, ist alles gut?", "en"),
        ("so " * LONGEST, "en"),
    ],
)
def test_a_reply_that_contradicts_frightens_or_advises_is_refused(text: str, language: str) -> None:
    assert fault(text, language) is not None
    with pytest.raises(ValueError, match=r"."):
        checked(text, language)


def test_a_kind_reply_passes() -> None:
    assert checked(" I am here with you. Tell me about the garden. ", "en") == (
        "I am here with you. Tell me about the garden."
    )
    assert fault("Ich bin bei Ihnen. Erzählen Sie mir vom Garten.", "de") is None
