"""Copy composed without a model: within the platform's length, made of the brief, the same for the same brief."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caidence.content.composing import Brief, compose, points_of
from caidence.content.forms import shape_of

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
    assert 1 <= len(draft) <= shape_of(platform, content_type).most
    assert compose(brief) == draft


def test_the_order_that_a_brief_begins_with_and_remarks_on_manner_are_not_copy() -> None:
    assert points_of(PROMPT) == [
        "The launch of our cold-pressed orange juice, aimed at runners.",
        "The Andalusian groves.",
        "Never sugary, always bright.",
    ]
    assert points_of("新しいジュースです。ランナー向け。") == ["新しいジュースです。", "ランナー向け。"]


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
