"""Playlists as they are stored."""

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from memory_mirror.clock.due import Recurring, due_times
from memory_mirror.records.fields import Era, Schedule, Short, Tags, Track, Words
from memory_mirror.records.record import listed
from memory_mirror.times.recurrence import Recurrence
from quintet.store import Keys


class Playlist(Recurring):
    """Pieces to be played in order, perhaps at set times. GSI3 orders those with a schedule by when they are due."""

    kind: ClassVar[str] = "Playlist"
    keys: ClassVar[Keys] = listed("Playlist", gsi3=due_times("Playlist"))
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

    def recurrence(self) -> Recurrence | None:
        if self.schedule is None or not self.enabled:
            return None
        starts_at = datetime.fromisoformat(self.schedule.starts_at)
        return Recurrence(starts_at, self.schedule.timezone, self.schedule.rrule)
