"""The texts that are shipped: the same keys in all languages, each sound, none left over from another language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from softfactory.languages import shipped
from softfactory.languages.checks import check_against, check_key, checked
from softfactory.languages.coverage import covered, fingerprint
from softfactory.languages.message_format import Argument, Message, parse
from softfactory.languages.plural_rules import Language

TRANSLATIONS: list[Language] = ["en", "ja", "zh"]
SCRIPTS = {"ko": "[가-힣]", "ja": "[ぁ-ヿ]", "zh": "[一-鿿]"}


def test_a_product_has_a_few_hundred_texts_in_many_modules() -> None:
    keys = shipped.texts("ko").keys()
    assert len(keys) >= 300
    assert {key.partition(".")[0] for key in keys} >= {
        "admin", "auth", "automation", "chat", "common", "coocook", "errors", "files", "i18n", "moderation",
        "notifications", "orders", "payment", "profile", "rbac", "review", "search", "sns", "time", "validation",
    }  # fmt: skip


def test_every_source_is_sound() -> None:
    for key, text in shipped.texts("ko").items():
        check_key(key)
        checked(text, "ko")


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_translation_is_sound(language: Language) -> None:
    sources, texts = shipped.texts("ko"), shipped.texts(language)
    assert list(texts) == list(sources) == sorted(sources)
    for key, text in texts.items():
        check_against(checked(text, language), checked(sources[key], "ko"), language)


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_language_is_complete(language: Language) -> None:
    sources = shipped.texts("ko")
    figures = covered(language, sources, lambda key: fingerprint(sources[key]))
    assert (figures.percent, figures.lacking) == (100.0, {})
    assert figures.wanted > len(sources) if language == "en" else figures.wanted >= len(sources)


@pytest.mark.parametrize("language", shipped.LANGUAGES)
def test_a_text_is_written_in_its_own_script(language: Language) -> None:
    for key, text in shipped.texts(language).items():
        others = [script for spoken, script in SCRIPTS.items() if spoken != language]
        foreign = others if language in ("en", "ko") else [script for script in others if script != SCRIPTS["zh"]]
        assert not re.search("|".join(foreign), text), (language, key, text)
        assert text == text.strip(), (language, key)


@pytest.mark.parametrize("language", shipped.LANGUAGES)
def test_icu_formats_every_text(language: Language) -> None:
    icu = pytest.importorskip("icu4py.messageformat", reason="the oracle icu4py is not installed")
    for text in shipped.texts(language).values():
        kinds = {argument.name: argument.kind for argument in arguments(parse(text)) if argument.kind != "hash"}
        values = {name: VALUES.get(kind, "other") for name, kind in kinds.items()}
        shown = icu.MessageFormat(text, language).format(values)
        assert shown
        assert "{" not in shown


VALUES = {
    "number": 3,
    "plural": 3,
    "date": datetime(2026, 12, 1, tzinfo=UTC),
    "time": datetime(2026, 12, 1, tzinfo=UTC),
}


def arguments(message: Message) -> Iterator[Argument]:
    for part in message:
        if isinstance(part, Argument):
            yield part
            for _, case in part.cases:
                yield from arguments(case)
