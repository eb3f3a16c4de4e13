"""Choosing memories and media for a talk: ranked by rules, picked among the ranked by a language model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from memory_mirror.eras.mood_labels import CALM, COMFORTING, tone
from memory_mirror.languages.spoken import supported
from memory_mirror.life import offers
from memory_mirror.life.entities import Memory, Photo, Video
from memory_mirror.life.portrait import Portrait
from memory_mirror.life.relevance import Avoids, Cue, Item, Match, in_order, matched, ranked, shared_words
from memory_mirror.tales import reasons
from memory_mirror.tales.checking import check
from memory_mirror.tales.telling import Medium
from quintet.answers import Answer, Prompt, ask

RECALL = Prompt("memory_mirror", "recall.v1", max_tokens=500)
MEDIA = Prompt("memory_mirror", "media.v1", max_tokens=500)
MEMORIES, MEDIA_ITEMS, CANDIDATES, EACH, WITHOUT_MATCH = 5, 6, 15, 6, 3
LONGEST_REASON = 600
ANXIOUS = 6
"""The level of anxiety from which on topics that comfort count."""
FALLBACK: Answer[Any] = Answer(None, "not_asked")
"""When there is nothing to choose from, nobody is asked."""

Numbers = Annotated[list[int], Field(max_length=EACH)]


class Chosen(BaseModel):
    """Memories by their numbers in the data, the best first, and why."""

    model_config = ConfigDict(defer_build=True)

    numbers: Annotated[list[int], Field(min_length=1, max_length=MEMORIES)]
    reasoning: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]


class ChosenMedia(BaseModel):
    """Media by their numbers in the data, the best first, and why."""

    model_config = ConfigDict(defer_build=True)

    photos: Numbers
    music: Numbers
    videos: Numbers
    reasoning: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]


@dataclass(frozen=True)
class Recollection:
    """The memories to recall, and pictures that go with them."""

    memories: Sequence[Match[Memory]]
    media: Sequence[Medium]
    reasoning: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class MediaFound:
    """Media of the person's own that fit."""

    photos: Sequence[Medium]
    music: Sequence[Medium]
    videos: Sequence[Medium]
    reasoning: str
    headers: Mapping[str, str]


def recall(known: Portrait, context: str, feeling: Mapping[str, Any], era: str | None) -> Recollection:
    """Good memories that fit a talk; the newest good ones when none does."""
    avoid, language = offers.avoids(known), supported(known.language)
    good = offers.good_memories(known, avoid)
    themes = [theme for theme in _listed(feeling.get("detected_themes")) if isinstance(theme, str)]
    cue = Cue.of([context, *themes], era, _comforts(known, feeling))
    fitting = ranked(cue, good, CANDIDATES)
    candidates = fitting or in_order(matched(cue, item) for item in good)[:WITHOUT_MATCH]

    def fit(chosen: Chosen) -> Chosen:
        _within(chosen.numbers, len(candidates))
        check([chosen.reasoning], language, avoid, LONGEST_REASON)
        return chosen

    facts = {
        "language": language,
        "talk": context,
        "era": era,
        "tone": feeling.get("emotional_tone"),
        "memories": [_shown(number, match.item) for number, match in enumerate(candidates, 1)],
    }
    answer = ask(RECALL, Chosen, facts, fit) if candidates else FALLBACK
    numbers = answer.value.numbers if answer.value else range(1, MEMORIES + 1)
    memories = [candidates[number - 1] for number in dict.fromkeys(numbers) if number <= len(candidates)]
    era_fits = era if any(match.of_era for match in memories) else None
    said = shared_words([context], memories)
    reasoning = reasons.for_memories(language, len(memories), len(good), len(known.memories), said, era_fits)
    if answer.value:
        reasoning = answer.value.reasoning
    return Recollection(memories, _pictures(known, memories, cue, avoid), reasoning, answer.headers)


def find_media(known: Portrait, talk: Sequence[str], era: str | None) -> MediaFound:
    """Photos, music and films of the person's own that fit a talk, at most six of each."""
    avoid, language = offers.avoids(known), supported(known.language)
    owned, cue = offers.library(known, avoid), Cue.of(talk, era)
    photos, music = ranked(cue, owned.photos, CANDIDATES), ranked(cue, owned.music, CANDIDATES)
    videos = ranked(cue, owned.videos, CANDIDATES)

    def fit(chosen: ChosenMedia) -> ChosenMedia:
        for numbers, there in ((chosen.photos, photos), (chosen.music, music), (chosen.videos, videos)):
            _within(numbers, len(there))
        if not (chosen.photos or chosen.music or chosen.videos):
            raise ValueError("choose at least one item")
        check([chosen.reasoning], language, avoid, LONGEST_REASON)
        return chosen

    facts = {"language": language, "talk": list(talk), "era": era, "photos": _numbered(photos),
             "music": _numbered(music), "videos": _numbered(videos)}  # fmt: skip
    answer = ask(MEDIA, ChosenMedia, facts, fit) if photos or music or videos else FALLBACK
    picked = answer.value or ChosenMedia.model_construct(
        photos=list(range(1, EACH + 1)), music=list(range(1, EACH + 1)), videos=list(range(1, EACH + 1)), reasoning=""
    )
    taken = [_taken(photos, picked.photos), _taken(music, picked.music), _taken(videos, picked.videos)]
    matches = [match for kind in taken for match in kind]
    era_fits = era if any(match.of_era for match in matches) else None
    counts = len(taken[0]), len(taken[1]), len(taken[2])
    reasoning = picked.reasoning or reasons.for_media(
        language, counts, owned.total, shared_words(talk, matches), era_fits
    )
    shown = [[offers.medium(match.item.of) for match in kind] for kind in taken]
    return MediaFound(shown[0], shown[1], shown[2], reasoning, answer.headers)


def _pictures(known: Portrait, memories: Sequence[Match[Memory]], cue: Cue, avoid: Avoids) -> list[Medium]:
    """Pictures that belong to the memories, then those that fit the talk."""
    owned = offers.library(known, avoid, music=False)
    by_id: dict[str, Item[Photo]] = {item.id: item for item in owned.photos}
    linked = [by_id[name].of for match in memories for name in match.item.of.photo_ids if name in by_id]
    fitting: list[Photo | Video] = [match.item.of for match in ranked(cue, owned.photos, MEDIA_ITEMS)]
    fitting += [match.item.of for match in ranked(cue, owned.videos, MEDIA_ITEMS)]
    found = {one.id: one for one in [*linked, *fitting]}
    return [offers.medium(one) for one in list(found.values())[:MEDIA_ITEMS]]


def _comforts(known: Portrait, feeling: Mapping[str, Any]) -> list[str]:
    """Topics that comfort, for somebody who is anxious or sad."""
    level = feeling.get("anxiety_level")
    mood = feeling.get("emotional_tone")
    worried = isinstance(level, int | float) and level >= ANXIOUS
    if not worried and tone(mood if isinstance(mood, str) else None) not in (COMFORTING, CALM):
        return []
    topics = [topic for zone in known.zones for topic in zone.comforting_topics]
    return [*topics, *(known.profile.comforts if known.profile else ())]


def _within(numbers: Sequence[int], count: int) -> None:
    if any(not 1 <= number <= count for number in numbers):
        raise ValueError(f"only the numbers 1 to {count} are in the data" if count else "there is nothing to choose")


def _taken(matches: Sequence[Match[Any]], numbers: Sequence[int]) -> list[Match[Any]]:
    return [matches[number - 1] for number in dict.fromkeys(numbers) if number <= len(matches)]


def _numbered(matches: Sequence[Match[Any]]) -> list[dict[str, Any]]:
    return [_shown(number, match.item) for number, match in enumerate(matches, 1)]


def _shown(number: int, item: Item[Any]) -> dict[str, Any]:
    """An item as the language model sees it."""
    return {"number": number, "title": item.title, "text": item.text[:300], "era": item.era, "tags": list(item.tags)}


def _listed(value: Any) -> list[Any]:
    return value[:20] if isinstance(value, list) else []
