"""Playbacks: that a scheduled playlist was started, what told the person so, and what the speaker made of it.

Access patterns:
    a person's playbacks, newest first    PLAYBACK#<subject> / <id>

A playback is the system's doing, so it is no ActivityLog record: a person who does nothing while music plays gives no
sign of activity.
"""

from typing import ClassVar

from pydantic import Field

from memory_mirror.accounts.access import Person
from memory_mirror.home.control import Errand, command
from memory_mirror.home.entities import SmartDevice
from memory_mirror.home.parameters import InvalidCommand
from memory_mirror.languages.spoken import supported
from memory_mirror.life.portrait import portrait
from memory_mirror.messages.notices import address_of, tell
from memory_mirror.music.entities import Playlist
from memory_mirror.records.record import read
from memory_mirror.service import store
from memory_mirror.times.moments import Moment
from memory_mirror.times.recurrence import Occurrence
from quintet import log
from quintet.models import new_id, now
from quintet.store import Entity, Keys, Transaction

MUSIC = "music"
"""The type of a playback's notification."""
CLOCK = "system:playlists.play_scheduled_playlist"
"""Who tells the speaker to play."""

_WORDS = {
    "en": ("Time for music", "Here is some music for you: “{name}”."),
    "es": ("Un rato de música", "Aquí hay un poco de música para usted: «{name}»."),
    "fr": ("Un moment de musique", "Voici un peu de musique pour vous : « {name} »."),
    "de": ("Zeit für Musik", "Hier ist etwas Musik für Sie: „{name}“."),
    "zh": ("音乐时间", "为您准备了一些音乐：《{name}》。"),
    "ja": ("音楽の時間です", "音楽をお届けします。「{name}」です。"),
    "ko": ("음악 시간이에요", "음악을 들려드릴게요. ‘{name}’입니다."),
    "ar": ("وقت الموسيقى", "إليك بعض الموسيقى: «{name}»."),
}
"""Title and text of the notification, by language."""


class Playback(Entity):
    """One start of a playlist. `verified` says whether the speaker confirmed it; null when there is no speaker."""

    kind: ClassVar[str] = "playback"
    keys: ClassVar[Keys] = Keys("PLAYBACK#{subject}", "{id}")

    id: str = Field(default_factory=new_id)
    subject: str
    playlist_id: str
    occurrence: str
    """The nominal local time, ISO 8601 without an offset."""
    track_count: int
    started_at: Moment = Field(default_factory=now)
    device_id: str | None = None
    verified: bool | None = None
    reason: str | None = None
    """Why the speaker did not confirm."""


def start(tx: Transaction, playlist: Playlist, occurrence: Occurrence) -> Playback | None:
    """Add the start of a playlist to a transaction, with the person's notification; None when it has no tracks."""
    if not playlist.tracks:
        return None
    playback = Playback(
        subject=playlist.subject,
        playlist_id=playlist.id,
        occurrence=occurrence.local.isoformat(timespec="minutes"),
        track_count=len(playlist.tracks),
        device_id=playlist.device_id,
    )
    tx.create(playback)
    person = address_of(playlist)
    if person:
        title, text = _WORDS[supported(portrait(Person(playlist.subject)).language)]
        tell(
            tx,
            playlist.subject,
            person,
            title,
            text.format(name=playlist.name),
            MUSIC,
            related_id=playlist.id,
            email=False,
        )
    return playback


def sound(playlist: Playlist, playback: Playback) -> Playback:
    """Have a started playlist's speaker play it and write down what it made of that. Never raises for its sake."""
    if playlist.device_id is None:
        return playback
    device = read(SmartDevice, playlist.subject, playlist.device_id)
    verified, reason = False, "no such device"
    if device is not None:
        wanted = {"playlist_id": playlist.id, "title": playlist.name}
        try:
            outcome = command(device, "play", wanted, Errand(by=CLOCK, source="playlist", related_id=playlist.id))
            verified, reason = outcome.verified, outcome.reason or ""
        except InvalidCommand as error:
            reason = str(error)
        except Exception:
            log.logger().exception("a speaker was not told to play", extra={"device_id": device.id})
            reason = "could not be told"
    heard = playback.model_copy(update={"verified": verified, "reason": reason or None})
    return store.replace(playback, heard)
