"""Memory sessions for a person: planned from what is theirs, worded by a language model where there is one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from memory_mirror.eras.songs import suited
from memory_mirror.life import offers
from memory_mirror.life.entities import Memory
from memory_mirror.life.portrait import Portrait
from memory_mirror.life.relevance import Cue, Item, ranked
from memory_mirror.memories import sessions
from memory_mirror.memories.sessions import Session
from memory_mirror.tales.checking import check
from memory_mirror.tales.dice import Dice
from memory_mirror.tales.telling import Medium, Remembered
from quintet.answers import Prompt, ask

SESSION = Prompt("memory_mirror", "session.v1", max_tokens=1500)
LONGEST = 400
MEDIA = 12
SONGS = 6

Said = Annotated[str, Field(min_length=1, max_length=LONGEST)]


class WordedStep(BaseModel):
    """The words of one prompt."""

    model_config = ConfigDict(defer_build=True)

    prompt: Said
    follow_ups: Annotated[list[Said], Field(min_length=1, max_length=3)]


class WordedSession(BaseModel):
    """The words of a session whose steps are given."""

    model_config = ConfigDict(defer_build=True)

    title: Said
    opening: Said
    steps: Annotated[list[WordedStep], Field(min_length=1, max_length=10)]
    conversation_starters: Annotated[list[Said], Field(min_length=1, max_length=8)]
    closing: Said


def plan(known: Portrait, kind: sessions.Kind, seed: str) -> tuple[Session, Mapping[str, str]]:
    """A session for a person, and the header that says who worded it; another seed gives another one."""
    avoid = offers.avoids(known)
    teller = offers.teller(known, avoid, offers.good_memories(known, avoid))
    owned = offers.library(known, avoid)
    photos = {item.id: item.of for item in owned.photos}
    linked = {item.id: [photos[name] for name in item.of.photo_ids if name in photos] for item in _items(known)}

    def of_memory(memory: Remembered) -> Sequence[Medium]:
        own = linked.get(memory.id or "", [])
        cue = Cue.of([memory.title, *memory.tags])
        near = [match.item.of for match in ranked(cue, owned.photos, 1)] if not own else []
        return [offers.medium(one) for one in [*own, *near]]

    base = sessions.plan(kind, teller, _media(owned, kind, teller.era, teller.language, seed), of_memory, Dice(seed))

    def fit(worded: WordedSession) -> WordedSession:
        if len(worded.steps) != len(base.steps):
            raise ValueError(f"there must be exactly {len(base.steps)} steps, one for each in the data")
        texts = [worded.title, worded.opening, worded.closing, *worded.conversation_starters]
        texts += [text for step in worded.steps for text in (step.prompt, *step.follow_ups)]
        check(texts, teller.language, avoid, LONGEST)
        return worded

    facts = {
        "language": teller.language,
        "cognitive_level": teller.level,
        "kind": kind,
        "interests": list(teller.interests),
        "steps": [_shown(step) for step in base.steps],
    }
    answer = ask(SESSION, WordedSession, facts, fit)
    return (_worded(base, answer.value) if answer.value else base), answer.headers


def _items(known: Portrait) -> list[Item[Memory]]:
    return [offers.memory_item(memory) for memory in known.memories]


def _media(owned: offers.Library, kind: sessions.Kind, era: str | None, language: str, seed: str) -> list[Medium]:
    """What there is to be shown, the newest of the person's own first; for music also songs of their time."""
    if kind != "music_memory":
        seen: list[Item[Any]] = [*owned.photos, *owned.videos]
        return [offers.medium(item.of) for item in sorted(seen, key=lambda one: one.made, reverse=True)[:MEDIA]]
    songs = suited(era, ("nostalgic", "happy"), language=language, limit=SONGS, seed=seed)
    shipped = [Medium(None, "music", song.title, None, song.era, song.artist, "era_songs") for song in songs]
    own = [offers.medium(item.of) for item in owned.music[:MEDIA]]
    return [*own, *(song for song in shipped if song.title.casefold() not in {one.title.casefold() for one in own})]


def _shown(step: sessions.Step) -> dict[str, object]:
    """A step as the language model sees it."""
    memory = {"title": step.memory.title, "era": step.memory.era} if step.memory else None
    media = [{"type": one.type, "title": one.title, "artist": one.artist} for one in step.media]
    return {"prompt": step.prompt, "memory": memory, "media": media}


def _worded(base: Session, words: WordedSession) -> Session:
    steps = tuple(
        replace(step, prompt=said.prompt, follow_ups=tuple(said.follow_ups))
        for step, said in zip(base.steps, words.steps, strict=True)
    )
    return replace(
        base, title=words.title, opening=words.opening, steps=steps, starters=tuple(words.conversation_starters),
        closing=words.closing,
    )  # fmt: skip
