"""Text people type: normalised, trimmed, and free of characters that break logs, mails and keys."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

_LAYOUT = frozenset("\n\t")
# Control characters, and halves of surrogate pairs, which JSON can spell but UTF-8 cannot.
_UNPRINTABLE = frozenset({"Cc", "Cs"})
_LINE_BREAKS = frozenset("\u2028\u2029")
_OVERRIDES = frozenset("\u202d\u202e")
"""They show what follows in another order than it is read: `gpj.exe` for `exe.jpg`."""
# Nothing of these is seen: separators, formats (zero-width characters, directions), and signs drawn as nothing.
_INVISIBLE = frozenset({"Zs", "Zl", "Zp", "Cf", "Cc", "Cs"})
_EMPTY_SIGNS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_VARIATIONS = (("\u180b", "\u180f"), ("\ufe00", "\ufe0f"), ("\U000e0100", "\U000e01ef"))


def clean_line(value: str) -> str:
    """`value` trimmed and in Unicode NFC, for one line of text; empty where nothing of it can be seen.

    Raises ValueError on control characters (NUL and line breaks among them) and on overrides of the text's direction.
    """
    if value.isascii() and value.isprintable():  # nearly every value; nothing to normalise
        return value.strip()
    value = unicodedata.normalize("NFC", value).strip()
    if any(unicodedata.category(char) in _UNPRINTABLE or char in _LINE_BREAKS for char in value):
        raise ValueError("must not contain control characters or line breaks")
    if not _OVERRIDES.isdisjoint(value):
        raise ValueError("must not override the direction of its text")
    return value if is_seen(value) else ""


def clean_text(value: str) -> str:
    """`value` trimmed and in Unicode NFC, its line breaks made `\\n`, for text of several lines; empty where nothing of
    it can be seen.

    Raises ValueError on control characters other than line breaks and tabs.
    """
    if value.isascii() and value.isprintable():
        return value.strip()
    value = unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\r", "\n").strip()
    if any(unicodedata.category(char) in _UNPRINTABLE and char not in _LAYOUT for char in value):
        raise ValueError("must not contain control characters")
    return value if is_seen(value) else ""


def is_seen(value: str) -> bool:
    """Whether a text shows anything: not one of spaces, zero-width characters and signs drawn as nothing alone."""
    return any(_is_seen(char) for char in value)


def is_seen_whole(value: str) -> bool:
    """Whether every character shows, spaces aside: so that no two texts that look the same differ in what does not."""
    return all(_is_seen(char) or unicodedata.category(char) == "Zs" for char in value)


def _is_seen(char: str) -> bool:
    if unicodedata.category(char) in _INVISIBLE or char in _EMPTY_SIGNS:
        return False
    return not any(first <= char <= last for first, last in _VARIATIONS)


@dataclass(frozen=True, slots=True)
class Length:
    """How many characters a `Line` or `Text` has once it is clean: `Annotated[Line, Length(1, 100)]`.

    `Field(max_length=…)` would work too, but speaks of items when it refuses a cleaned string.
    """

    least: int
    most: int

    def check(self, value: str) -> str:
        """`value` itself, or pydantic's `string_too_short` or `string_too_long`."""
        if len(value) < self.least:
            raise PydanticKnownError("string_too_short", {"min_length": self.least})
        if len(value) > self.most:
            raise PydanticKnownError("string_too_long", {"max_length": self.most})
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        lengths = {"minLength": self.least} if self.least else {}
        return {**handler(schema), **lengths, "maxLength": self.most}


Line = Annotated[str, AfterValidator(clean_line)]
"""One line of text; give a field its length with `Length`."""

Text = Annotated[str, AfterValidator(clean_text)]
"""Text of several lines; give a field its length with `Length`."""

Name = Annotated[Line, Length(1, 200)]
"""What somebody or something is called."""
