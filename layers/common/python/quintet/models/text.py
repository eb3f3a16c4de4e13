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


def clean_line(value: str) -> str:
    """`value` trimmed and in Unicode NFC, for one line of text.

    Raises ValueError on control characters (NUL and line breaks among them).
    """
    if value.isascii() and value.isprintable():  # nearly every value; nothing to normalise
        return value.strip()
    value = unicodedata.normalize("NFC", value).strip()
    if any(unicodedata.category(char) in _UNPRINTABLE or char in _LINE_BREAKS for char in value):
        raise ValueError("must not contain control characters or line breaks")
    return value


def clean_text(value: str) -> str:
    """`value` trimmed and in Unicode NFC, its line breaks made `\\n`, for text of several lines.

    Raises ValueError on control characters other than line breaks and tabs.
    """
    if value.isascii() and value.isprintable():
        return value.strip()
    value = unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\r", "\n").strip()
    if any(unicodedata.category(char) in _UNPRINTABLE and char not in _LAYOUT for char in value):
        raise ValueError("must not contain control characters")
    return value


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
