"""Translation in AWS's protocol: languages, long texts, doubtful sources, refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.faulty import Faults
from infra.local.translate import Translate
from memory_mirror.languages import translate
from memory_mirror.languages.translate import (
    AUTO,
    MOST_BYTES,
    Translated,
    UnsupportedLanguage,
    UnsupportedPair,
    canonical,
    code_of,
    pieces,
)
from quintet.providers.errors import ProviderError, Rejected, Throttled, Unavailable
from quintet.settings import use


@pytest.fixture
def server() -> Iterator[Translate]:
    found = Translate()
    found.start()
    with use({"AWS_ENDPOINT_URL_TRANSLATE": found.url, "AWS_REGION": "us-east-1"}):
        yield found
    found.stop()


def test_a_text_is_translated_by_a_signed_call(server: Translate) -> None:
    assert translate.translate("Good morning", "en", "fr") == Translated("⟦fr⟧ Good morning", "en")
    (asked,) = server.asked
    assert asked.headers["x-amz-target"] == "AWSShineFrontendService_20170701.TranslateText"
    assert asked.headers["content-type"] == "application/x-amz-json-1.1"
    assert "/us-east-1/translate/aws4_request" in asked.headers["authorization"]
    assert asked.json == {"Text": "Good morning", "SourceLanguageCode": "en", "TargetLanguageCode": "fr"}


def test_the_source_is_detected(server: Translate) -> None:
    assert translate.translate("Bonjour, merci", AUTO, "de") == Translated("⟦de⟧ Bonjour, merci", "fr")


def test_a_doubtful_source_is_asked_for_again_by_name(server: Translate) -> None:
    server.unsure = True
    assert translate.translate("Bonjour", AUTO, "de") == Translated("⟦de⟧ Bonjour", "fr")
    assert [asked.json["SourceLanguageCode"] for asked in server.asked] == ["auto", "fr"]


def test_a_long_text_is_cut_at_sentences_and_put_together_again(server: Translate) -> None:
    text = "  Bonjour, il fait beau aujourd'hui. \n\n" + "Elle est là. " * 1600 + "Fin\t"
    done = translate.translate(text, AUTO, "en")
    asked = [one.json for one in server.asked]
    assert len(asked) == 3
    assert [one["SourceLanguageCode"] for one in asked] == ["auto", "fr", "fr"]
    assert all(len(one["Text"].encode()) <= MOST_BYTES and one["Text"].endswith((".", "Fin")) for one in asked)
    assert done.source == "fr"
    assert done.text.replace("⟦en⟧ ", "") == text


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=400), st.integers(4, 60))
def test_pieces_fit_and_joined_are_the_text(text: str, most: int) -> None:
    found = pieces(text, most)
    assert "".join(found) == text
    assert all(0 < len(piece.encode()) <= most for piece in found)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text("abc ", min_size=1, max_size=20).map(lambda words: f"{words}. "), max_size=20))
def test_no_sentence_is_cut_that_fits(sentences: list[str]) -> None:
    text = "".join(sentences)
    assert all(piece.rstrip().endswith(".") for piece in pieces(text, 40))


def test_pieces_are_as_few_as_sentences_allow() -> None:
    assert pieces("One two. Three four. Five.", 21) == ["One two. Three four. ", "Five."]
    assert pieces("一二三。四五六。", 12) == ["一二三。", "四五六。"]
    assert pieces("no sentence at all here", 9) == ["no ", "sentence ", "at all ", "here"]
    assert pieces("ααααα", 4) == ["αα", "αα", "α"]
    assert pieces("", 10) == []


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "en"), ("EN-gb", "en"), ("fr", "fr"), ("fr-CA", "fr-CA"), ("fr-BE", "fr"), ("es-419", "es-MX"),
        ("es-MX", "es-MX"), ("es-AR", "es"), ("pt", "pt"), ("pt-BR", "pt"), ("pt-PT", "pt-PT"), ("zh", "zh"),
        ("zh-Hans", "zh"), ("zh-Hant", "zh-TW"), ("zh-TW", "zh-TW"), ("zh-HK", "zh-TW"), ("zh-Hans-HK", "zh"),
        ("zh-CN", "zh"), ("cmn-Hant", "zh-TW"), ("ar-EG", "ar"), ("nb-NO", "no"), ("fil", "tl"), ("iw", "he"),
        ("fa-AF", "fa-AF"), ("prs", "fa-AF"), ("sr-Latn-RS", "sr"), ("de-CH-1996", "de"), ("en-x-grandma", "en"),
        ("ja-JP-u-ca-japanese", "ja"), ("deu", "de"),
    ],
)  # fmt: skip
def test_a_tag_names_one_of_translates_languages(tag: str, code: str) -> None:
    assert code_of(tag) == code


@pytest.mark.parametrize("tag", ["tlh", "yue", "nn", "sh", "eo", "zz"])
def test_a_language_nobody_translates_is_refused(tag: str) -> None:
    with pytest.raises(UnsupportedLanguage, match="not a language that can be translated"):
        code_of(tag)


@pytest.mark.parametrize(
    "tag", ["", "f", "english!", "en_US", "en--US", "fr-", "auto-", "a" * 40, "日本", "en US", "x"]
)
def test_what_is_no_tag_is_refused(tag: str) -> None:
    with pytest.raises(UnsupportedLanguage, match="BCP 47"):
        code_of(tag)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=40))
def test_any_text_is_a_language_or_refused(tag: str) -> None:
    with suppress(UnsupportedLanguage):
        assert 2 <= len(code_of(tag)) <= 5


def test_tags_are_shown_as_their_standard_recommends() -> None:
    told = {
        "EN": "en",
        "zh-hant-tw": "zh-Hant-TW",
        "PT-br": "pt-BR",
        "es-419": "es-419",
        "ja-jp-U-CA-japanese": "ja-JP-u-ca-japanese",
    }
    assert {tag: canonical(tag) for tag in told} == told


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "UnsupportedLanguagePairException", UnsupportedPair),
        (400, "InvalidRequestException", Rejected),
        (400, "TooManyRequestsException", Throttled),
        (400, "UnknownOperationException", Unavailable),
        (400, "AccessDeniedException", Unavailable),
        (404, "", Unavailable),
        (500, "InternalServerException", Unavailable),
    ],
)
def test_each_refusal_becomes_what_a_caller_can_act_on(
    server: Translate, status: int, code: str, kind: type[ProviderError]
) -> None:
    server.faults = Faults(status=status, code=code)
    with pytest.raises(ProviderError) as caught:
        translate.translate("Good morning", "en", "fr")
    assert type(caught.value) is kind


def test_a_passing_fault_is_tried_again(server: Translate) -> None:
    server.faults = Faults(requests=1, status=500, code="InternalServerException")
    assert translate.translate("Good morning", "en", "fr").text == "⟦fr⟧ Good morning"


def test_nobody_there_is_unavailable() -> None:
    with use({"AWS_ENDPOINT_URL_TRANSLATE": "http://127.0.0.1:9"}), pytest.raises(Unavailable):
        translate.translate("Good morning", "en", "fr")


def test_the_stand_in_knows_no_other_operation(server: Translate) -> None:
    server.unknown_pairs = {("en", "fr")}
    with pytest.raises(UnsupportedPair):
        translate.translate("Good morning", "en", "fr")
    assert json.loads(server.asked[0].body)["Text"] == "Good morning"
