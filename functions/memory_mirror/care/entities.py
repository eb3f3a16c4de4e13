"""The care journal as it is stored."""

from typing import ClassVar

from pydantic import Field

from memory_mirror.records.fields import Long, Tags, Words
from memory_mirror.records.record import Record, Resource, listed
from quintet.store import Keys


class CareJournalEntry(Record):
    """What a caregiver wrote down."""

    kind: ClassVar[str] = "CareJournalEntry"
    keys: ClassVar[Keys] = listed("CareJournalEntry", "category")
    resource: ClassVar[Resource | None] = "health_data"
    indexed: ClassVar[tuple[str, ...]] = ("category",)

    title: Words = ""
    content: Long
    category: Words | None = None
    """Such as sleep, meals, mood, medication, mobility, visit."""
    mood: Words = ""
    tags: Tags = Field(default_factory=list)
