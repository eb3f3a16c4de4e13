"""Why something was chosen, in the person's language, with the counts it rests on."""

from __future__ import annotations

from collections.abc import Sequence

from memory_mirror.eras.mood_labels import song_moods
from memory_mirror.eras.songs import Song
from memory_mirror.tales.sentences import joined, line, said_era
from quintet.store.folding import fold

_COMMA = {"zh": "、", "ja": "、", "ar": "، "}


def for_memories(language: str, count: int, good: int, total: int, words: Sequence[str], era: str | None) -> str:
    """Why these memories: `count` were chosen, `good` could have been, `total` are stored.

    `words` are those in common with the talk, `era` the one that fits; without either nothing came close.
    """
    if not total:
        return line(language, "why.empty")
    if not good:
        return line(language, "why.none", total=total)
    found = [line(language, "why.chosen", count=count, total=total), *_fits(language, words, era)]
    if len(found) == 1:
        found.append(line(language, "why.newest"))
    return joined(language, found)


def for_media(language: str, counts: tuple[int, int, int], total: int, words: Sequence[str], era: str | None) -> str:
    """Why these pictures, pieces of music and films (`counts`) of a library of `total`."""
    if not total:
        return line(language, "why.emptylibrary")
    if not any(counts):
        return line(language, "why.nomedia", total=total)
    photos, music, videos = counts
    said = line(language, "why.media", photos=photos, music=music, videos=videos, total=total)
    return joined(language, [said, *_fits(language, words, era)])


def for_music(language: str, library: int, shipped: int, mood: str | None, era: str | None) -> str:
    """Why these pieces of music: how many of the person's own, how many of the list, for which mood and time."""
    found = [line(language, "why.library", count=library)] if library else []
    found += [line(language, "why.shipped", count=shipped)] if shipped else []
    found += [line(language, "why.mood", mood=mood)] if mood else []
    return joined(language, [*found, *_fits(language, (), era)])


def for_song(language: str, song: Song, mood: str | None, genres: Sequence[str], era: str | None) -> str:
    """Why this song of the list."""
    liked = next((genre for genre in genres if any(fold(genre) in fold(own) for own in song.genres)), None)
    if mood and not song_moods((mood,)).isdisjoint(song.moods):
        return line(language, "reason.mood", mood=mood)
    if liked:
        return line(language, "reason.genre", genre=liked)
    said = said_era(language, song.era)
    return line(language, "reason.era", era=said) if said and song.era == era else line(language, "reason.known")


def _fits(language: str, words: Sequence[str], era: str | None) -> list[str]:
    said = said_era(language, era)
    found = [line(language, "why.words", words=_COMMA.get(language, ", ").join(words))] if words else []
    return found + ([line(language, "why.era", era=said)] if said else [])
