"""Playlists that the clock starts.

The operation may also be called over HTTP, by anybody, as the document has it: its reply names the playlist by id and
tells nothing of whom it plays for.
"""

from pydantic import BaseModel, ConfigDict

from memory_mirror import service
from memory_mirror.clock.occurrences import fire_due
from memory_mirror.music.entities import Playlist
from memory_mirror.music.playbacks import sound, start
from quintet.models import now

api = service.api.section("playlists")

PATIENCE = 30.0
"""Seconds within which a run starts another playlist; what is left waits for the next."""


class PlaybackReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    played: bool
    playlist_id: str | None
    track_count: int


@api.post("/playScheduledPlaylist", schedule="rate(1 minute)", needs={"table:write", "devices"}, timeout=55)
def play_scheduled_playlist() -> PlaybackReply:
    """Start the playlists that are due

    Each occurrence is started once, however many runs there are at once: the person is told in the app, and the
    playlist's speaker plays. Of a playlist that is late by up to two hours only the last occurrence is started. When
    several playlists are due all of them are started, and the reply names the one that was due first.
    """
    started = []
    for fired in fire_due(Playlist, now(), start, latest_only=True, seconds=PATIENCE):
        if fired.result is not None:
            started.append(sound(fired.record, fired.result))
    if not started:
        return PlaybackReply(played=False, playlist_id=None, track_count=0)
    return PlaybackReply(played=True, playlist_id=started[0].playlist_id, track_count=started[0].track_count)
