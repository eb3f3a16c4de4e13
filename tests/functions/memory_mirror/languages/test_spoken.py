"""Languages: which one a text is in, and what a tag means."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_mirror.languages.spoken import LANGUAGES, detect, fits, spoken, supported, well_formed


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is my mother?", "en"),
        ("¿Dónde está mi madre?", "es"),
        ("Où est ma mère ?", "fr"),
        ("Wo ist meine Mutter?", "de"),
        ("我妈妈在哪里？", "zh"),
        ("お母さんはどこ？", "ja"),
        ("어머니는 어디 계세요?", "ko"),
        ("أين أمي؟", "ar"),
        ("I saw 東京 yesterday with my sister", "en"),
        ("12345", None),
        ("", None),
    ],
)
def test_the_script_and_the_small_words_tell_the_language(text: str, language: str | None) -> None:
    assert detect(text) == language


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en-GB", "en"),
        ("es-MX", "es"),
        ("zh-Hant-TW", "zh"),
        ("ZH_cn", "zh"),
        ("pt-BR", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_a_tag_means_one_of_the_products_languages(tag: str | None, language: str) -> None:
    assert supported(tag) == language


def test_what_does_not_tell_is_in_the_language_somebody_speaks() -> None:
    assert spoken("Paul", "de-AT") == "de"
    assert spoken("東京", "ja") == "ja"
    assert spoken("東京", "en") == "zh"
    assert spoken("Ich bin hier", "fr") == "de"


def test_a_text_fits_a_language_by_its_script() -> None:
    assert fits("Guten Tag", "de")
    assert not fits("Good morning, how are you", "ja")
    assert not fits("これは日本語です", "zh")
    assert fits("12:30", "ar")


def test_tags_are_well_formed_or_not() -> None:
    assert well_formed("de-AT")
    assert not well_formed("de AT!")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    assert detect(text) in {*LANGUAGES, None}
    assert spoken(text, "ko") in LANGUAGES
