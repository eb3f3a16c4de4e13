"""Copy composed without a model: within the platform's length, made of the brief, the same for the same brief."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caidence.content.composing import Brief, compose, most_of

PROMPT = (
    "Write an energetic caption for the launch of our cold-pressed orange juice, aimed at runners. "
    "Mention the Andalusian groves. Keep it short! Never sugary, always bright."
)
LINES = st.text(min_size=1, max_size=200)


@given(LINES, st.sampled_from(["twitter", "Instagram", "linkedin", "sms", "e-mail", "?"]),
       st.sampled_from(["post", "thread", "blog article", "newsletter", "ad", "video-script", "🎉"]),
       st.text(min_size=1, max_size=4000), st.sampled_from(["", "Sol Citrus"]))  # fmt: skip
def test_a_draft_fits_is_never_empty_and_is_the_same_each_time(
    title: str, platform: str, content_type: str, prompt: str, brand: str
) -> None:
    brief = Brief(title, platform, content_type, prompt, brand)
    draft = compose(brief)
    assert 1 <= len(draft) <= most_of(brief)
    assert compose(brief) == draft


@pytest.mark.parametrize(
    ("platform", "content_type", "signs"),
    [
        ("x", "thread", ["1/5 ", "5/5 "]),
        ("email", "newsletter", ["Subject: Cold-pressed summer", "Warmly,\nSol Citrus"]),
        ("e-mail", "copy", ["Subject: Cold-pressed summer"]),
        ("blog", "article", ["# Cold-pressed summer", "## Next step"]),
        ("tiktok", "video script", ["[00–05 s] HOOK", "Voice: The Andalusian groves."]),
        ("google", "ad", ["→ "]),
        ("instagram", "caption", ["#SolCitrus #ColdPressedSummer"]),
    ],
)
def test_each_form_has_its_own_build(platform: str, content_type: str, signs: list[str]) -> None:
    draft = compose(Brief("Cold-pressed summer", platform, content_type, PROMPT, "Sol Citrus"))
    assert [sign for sign in signs if sign not in draft] == []


def test_hashtags_stay_off_where_they_do_not_belong() -> None:
    assert "#Cold" not in compose(Brief("Cold-pressed summer", "facebook", "post", PROMPT))


def test_a_tweet_without_room_for_all_keeps_the_first_facts_and_the_warning_and_shows_that_there_was_more() -> None:
    facts = [f"Fact {number} is here, and it is long enough to matter to somebody." for number in range(1, 9)]
    draft = compose(Brief("Crates", "x", "post", " ".join([*facts, "Never heat it."])))
    assert draft == "\n\n".join([*facts[:4], "Never heat it. …"])
    assert len(draft) <= 280


def test_a_post_with_room_keeps_every_sentence() -> None:
    facts = [f"Fact {number}." for number in range(1, 13)]
    draft = compose(Brief("Crates", "linkedin", "post", " ".join(facts)))
    assert [fact for fact in facts if fact not in draft.split("\n\n")] == []


@pytest.mark.parametrize("content_type", ["article", "newsletter", "thread", "video script"])
def test_longer_forms_lose_no_sentence(content_type: str) -> None:
    facts = [f"Crate {number} costs {number}.50 €." for number in range(1, 31)]
    draft = compose(Brief("Crates", "blog", content_type, " ".join(facts)))
    assert [fact for fact in facts if fact not in draft] == []


def test_each_part_of_a_thread_on_x_fits_a_tweet_and_no_word_is_lost() -> None:
    words = " ".join(f"word{number}" for number in range(150))
    parts = compose(Brief("Crates", "x", "thread", words)).split("\n\n")
    assert [part for part in parts if len(part) > 280] == []
    assert [word for word in words.split()[1:] if word not in " ".join(parts).replace("…", "")] == []


@pytest.mark.parametrize(("content_type", "most"), [("headline", 30), ("description", 90)])
def test_texts_of_search_ads_keep_to_their_lengths(content_type: str, most: int) -> None:
    draft = compose(
        Brief("Crates of fresh oranges, delivered to you", "google ads", content_type, "Crates of fruit, " * 30)
    )
    assert 10 < len(draft) <= most
    head, body, call = compose(Brief("Crates of fresh oranges, delivered to you", "google", "ad", PROMPT)).split("\n\n")
    assert (len(head) <= 30, len(body) <= 90, call[:2]) == (True, True, "→ ")


def test_a_meta_description_and_hashtags_have_their_own_form() -> None:
    meta = compose(Brief("Crates", "website", "meta description", "A crate costs 30 €. " + "It ships on Monday. " * 20))
    assert (len(meta) <= 155, "\n" in meta, "[link]" in meta) == (True, False, False)
    assert "A crate costs 30 €." in meta
    tags = compose(Brief("Fresh oranges", "instagram", "hashtags", "A crate costs 30 €.", "Sol"))
    assert tags == "#Sol #FreshOranges #Oranges #Fresh"


@pytest.mark.parametrize(
    ("title", "prompt"),
    [
        ("Our founder died", "Ana Sol died on 3 May. She built the first grove, and launched our new collection."),
        ("Recall of batch 12", "Do not use it. Bring it back for free."),
        ("Job cuts", "We are laying off forty people. Layoffs begin on Monday."),
        ("Unfall in der Kelterei", "Zwei Menschen wurden verletzt."),
    ],
)
@pytest.mark.parametrize("content_type", ["post", "newsletter", "video script", "ad"])
def test_nothing_cheerful_is_said_of_what_is_grave(title: str, prompt: str, content_type: str) -> None:
    draft = compose(Brief(title, "linkedin", content_type, prompt))
    cheerful = ("Say hello", "Here it is", "Have a look", "What do you think", "Save this", "Pass it on", "→", "Warmly")
    assert [words for words in cheerful if words in draft] == []


def test_an_opening_is_the_bare_title_unless_the_brief_advertises() -> None:
    assert compose(Brief("Opening hours", "facebook", "post", "We open at 10.30.")).startswith("Opening hours.\n\n")
    assert not compose(Brief("Crates", "facebook", "post", "20 % off until Sunday.")).startswith("Crates.")


def test_a_text_in_another_language_gets_no_english_words() -> None:
    draft = compose(
        Brief("Sommer", "facebook", "post", "Schreibe einen Beitrag über unseren Saft. Ab 3. Mai im Laden.")
    )
    assert draft == "Sommer.\n\nUnseren Saft.\n\nAb 3. Mai im Laden."


def test_an_sms_says_how_to_stop() -> None:
    draft = compose(Brief("Pool", "sms", "message", "The pool opens at 10.30. " + "Avoid the deep end. " * 40))
    assert draft.endswith("\n\nReply STOP to opt out.")
    assert len(draft) <= 480


def test_as_many_texts_are_written_as_the_brief_asks_for() -> None:
    brief = Brief(
        "Crates", "instagram", "caption", "Create 3 captions about our crates. A crate costs 30 €. It is light."
    )
    draft = compose(brief)
    texts = re.split(r"(?:^|\n\n)\d\. ", draft)[1:]
    assert len(texts) == len(set(texts)) == 3
    assert [text for text in texts if "A crate costs 30 €.\n\nIt is light." not in text] == []
