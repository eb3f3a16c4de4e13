"""How much a text may ask of its reader, by cognitive level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["mild", "moderate", "advanced", "severe"]


@dataclass(frozen=True, slots=True)
class Measure:
    """The size of texts for a level."""

    scenes: int
    """Sentences that paint the theme."""
    memories: int
    """Memories woven into one text."""
    quote: int
    """Characters of a quotation."""
    quoted: int
    """Sentences of a quotation."""
    extras: int
    """Sentences on the era's music and the person's interests."""
    choices: int
    """The shortest sentences of a section that are used; simpler for those who need it."""
    named: bool
    """Whether the text begins with a dedication."""
    prompts: int
    """Prompts of a session."""
    starters: int
    """Conversation starters at once."""
    minutes: int
    """Minutes for one prompt."""


_MEASURES: dict[Level, Measure] = {
    "mild": Measure(4, 2, 220, 2, 2, 6, named=True, prompts=6, starters=6, minutes=5),
    "moderate": Measure(3, 1, 140, 1, 1, 6, named=True, prompts=5, starters=4, minutes=5),
    "advanced": Measure(2, 1, 90, 1, 0, 5, named=False, prompts=4, starters=3, minutes=4),
    "severe": Measure(1, 1, 60, 1, 0, 4, named=False, prompts=3, starters=2, minutes=3),
}


def measure(level: Level) -> Measure:
    """The measure of a level."""
    return _MEASURES[level]
