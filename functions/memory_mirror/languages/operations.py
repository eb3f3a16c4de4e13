"""Translation of texts between languages, by Amazon Translate.

No round trip to the table beside the audit's. A text that is in the wanted language already is not sent anywhere.
"""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from memory_mirror import service
from memory_mirror.languages import translate
from memory_mirror.languages.certain import surely
from memory_mirror.languages.translate import AUTO, UnsupportedPair, canonical, code_of
from memory_mirror.service import User, bad_field
from quintet.api import ErrorType
from quintet.models.text import is_seen
from quintet.providers.errors import ProviderError, Rejected, Throttled

api = service.api.section("translation")

UNAVAILABLE = ErrorType(
    503, "translation_unavailable", "Translation is not available, please try again later", {"Retry-After": "30"}
)
BUSY = ErrorType(503, "translation_busy", "Translation is busy, please try again in a moment", {"Retry-After": "2"})
MOST_CHARACTERS = 20_000
_VARIANTS = frozenset({"zh-TW"})
"""Codes whose text differs so much from the plain language's that one is translated to the other."""


def _language(value: str) -> str:
    code_of(value)
    return canonical(value)


def _said(value: str) -> str:
    # Unlike other texts it is not trimmed: what needs no translation comes back as it was.
    if not is_seen(value):
        raise ValueError("must not be empty")
    if "\x00" in value:
        raise ValueError("must not contain control characters")
    return value


Language = Annotated[
    str,
    AfterValidator(_language),
    WithJsonSchema({"type": "string", "maxLength": 35, "examples": ["fr", "zh-Hant"]}),
]


class Foreign(BaseModel):
    model_config = ConfigDict(defer_build=True)

    text: Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS), AfterValidator(_said)]
    targetLanguage: Language  # noqa: N815 (the document's spelling)
    sourceLanguage: Language | None = None  # noqa: N815


class Translation(BaseModel):
    model_config = ConfigDict(defer_build=True)

    translatedText: str  # noqa: N815
    detectedLanguage: str  # noqa: N815


@api.post(
    "/translateText",
    errors=[UNAVAILABLE, BUSY],
    needs={"translate"},
    example={"text": "Good morning", "targetLanguage": "fr", "sourceLanguage": "en"},
)
def translate_text(body: Foreign, caller: User) -> Translation:
    """Translate a text

    Languages are BCP 47 tags. Without `sourceLanguage` it is detected; a text that is in the target language already
    comes back unchanged.
    """
    target = code_of(body.targetLanguage)
    source = code_of(body.sourceLanguage) if body.sourceLanguage else AUTO
    if source == target:
        return Translation(translatedText=body.text, detectedLanguage=body.sourceLanguage or target)
    if source == AUTO and target not in _VARIANTS and surely(body.text) == target.partition("-")[0]:
        return Translation(translatedText=body.text, detectedLanguage=target.partition("-")[0])
    try:
        done = translate.translate(body.text, source, target)
    except UnsupportedPair:
        raise bad_field("targetLanguage", "texts of this language cannot be translated to it") from None
    except Throttled:
        raise BUSY() from None
    except Rejected:
        raise bad_field("text", "it cannot be translated") from None
    except ProviderError:
        raise UNAVAILABLE() from None
    if done.source == target:
        return Translation(translatedText=body.text, detectedLanguage=done.source)
    return Translation(translatedText=done.text, detectedLanguage=body.sourceLanguage or done.source)
