"""Reflections on the memories of a day, a week or a life: what is told of, and who words it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from memory_mirror.life import offers
from memory_mirror.life.portrait import Portrait
from memory_mirror.life.relevance import Avoids
from memory_mirror.memories import reflections
from memory_mirror.memories.recalling import FALLBACK
from memory_mirror.tales import quoting
from memory_mirror.tales.checking import check
from memory_mirror.tales.dice import Dice
from memory_mirror.tales.telling import Remembered
from quintet.answers import Prompt, ask

REFLECTION = Prompt("memory_mirror", "reflection.v1", max_tokens=1500)
LONGEST = 5000


class Worded(BaseModel):
    """A reflection in paragraphs."""

    model_config = ConfigDict(defer_build=True)

    reflection: Annotated[str, Field(min_length=1, max_length=LONGEST)]


@dataclass(frozen=True)
class Reflected:
    """A reflection and the memories it tells of."""

    text: str
    used: Sequence[Remembered]
    headers: Mapping[str, str]


def reflect(known: Portrait, kind: reflections.Kind, since: datetime | None, at: datetime) -> Reflected:
    """A reflection on the good memories made since a time (None: on all of them)."""
    avoid = offers.avoids(known)
    good = offers.good_memories(known, avoid)
    teller = offers.teller(known, avoid, good)
    within = [offers.remembered(item) for item in good if since is None or item.of.created_date >= since]
    told = reflections.told(kind, within, teller)
    earlier = [] if told else list(teller.memories[:1])

    def fit(worded: Worded) -> Worded:
        check([worded.reflection], teller.language, avoid, LONGEST)
        return worded

    facts = {
        "language": teller.language,
        "cognitive_level": teller.level,
        "name": teller.name,
        "kind": kind,
        "memories": [_shown(memory, avoid) for memory in told],
    }
    answer = ask(REFLECTION, Worded, facts, fit) if told else FALLBACK
    if answer.value:
        return Reflected(answer.value.reflection, told, answer.headers)
    dice = Dice(known.person.subject, kind, at.date(), *(memory.id for memory in told))
    return Reflected(reflections.reflect(kind, teller, told, earlier, dice), told or earlier, answer.headers)


def _shown(memory: Remembered, avoid: Avoids) -> dict[str, object]:
    """A memory as the language model sees it: without sentences that could hurt."""
    text = quoting.quote(memory.text, 400, avoid, sentences=4)
    return {"title": quoting.title(memory.title), "text": text, "era": memory.era}
