"""Music chosen for a mood, a time and a taste: the person's own pieces first, then songs of the list that suit.

A language model may choose among them, and name a few others; those are looked up in the list and in the library, and
marked where nobody knows them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from memory_mirror.eras.decades import distance
from memory_mirror.eras.mood_labels import song_moods
from memory_mirror.eras.songs import Song, known, suited
from memory_mirror.languages.spoken import supported
from memory_mirror.life import offers
from memory_mirror.life.entities import Music
from memory_mirror.life.portrait import Portrait
from memory_mirror.life.relevance import Avoids, Item, tokens
from memory_mirror.records.fields import Track
from memory_mirror.tales import reasons
from memory_mirror.tales.checking import check
from memory_mirror.tales.quoting import grave
from memory_mirror.tales.sentences import line
from quintet.answers import Prompt, ask
from quintet.store.folding import fold

PLAYLIST = Prompt("memory_mirror", "playlist.v1", max_tokens=700)
SUGGESTION = Prompt("memory_mirror", "music.v1", max_tokens=700)
TRACKS, SUGGESTIONS, SHARE = 12, 6, 2 / 3
"""Tracks of a playlist, pieces of a suggestion, and how much of either is the person's own at most."""
OFFERED = 25
LONGEST_RATIONALE = 600
_ERA_POINTS = (4, 2, 1)

Numbers = Annotated[list[int], Field(max_length=20)]


class More(BaseModel):
    """A recording that a language model knows."""

    model_config = ConfigDict(defer_build=True)

    title: Annotated[str, Field(min_length=1, max_length=150)]
    artist: Annotated[str, Field(min_length=1, max_length=150)]


class ChosenTracks(BaseModel):
    """Pieces by their numbers in the data, in their order, and at most three others."""

    model_config = ConfigDict(defer_build=True)

    library: Numbers
    songs: Numbers
    more: Annotated[list[More], Field(max_length=3)]


class ChosenMusic(ChosenTracks):
    """The same with a rationale."""

    rationale: Annotated[str, Field(min_length=1, max_length=LONGEST_RATIONALE)]


@dataclass(frozen=True)
class Taste:
    """What music is wanted."""

    mood: str | None = None
    era: str | None = None
    genres: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    seed: str = ""


@dataclass(frozen=True)
class Choice:
    """The pieces in their order, why, and who chose."""

    tracks: Sequence[Track]
    rationale: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Shelf:
    """What there is to choose from, the best first."""

    taste: Taste
    language: str
    avoid: Avoids
    library: list[Item[Music]]
    songs: list[Song]

    def facts(self) -> dict[str, Any]:
        own = [{"title": i.of.title, "artist": i.of.artist, "era": i.era, "tags": list(i.tags)} for i in self.library]
        songs = [{"title": s.title, "artist": s.artist, "year": s.year, "moods": list(s.moods)} for s in self.songs]
        return {
            "language": self.language,
            "mood": self.taste.mood,
            "era": self.taste.era,
            "genres": list(self.taste.genres),
            "talk": list(self.taste.topics),
            "library": [{"number": number, **one} for number, one in enumerate(own, 1)],
            "songs": [{"number": number, **one} for number, one in enumerate(songs, 1)],
        }


def playlist(person_known: Portrait, taste: Taste) -> Choice:
    """Tracks of a playlist, twelve where nothing else is chosen."""
    shelf = _shelf(person_known, taste)
    facts = {"wanted": TRACKS, **shelf.facts()}

    def fit(chosen: ChosenTracks) -> ChosenTracks:
        _fit(shelf, chosen, TRACKS // 2)
        return chosen

    answer = ask(PLAYLIST, ChosenTracks, facts, fit)
    tracks = _tracks(shelf, answer.value, TRACKS)
    return Choice(tracks, _rationale(shelf, tracks), answer.headers)


def suggestion(person_known: Portrait, taste: Taste) -> Choice:
    """A few pieces for the moment, and why."""
    shelf = _shelf(person_known, taste)

    def fit(chosen: ChosenMusic) -> ChosenMusic:
        check([chosen.rationale], shelf.language, shelf.avoid, LONGEST_RATIONALE)
        _fit(shelf, chosen, SUGGESTIONS // 2)
        return chosen

    answer = ask(SUGGESTION, ChosenMusic, shelf.facts(), fit)
    tracks = _tracks(shelf, answer.value, SUGGESTIONS)
    return Choice(tracks, answer.value.rationale if answer.value else _rationale(shelf, tracks), answer.headers)


def own_points(item: Item[Music], taste: Taste) -> int:
    """How well a piece of the library suits; 0 for one that has nothing of what is wanted."""
    kinds = {fold(genre) for genre in taste.genres}
    labels = {fold(label) for label in (*item.of.moods, *item.of.tags)}
    moods = song_moods((taste.mood,)) if taste.mood else frozenset[str]()
    points = 3 * sum(any(kind in fold(genre) for genre in item.of.genres) for kind in kinds if kind)
    points += 2 * len(moods & (labels | song_moods(item.of.moods))) + 2 * (fold(taste.mood or "") in labels - {""})
    apart = distance(taste.era, item.era)
    points += _ERA_POINTS[apart] if apart is not None and apart < len(_ERA_POINTS) else 0
    return points + 2 * len(tokens(" ".join(taste.topics)) & tokens(item.whole))


def _shelf(person_known: Portrait, taste: Taste) -> _Shelf:
    avoid, language = offers.avoids(person_known), supported(person_known.language)
    owned = offers.library(person_known, avoid).music
    points = {item.id: own_points(item, taste) for item in owned}
    asked = any((taste.mood, taste.era, taste.genres))
    fitting = [item for item in owned if points[item.id] or not asked]
    era = taste.era or offers.era_of_youth(person_known)
    liked = taste.genres or tuple(person_known.profile.favourite_music if person_known.profile else ())
    songs = suited(era, (taste.mood,) if taste.mood else (), liked, language, taste.topics, OFFERED, taste.seed)
    return _Shelf(
        taste, language, avoid,
        sorted(fitting, key=lambda item: -points[item.id])[:OFFERED],
        [song for song in songs if not avoid(f"{song.title} {song.artist}")],
    )  # fmt: skip


def _fit(shelf: _Shelf, chosen: ChosenTracks, least: int) -> None:
    """Raises ValueError for numbers that are not in the data, for too few pieces, and for what must not be played."""
    for numbers, there in ((chosen.library, shelf.library), (chosen.songs, shelf.songs)):
        if any(not 1 <= number <= len(there) for number in numbers):
            raise ValueError("only the numbers in the data can be chosen")
    if len(set(chosen.library)) + len(set(chosen.songs)) < min(least, len(shelf.library) + len(shelf.songs)):
        raise ValueError(f"choose at least {least} pieces of the data")
    for one in chosen.more:
        if grave(one.title) or shelf.avoid(f"{one.title} {one.artist}"):
            raise ValueError("a proposed piece is about something to keep away from")


def _tracks(shelf: _Shelf, chosen: ChosenTracks | None, count: int) -> list[Track]:
    """The chosen pieces, else the best of the shelf: the person's own first, songs of the list to fill up."""
    if chosen is not None:
        found = [_own(shelf, shelf.library[number - 1]) for number in chosen.library]
        found += [_song(shelf, shelf.songs[number - 1]) for number in chosen.songs]
        return _once([*found, *(_proposed(shelf, one) for one in chosen.more)])
    found = [_own(shelf, item) for item in shelf.library[: int(count * SHARE)]]
    return _once([*found, *(_song(shelf, song) for song in shelf.songs)])[:count]


def _once(tracks: Iterable[Track]) -> list[Track]:
    """Each piece once, where it stands first."""
    found: dict[str, Track] = {}
    for track in tracks:
        found.setdefault(fold(f"{track.title}|{track.artist}"), track)
    return list(found.values())


def _own(shelf: _Shelf, item: Item[Music]) -> Track:
    one = item.of
    return Track(
        title=one.title, artist=one.artist, year=one.year, url=one.url, music_id=one.id, source="library",
        reason=line(shelf.language, "reason.library"),
    )  # fmt: skip


def _song(shelf: _Shelf, song: Song) -> Track:
    taste = shelf.taste
    reason = reasons.for_song(shelf.language, song, taste.mood, taste.genres, taste.era)
    return Track(title=song.title, artist=song.artist, year=song.year, source="era_songs", reason=reason)


def _proposed(shelf: _Shelf, one: More) -> Track:
    """What a language model named: as the list or the library knows it, else marked as not verified."""
    song = known(one.title, one.artist)
    if song is not None:
        return _song(shelf, song)
    name = fold(f"{one.title}|{one.artist}")
    own = next((item for item in shelf.library if fold(f"{item.of.title}|{item.of.artist}") == name), None)
    return _own(shelf, own) if own else Track(title=one.title, artist=one.artist, source="model", verified=False)


def _rationale(shelf: _Shelf, tracks: Sequence[Track]) -> str:
    own = sum(track.source == "library" for track in tracks)
    shipped = sum(track.source == "era_songs" for track in tracks)
    return reasons.for_music(shelf.language, own, shipped, shelf.taste.mood, shelf.taste.era)
