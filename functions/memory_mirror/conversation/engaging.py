"""What to suggest unasked: one kind of thing, weighed from the hour, the moods, what was done and suggested lately."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, Literal, get_args

Suggestion = Literal["music", "memory", "activity", "rest", "conversation", "photo"]
SUGGESTIONS: Final[tuple[Suggestion, ...]] = get_args(Suggestion)

_NIGHT_FROM, _NIGHT_TO = 21, 7
_AT_NIGHT: frozenset[Suggestion] = frozenset({"rest", "music"})
_TENSE = 5.0
_IDLE_HOURS, _SILENT_HOURS = 3.0, 6.0
_BUSY = 8
"""Activities within two hours that are enough."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known when a suggestion is asked for. `suggested` are the last kinds, newest first; `moods` the last
    anxiety readings, newest first; hours are None when there is nothing to count from."""

    hour: int
    moods: tuple[float, ...] = ()
    idle_hours: float | None = None
    silent_hours: float | None = None
    lately: int = 0
    suggested: tuple[str, ...] = ()
    has_music: bool = False
    has_memories: bool = False
    has_photos: bool = False
    has_interests: bool = False

    @property
    def is_night(self) -> bool:
        return self.hour >= _NIGHT_FROM or self.hour < _NIGHT_TO

    @property
    def is_thin(self) -> bool:
        """Whether next to nothing is known of the last days."""
        return not self.moods and self.idle_hours is None and self.silent_hours is None

    @property
    def tension(self) -> float:
        """The median of the last moods; the newest alone when it is higher."""
        return max(median(self.moods[:5]), self.moods[0]) if self.moods else 0.0


def weighed(seen: Circumstances) -> dict[Suggestion, float]:
    """How much speaks for each kind."""
    weights: dict[Suggestion, float] = {
        "music": 2.0, "memory": 2.0, "activity": 1.5, "rest": 0.5, "conversation": 1.5, "photo": 1.8,
    }  # fmt: skip
    _by_hour(seen, weights)
    if seen.tension >= _TENSE:
        weights["music"] += 2.0
        weights["conversation"] += 1.0
        weights["rest"] += 1.0
        weights["activity"] -= 1.5
    if seen.idle_hours is not None and seen.idle_hours >= _IDLE_HOURS:
        weights["activity"] += 1.5
    if seen.silent_hours is not None and seen.silent_hours >= _SILENT_HOURS:
        weights["conversation"] += 1.5
    if seen.lately >= _BUSY:
        weights["rest"] += 2.0
    stocked: tuple[tuple[Suggestion, bool], ...] = (
        ("music", seen.has_music), ("memory", seen.has_memories), ("photo", seen.has_photos),
        ("activity", seen.has_interests),
    )  # fmt: skip
    for kind, is_stocked in stocked:
        weights[kind] += 1.0 if is_stocked else -1.0
    for age, kind_before in enumerate(seen.suggested[:4]):
        if kind_before in weights:
            weights[kind_before] -= (2.0, 1.0, 0.6, 0.3)[age]
    return weights


def chosen(seen: Circumstances) -> Suggestion:
    """The kind to suggest: never the last one again, a picture only when there is one, at night only quiet ones."""
    weights = weighed(seen)
    possible: Sequence[Suggestion] = [kind for kind in SUGGESTIONS if kind != "photo" or seen.has_photos]
    if seen.is_night:
        possible = [kind for kind in possible if kind in _AT_NIGHT]
    fresh = [kind for kind in possible if kind not in seen.suggested[:1]]
    return max(fresh, key=lambda kind: weights[kind])


def _by_hour(seen: Circumstances, weights: dict[Suggestion, float]) -> None:
    if seen.is_night:
        weights["rest"] += 3.0
    elif 13 <= seen.hour < 15:
        weights["rest"] += 1.0
    elif seen.hour < 12:
        weights["activity"] += 1.0
        weights["conversation"] += 0.5
    elif seen.hour >= 17:
        weights["music"] += 1.0
        weights["activity"] -= 0.5
    else:
        weights["memory"] += 0.7
        weights["photo"] += 0.7
