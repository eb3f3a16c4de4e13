"""Music: the person's library and their playlists."""

from typing import Annotated, ClassVar

from pydantic import Field

from memory_mirror.records.fields import Era, FreeObject, Link, Schedule, Short, Tags, Track, Words
from memory_mirror.records.record import Record, listed
from quintet.store import Index, Keys


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


class Playlist(Record):
    """Pieces to be played in order, perhaps at set times. GSI3 orders those with a schedule by when they are due."""

    kind: ClassVar[str] = "Playlist"
    keys: ClassVar[Keys] = listed(
        "Playlist", gsi3=Index("DUE#Playlist#{due_shard}", "{next_due}#{subject}#{id}", order="ascending")
    )
    hidden: ClassVar[frozenset[str]] = frozenset({"subject", "version", "due_shard"})
    read_only: ClassVar[frozenset[str]] = frozenset({"next_due"})

    name: Short
    description: Words = ""
    mood: Words = ""
    era: Era | None = None
    genres: Tags = Field(default_factory=list)
    tracks: Annotated[list[Track], Field(max_length=200)] = Field(default_factory=list)
    schedule: Schedule | None = None
    enabled: bool = True
    device_id: str | None = None
    """The speaker it plays on."""
    next_due: str | None = None
    """When it plays next, UTC to the minute."""
    due_shard: str | None = None
