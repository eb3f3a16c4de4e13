"""What of a person's life may be offered to them: good memories, harmless pictures and films, their music.

Everything that recalls, tells or suggests begins here, so that nothing unsafe is ever ranked or quoted, nor shown to a
language model.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from memory_mirror.eras.decades import era_of
from memory_mirror.languages.spoken import supported
from memory_mirror.life.entities import Memory, Music, Photo, Video
from memory_mirror.life.portrait import Portrait
from memory_mirror.life.relevance import Avoids, Item, avoiding, harmless, nothing, positive
from memory_mirror.records.record import recent
from memory_mirror.tales.telling import Medium, Remembered, Teller

LIBRARY = 200
"""Pictures, films and pieces of music that are looked at, the newest of each."""
FORMATIVE = 20
"""The age whose music people keep dearest; with the year of birth it gives an era."""


@dataclass(frozen=True)
class Library:
    """What there is to be shown, the newest first; `total` counts also what may not be offered."""

    photos: list[Item[Photo]]
    videos: list[Item[Video]]
    music: list[Item[Music]]
    total: int


def avoids(known: Portrait) -> Avoids:
    """A test for texts that speak of what the profile or a safe memory zone says to keep away from."""
    topics = [topic for zone in known.zones for topic in zone.topics_to_avoid]
    return avoiding([*topics, *(known.profile.topics_to_avoid if known.profile else ())])


def memory_item(memory: Memory) -> Item[Memory]:
    """A memory as ranking sees it."""
    return Item(
        memory,
        memory.id,
        memory.title,
        f"{memory.content} {memory.place}".strip(),
        tuple(memory.tags),
        tuple(memory.people),
        memory.era,
        memory.sentiment,
        memory.safe,
        memory.created_date.isoformat(),
    )


def good_memories(known: Portrait, avoid: Avoids) -> list[Item[Memory]]:
    """The person's memories that may be offered, newest first."""
    return [item for memory in known.memories if positive(item := memory_item(memory), avoid)]


def library(known: Portrait, avoid: Avoids, *, music: bool = True) -> Library:
    """The person's own pictures, films and music that may be offered."""
    subject = known.person.subject
    photos, videos = recent(Photo, subject, LIBRARY), recent(Video, subject, LIBRARY)
    pieces = recent(Music, subject, LIBRARY) if music else []
    return Library(
        [item for one in photos if harmless(item := _seen(one), avoid)],
        [item for one in videos if harmless(item := _seen(one), avoid)],
        [item for one in pieces if not avoid((item := music_item(one)).whole)],
        len(photos) + len(videos) + len(pieces),
    )


def _seen(one: Any) -> Item[Any]:
    return Item(
        one,
        one.id,
        one.title,
        f"{one.description} {one.place}".strip(),
        tuple(one.tags),
        tuple(one.people),
        one.era,
        one.sentiment,
        one.safe,
        one.created_date.isoformat(),
    )


def music_item(one: Music) -> Item[Music]:
    """A piece of music as ranking sees it."""
    tags = (*one.tags, *one.genres, *one.moods)
    era = one.era or (era_of(one.year) if one.year else None)
    return Item(one, one.id, one.title, "", tags, (one.artist,), era, made=one.created_date.isoformat())


def medium(one: Photo | Video | Music) -> Medium:
    """A picture, a film or a piece of music as sessions show it."""
    if isinstance(one, Music):
        return Medium(one.id, "music", one.title, one.url, music_item(one).era, one.artist)
    return Medium(one.id, "photo" if isinstance(one, Photo) else "video", one.title, one.url, one.era)


def remembered(item: Item[Memory]) -> Remembered:
    """A memory as composers see it."""
    memory = item.of
    return Remembered(memory.title, memory.content, memory.era, memory.id, tuple(memory.tags))


def era_of_youth(known: Portrait) -> str | None:
    """The era a person likes best: the one they named, else that of their youth."""
    if known.profile is None:
        return None
    if known.profile.favourite_era:
        return known.profile.favourite_era
    return era_of(known.profile.birth_year + FORMATIVE) if known.profile.birth_year else None


def teller(known: Portrait, avoid: Avoids, memories: Iterable[Item[Memory]]) -> Teller:
    """The person as composers see them."""
    interests = known.profile.interests if known.profile else []
    return Teller(
        supported(known.language),
        known.level,
        known.name,
        tuple(interest for interest in interests if not avoid(interest)),
        tuple(remembered(item) for item in memories),
        era_of_youth(known),
        avoid,
    )


def given_memories(given: Sequence[Any], avoid: Avoids = nothing) -> list[Remembered]:
    """Memories that a request brings along, as far as they may be offered: objects like the Memory entity, or text.

    What is neither is left out.
    """
    found: list[Remembered] = []
    for place, one in enumerate(given):
        item = _brought(one, f"given-{place:04}")
        if item is not None and positive(item, avoid):
            found.append(item.of)
    return found


def _brought(one: Any, name: str) -> Item[Remembered] | None:
    if isinstance(one, str):
        text = one.strip()[:5000]
        memory = Remembered(text, "") if text else None
        return Item(memory, name, text) if memory else None
    if not isinstance(one, Mapping):
        return None
    title, text = _text(one, "title", "name"), _text(one, "content", "description", "text")
    if not title and not text:
        return None
    tags = one.get("tags")
    labels = tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()
    own = _text(one, "id") or None
    memory = Remembered(title or text, text if title else "", _text(one, "era") or None, own, labels)
    sentiment = _text(one, "sentiment") or None
    return Item(memory, own or name, memory.title, memory.text, labels, (), memory.era, sentiment,
                one.get("safe") is not False)  # fmt: skip


def _text(one: Mapping[str, Any], *names: str) -> str:
    """The first of some entries that is a text, its first 5000 characters."""
    return next(
        (found.strip()[:5000] for name in names if isinstance(found := one.get(name), str) and found.strip()), ""
    )
