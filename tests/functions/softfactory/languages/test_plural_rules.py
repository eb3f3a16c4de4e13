"""Plural categories against CLDR as the library Babel has it, where that is installed, and against its own samples."""

from __future__ import annotations

from decimal import Decimal

import pytest

from softfactory.languages.message_format import Plural
from softfactory.languages.plural_rules import KEYWORDS, Language, categories, category, names_one_number
from softfactory.languages.shipped import LANGUAGES

KINDS: tuple[Plural, ...] = ("plural", "selectordinal")
NUMBERS: tuple[int | Decimal, ...] = (
    *range(-3, 201), *range(995, 1_025), 10_001, 1_000_000, 1_000_011,
    *map(Decimal, ("0.0", "0.1", "1.0", "1.00", "1.1", "1.5", "2.0", "3.0", "11.0", "21.0", "-1", "-1.0", "1000.5")),
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "found", "samples"),
    [
        # The samples of CLDR's plurals.xml and ordinals.xml for English.
        ("plural", "one", [1]),
        ("plural", "other", [0, 2, 16, 100, 1_000, 1_000_000, Decimal("0.0"), Decimal("1.5"), Decimal("1.0")]),
        ("selectordinal", "one", [1, 21, 31, 41, 51, 61, 71, 81, 101, 1_001]),
        ("selectordinal", "two", [2, 22, 32, 42, 52, 62, 72, 82, 102, 1_002]),
        ("selectordinal", "few", [3, 23, 33, 43, 53, 63, 73, 83, 103, 1_003]),
        ("selectordinal", "other", [0, 4, 18, 11, 12, 13, 111, 112, 113, 100, 1_000, 1_000_000]),
    ],
)
def test_english_numbers_fall_where_cldr_says(kind: Plural, found: str, samples: list[int | Decimal]) -> None:
    assert {category("en", kind, number) for number in samples} == {found}


@pytest.mark.parametrize("language", ["ko", "ja", "zh"])
@pytest.mark.parametrize("kind", KINDS)
def test_korean_japanese_and_chinese_have_one_form(language: Language, kind: Plural) -> None:
    assert categories(language, kind) == ("other",)
    assert {category(language, kind, number) for number in NUMBERS} == {"other"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_babel_agrees(language: Language, kind: Plural) -> None:
    locale = pytest.importorskip("babel", reason="the oracle Babel is not installed").Locale(language)
    rule = locale.plural_form if kind == "plural" else locale.ordinal_form
    assert {*rule.rules, "other"} == set(categories(language, kind)) <= set(KEYWORDS)
    assert {number: category(language, kind, number) for number in NUMBERS} == {n: rule(n) for n in NUMBERS}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_case_names_one_number_where_no_other_falls_into_it(language: Language, kind: Plural) -> None:
    for found in categories(language, kind):
        members = {abs(number) for number in NUMBERS if category(language, kind, number) == found}
        assert names_one_number(language, kind, found) == (len(members) == 1)
    assert names_one_number(language, kind, "=0")
