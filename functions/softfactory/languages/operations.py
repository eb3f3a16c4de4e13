"""The interface's languages and their texts: lists, single texts, changes, coverage and packs."""

from itertools import islice
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator

from quintet.api import ErrorType, Reply, Request, matches
from quintet.models import Entries, Page, Timestamp
from quintet.models.pages import MAX_PAGE_BYTES, sent_bytes
from quintet.store import cursors
from softfactory import service
from softfactory.access.callers import I18nAdmin, User
from softfactory.languages import changes, shipped, snapshot
from softfactory.languages.changes import MOST_CHARACTERS, MOST_KEYS
from softfactory.languages.coverage import Reason
from softfactory.languages.entities import part_of
from softfactory.languages.plural_rules import Language
from softfactory.languages.snapshot import Said
from softfactory.lists import ListQuery
from softfactory.trail.log import Act

api = service.api.section("i18n")

MOST_NAMED: Final = 3_000
"""Missing keys of one page: a thousand of each language that is translated."""

STRING_NOT_FOUND = ErrorType(404, "string_not_found", "The language has no text under this key")


class LanguageReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    code: Language
    name: str
    native_name: str
    flag_emoji: str


class LanguagesReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    languages: list[LanguageReply]


class StringQuery(ListQuery):
    """`name` is another word for `key`."""

    limit: Annotated[int, Field(ge=1, le=MOST_KEYS, description="Texts to show")] = MOST_KEYS
    sort: Literal["key", "-key", "name", "-name"] = "key"
    module: Annotated[str | None, Field(max_length=200, description="What keys begin with, up to their first dot")] = (
        None
    )


class StringRow(BaseModel):
    model_config = ConfigDict(defer_build=True)

    key: str
    value: str
    last_updated: Timestamp

    @classmethod
    def of(cls, key: str, said: Said) -> Self:
        return cls(key=key, value=said.value, last_updated=said.entry.at if said.entry else shipped.RELEASED)


class StringReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    key: str
    value: str
    language: Language
    last_updated_by: Annotated[
        str | None, Field(description="The user who wrote it; null for a text that the product ships with")
    ]


Given = Annotated[Any, Field(description="A string; for anything else the key's verdict is `no_text`")]
"""A text as it was sent: what is none is no reason to refuse the others."""


class Translations(BaseModel):
    """Texts of one language by key (`module.name`), each an ICU message."""

    model_config = ConfigDict(defer_build=True)
    judged: ClassVar = frozenset({"translations"})

    language: Language
    translations: Annotated[dict[str, Given], Field(min_length=1), Entries(MOST_KEYS)]

    @field_validator("translations")
    @classmethod
    def _bounded(cls, given: dict[str, Any]) -> dict[str, Any]:
        if sum(len(text) for text in given.values() if isinstance(text, str)) > MOST_CHARACTERS:
            message = f"must have at most {MOST_CHARACTERS:,} characters in all"
            raise ValueError(message)
        return given


class VerdictReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    key: str
    code: Annotated[
        Literal[
            "invalid_key", "unknown_key", "no_text", "empty", "too_long", "unprintable", "malformed_message",
            "unsupported_message", "too_many_cases", "unknown_plural_category", "plural_incomplete",
            "placeholders_differ", "placeholder_type", "catalogue_full",
        ],
        Field(description="Why the key was not stored"),
    ]  # fmt: skip
    message: str


class WrittenReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    updated_count: Annotated[int, Field(description="Keys that say now what was asked for")]
    errors: list[VerdictReply]


class CoverageQuery(BaseModel):
    """Which of the missing keys to name; the percentages are always those of all."""

    model_config = ConfigDict(defer_build=True)

    language: Annotated[Language | None, Field(description="Whose missing keys alone")] = None
    limit: Annotated[int, Field(ge=1, le=MOST_NAMED, description="Missing keys to show")] = MOST_NAMED
    offset: Annotated[int, Field(ge=0, le=1_000_000, description="Missing keys to pass over")] = 0


class LackingReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    language: Language
    key: str
    reason: Annotated[Reason, Field(description="`stale`: the source was changed since")]


class CoverageReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    languages: Annotated[
        dict[Language, float],
        Field(description="Percent of the source's variants that are translated, rounded down to one decimal"),
    ]
    missing_keys: Annotated[list[LackingReply], Field(description="In the order of language and key")]
    total_missing: Annotated[int, Field(description="Of these languages, on whichever page they are")]
    limit: int
    offset: int


@api.get("/i18n/languages", etag=True)
def list_languages(caller: User) -> LanguagesReply:
    """Supported languages"""
    return LanguagesReply(
        languages=[
            LanguageReply(code="ko", name="Korean", native_name="한국어", flag_emoji="🇰🇷"),
            LanguageReply(code="en", name="English", native_name="English", flag_emoji="🇺🇸"),
            LanguageReply(code="ja", name="Japanese", native_name="日本語", flag_emoji="🇯🇵"),
            LanguageReply(code="zh", name="Chinese", native_name="中文", flag_emoji="🇨🇳"),
        ]
    )


@api.get("/i18n/strings/{lang}", rows="strings", errors=[cursors.INVALID_CURSOR], needs={"table:read"})
def list_strings(lang: Language, query: StringQuery, caller: User) -> Page[StringRow]:
    """All strings of a language, or those of one module"""
    found = snapshot.read([lang])
    texts = found.texts(lang)
    keys = [key for key in texts if query.module is None or key.partition(".")[0] == query.module]
    if query.descending:
        keys.reverse()
    scope = f"strings|{lang}|{query.module}|{query.descending}"
    page = cursors.cut(keys, query, scope, str, descending=query.descending)
    rows = [StringRow.of(key, said) for key in page.items if (said := found.said(lang, key))]
    fitting = _fitting(rows)
    if fitting == len(rows):
        return Page(rows, page.total, page.page, page.page_size, page.next_cursor)
    cursor = cursors.write(page.page + 1, {"place": {"S": rows[fitting - 1].key}}, scope)
    return Page(rows[:fitting], page.total, page.page, page.page_size, cursor)


@api.get("/i18n/strings/{lang}/{key}", etag=True, errors=[STRING_NOT_FOUND], needs={"table:read"})
def get_string(lang: Language, key: str, caller: User) -> StringReply:
    """Single translation"""
    said = snapshot.read([lang], [part_of(key)]).said(lang, key)
    if said is None:
        raise STRING_NOT_FOUND()
    return StringReply(
        key=key, value=said.value, language=lang, last_updated_by=said.entry.by if said.entry else None
    )  # fmt: skip


@api.post(
    "/i18n/strings",
    needs={"table:write"},
    example={
        "language": "en",
        "translations": {"auth.login": "Log in", "files.file_count": "{count, plural, one {# file} other {# files}}"},
    },
)
def upsert_strings(body: Translations, caller: I18nAdmin, request: Request) -> WrittenReply:
    """Add or update translations: sound keys are stored together, each other one is told with its reason"""
    written = changes.write(body.language, body.translations, Act.of(caller, request))
    return WrittenReply.model_validate(
        {"updated_count": written.updated, "errors": [verdict._asdict() for verdict in written.refused]}
    )


@api.get("/i18n/coverage", needs={"table:read"})
def coverage(query: CoverageQuery, caller: User) -> CoverageReply:
    """Translation coverage report"""
    figures = snapshot.coverage()
    shown = {name: found for name, found in figures.items() if query.language in (None, name)}
    missing = (
        LackingReply(language=language, key=key, reason=reason)
        for language, found in shown.items()
        for key, reason in found.lacking.items()
    )
    return CoverageReply(
        languages={shipped.SOURCE: 100.0, **{language: found.percent for language, found in figures.items()}},
        missing_keys=list(islice(missing, query.offset, query.offset + query.limit)),
        total_missing=sum(len(found.lacking) for found in shown.values()),
        limit=query.limit,
        offset=query.offset,
    )


@api.get("/i18n/download/{lang}", etag=True, needs={"table:read"})
def download(lang: Language, caller: User, request: Request) -> Reply[dict[str, str]]:
    """Download a language pack: a JSON object of text by key"""
    known = request.headers.get("if-none-match")
    if known and matches(known, tag := snapshot.etag(snapshot.catalogue(), lang), weak=True):
        return Reply({}, headers={"ETag": tag})  # answered with 304, for which nothing need be read
    found = snapshot.read([lang])
    return Reply(found.texts(lang), headers={"ETag": snapshot.etag(found.catalogue, lang)})


def _fitting(rows: list[StringRow]) -> int:
    """How many rows a reply can carry, which shows each twice."""
    room = MAX_PAGE_BYTES
    for count, row in enumerate(rows):
        room -= 2 * (sent_bytes(row) + 1)
        if room < 0:
            return max(count, 1)
    return len(rows)
