"""Music found at home: in the person's own library first, then in the list of songs that the product ships."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from memory_mirror.eras import songs as era_songs
from memory_mirror.eras.decades import distance, era_of
from memory_mirror.eras.mood_labels import song_moods
from memory_mirror.eras.songs import Song
from memory_mirror.life.entities import Music
from memory_mirror.records.record import recent
from quintet.store.folding import words

READ = 500
"""Pieces of the library that are looked at, the newest first."""
# Words that say that music is looked for, and not which.
_PLAIN = """
music song songs tune tunes by the a an of some from play musica musique musik cancion canciones chanson chansons lied
lieder 音楽 音乐 音樂 歌 노래 음악 موسيقى اغنية
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """Something to listen to."""

    title: str
    artist: str
    url: str | None
    era: str | None
    source: Literal["library", "era_songs"]


def pieces(subject: str, query: str, era: str | None, limit: int) -> list[Piece]:
    """Pieces that fit a query (words of title, artist, genre or mood) and an era, the person's own first.

    Those that have every word come before those that have some; a piece of the library whose era nobody noted fits
    any. Nothing fits words that nothing has.
    """
    wanted = [word for word in dict.fromkeys(words(query)) if word not in _PLAIN.split()]
    own = [_own(music) for music in ranked(recent(Music, subject, READ), wanted, era)]
    have = {(piece.title.casefold(), piece.artist.casefold()) for piece in own}
    shipped = [_shipped(song) for song in songs(wanted, era, limit)]
    return [*own, *(one for one in shipped if (one.title.casefold(), one.artist.casefold()) not in have)][:limit]


def ranked(library: Iterable[Music], wanted: list[str], era: str | None) -> list[Music]:
    """The pieces of a library that fit, those with the most of the wanted words first; else as they came."""
    hits = [(-_hits(music, wanted), number, music) for number, music in enumerate(library) if _of_era(music, era)]
    return [music for missed, _, music in sorted(hits, key=lambda hit: hit[:2]) if missed or not wanted]


def songs(wanted: list[str], era: str | None, limit: int) -> list[Song]:
    """Shipped songs that fit: those with every word, else those with any of them or with the mood it names."""
    whole = era_songs.find(" ".join(wanted), era, limit=limit)
    if whole or not wanted:
        return whole
    counts: dict[Song, int] = {}
    for word in wanted:
        by_mood = era_songs.find("", era, moods=[word], limit=limit) if song_moods([word]) else []
        for song in dict.fromkeys([*era_songs.find(word, era, limit=limit), *by_mood]):
            counts[song] = counts.get(song, 0) + 1
    return sorted(counts, key=lambda song: (-counts[song], song.year, song.title))[:limit]


def _hits(music: Music, wanted: list[str]) -> int:
    """How many of the wanted words begin a word of the piece, or stand in it where no spaces are written."""
    told = words(" ".join((music.title, music.artist, *music.genres, *music.moods, *music.tags)))
    text = "".join(f" {word}" for word in told)
    return sum((f" {word}" if word.isascii() else word) in text for word in wanted)


def _of_era(music: Music, era: str | None) -> bool:
    known = music.era or (era_of(music.year) if music.year else None)
    return era is None or known is None or distance(known, era) == 0


def _own(music: Music) -> Piece:
    # A name without a scheme would be a file of the bucket, and nothing says that it is this person's.
    url = music.url if music.url and "://" in music.url else None
    return Piece(music.title, music.artist, url, music.era, "library")


def _shipped(song: Song) -> Piece:
    return Piece(song.title, song.artist, None, song.era, "era_songs")
