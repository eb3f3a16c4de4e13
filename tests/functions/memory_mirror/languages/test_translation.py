"""Translation: what is sent, what needs no sending, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from infra.local.faulty import Faults
from infra.local.translate import Translate
from quintet.settings import use
from quintet.testing import Client

PATH = "/functions/translateText"
WANTED = {"text": "Good morning", "targetLanguage": "fr", "sourceLanguage": "en"}


def test_nobody_is_served_without_a_session(mirror: Client) -> None:
    answer = mirror.post(PATH, {})
    assert (answer.status, answer.body) == (401, {"error": "Unauthorized"})


def test_a_text_is_translated(rose: Client, translator: Translate) -> None:
    answer = rose.post(PATH, WANTED)
    assert (answer.status, answer.body) == (200, {"translatedText": "⟦fr⟧ Good morning", "detectedLanguage": "en"})


def test_the_source_is_detected_when_nobody_names_it(rose: Client, translator: Translate) -> None:
    answer = rose.post(PATH, {"text": "Guten Morgen, ich bin zu Hause", "targetLanguage": "zh-Hant"})
    assert answer.body == {"translatedText": "⟦zh-TW⟧ Guten Morgen, ich bin zu Hause", "detectedLanguage": "de"}
    assert translator.asked[0].json["SourceLanguageCode"] == "auto"


@pytest.mark.parametrize(
    ("target", "source", "text", "detected"),
    [
        ("fr", "fr", "  Bonjour \n", "fr"),
        ("en-GB", "en-US", "Good morning", "en-US"),
        ("zh-Hant", "zh-tw", "早安", "zh-TW"),
        ("es", None, "Buenos días, ¿cómo está usted hoy?\n", "es"),
        ("fr-CA", None, "Je ne sais pas où est ma mère.", "fr"),
        ("ko-KR", None, "안녕하세요, 오늘 기분이 어떠세요?", "ko"),
    ],
)
def test_a_text_in_the_wanted_language_comes_back_as_it_was(
    rose: Client, translator: Translate, target: str, source: str | None, text: str, detected: str
) -> None:
    answer = rose.post(PATH, {"text": text, "targetLanguage": target, "sourceLanguage": source})
    assert (answer.status, answer.body) == (200, {"translatedText": text, "detectedLanguage": detected})
    assert translator.asked == []


def test_a_text_found_to_be_in_the_wanted_language_comes_back_as_it_was(rose: Client, translator: Translate) -> None:
    answer = rose.post(PATH, {"text": " Merci ", "targetLanguage": "fr"})
    assert answer.body == {"translatedText": " Merci ", "detectedLanguage": "fr"}
    assert len(translator.asked) == 1


def test_one_chinese_is_translated_to_the_other(rose: Client, translator: Translate) -> None:
    answer = rose.post(PATH, {"text": "我不知道你们在哪里", "targetLanguage": "zh-TW"})
    assert answer.body == {"translatedText": "⟦zh-TW⟧ 我不知道你们在哪里", "detectedLanguage": "zh"}


def test_a_long_text_is_translated_whole(rose: Client, translator: Translate) -> None:
    text = "Es ist ein schöner Tag im Garten. " * 580
    answer = rose.post(PATH, {"text": text, "targetLanguage": "en"})
    assert answer.status == 200
    assert answer.body["translatedText"].replace("⟦en⟧ ", "") == text
    assert len(translator.asked) == 3


BAD: list[tuple[dict[str, Any], str]] = [
    ({"text": None}, "text: "),
    ({"text": ""}, "text: "),
    ({"text": " \n"}, "text: must not be empty"),
    ({"text": "\u200b\u2060"}, "text: must not be empty"),
    ({"text": "a\x00b"}, "text: must not contain control characters"),
    ({"text": "x" * 20_001}, "text: "),
    ({"text": 7}, "text: "),
    ({"targetLanguage": None}, "targetLanguage: "),
    ({"targetLanguage": "french!"}, "targetLanguage: must be a BCP 47 language tag, such as fr or zh-Hant"),
    ({"targetLanguage": "auto"}, "targetLanguage: must be a BCP 47 language tag, such as fr or zh-Hant"),
    ({"targetLanguage": "tlh"}, "targetLanguage: is not a language that can be translated"),
    ({"sourceLanguage": "en_US"}, "sourceLanguage: must be a BCP 47 language tag, such as fr or zh-Hant"),
    ({"sourceLanguage": "eo"}, "sourceLanguage: is not a language that can be translated"),
]


def test_a_bad_field_is_named(rose: Client, translator: Translate) -> None:
    for fields, error in BAD:
        answer = rose.post(PATH, {**WANTED, **fields})
        assert answer.status == 400, (fields, answer)
        assert answer.body["error"].startswith(error), answer.body
        assert translator.asked == []


@pytest.mark.parametrize(
    ("status", "code", "answered", "error"),
    [
        (400, "UnsupportedLanguagePairException", 400,
         "targetLanguage: texts of this language cannot be translated to it"),
        (400, "InvalidRequestException", 400, "text: it cannot be translated"),
        (400, "TooManyRequestsException", 503, "Translation is busy, please try again in a moment"),
        (500, "InternalServerException", 503, "Translation is not available, please try again later"),
        (400, "UnknownOperationException", 503, "Translation is not available, please try again later"),
    ],
)  # fmt: skip
def test_the_services_refusals_are_told(
    rose: Client, translator: Translate, status: int, code: str, answered: int, error: str
) -> None:
    translator.faults = Faults(status=status, code=code)
    answer = rose.post(PATH, WANTED)
    assert (answer.status, answer.body) == (answered, {"error": error})


def test_without_the_service_only_what_needs_none_is_answered(rose: Client) -> None:
    with use({"AWS_ENDPOINT_URL_TRANSLATE": "http://127.0.0.1:9"}):
        answer = rose.post(PATH, WANTED)
        assert (answer.status, answer.body) == (503, {"error": "Translation is not available, please try again later"})
        assert rose.post(PATH, {**WANTED, "targetLanguage": "en-GB"}).status == 200
