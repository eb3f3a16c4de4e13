"""The verdict: words, sounds, voice and motion weighed by the table of classes; the model may raise it, never lower.

Words are decided first (`reading`), then what was sensed (`signals`). Night and agitation make a worry of the mind one
level worse, and several such worries together one more; a body in danger is as bad as its class says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import time
from typing import Any

from memory_mirror.safety.kinds import (
    ALERTING,
    CLASSES,
    ORDER,
    PHYSICAL,
    SEVERAL_SIGNS_AT_MOST,
    Kind,
    SignClass,
    Verdict,
)
from memory_mirror.safety.reading import signs
from memory_mirror.safety.signals import Signals, heard

NIGHT_BEGINS = time(22)
NIGHT_ENDS = time(6)

WORST = 10
_WORRIED = 5
"""From here night and agitation make a worry worse; a passing mood stays one."""

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?")


def assess(
    text: str | None,
    language: str | None = None,
    *,
    sounds: Iterable[Any] = (),
    voice: Mapping[str, Any] | None = None,
    movement: Mapping[str, Any] | None = None,
    local_time: time | str | None = None,
    era_context: str | None = None,
) -> Verdict:
    """What is happening to someone, from 0 (calm) to 10, by rules alone. Never raises, whatever the readings hold.

    `language` is what they usually speak; the words themselves decide. `local_time` (`HH:MM`) says whether it is night.
    `era_context` is the decade a conversation is about: within talk of the past, setting off to school or work is part
    of the memory, not of tonight.
    """
    words, spoken = signs(text, language) if isinstance(text, str) else ((), None)
    night = is_night(local_time)
    sensed = heard(sounds, voice, movement)
    evidence = [(name, f"words: {name}") for name in words] + [pair for pair in sensed.signs if pair[0] != "door"]
    doors = [("door", why) for name, why in sensed.signs if name == "door" and night]
    evidence += doors
    if era_context not in (None, "", "present"):
        evidence = [("homeward" if name == "setting_off" else name, why) for name, why in evidence]
    return replace(_weighed(evidence, sensed, night=night), language=spoken)


def raised(floor: Verdict, view: Verdict) -> Verdict:
    """The floor, raised by what a model saw (only `kind` and `level` of its view count); never lowered.

    The model names the kind only where the rules found none.
    """
    kind = floor.kind if floor.kind is not Kind.NONE else view.kind
    level = max(floor.level, min(WORST, view.level))
    seen = kind in PHYSICAL and level > floor.level and level >= ALERTING
    return replace(floor, kind=kind, level=level, physical=floor.physical or seen)


def is_night(local_time: time | str | None) -> bool:
    """Whether a local time lies between 22:00 and 06:00; False when it is none."""
    if isinstance(local_time, str):
        found = _CLOCK.fullmatch(local_time.strip())
        local_time = time(int(found[1]), int(found[2])) if found else None
    return isinstance(local_time, time) and (local_time >= NIGHT_BEGINS or local_time < NIGHT_ENDS)


def _weighed(evidence: list[tuple[str, str]], sensed: Signals, *, night: bool) -> Verdict:
    found = [CLASSES[name] for name in dict.fromkeys(name for name, _ in evidence)]
    bodily = [sign for sign in found if sign.physical]
    worries = [sign for sign in found if not sign.physical]
    level = max([sign.level for sign in bodily] + [_worry(worries, sensed, night=night)])
    if bodily:
        kind = min(bodily, key=lambda sign: (-sign.level, ORDER[sign.kind])).kind
    elif worries:
        kind = min((sign.kind for sign in worries), key=ORDER.__getitem__)
    else:
        kind = Kind.DISTRESS if len(sensed.agitation) > 1 else Kind.NONE
    return Verdict(kind, level, bool(bodily), (*(why for _, why in evidence), *sensed.agitation))


def _worry(worries: list[SignClass], sensed: Signals, *, night: bool) -> int:
    """How bad the worries of the mind are together; agitation alone is at most half of what calls someone."""
    if not worries:
        return min(2 * len(sensed.agitation), _WORRIED)
    level = max(sign.level for sign in worries)
    if len(worries) > 1:
        level = max(level, min(level + 1, SEVERAL_SIGNS_AT_MOST))
    return min(level + 1, WORST) if level >= _WORRIED and (night or sensed.agitation) else level
