"""Alert conditions as rules: whether one holds for what was observed, and whom to tell at which stage.

What the threshold counts, by kind:
    anxiety_average   mean of the readings of the window, at least the threshold
    anxiety_peak      the highest reading of the window, at least the threshold
    inactivity        hours without a sign of the person: the threshold, or the window's hours when it is 0; a person
                      who never gave a sign is waited for from when the condition was made
    missed_reminder   reminders of the window that were told to nobody
    night_incident    incidents of the window
    device_offline    devices that are offline now
Of the counts, a threshold of 0 means one.

Stages: first the first contact is told. While the condition holds and nobody looks after the person, each cooldown
brings the next contact, and after the last one all of them. Once a caregiver has opened a session after the first
notice, nobody is told any more, until the condition stopped holding, or held on for a whole window since.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean
from typing import Literal

from memory_mirror.alerts.entities import AlertKind


@dataclass(frozen=True, slots=True)
class Terms:
    """What a condition asks for. `made_at` is since when it is looked at."""

    kind: AlertKind
    threshold: float
    window_hours: float
    made_at: datetime

    @property
    def window(self) -> timedelta:
        return timedelta(hours=self.window_hours)


@dataclass(frozen=True, slots=True)
class Observed:
    """What was observed of a person; what the condition's kind does not ask for is left empty."""

    readings: Sequence[tuple[datetime, float]] = ()
    """Readings of anxiety, 0 to 10, with their instants."""
    last_sign: datetime | None = None
    """The newest sign of the person."""
    missed: Sequence[tuple[datetime, int]] = ()
    """Reminders that were missed: the instant of the last one, and how many."""
    incidents: Sequence[datetime] = ()
    offline: Sequence[tuple[datetime, str]] = ()
    """Devices that are offline: since when, and their names."""


@dataclass(frozen=True, slots=True)
class Met:
    """That a condition holds: the value that made it so, since when, and a sentence about it."""

    value: float
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Raised:
    """How far an alert has come: `told` stages, the first at `first_at`, the latest at `last_at`."""

    told: int
    first_at: datetime
    last_at: datetime
    acknowledged_at: datetime | None = None


Act = Literal["nothing", "raise", "escalate", "acknowledge", "reset"]


def evaluate(terms: Terms, observed: Observed, at: datetime) -> Met | None:
    """Whether a condition holds at `at`."""
    begin = at - terms.window
    if terms.kind in ("anxiety_average", "anxiety_peak"):
        return _anxiety(terms, [one for one in observed.readings if begin <= one[0] <= at])
    if terms.kind == "inactivity":
        return _inactivity(terms, observed.last_sign, at)
    if terms.kind == "missed_reminder":
        missed = [one for one in observed.missed if begin <= one[0] <= at]
        count = sum(number for _, number in missed)
        return _counted(terms, count, [when for when, _ in missed], "reminder was missed", "reminders were missed")
    if terms.kind == "night_incident":
        found = [when for when in observed.incidents if begin <= when <= at]
        return _counted(terms, len(found), found, "night incident", "night incidents")
    met = _counted(terms, len(observed.offline), [when for when, _ in observed.offline], "", "")
    if met is None:
        return None
    names = ", ".join(sorted(name for _, name in observed.offline))
    return Met(met.value, met.since, f"Offline: {names}.")


def _anxiety(terms: Terms, readings: Sequence[tuple[datetime, float]]) -> Met | None:
    if not readings:
        return None
    levels = [level for _, level in readings]
    spread = f"{_number(len(levels))} reading{'' if len(levels) == 1 else 's'} in {_hours(terms.window_hours)}"
    if terms.kind == "anxiety_average":
        value, since = fmean(levels), min(when for when, _ in readings)
        told = f"Anxiety averages {_number(value)} of 10 over {spread}"
    else:
        value = max(levels)
        since = min((when for when, level in readings if level >= terms.threshold), default=readings[0][0])
        told = f"Anxiety reached {_number(value)} of 10, among {spread}"
    if value < terms.threshold:
        return None
    return Met(value, since, f"{told}; the limit is {_number(terms.threshold)}.")


def _inactivity(terms: Terms, last_sign: datetime | None, at: datetime) -> Met | None:
    limit = terms.threshold or terms.window_hours
    since = last_sign or terms.made_at
    hours = (at - since).total_seconds() / 3600
    if hours < limit:
        return None
    return Met(hours, since, f"No activity for {_hours(int(hours * 10) / 10)}; the limit is {_hours(limit)}.")


def _counted(terms: Terms, count: int, instants: Sequence[datetime], one: str, many: str) -> Met | None:
    if count < max(terms.threshold, 1):
        return None
    told = f"{count} {one if count == 1 else many} in the last {_hours(terms.window_hours)}."
    return Met(count, min(instants), told)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _hours(hours: float) -> str:
    return f"{_number(hours)} hour{'' if hours == 1 else 's'}"


def act(
    raised: Raised | None,
    met: Met | None,
    *,
    opened_at: datetime | None,
    at: datetime,
    cooldown: timedelta,
    window: timedelta,
) -> Act:
    """What to do about a condition. `opened_at` is when a caregiver last opened a session for the person."""
    if raised is None:
        return "raise" if met else "nothing"
    if met is None:
        return "reset"
    if raised.acknowledged_at is not None:
        return "raise" if at - raised.acknowledged_at >= window else "nothing"
    if opened_at is not None and opened_at >= raised.first_at:
        return "acknowledge"
    return "escalate" if at - raised.last_at >= cooldown else "nothing"


def recipients(contacts: Sequence[str], stage: int) -> list[str]:
    """Whom the stage, counted from 1, tells: one contact after the other, then all of them."""
    ordered = list(dict.fromkeys(contacts))
    return ordered[stage - 1 : stage] if stage <= len(ordered) else ordered
