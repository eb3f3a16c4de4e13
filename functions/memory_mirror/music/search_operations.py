"""Music search: on YouTube when that is configured, else in the person's library and a list of songs of their time.

Round trips to the table: 1 for what was found before, else 5; in the library 1 for each hundred pieces.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict

from memory_mirror import service
from memory_mirror.accounts.access import person
from memory_mirror.eras import songs
from memory_mirror.eras.decades import Era
from memory_mirror.music import cache
from memory_mirror.music.library import Piece, pieces
from memory_mirror.music.youtube import Video
from memory_mirror.service import User, not_found
from quintet.models import Length, Line

api = service.api.section("music_search")

MOST = 20


class Search(BaseModel):
    model_config = ConfigDict(defer_build=True)

    query: Annotated[Line, Length(1, 200)]
    era: Era | None = None
    source: Literal["youtube", "library"] = "youtube"


class Result(BaseModel):
    """A piece of music. `source` says where it was found: `era_songs` are the ones the product ships."""

    model_config = ConfigDict(defer_build=True)

    title: str
    artist: str
    url: str | None
    thumbnail: str | None
    source: Literal["youtube", "library", "era_songs"]
    video_id: str | None
    era: str | None


class Results(BaseModel):
    model_config = ConfigDict(defer_build=True)

    results: list[Result]
    query: str


@api.post(
    "/searchMusic",
    errors=[not_found("Patient")],
    needs={"table:write", "secret"},
    example={"query": "Frank Sinatra", "era": "1960s", "source": "youtube"},
)
def search_music(body: Search, caller: User) -> Results:
    """Search for music by words and decade

    YouTube answers when it is configured and its daily quota lasts; otherwise, or with the source `library`, the
    person's own music and a list of songs of each era do.
    """
    subject = person(caller).subject
    found = cache.videos(body.query, body.era) if body.source == "youtube" else None
    if found:
        return Results(results=[_seen(video) for video in found[:MOST]], query=body.query)
    at_home = pieces(subject, body.query, body.era, MOST)
    return Results(results=[_at_home(piece) for piece in at_home], query=body.query)


def _seen(video: Video) -> Result:
    song = songs.known(video.title, video.artist)
    return Result(
        title=video.title,
        artist=video.artist,
        url=video.url,
        thumbnail=video.thumbnail,
        source="youtube",
        video_id=video.id,
        era=song.era if song else None,
    )


def _at_home(piece: Piece) -> Result:
    return Result(
        title=piece.title,
        artist=piece.artist,
        url=piece.url,
        thumbnail=None,
        source=piece.source,
        video_id=None,
        era=piece.era,
    )
