"""Translation with Amazon Translate: any length of text, languages named by BCP 47 tags.

Source: Amazon Translate developer guide, "Supported languages and language codes", and API reference, "TranslateText".
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

from quintet.net import aws
from quintet.providers.errors import Rejected, Throttled, Unavailable

MOST_BYTES = 10_000
"""UTF-8 bytes of one request."""
AUTO = "auto"

_SERVICE = "translation"
_SECONDS = 20.0  # no further piece is begun later; an operation has 29 s
_SPOKEN = """
af sq am ar hy az bn bs bg ca zh zh-TW hr cs da fa-AF nl en et fa tl fi fr fr-CA ka de el gu ht ha he hi hu is
id ga it ja kn kk ko lv lt mk ms ml mt mr mn no ps pl pt pt-PT pa ro ru sr si sk sl so es es-MX sw sv ta te th tr
uk ur uz vi cy
"""
_CODES = frozenset(_SPOKEN.split())
# Subtags that mean a language under another name: IANA's registry (old codes, macrolanguages, ISO 639-3).
_NAMES = {"iw": "he", "in": "id", "mo": "ro", "fil": "tl", "nb": "no", "cmn": "zh", "arb": "ar", "prs": "fa-AF",
          "pes": "fa", "swh": "sw", "lvs": "lv", "ekk": "et", "khk": "mn", "zsm": "ms", "eng": "en", "spa": "es",
          "fra": "fr", "deu": "de", "zho": "zh", "jpn": "ja", "kor": "ko", "ara": "ar"}  # fmt: skip
_TRADITIONAL = frozenset({"TW", "HK", "MO"})
_PORTUGUESE = frozenset({"PT", "AO", "MZ", "CV", "GW", "ST", "TL"})
# RFC 5646 section 2.1: language, script, region, variants and extensions, private use.
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3}|[a-z]{5,8})(?:-[a-z]{3}){0,3}(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|\d{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?",
    re.IGNORECASE | re.ASCII,
)
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n+")
_SPACE = re.compile(r"\s+")


class UnsupportedLanguage(ValueError):
    """Amazon Translate does not speak it, or it is no BCP 47 tag. The message is fit for the caller."""


class UnsupportedPair(Rejected):
    """The service speaks both languages, but does not translate from one to the other."""


class _LowConfidence(Exception):
    """The language was guessed only; `code` is the guess."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Translated:
    """A translation, and the code of the language it is from."""

    text: str
    source: str


def code_of(tag: str) -> str:
    """Translate's code of the language a BCP 47 tag names: `zh-Hant-HK` is `zh-TW`, `en-GB` is `en`.

    Raises UnsupportedLanguage.
    """
    found = _TAG.fullmatch(tag) if len(tag) <= 35 else None
    if found is None:
        raise UnsupportedLanguage("must be a BCP 47 language tag, such as fr or zh-Hant")
    language, script = found["language"].lower(), (found["script"] or "").title()
    region = (found["region"] or "").upper()
    language = _NAMES.get(language, language)
    code = {
        "zh": "zh-TW" if script == "Hant" or (not script and region in _TRADITIONAL) else "zh",
        "fr": "fr-CA" if region == "CA" else "fr",
        "es": "es-MX" if region in ("MX", "419") else "es",
        "pt": "pt-PT" if region in _PORTUGUESE else "pt",
        "fa": "fa-AF" if region == "AF" else "fa",
    }.get(language, language)
    if code not in _CODES:
        raise UnsupportedLanguage("is not a language that can be translated")
    return code


def canonical(tag: str) -> str:
    """A well-formed tag in the case that RFC 5646 section 2.1.1 recommends: `zh-hant-tw` is `zh-Hant-TW`."""
    first, *rest = tag.split("-")
    shown = [first.lower()]
    single = False
    for part in rest:
        single = single or len(part) == 1
        if len(part) == 4 and part.isalpha() and not single:
            shown.append(part.title())
        elif len(part) == 2 and not single:
            shown.append(part.upper())
        else:
            shown.append(part.lower())
    return "-".join(shown)


def translate(text: str, source: str, target: str) -> Translated:
    """`text` in another language; `source` and `target` are Translate's codes, `source` may be AUTO.

    A text longer than one request takes is cut at the ends of sentences. White space around the pieces stays as it
    is. Raises UnsupportedPair, Rejected, Throttled or Unavailable.
    """
    ends, made = time.monotonic() + _SECONDS, []
    for piece in pieces(text):
        words = piece.strip()
        if not words:
            made.append(piece)
            continue
        if time.monotonic() > ends:
            raise Unavailable(f"{_SERVICE} took too long")
        done = _piece(words, source, target)
        if source == AUTO:
            source = done.source  # what the first piece was found to be, the others are
        before = piece[: len(piece) - len(piece.lstrip())]
        made.append(before + done.text + piece[len(before) + len(words) :])
    return Translated("".join(made), source)


def pieces(text: str, most_bytes: int = MOST_BYTES) -> list[str]:
    """`text` cut into parts of at most so many UTF-8 bytes (4 or more), which joined are the text again.

    Cut at the end of a sentence where there is one, else between words, else between characters.
    """
    found, held, size = list[str](), list[str](), 0
    for part in _fitting(text, most_bytes):
        weight = len(part.encode())
        if held and size + weight > most_bytes:
            found.append("".join(held))
            held, size = [], 0
        held.append(part)
        size += weight
    return [*found, "".join(held)] if held else found


def _fitting(text: str, most_bytes: int) -> Iterator[str]:
    """Sentences, and of those that are too long words, and of those that are too long characters."""
    for sentence in _cut(text, _SENTENCE):
        if len(sentence.encode()) <= most_bytes:
            yield sentence
            continue
        for word in _cut(sentence, _SPACE):
            if len(word.encode()) <= most_bytes:
                yield word
            else:
                yield from word


def _cut(text: str, where: re.Pattern[str]) -> Iterator[str]:
    """`text` cut after every match, nothing lost."""
    at = 0
    for found in where.finditer(text):
        if found.end() > at:
            yield text[at : found.end()]
            at = found.end()
    if at < len(text):
        yield text[at:]


def _piece(text: str, source: str, target: str) -> Translated:
    try:
        return _asked(text, source, target)
    except _LowConfidence as guess:
        return _asked(text, guess.code, target)


def _asked(text: str, source: str, target: str) -> Translated:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = aws.client("translate").translate_text(Text=text, SourceLanguageCode=source, TargetLanguageCode=target)
        return Translated(str(answer["TranslatedText"]), str(answer["SourceLanguageCode"]))
    except ClientError as error:
        raise _refusal(error, guessed=source == AUTO) from error
    except (BotoCoreError, KeyError, TypeError, ValueError) as error:
        raise Unavailable(f"{_SERVICE} cannot be reached") from error


def _refusal(error: Exception, *, guessed: bool) -> Exception:
    """What an error answer means; whatever is not about this text and these languages is the service's trouble."""
    response = getattr(error, "response", {})
    code = str(response.get("Error", {}).get("Code", ""))
    message = f"{_SERVICE} answered {code}"
    guess = response.get("DetectedLanguageCode")
    if code == "DetectedLanguageLowConfidenceException" and guessed and guess:
        return _LowConfidence(str(guess))
    if code == "UnsupportedLanguagePairException":
        return UnsupportedPair(message)
    if code in ("TooManyRequestsException", "ThrottlingException", "LimitExceededException"):
        return Throttled(message)
    if code in ("InvalidRequestException", "TextSizeLimitExceededException"):
        return Rejected(message)
    return Unavailable(message)


__all__ = [
    "AUTO",
    "MOST_BYTES",
    "Translated",
    "UnsupportedLanguage",
    "UnsupportedPair",
    "canonical",
    "code_of",
    "pieces",
    "translate",
]
