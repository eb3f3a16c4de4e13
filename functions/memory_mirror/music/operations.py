"""Music for the person: playlists that are kept, and suggestions for the moment."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from memory_mirror.accounts.access import person
from memory_mirror.eras.decades import Era, distance
from memory_mirror.eras.mood_labels import song_moods
from memory_mirror.life.portrait import portrait
from memory_mirror.music import choice as track_choice
from memory_mirror.music.choice import Taste
from memory_mirror.music.entities import Playlist
from memory_mirror.records.fields import Track
from memory_mirror.records.record import join, new, recent
from memory_mirror.service import User, api, not_found, store
from quintet.api import Once, Reply
from quintet.models import Length, Line, Text, new_id

PATIENT_NOT_FOUND = not_found("Patient")
NEEDS = frozenset({"table:write", "model"})
PLAYLISTS, READ = 3, 50
Mood = Annotated[Line, Length(1, 60)]


class PlaylistQuery(BaseModel):
    model_config = ConfigDict(defer_build=True)

    name: Annotated[Line, Length(1, 200)]
    mood: Mood | None = None
    genres: Annotated[list[Annotated[Line, Length(1, 60)]], Field(max_length=20)] = Field(default_factory=list)
    era: Era | None = None


class PlaylistReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    playlist_id: str
    tracks: list[Track]
    name: str


class MusicQuery(BaseModel):
    model_config = ConfigDict(defer_build=True)

    mood: Mood
    era: Era | None = None
    context: Annotated[Text, Length(0, 5000)] | None = None


class Suggestion(BaseModel):
    """A piece of music; `verified` is false for one that a language model named and nobody could find."""

    model_config = ConfigDict(defer_build=True)

    title: str
    artist: str
    year: int | None
    reason: str
    source: Literal["library", "era_songs", "model"]
    url: str | None
    music_id: str | None
    verified: bool


class SuggestedPlaylist(BaseModel):
    model_config = ConfigDict(defer_build=True)

    playlist_id: str
    name: str
    track_count: int


class MusicSuggestions(BaseModel):
    """Pieces for the moment, playlists of the person's own that suit, and why."""

    model_config = ConfigDict(defer_build=True)

    suggestions: list[Suggestion]
    playlists: list[SuggestedPlaylist]
    rationale: str


@api.post(
    "/generatePlaylist",
    errors=[PATIENT_NOT_FOUND],
    needs=NEEDS,
    example={"name": "Sunday Morning", "mood": "calm", "genres": ["jazz", "classical"], "era": "1960s"},
)
def generate_playlist(body: PlaylistQuery, caller: User, once: Once) -> Reply[PlaylistReply]:
    """Build a playlist for a mood, an era and genres

    The person's own music first, then songs of the time from the list that the product ships. What a language model
    named and nobody could find is marked `verified: false`. The playlist is kept as a Playlist record.
    """
    whose, playlist_id = person(caller), new_id()
    taste = Taste(body.mood, body.era, tuple(body.genres), (), playlist_id)
    choice = track_choice.playlist(portrait(whose), taste)
    tracks = list(choice.tracks)
    record = new(
        Playlist, whose.subject, caller.email, name=body.name, description=choice.rationale[:500],
        mood=body.mood or "", era=body.era, genres=body.genres, tracks=tracks,
    ).model_copy(update={"id": playlist_id})  # fmt: skip
    reply = Reply(PlaylistReply(playlist_id=playlist_id, tracks=tracks, name=body.name), headers=choice.headers)
    tx = store.transaction()
    join(tx, record)
    once.record(tx, reply)
    tx.commit()
    return reply


@api.post(
    "/suggestMusic",
    errors=[PATIENT_NOT_FOUND],
    needs=NEEDS,
    example={"mood": "calm", "era": "1950s", "context": "User mentioned they used to enjoy dancing"},
)
def suggest(body: MusicQuery, caller: User) -> Reply[MusicSuggestions]:
    """Suggest music for the moment

    Pieces of the person's own and well-known songs, each with a reason, playlists of theirs that suit, and why.
    """
    whose = person(caller)
    topics = (body.context,) if body.context else ()
    choice = track_choice.suggestion(portrait(whose), Taste(body.mood, body.era, (), topics, whose.subject))
    reply = MusicSuggestions(
        suggestions=[Suggestion.model_validate(track, from_attributes=True) for track in choice.tracks],
        playlists=_fitting(recent(Playlist, whose.subject, READ), body.mood, body.era),
        rationale=choice.rationale,
    )
    return Reply(reply, headers=choice.headers)


def _fitting(playlists: list[Playlist], mood: str, era: str | None) -> list[SuggestedPlaylist]:
    """Playlists for such a mood, those of the era first; an empty one suits nobody."""
    wanted = song_moods((mood,))
    found = [
        one
        for one in playlists
        if one.tracks and (one.mood.casefold() == mood.casefold() or wanted & song_moods((one.mood,)))
    ]
    found.sort(key=lambda one: 99 if (apart := distance(era, one.era)) is None else apart)
    return [SuggestedPlaylist(playlist_id=o.id, name=o.name, track_count=len(o.tracks)) for o in found[:PLAYLISTS]]
