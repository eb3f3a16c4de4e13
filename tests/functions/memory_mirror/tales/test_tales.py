"""Stories, poems, starters, reflections and sessions as texts: theirs, kind, whole, and another one every time."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import cycle, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_mirror.guards.replies import fault
from memory_mirror.languages.spoken import detect, fits
from memory_mirror.life.relevance import avoiding
from memory_mirror.memories import reflections, sessions
from memory_mirror.stories.composing import compose
from memory_mirror.tales import quoting, reasons
from memory_mirror.tales.checking import check
from memory_mirror.tales.dice import Dice
from memory_mirror.tales.levels import Level, measure
from memory_mirror.tales.prompting import invitations, starters
from memory_mirror.tales.sentences import fill, lines, said_era
from memory_mirror.tales.telling import Medium, Remembered, Teller, Wish, memory_print, told_before
from memory_mirror.tales.themes import ANY, THEMES
from tests.functions.memory_mirror.lives import LANGUAGES, SAD, life

LEVELS: tuple[Level, ...] = ("mild", "moderate", "advanced", "severe")
MOODS = ("calm", "happy", "nostalgic", "sad")
FORMS = ("story", "poem")
_DOUBLED = re.compile(r" {2,}|[.。,，;；:：]{2,}|\.[.。]|\s[.,](?=\s|$)|[!?！？][.。]|\( *\)|“”|«\s*»|「」|《》")


def assert_whole(text: str, language: str) -> None:
    """No gaps, no doubled marks, and in its language."""
    assert text == text.strip()
    assert not re.search(r"[{}]", text), text
    assert not _DOUBLED.search(text), text
    assert fits(text, language), text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", FORMS)
def test_every_theme_mood_and_level_makes_a_whole_text(language: str, form: str) -> None:
    moods = cycle((*MOODS, None))
    for level in LEVELS:
        for theme in (*THEMES, ANY, "🚂", None):
            mood = next(moods)
            tale = compose(life(language, level=level), Wish(theme, mood, form, "seed"))
            for text in (tale.title, tale.content):
                assert_whole(text, language)
            assert tale.theme == theme or theme is None
            assert detect(tale.content) == language, tale.content


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_we_say_ourselves_is_kind(language: str) -> None:
    """Every sentence of the data holds to what a reply must be."""
    sections = [f"{kind}.{name}" for kind in ("theme", "ask") for name in (*THEMES, ANY)]
    sections += [
        f"{part}.{tone}" for part in ("open", "close") for tone in ("calm", "joyful", "nostalgic", "comforting")
    ]
    sections += ["memory", "quote", "era", "song", "interest", "about", "follow", "reflection.close", "prompt.memory"]
    for section in sections:
        for sentence in lines(language, section):
            said = fill(sentence, title="x", text="x", era="x", artist="x", interest="x", theme="x")
            assert fault(said, language) is None, said
            assert not quoting.grave(said), said
            assert not quoting.unhappy(said), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_languages_have_the_same_sentences(language: str) -> None:
    from memory_mirror.tales import sentences

    ours, english = sentences._sections(language), sentences._sections("en")
    assert ours.keys() == english.keys()
    for section, found in ours.items():
        assert len(found) == len(english[section]) == len(set(found)), section
        for sentence, model in zip(found, english[section], strict=True):
            assert set(re.findall(r"{\w+}", sentence)) == set(re.findall(r"{\w+}", model)), sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_her_own_memories_make_the_story(language: str) -> None:
    teller = life(language)
    mine = compose(teller, Wish("garden", "calm", "story", "seed"))
    assert mine.used
    for memory in mine.used:
        assert quoting.title(memory.title) in mine.content
        assert quoting.quote(memory.text, 60, teller.avoids) in mine.content
    without = compose(replace(teller, memories=()), Wish("garden", "calm", "story", "seed"))
    other = compose(replace(teller, memories=teller.memories[:1]), Wish("garden", "calm", "story", "seed"))
    assert len({mine.content, without.content, other.content}) == 3
    assert without.used == ()


def test_the_memory_that_suits_the_theme_is_told() -> None:
    teller = life(level="moderate", interests=())
    for theme, title in (("garden", "Red roses"), ("seaside", "The pier at Brighton"), ("kitchen", "Baking with Mum")):
        assert [memory.title for memory in compose(teller, Wish(theme, "calm")).used] == [title]


def test_theme_and_mood_change_the_text() -> None:
    texts = {
        (theme, mood): compose(life(), Wish(theme, mood, "story", "seed")).content for theme in THEMES for mood in MOODS
    }
    assert len(set(texts.values())) == len(texts)
    garden, sea = texts["garden", "calm"], texts["seaside", "calm"]
    assert any(scene in garden for scene in lines("en", "theme.garden")[1:])
    assert not any(scene in garden for scene in lines("en", "theme.seaside")[1:])
    assert any(scene in sea for scene in lines("en", "theme.seaside")[1:])
    for mood, tone in zip(MOODS, ("calm", "joyful", "nostalgic", "comforting"), strict=True):
        assert any(ending in texts["garden", mood] for ending in lines("en", f"close.{tone}"))


def test_a_theme_that_nothing_paints_is_named() -> None:
    tale = compose(life(), Wish("stamp collecting", "calm"))
    assert tale.theme == "stamp collecting"
    assert "stamp collecting" in tale.content


def test_without_a_theme_the_interests_take_turns() -> None:
    told = [compose(life(), Wish(seed="s", told=told_before(["x"] * turn))).theme for turn in range(3)]
    assert told == ["gardening", "jazz", "gardening"]
    assert compose(life(interests=()), Wish()).theme in THEMES
    assert compose(Teller("en"), Wish()).theme == "a quiet hour"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("known", [3, 0])
def test_twenty_in_a_row_are_twenty_different_ones(form: str, level: Level, known: int) -> None:
    for language in ("en", "ja"):
        teller = life(language, level=level, memories=life(language).memories[:known])
        texts: list[str] = []
        used: list[str] = []
        for _ in range(20):
            tale = compose(teller, Wish("garden", "calm", form, "seed", told_before(texts, used)))
            assert tale.content not in texts
            texts.append(tale.content)
            used += [memory_print(memory) for memory in tale.used]
        assert len({" ".join(text.split()) for text in texts}) == 20
        if known and level == "mild":
            assert len(set(used)) == known, "each memory gets its turn"
            for one, following in pairwise(texts):
                assert one.split("\n\n")[0] != following.split("\n\n")[0]


def test_the_same_question_has_the_same_story() -> None:
    assert compose(life(), Wish("garden", "calm", "story", "a")) == compose(
        life(), Wish("garden", "calm", "story", "a")
    )
    assert compose(life(), Wish("garden", "calm", "story", "a")) != compose(
        life(), Wish("garden", "calm", "story", "b")
    )


def test_who_reads_less_gets_less() -> None:
    lengths = [
        sum(len(compose(life(level=level), Wish(theme, "calm", "story", "s")).content) for theme in THEMES)
        for level in LEVELS
    ]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[3] * 2 < lengths[0]
    for theme in THEMES:
        tale = compose(life(level="severe"), Wish(theme, "calm"))
        assert all(len(sentence.split()) <= 16 for sentence in re.split(r"[.!?]", tale.content))


def test_a_poem_has_lines_and_stanzas() -> None:
    for level, stanzas in (("mild", 3), ("moderate", 2), ("severe", 1)):
        poem = compose(life(level=level), Wish("garden", "calm", "poem")).content.split("\n\n")
        assert len(poem) >= min(stanzas, 2) - (level == "severe")
        assert all(2 <= len(stanza.split("\n")) <= 4 for stanza in poem), poem
    assert "\n" in compose(life(), Wish("garden", "calm", "poem")).content


@pytest.mark.parametrize(("title", "text"), SAD)
def test_no_sentence_that_hurts_is_quoted(title: str, text: str) -> None:
    memory = Remembered("Summer", f"We laughed all day. {text} There was cake.", "1950s", "1")
    tale = compose(life(memories=(memory,)), Wish("family", "calm"))
    assert text not in tale.content
    assert "We laughed all day." in tale.content
    assert title not in tale.content


def test_no_sentence_that_she_avoids_is_quoted() -> None:
    memory = Remembered("Summer", "Aunt Vera came with the dog. We laughed all day.", "1950s", "1")
    tale = compose(life(memories=(memory,), avoids=avoiding(["Vera"])), Wish("family", "calm"))
    assert "Vera" not in tale.content
    assert "We laughed all day." in tale.content


@settings(deadline=None, max_examples=60)
@given(title=st.text(min_size=1, max_size=90), text=st.text(max_size=300), level=st.sampled_from(LEVELS))
def test_whatever_she_wrote_the_frame_holds(title: str, text: str, level: Level) -> None:
    teller = life(level=level, memories=(Remembered(title, text, None, "1"),))
    tale = compose(teller, Wish("garden", "calm"))
    assert tale.content.strip()
    assert tale.title.strip()
    quote = quoting.quote(text, measure(level).quote, teller.avoids, measure(level).quoted)
    assert len(quote) <= measure(level).quote + 2
    assert quote in tale.content
    assert not set("{}") & set(tale.content)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=400), st.integers(10, 200), st.integers(1, 4))
def test_a_quotation_is_whole_sentences_and_bounded(text: str, longest: int, sentences: int) -> None:
    quote = quoting.quote(text, longest, lambda _: False, sentences)
    assert len(quote) <= longest + 2 * sentences
    assert "\n" not in quote
    assert not quote or quote[-1] in ".!?…。！？؟"


@given(st.integers(0, 12), st.lists(st.integers(), max_size=12, unique=True), st.text(max_size=5))
def test_dice_choose_fairly_and_the_same(count: int, choices: list[int], seed: str) -> None:
    some = Dice(seed).some(choices, count)
    assert some == Dice(seed).some(choices, count)
    assert len(some) == min(count, len(choices))
    assert [one for one in choices if one in some] == some
    assert sorted(Dice(seed).shuffled(choices)) == sorted(choices)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("level", LEVELS)
def test_starters_and_prompts_are_whole_and_as_many_as_suit(language: str, level: Level) -> None:
    teller = life(language, level=level)
    said = starters(teller, Dice("s"))
    assert len(said) == len(set(said)) == measure(level).starters
    prompts = invitations(teller, Dice("s"), teller.memories, measure(level).prompts)
    assert len(prompts) == measure(level).prompts
    assert [one.memory for one in prompts[:3]] == list(teller.memories)
    for text in (*said, *(one.prompt for one in prompts), *(one for each in prompts for one in each.follow_ups)):
        assert_whole(text, language)
        assert fault(text, language) is None, text
    assert len(starters(Teller(language, level), Dice("s"))) == measure(level).starters


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["daily", "weekly", "life_story"])
def test_reflections_tell_the_memories_in_order(language: str, kind: reflections.Kind) -> None:
    for level in LEVELS:
        teller = life(language, level=level)
        told = reflections.told(kind, teller.memories, teller)
        assert 1 <= len(told) <= reflections.most(kind, teller)
        text = reflections.reflect(kind, teller, told, (), Dice("s"))
        assert_whole(text, language)
        places = [text.index(quoting.title(memory.title)) for memory in told]
        assert places == sorted(places)
    told = reflections.told("life_story", life(language).memories, life(language))
    assert [memory.era for memory in told] == ["1940s", "1950s", "1960s"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_too_few_memories_are_said_kindly(language: str) -> None:
    teller = life(language)
    few = reflections.reflect("weekly", teller, teller.memories[:1], (), Dice("s"))
    assert fill(lines(language, "reflection.few")[0], count=1) in few
    none = reflections.reflect("daily", teller, (), teller.memories[:1], Dice("s"))
    assert lines(language, "reflection.none")[0] in none
    assert quoting.title(teller.memories[0].title) in none
    nothing = reflections.reflect("daily", Teller(language), (), (), Dice("s"))
    assert nothing == lines(language, "reflection.none")[0]
    for text in (few, none, nothing):
        assert_whole(text, language)


def test_a_life_story_spans_the_whole_life() -> None:
    memories = [Remembered(f"M{n}", "A day.", f"{1900 + n * 10 // 4 * 10 // 10 * 10}s", str(n)) for n in range(40)]
    eras = [memory.era for memory in reflections.told("life_story", memories, life())]
    assert len(eras) == reflections.most("life_story", life())
    assert eras == sorted(eras, key=str)
    assert eras[0] == "1900s"
    assert int(str(eras[-1])[:4]) >= 1980


PHOTO = Medium("p1", "photo", "Holiday", "https://example.com/1.jpg")
SONG = Medium("m1", "music", "Moon River", None, "1960s", "Andy Williams")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["reminiscence", "life_review", "music_memory"])
def test_sessions_have_as_many_prompts_as_suit(language: str, kind: sessions.Kind) -> None:
    for level in LEVELS:
        for teller in (life(language, level=level), Teller(language, level)):
            found = sessions.plan(kind, teller, [PHOTO, SONG], lambda _: [PHOTO], Dice("s"))
            assert len(found.steps) == measure(level).prompts
            assert found.minutes == measure(level).prompts * measure(level).minutes
            said = [found.title, found.opening, found.closing, *found.starters]
            for text in [*said, *(step.prompt for step in found.steps if not {PHOTO, SONG} & set(step.media))]:
                assert_whole(text, language)


def test_a_session_goes_its_own_way_by_kind() -> None:
    teller = life()
    music = sessions.plan("music_memory", teller, [PHOTO, SONG], lambda _: (), Dice("s"))
    assert music.steps[0].media == (SONG,)
    review = sessions.plan("life_review", teller, [PHOTO], lambda _: (), Dice("s"))
    eras = [step.memory.era for step in review.steps if step.memory]
    assert eras == ["1940s", "1950s", "1960s"]
    reminiscence = sessions.plan(
        "reminiscence", teller, [PHOTO], lambda m: [PHOTO] if m.era == "1960s" else [], Dice("s")
    )
    assert [step.memory for step in reminiscence.steps[:3]] == list(teller.memories)
    assert [step.media for step in reminiscence.steps[:3]] == [(), (PHOTO,), ()]
    assert sum(PHOTO in step.media for step in reminiscence.steps) == 1, "each picture is shown once"


@pytest.mark.parametrize("language", LANGUAGES)
def test_reasons_rest_on_counts(language: str) -> None:
    said = reasons.for_memories(language, 2, 3, 9, [], "1960s")
    assert "2" in said
    assert "9" in said
    assert said_era(language, "1960s") in said
    assert reasons.for_memories(language, 0, 0, 0, [], None) == lines(language, "why.empty")[0]
    assert "4" in reasons.for_memories(language, 0, 0, 4, [], None)
    assert "7" in reasons.for_media(language, (0, 0, 0), 7, [], None)
    assert reasons.for_media(language, (0, 0, 0), 0, [], None) == lines(language, "why.emptylibrary")[0]
    media = reasons.for_media(language, (1, 2, 3), 40, [], None)
    assert all(number in media for number in ("1", "2", "3", "40"))
    for text in (said, media):
        assert_whole(text, language)


@pytest.mark.parametrize(
    "text",
    ["Your husband died.", "You are wrong, dear.", "Do you remember that day?", "Visit https://example.com now",
     "Dear {name}, hello", "Bonjour madame, il fait beau et nous allons nous promener au jardin ce matin",
     "We talked about Vera today.", "x" * 301, "Take 20 mg of it."],
)  # fmt: skip
def test_what_a_model_must_not_say_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"text|paragraph"):
        check([text], "en", avoiding(["Vera"]), 300)


def test_what_is_kind_is_accepted() -> None:
    check(["The roses are open.\n\nIt is a lovely day."], "en", avoiding(["Vera"]), 300)
