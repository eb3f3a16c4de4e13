"""Songs that people grew up with: a list of facts that the product ships, and how songs are found in it.

One file per language in `songs/`; `zxx` is music without words. `find` filters, for a search; `suited` orders by how
well a song suits a person, for playlists and suggestions.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from memory_mirror.eras.decades import decade, distance, era_of
from memory_mirror.eras.mood_labels import song_moods
from quintet.store.folding import fold, words

WORDLESS = "zxx"
LANGUAGES = ("en", "es", "fr", "de", "zh", "ja", "ko", "ar", WORDLESS)
_COLUMNS = 7
_ERA_POINTS = (12, 7, 3, 1)
"""For the same decade, the one beside it, and so on."""
_LANGUAGE_POINTS, _WORDLESS_POINTS, _GENRE_POINTS, _MOOD_POINTS, _WORD_POINTS = 14, 5, 10, 3, 4


@dataclass(frozen=True, slots=True)
class Song:
    """A song in one well-known recording; `language` is ISO 639 (`zxx`: no words), `region` ISO 3166."""

    title: str
    artist: str
    year: int
    language: str
    region: str
    genres: tuple[str, ...]
    moods: tuple[str, ...]
    also: tuple[str, ...] = ()
    """Other spellings of title and artist."""

    @property
    def era(self) -> str:
        return era_of(self.year)


@cache
def songs() -> tuple[Song, ...]:
    """Every song of the list, by language and then year; read when first asked for."""
    return tuple(song for language in LANGUAGES for song in _read(language))


def find(
    query: str = "",
    era: str | None = None,
    moods: Iterable[str] = (),
    genres: Iterable[str] = (),
    language: str | None = None,
    limit: int = 20,
) -> list[Song]:
    """Songs that have every word of `query` in title, artist, genre or mood, and are of the era and language.

    A word also finds what begins with it. Of several moods or genres one is enough; moods may be any label that
    `mood_labels` knows. An era or a language that is none finds nothing. Hits in the title come first, then in the
    artist's name, then by year.
    """
    if era is not None and decade(era) is None:
        return []
    wanted, feelings = words(query), song_moods(moods)
    kinds = {fold(genre) for genre in genres}
    found = [
        (rank, song.year, song.title, song)
        for song in songs()
        if (rank := _rank(song, wanted)) is not None
        and (era is None or distance(song.era, era) == 0)
        and (not feelings or not feelings.isdisjoint(song.moods))
        and (not kinds or _of_kind(song, kinds))
        and (language is None or song.language == primary(language))
    ]
    return [song for *_, song in sorted(found, key=lambda hit: hit[:3])[: max(limit, 0)]]


def suited(
    era: str | None = None,
    moods: Iterable[str] = (),
    genres: Iterable[str] = (),
    language: str | None = None,
    topics: Iterable[str] = (),
    limit: int = 20,
    seed: str = "",
) -> list[Song]:
    """The songs that suit best, always `limit` of them while the list lasts.

    Era, language, genres, moods and words of the talk (`topics`) each add points; among equals `seed` decides, so
    that the same question has the same answer and another person another one.
    """
    feelings, kinds = song_moods(moods), {fold(genre) for genre in genres}
    spoken = {word for topic in topics for word in words(topic) if len(word) > 3 or not word.isascii()}

    def points(song: Song) -> int:
        apart = distance(song.era, era)
        total = _ERA_POINTS[apart] if apart is not None and apart < len(_ERA_POINTS) else 0
        if language and song.language == primary(language):
            total += _LANGUAGE_POINTS
        elif song.language == WORDLESS:
            total += _WORDLESS_POINTS
        total += _GENRE_POINTS * _of_kind(song, kinds) + _MOOD_POINTS * len(feelings.intersection(song.moods))
        return total + (_WORD_POINTS * len(spoken.intersection(_named(song))) if spoken else 0)

    ordered = sorted(songs(), key=lambda song: (-points(song), _lot(seed, song)))
    return ordered[: max(limit, 0)]


def known(title: str, artist: str) -> Song | None:
    """The song of the list with this title and artist, however they are spelt; None when it is not in the list."""
    wanted_title, wanted_artist = _plain(title), _plain(artist)
    if not wanted_title or not wanted_artist:
        return None
    for song in _by_name().get(wanted_title, ()):
        names = {_plain(name) for name in (song.artist, *song.also)}
        if any(wanted_artist == name or wanted_artist in name or name in wanted_artist for name in names if name):
            return song
    return None


def primary(language: str) -> str:
    """The language of a BCP 47 tag: `zh-Hant-TW` is `zh`."""
    return language.replace("_", "-").partition("-")[0].casefold()


@cache
def _by_name() -> dict[str, list[Song]]:
    found: dict[str, list[Song]] = {}
    for song in songs():
        for name in dict.fromkeys(_plain(each) for each in (song.title, *song.also)):
            found.setdefault(name, []).append(song)
    return found


def _plain(text: str) -> str:
    return "".join(words(text))


@cache
def _named(song: Song) -> frozenset[str]:
    return frozenset(words(f"{song.title} {song.artist}"))


@cache
def _haystacks(song: Song) -> tuple[str, str, str]:
    """Title, artist and everything else, folded, each word after a space."""
    parts = " ".join((song.title, *song.also)), song.artist, " ".join((*song.genres, *song.moods, song.era))
    first, second, third = ("".join(f" {word}" for word in words(part)) for part in parts)
    return first, second, third


def _rank(song: Song, wanted: Sequence[str]) -> int | None:
    """The worst place (0 title, 1 artist, 2 the rest) where a word was found; None when one was not found."""
    worst = 0
    for word in wanted:
        # Scripts without spaces between words are searched anywhere in the text.
        needle = f" {word}" if word.isascii() else word
        place = next((number for number, text in enumerate(_haystacks(song)) if needle in text), None)
        if place is None:
            return None
        worst = max(worst, place)
    return worst


def _of_kind(song: Song, kinds: set[str]) -> bool:
    return any(kind in fold(genre) for genre in song.genres for kind in kinds if kind)


def _lot(seed: str, song: Song) -> bytes:
    return hashlib.blake2b(f"{seed}|{song.title}|{song.artist}".encode(), digest_size=8).digest()


def _read(language: str) -> list[Song]:
    text = (Path(__file__).parent / "songs" / f"{language}.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [_song(language, line) for line in lines]


def _song(language: str, line: str) -> Song:
    cells = [cell.strip() for cell in line.split("|")]
    if len(cells) != _COLUMNS:
        raise ValueError(f"a song has {_COLUMNS} columns: {line}")
    title, artist, year, region, genres, moods, also = cells
    return Song(title, artist, int(year), language, region, _listed(genres), _listed(moods), _listed(also))


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(",") if part.strip())
