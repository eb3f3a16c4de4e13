"""What is the person's own: memories, pictures, films, music, and where the past is safe to visit."""

from typing import Annotated, ClassVar

from pydantic import Field

from memory_mirror.records.fields import Era, FreeObject, Link, Long, Sentiment, Short, Tags, Words
from memory_mirror.records.record import Record, Resource, listed
from quintet.store import Keys


class Memory(Record):
    """A memory. `safe` is False for one that hurts: it is never offered."""

    kind: ClassVar[str] = "Memory"
    keys: ClassVar[Keys] = listed("Memory", "era", "sentiment")
    resource: ClassVar[Resource | None] = "memory"
    indexed: ClassVar[tuple[str, ...]] = ("era", "sentiment")

    title: Short
    content: Long
    era: Era | None = None
    tags: Tags = Field(default_factory=list)
    sentiment: Sentiment | None = None
    safe: bool = True
    people: Tags = Field(default_factory=list)
    place: Words = ""
    photo_ids: Annotated[list[str], Field(max_length=50)] = Field(default_factory=list)


class _Medium(Record):
    """What a picture and a film have in common."""

    resource: ClassVar[Resource | None] = "memory"
    indexed: ClassVar[tuple[str, ...]] = ("era",)

    title: Short
    url: Link
    description: Long = ""
    era: Era | None = None
    tags: Tags = Field(default_factory=list)
    people: Tags = Field(default_factory=list)
    place: Words = ""
    sentiment: Sentiment | None = None
    safe: bool = True


class Photo(_Medium):
    """A picture of the person's own."""

    kind: ClassVar[str] = "Photo"
    keys: ClassVar[Keys] = listed("Photo", "era")


class Video(_Medium):
    """A film of the person's own."""

    kind: ClassVar[str] = "Video"
    keys: ClassVar[Keys] = listed("Video", "era")

    duration_seconds: Annotated[float, Field(ge=0, le=360_000)] | None = None


class SafeMemoryZone(Record):
    """A part of the past in which the person feels safe: talk is led there, and away from what they avoid."""

    kind: ClassVar[str] = "SafeMemoryZone"
    keys: ClassVar[Keys] = listed("SafeMemoryZone")
    resource: ClassVar[Resource | None] = "memory"

    name: Short
    era: Era | None = None
    description: Long = ""
    triggers: Tags = Field(default_factory=list)
    """Words that show they are there."""
    comforting_topics: Tags = Field(default_factory=list)
    topics_to_avoid: Tags = Field(default_factory=list)
    active: bool = True


class Music(Record):
    """A piece of music of the person's own library."""

    kind: ClassVar[str] = "Music"
    keys: ClassVar[Keys] = listed("Music", "era")
    indexed: ClassVar[tuple[str, ...]] = ("era",)

    title: Short
    artist: Words = ""
    url: Link | None = None
    era: Era | None = None
    year: Annotated[int, Field(ge=1000, le=2100)] | None = None
    genres: Tags = Field(default_factory=list)
    moods: Tags = Field(default_factory=list)
    tags: Tags = Field(default_factory=list)
    duration_seconds: Annotated[float, Field(ge=0, le=360_000)] | None = None
    client_id: Words = ""
    """The id that an offline device gave it."""
    extra: FreeObject = Field(default_factory=dict)
    """What that device said of it beyond these fields."""
