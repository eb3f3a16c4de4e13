"""Memory sessions: what to talk about, in which order, with which pictures and music."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from memory_mirror.memories.reflections import by_era
from memory_mirror.tales import quoting
from memory_mirror.tales.dice import Dice
from memory_mirror.tales.levels import measure
from memory_mirror.tales.prompting import Invitation, follow_ups, invitations, starters
from memory_mirror.tales.sentences import fill, lines, said_era
from memory_mirror.tales.telling import Medium, Remembered, Teller

Kind = Literal["reminiscence", "life_review", "music_memory"]


@dataclass(frozen=True, slots=True)
class Step:
    """One prompt with what is shown beside it."""

    prompt: str
    memory: Remembered | None
    media: tuple[Medium, ...]
    follow_ups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """A whole session; the steps are in their order."""

    kind: Kind
    title: str
    opening: str
    steps: tuple[Step, ...]
    starters: tuple[str, ...]
    closing: str
    minutes: int


def plan(
    kind: Kind,
    teller: Teller,
    media: Sequence[Medium],
    of_memory: Callable[[Remembered], Sequence[Medium]],
    dice: Dice,
) -> Session:
    """A session of the length that suits the person.

    `media` is what there is to be shown, the best first; `of_memory` what belongs to one memory. Music sessions begin
    from music, life reviews go through the eras, reminiscence from the newest good memory on.
    """
    size = measure(teller.level)
    title, opening, closing = lines(teller.language, f"session.{kind}")
    steps = _musical(teller, media, dice) if kind == "music_memory" else _steps(kind, teller, media, of_memory, dice)
    steps = steps[: size.prompts]
    said = frozenset(step.prompt for step in steps)
    return Session(
        kind, title, opening, tuple(steps), tuple(starters(teller, dice, said)), closing, len(steps) * size.minutes
    )


def _steps(
    kind: Kind,
    teller: Teller,
    media: Sequence[Medium],
    of_memory: Callable[[Remembered], Sequence[Medium]],
    dice: Dice,
) -> list[Step]:
    count = measure(teller.level).prompts
    memories = by_era(teller.memories[:count]) if kind == "life_review" else teller.memories[:count]
    found, shown = list[Step](), set[str | None]()
    if kind == "life_review":
        found += _era_step(teller, memories, dice)
    for each in invitations(teller, dice, memories, len(memories)):
        own = tuple(of_memory(each.memory)[:2]) if each.memory else ()
        shown.update(medium.id for medium in own)
        found.append(Step(each.prompt, each.memory, own, each.follow_ups))
    found += [_shown(teller, medium, dice) for medium in media if medium.id not in shown][: max(count - len(found), 0)]
    missing = max(count - len(found), 0)
    return found + [_plain(each) for each in invitations(teller, dice, (), missing)]


def _era_step(teller: Teller, memories: Sequence[Remembered], dice: Dice) -> list[Step]:
    era = next((said for memory in memories if (said := said_era(teller.language, memory.era))), "")
    era = era or said_era(teller.language, teller.era)
    if not era:
        return []
    prompt = fill(dice.pick(lines(teller.language, "prompt.era")), era=era)
    return [Step(prompt, None, (), follow_ups(teller, dice))]


def _musical(teller: Teller, media: Sequence[Medium], dice: Dice) -> list[Step]:
    count = measure(teller.level).prompts
    found = [_shown(teller, medium, dice) for medium in media if medium.type == "music"][:count]
    return found + [_plain(each) for each in invitations(teller, dice, teller.memories, max(count - len(found), 0))]


def _shown(teller: Teller, medium: Medium, dice: Dice) -> Step:
    prompt = fill(dice.pick(lines(teller.language, f"prompt.{medium.type}")), title=quoting.title(medium.title))
    return Step(prompt, None, (medium,), follow_ups(teller, dice))


def _plain(invitation: Invitation) -> Step:
    return Step(invitation.prompt, invitation.memory, (), invitation.follow_ups)
