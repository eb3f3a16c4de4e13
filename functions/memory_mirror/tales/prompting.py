"""Conversation starters and memory prompts: invitations, never questions that test whether somebody remembers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from memory_mirror.tales import quoting
from memory_mirror.tales.dice import Dice
from memory_mirror.tales.levels import measure
from memory_mirror.tales.sentences import fill, lines, said_era
from memory_mirror.tales.telling import Remembered, Teller
from memory_mirror.tales.themes import ANY, THEMES, theme_of

FOLLOW_UPS = 2


@dataclass(frozen=True, slots=True)
class Invitation:
    """One prompt, the memory it is about if there is one, and gentle ways to go on."""

    prompt: str
    memory: Remembered | None
    follow_ups: tuple[str, ...]


def starters(teller: Teller, dice: Dice, avoid: frozenset[str] = frozenset()) -> list[str]:
    """As many conversation starters as suit the level: from memories, the era, interests; others when these end."""
    count = measure(teller.level).starters
    found = [_about(teller, memory, dice) for memory in dice.shuffled(teller.memories)[: (count + 1) // 2]]
    era = said_era(teller.language, teller.era)
    if era:
        found.append(fill(dice.pick(lines(teller.language, "prompt.era")), era=era))
    own = [theme_of(interest) for interest in teller.interests]
    themes = [*dict.fromkeys(theme for theme in own if theme != ANY), *dice.shuffled((*THEMES, ANY))]
    for theme in dict.fromkeys(themes):
        found += dice.shuffled(lines(teller.language, f"ask.{theme}"))[:1]
    fresh = [one for one in dict.fromkeys(found) if one not in avoid]
    return (fresh or found)[:count]


def invitations(teller: Teller, dice: Dice, memories: Sequence[Remembered], count: int) -> list[Invitation]:
    """`count` prompts: one for each memory in their order, then on themes that the person likes."""
    used: set[str] = set()
    found = [
        Invitation(_about(teller, memory, dice, used), memory, follow_ups(teller, dice)) for memory in memories[:count]
    ]
    own = [theme_of(interest) for interest in teller.interests]
    for theme in dict.fromkeys([*(theme for theme in own if theme != ANY), *dice.shuffled((*THEMES, ANY))]):
        if len(found) >= count:
            break
        question = dice.pick(lines(teller.language, f"ask.{theme}"))
        found.append(Invitation(question, None, follow_ups(teller, dice)))
    return found


def follow_ups(teller: Teller, dice: Dice) -> tuple[str, ...]:
    """Gentle ways to go on after a prompt."""
    return tuple(dice.some(lines(teller.language, "follow"), FOLLOW_UPS))


def _about(teller: Teller, memory: Remembered, dice: Dice, used: set[str] | None = None) -> str:
    choices = lines(teller.language, "prompt.memory")
    fresh = [one for one in choices if one not in (used or ())] or list(choices)
    chosen = dice.pick(fresh)
    if used is not None:
        used.add(chosen)
    return fill(chosen, title=quoting.title(memory.title))
