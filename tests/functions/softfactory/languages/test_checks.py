"""What is stored under a key: only what cannot break an app that formats it as it formats the source."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softfactory.languages.checks import Unsound, check_against, check_key, checked, variants
from softfactory.languages.message_format import parse
from softfactory.languages.plural_rules import Language

FILES = "{count, plural, =0 {파일 없음} other {{name}님의 파일 #개}}"


def verdict(source: str, text: str, language: Language = "en") -> str:
    """The code of a translation's refusal, "" for a sound one."""
    try:
        check_against(checked(text, language), checked(source, "ko"), language)
    except Unsound as refused:
        return refused.code
    return ""


@pytest.mark.parametrize("key", ["auth.login", "a.b", "sns.post_1.title-long", "0.1", "a." + "b" * 198])
def test_a_key_is_a_module_and_a_name(key: str) -> None:
    check_key(key)


@pytest.mark.parametrize(
    "key",
    ["", "auth", "auth.", ".login", "auth..login", "Auth.login", "auth login", "auth.log/in", "auth.로그인", "a.b\n",
     "a." + "b" * 199, "a#b.c", "a.b%", "a.b\0"],
)  # fmt: skip
def test_any_other_key_is_refused(key: str) -> None:
    with pytest.raises(Unsound) as refused:
        check_key(key)
    assert refused.value.code == "invalid_key"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("\u200b\u3164", "empty"),
        ("x" * 5_001, "too_long"),
        ("a\x07b", "unprintable"),
        ("a\u202eb", "unprintable"),
        ("Hello {name", "malformed_message"),
        ("{n, plural, one {a}}", "malformed_message"),
        ("{n, plural, one {a} others {b} other {c}}", "unknown_plural_category"),
        ("{n, plural, other {#}}", "plural_incomplete"),
        ("{n, selectordinal, one {#st} other {#th}}", "plural_incomplete"),
        ("{n, plural, =1 {a} other {#}}", "plural_incomplete"),
        ("{g, select, a {{n, plural, other {#}}} other {}}", "plural_incomplete"),
        ("{n, plural, one {#} other {#}} {n, date}", "placeholder_type"),
        ("{n, select, other {x}} {n, number}", "placeholder_type"),
        ("{n, select, " + "".join(f"c{i} {{}} " for i in range(50)) + "other {}}", "too_many_cases"),
        ("{n, select, other {}}" * 9, "too_many_cases"),
    ],
)
def test_a_text_that_is_unsound_in_itself(text: str, code: str) -> None:
    with pytest.raises(Unsound) as refused:
        checked(text, "en")
    assert refused.value.code == code


@pytest.mark.parametrize("text", ["Hello", " spaces stay ", "two\nlines\tand a tab", "x" * 5_000, "👋🏽 {name}"])
def test_a_text_that_is_sound(text: str) -> None:
    checked(text, "en")


def test_a_category_that_the_language_never_chooses_does_no_harm() -> None:
    checked("{n, plural, one {하나} other {#개}}", "ko")


@pytest.mark.parametrize(
    ("source", "text", "code"),
    [
        ("{name}님", "Hi {name}", ""),
        ("{name}님", "Hi", "placeholders_differ"),
        ("{name}님", "Hi {user}", "placeholders_differ"),
        ("안녕", "Hi {name}", "placeholders_differ"),
        ("{a}와 {b}", "{b} and {a}, {a}", ""),
        ("'{name}'", "'{name}'", ""),
        ("'{name}'", "{name}", "placeholders_differ"),
        ("{n, number}", "{n}", "placeholder_type"),
        ("{n}", "{n, number}", "placeholder_type"),
        ("{n}개", "{n, plural, one {# file} other {# files}}", "placeholder_type"),
        ("{n, plural, other {#개}}", "{n} files", "placeholder_type"),
        ("{n, plural, other {#개}}", "{n, number} files", "placeholder_type"),
        ("{n, plural, other {#개}}", "{n, plural, one {{n} file} other {# files}}", ""),
        ("{n, plural, other {#개}}", "{n, number}: {n, plural, one {one file} other {files}}", ""),
        ("{n} {n, plural, other {#개}}", "{n, plural, one {# file} other {# files}}", ""),
        ("{n, selectordinal, other {#번째}}", "{n, plural, one {#st} other {#th}}", "placeholder_type"),
        (
            "{n, plural, other {#개}}",
            "{n, selectordinal, one {#st} two {#nd} few {#rd} other {#th}}",
            "placeholder_type",
        ),
        (
            "{n, plural, other {#개}} {n, selectordinal, other {#번째}}",
            "{n, plural, one {#} other {#}}",
            "placeholder_type",
        ),
        ("{d, date, long}", "{d, date, short}", ""),
        ("{d, date}", "{d, time}", "placeholder_type"),
        ("{d, date} {d, time}", "{d, time} {d, date}", ""),
        ("{g, select, a {{n, plural, other {#}}} other {}}", "{g, select, a {{n}} other {}}", "placeholder_type"),
        ("{d, date}", "{d}", "placeholder_type"),
        ("{d}", "{d, date}", "placeholder_type"),
        ("{g, select, other {}}", "{g}", "placeholder_type"),
        ("{g, select, other {}}", "{g, plural, one {} other {}}", "placeholder_type"),
        ("{n, number}", "{n, select, other {}}", "placeholder_type"),
    ],
)
def test_placeholders_are_the_sources(source: str, text: str, code: str) -> None:
    assert verdict(source, text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{count, plural, =0 {No files} one {One file by {name}} other {# files by {name}}}", ""),
        ("{count, plural, one {One file by {name}} other {# files by {name}}}", ""),
        # A variant of its own that loses the name, or the number where it is not said in words.
        ("{count, plural, =0 {No files} one {One file} other {# files by {name}}}", "placeholders_differ"),
        ("{count, plural, =0 {No files} one {# file by {name}} other {Files by {name}}}", "placeholders_differ"),
        ("{count, plural, =0 {No files} =7 {Files} one {# file by {name}} other {# by {name}}}", "placeholders_differ"),
    ],
)
def test_each_variant_shows_what_the_sources_variant_shows(text: str, code: str) -> None:
    assert verdict(FILES, text) == code


def test_the_refusal_says_how_a_placeholder_is_used_and_how_it_should_be() -> None:
    with pytest.raises(Unsound) as refused:
        check_against(parse("{n}"), parse("{n, plural, other {#}} {n, selectordinal, other {#}}"), "en")
    assert str(refused.value) == "The text uses {n} as plain text, the source as a plural and an ordinal"


def test_the_refusal_says_which_placeholder_is_lost_and_when() -> None:
    with pytest.raises(Unsound) as refused:
        check_against(parse("{count, plural, one {One} other {#{name}}}"), parse(FILES), "en")
    assert str(refused.value) == "The text does not show {name} where count = 1, as the source does"


def test_a_select_is_compared_case_by_case() -> None:
    source = "{g, select, guest {손님} other {{name}님}}"
    assert verdict(source, "{g, select, guest {Guest} other {Dear {name}}}") == ""
    assert verdict(source, "{g, select, other {Dear {name}}}") == ""
    assert verdict(source, "{g, select, guest {Guest {name}} other {You}}") == "placeholders_differ"


def test_an_offset_moves_the_categories() -> None:
    source = "{n, plural, offset:1 =0 {없음} other {{who} 외 #명}}"
    assert verdict(source, "{n, plural, offset:1 =0 {Nobody} one {{who} and one more} other {{who} and # more}}") == ""
    assert verdict(source, "{n, plural, offset:1 =0 {Nobody} one {Two} other {{who} and # more}}") != ""


def test_a_category_is_looked_for_behind_the_offset() -> None:
    source = "{n, plural, offset:1 =1 {나} other {{who} 외 #명}}"
    assert verdict(source, "{n, plural, offset:1 =1 {Me} one {{who} and one more} other {{who} and # more}}") == ""
    assert verdict(source, "{n, plural, offset:1 =1 {Me} one {Two} other {{who} and # more}}") == "placeholders_differ"


def test_ways_to_come_together_are_bounded() -> None:
    many = "".join(f"{{n{i}, plural, one {{#}} other {{#}}}}" for i in range(7))
    assert verdict(many, many) == "too_many_cases"


@pytest.mark.parametrize(
    ("source", "language", "count"),
    [
        ("안녕", "en", 1),
        ("{n}개", "en", 1),
        ("{n, plural, other {#개}}", "en", 2),
        ("{n, plural, other {#개}}", "ja", 1),
        ("{n, plural, =0 {없음} other {#개}}", "en", 3),
        ("{n, selectordinal, other {#번째}}", "en", 4),
        ("{g, select, a {} b {} other {}}", "zh", 3),
        ("{g, select, a {{n, plural, other {#}}} other {}}", "en", 3),
        ("{a, plural, other {#}} {b, plural, other {#}}", "en", 4),
    ],
)
def test_variants_are_the_texts_that_a_translator_writes(source: str, language: Language, count: int) -> None:
    assert variants(parse(source), language) == count


texts = st.sampled_from(["x", "{name}", "#", "{name} #", "{count}", ""])


@given(
    source=st.tuples(texts, texts),
    translation=st.tuples(texts, texts, texts),
    count=st.integers(0, 30) | st.sampled_from([Decimal("1.5"), Decimal("0.5")]),
)
@settings(max_examples=200, deadline=None)
def test_what_is_accepted_shows_in_icu_what_the_source_shows(
    source: tuple[str, ...], translation: tuple[str, ...], count: Any
) -> None:
    """Formatted by ICU with the same values, nothing of the source is lost but a number that is one word."""
    icu = pytest.importorskip("icu4py.messageformat", reason="the oracle icu4py is not installed")
    korean = "{{count, plural, =3 {{{}-}} other {{{}-}}}}".format(*source)
    english = "{{count, plural, =5 {{{}-}} one {{{}-}} other {{{}-}}}}".format(*translation)
    if verdict(korean, english):
        return
    values = {"name": "<name>", "count": float(count) if isinstance(count, Decimal) else count}
    before, after = (
        icu.MessageFormat(text, spoken).format(values) for text, spoken in ((korean, "ko"), (english, "en"))
    )
    assert "<name>" not in before or "<name>" in after
    if count not in (1, 5):
        assert str(values["count"]) not in before or str(values["count"]) in after


pieces = st.lists(
    st.sampled_from(
        ["{x}", "{x, number}", "{x, date}", "{x, time}", "{x, plural, one {P#} other {P#}}",
         "{x, selectordinal, one {O#} two {O#} few {O#} other {O#}}", "{x, select, a {A} other {B}}"]
    ), min_size=1, max_size=3,
).map("".join)  # fmt: skip


@given(source=pieces, translation=pieces)
@settings(max_examples=200, deadline=None)
def test_what_is_accepted_takes_in_icu_what_the_source_takes(source: str, translation: str) -> None:
    """Given the same value, ICU formats both or neither, and chooses by it in the same ways."""
    icu = pytest.importorskip("icu4py.messageformat", reason="the oracle icu4py is not installed")

    def formatted(text: str, language: str, value: object) -> set[str] | None:
        try:
            return set(icu.MessageFormat(text, language).format({"x": value})) & set("POAB")
        except Exception:
            return None

    if verdict(source, translation):
        return
    for value in ("text", 3, datetime(2026, 12, 1, 11, tzinfo=UTC)):
        before, after = formatted(source, "ko", value), formatted(translation, "en", value)
        assert before == after or isinstance(value, datetime)
        assert (before is None) == (after is None)
