"""Reflections: what a day, a week or a life holds, told from the memories that are written down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from memory_mirror.eras.decades import decade
from memory_mirror.tales import quoting
from memory_mirror.tales.dice import Dice
from memory_mirror.tales.levels import measure
from memory_mirror.tales.sentences import fill, joined, labelled, line, lines, quoted, said_era
from memory_mirror.tales.telling import Remembered, Teller

Kind = Literal["daily", "weekly", "life_story"]
FEW = 3
"""With fewer memories a reflection says so, kindly."""
_MOST: dict[Kind, tuple[int, int]] = {"daily": (3, 1), "weekly": (6, 2), "life_story": (12, 3)}
"""Memories in one reflection, at the mildest level and at the severest."""


def most(kind: Kind, teller: Teller) -> int:
    """How many memories a reflection tells."""
    mildest, severest = _MOST[kind]
    shares = {"mild": 3, "moderate": 2, "advanced": 1, "severe": 0}[teller.level]
    return severest + (mildest - severest) * shares // 3


def by_era(memories: Sequence[Remembered]) -> list[Remembered]:
    """Memories in the order of their eras, those without one last; otherwise in their own order."""
    far = 10_000
    return sorted(memories, key=lambda memory: far if (year := decade(memory.era or "")) is None else year)


def told(kind: Kind, memories: Sequence[Remembered], teller: Teller) -> list[Remembered]:
    """The memories that a reflection tells, in its order; `memories` come newest first."""
    chosen = memories[: most(kind, teller)]
    if kind != "life_story":
        return list(chosen)
    return by_era(_spread(by_era(memories), most(kind, teller)))


def _spread(ordered: Sequence[Remembered], count: int) -> list[Remembered]:
    """`count` of them, evenly over the whole of a life."""
    if len(ordered) <= count:
        return list(ordered)
    return [ordered[place * len(ordered) // count] for place in range(count)]


def reflect(
    kind: Kind, teller: Teller, memories: Sequence[Remembered], earlier: Sequence[Remembered], dice: Dice
) -> str:
    """The reflection on `memories`, which `told` has chosen. Without any, one of the `earlier` ones is offered."""
    opening = dice.pick(lines(teller.language, f"reflection.{kind}"))
    if teller.name and measure(teller.level).named:
        opening = joined(teller.language, [fill(dice.pick(lines(teller.language, "named")), name=teller.name), opening])
    if not memories:
        parts = [line(teller.language, "reflection.none")]
        if earlier:
            first = joined(teller.language, [line(teller.language, "reflection.earlier"), *_told(teller, earlier[0])])
            parts = [opening, first, parts[0]]
        return "\n\n".join(parts)
    parts = [opening]
    era: str | None = None
    for memory in memories:
        said = said_era(teller.language, memory.era) if kind == "life_story" else ""
        head = [line(teller.language, "reflection.era", era=said)] if said and memory.era != era else []
        era = memory.era
        parts.append(joined(teller.language, [*head, *_told(teller, memory)]))
    if len(memories) < FEW:
        parts.append(line(teller.language, "reflection.few", count=len(memories)))
    return "\n\n".join([*parts, dice.pick(lines(teller.language, "reflection.close"))])


def _told(teller: Teller, memory: Remembered) -> list[str]:
    size = measure(teller.level)
    title = quoting.title(memory.title)
    text = quoting.quote(memory.text, size.quote, teller.avoids, size.quoted)
    return [labelled(teller.language, title, quoted(teller.language, text)) if text else quoting.closed(title)]
