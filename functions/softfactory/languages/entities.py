"""What translators changed, in parts, and which revision of each part is in force."""

import hashlib
import json
import secrets
from datetime import datetime
from typing import Annotated, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from quintet.store import AsJson, Entity, Keys
from softfactory.languages import shipped
from softfactory.languages.plural_rules import Language

PARTS: Final = 32
"""Of a language. A write touches that many at most, with room in its transaction of 100 actions for what goes along."""
LARGEST_PART: Final = 64_000
"""Bytes, about 340 texts: a write of all parts stays below the 4 MB of a transaction, a pack below Lambda's 6 MB."""


class Entry(BaseModel):
    """A text as somebody wrote it."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    value: str
    at: datetime
    by: str | None = None
    """The id of who wrote it; None once that account is erased."""
    source: str | None = None
    """The fingerprint of the source that it translates; None in the source language."""

    def weight(self, key: str) -> int:
        """Bytes that it takes in its part; never fewer."""
        return len(key) + len(json.dumps(self.value, ensure_ascii=False).encode()) + 160


class Part(Entity):
    """The changed texts of a language whose keys have one hash. One that was read is never changed."""

    kind: ClassVar[str] = "translation_part"
    keys: ClassVar[Keys] = Keys("TRANSLATIONS#{language}", "PART#{number}")

    language: Language
    number: str
    revision: str = Field(default_factory=lambda: secrets.token_hex(6))
    """Tells these contents from all others that the part ever had, in this table or another."""
    entries: Annotated[dict[str, Entry], AsJson()] = Field(default_factory=dict)


def _unchanged() -> dict[str, dict[str, str]]:
    return {language: {} for language in shipped.LANGUAGES}


class Catalogue(Entity):
    """Which revision of each part is in force. A write changes it in the places of its own parts, on condition that
    those it was decided upon are still in force: writers of other parts are not in its way."""

    kind: ClassVar[str] = "translation_catalogue"
    keys: ClassVar[Keys] = Keys("TRANSLATIONS", "CATALOGUE")

    parts: dict[str, dict[str, str]] = Field(default_factory=_unchanged)
    """Revision by language and part; all languages are there, since DynamoDB writes into a map that exists alone."""
    translators: dict[str, str] = Field(default_factory=dict)
    """A revision that somebody wrote last, by the ids of whom some text may remember."""

    def revision(self, language: Language, number: str) -> str | None:
        return self.parts.get(language, {}).get(number)


def part_of(key: str) -> str:
    """The number of the part that a key's text lies in."""
    return str(hashlib.blake2b(key.encode(), digest_size=2).digest()[0] % PARTS)
