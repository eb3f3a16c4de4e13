"""What can be wrong at night: the kinds of danger, the classes of signs they are told by, and the verdict.

A class is one sort of sign (`cant_get_up`); its row says which kind it is a sign of, how bad it is from 0 to 10 when
nothing else is known, and whether a body is in danger. Levels of 7 and more, and every physical danger, call the
caregivers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is happening; dangers in the order in which they are named when several are equally bad."""

    BREATHING = "BREATHING"
    FIRE = "FIRE"
    SELF_HARM = "SELF_HARM"
    FALL = "FALL"
    INTRUDER = "INTRUDER"
    PAIN = "PAIN"
    WANDERING = "WANDERING"
    DISORIENTATION = "DISORIENTATION"
    DISTRESS = "DISTRESS"
    NONE = "NONE"


PHYSICAL = frozenset(
    {Kind.BREATHING, Kind.FIRE, Kind.SELF_HARM, Kind.FALL, Kind.INTRUDER, Kind.PAIN, Kind.WANDERING},
)
"""The kinds in which a body can come to harm."""

ALERTING = 7
"""The level from which caregivers are called whatever the kind."""


@dataclass(frozen=True, slots=True)
class SignClass:
    kind: Kind
    level: int
    physical: bool


def _physical(kind: Kind, level: int) -> SignClass:
    return SignClass(kind, level, physical=True)


def _of_the_mind(kind: Kind, level: int) -> SignClass:
    return SignClass(kind, level, physical=False)


CLASSES: dict[str, SignClass] = {
    "no_breath": _physical(Kind.BREATHING, 10),
    "choking": _physical(Kind.BREATHING, 10),
    "short_of_breath": _physical(Kind.BREATHING, 9),
    "fire": _physical(Kind.FIRE, 10),
    "smoke": _physical(Kind.FIRE, 9),
    "gas": _physical(Kind.FIRE, 9),
    "wish_to_die": _physical(Kind.SELF_HARM, 9),
    "suicide": _physical(Kind.SELF_HARM, 10),
    "fall": _physical(Kind.FALL, 9),
    "cannot_get_up": _physical(Kind.FALL, 9),
    "intruder": _physical(Kind.INTRUDER, 9),
    "stranger": _physical(Kind.INTRUDER, 8),
    "heart": _physical(Kind.PAIN, 10),
    "bleeding": _physical(Kind.PAIN, 9),
    "injury": _physical(Kind.PAIN, 8),
    "pain": _physical(Kind.PAIN, 7),
    "ache": _of_the_mind(Kind.PAIN, 4),
    "outside": _physical(Kind.WANDERING, 8),
    "setting_off": _of_the_mind(Kind.WANDERING, 6),
    "lost": _of_the_mind(Kind.DISORIENTATION, 5),
    "homeward": _of_the_mind(Kind.DISORIENTATION, 5),
    "missing_someone": _of_the_mind(Kind.DISORIENTATION, 4),
    "muddled": _of_the_mind(Kind.DISORIENTATION, 4),
    "thud": _physical(Kind.FALL, 7),
    "stillness": _physical(Kind.FALL, 7),
    "glass": _physical(Kind.INTRUDER, 7),
    "door": _physical(Kind.WANDERING, 7),
    "scream": _of_the_mind(Kind.DISTRESS, 7),
    "crying": _of_the_mind(Kind.DISTRESS, 5),
    "moaning": _of_the_mind(Kind.DISTRESS, 5),
    "pacing": _of_the_mind(Kind.DISTRESS, 4),
    "cry_for_help": _of_the_mind(Kind.DISTRESS, 6),
    "fear": _of_the_mind(Kind.DISTRESS, 5),
    "alone": _of_the_mind(Kind.DISTRESS, 4),
}

SEVERAL_SIGNS_AT_MOST = 6
"""Signs of different classes add one level up to here: two small worries are not an emergency by themselves."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules made of words and signals.

    `level` is the distress from 0 (calm) to 10; `physical` that a body is in danger; `evidence` the signs found, as
    `words: fall` or `sound: glass_breaking`; `language` the language of the words, None without words.
    """

    kind: Kind = Kind.NONE
    level: int = 0
    physical: bool = False
    evidence: tuple[str, ...] = ()
    language: str | None = None

    @property
    def alerting(self) -> bool:
        """Whether the caregivers are to be called."""
        return self.physical or self.level >= ALERTING


ORDER: dict[Kind, int] = {kind: place for place, kind in enumerate(Kind)}
"""A kind's place when several are equally bad."""
