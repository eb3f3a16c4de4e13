"""When a routine may run: the conditions it is stored with, and whether they hold.

    {"time_window": {"start": "20:00", "end": "06:30"},     the person's clock; it may pass midnight
     "days_of_week": ["mon", "friday"],                     a window past midnight belongs to the day it began on
     "anxiety_level": {"min": 3, "max": 10},                the latest reading, at most a day old
     "device_states": [{"device_id": "…", "state": {"power": "on"}}]}

Every condition that is given must hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from memory_mirror.home.actions import matches
from memory_mirror.records.fields import ClockTime, Level

FRESH = timedelta(hours=24)
"""How old the reading of anxiety may be that a condition asks for."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _day(value: str) -> str:
    name = value.strip().lower()
    if name not in DAYS and name not in _FULL:
        raise ValueError("must be a day of the week, such as mon or monday")
    return name[:3]


class TimeWindow(BaseModel):
    """From `start` up to but not including `end`; the whole day when they are the same."""

    model_config = ConfigDict(defer_build=True, extra="forbid")

    start: ClockTime
    end: ClockTime

    @property
    def wraps(self) -> bool:
        return self.start >= self.end

    def holds(self, clock: str) -> bool:
        """Whether a time `HH:MM` lies in it."""
        if self.wraps:
            return clock >= self.start or clock < self.end
        return self.start <= clock < self.end


class AnxietyRange(BaseModel):
    """A range of levels, both ends included."""

    model_config = ConfigDict(defer_build=True, extra="forbid")

    min: Level = 0
    max: Level = 10

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise ValueError("min must not be above max")
        return self


class DeviceState(BaseModel):
    """A state that a device must have reported."""

    model_config = ConfigDict(defer_build=True, extra="forbid")

    device_id: Annotated[str, Field(min_length=1, max_length=200)]
    state: Annotated[dict[str, Any], Field(min_length=1, max_length=20)]


class Conditions(BaseModel):
    """The conditions of a routine."""

    model_config = ConfigDict(defer_build=True, extra="forbid")

    time_window: TimeWindow | None = None
    days_of_week: Annotated[list[Annotated[str, AfterValidator(_day)]], Field(min_length=1, max_length=7)] | None = None
    anxiety_level: AnxietyRange | None = None
    device_states: Annotated[list[DeviceState], Field(max_length=20)] | None = None

    @property
    def devices(self) -> list[str]:
        """The devices whose states must be known."""
        return [one.device_id for one in self.device_states or ()]


@dataclass(frozen=True, slots=True)
class Facts:
    """What conditions are held against."""

    local: datetime
    """The present moment on the person's clock."""
    anxiety: float | None
    """The latest reading that is fresh enough, None when there is none."""
    states: Mapping[str, Mapping[str, Any]]
    """What devices reported, by id; a device that is offline or unknown is absent."""


def read(stored: Mapping[str, Any] | None) -> Conditions:
    """Conditions as they are stored. Raises ValueError that names what cannot be read."""
    try:
        return Conditions.model_validate(stored or {})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in ("conditions", *first["loc"]))
        raise ValueError(f"{place}: {first['msg'].removeprefix('Value error, ')}") from None


def unmet(conditions: Conditions, facts: Facts) -> list[str]:
    """The names of the conditions that do not hold, in the order in which they are documented."""
    found: list[str] = []
    window, clock = conditions.time_window, facts.local.strftime("%H:%M")
    if window is not None and not window.holds(clock):
        found.append("time_window")
    if conditions.days_of_week is not None and _weekday(facts.local, window) not in conditions.days_of_week:
        found.append("days_of_week")
    wanted = conditions.anxiety_level
    if wanted is not None and (facts.anxiety is None or not wanted.min <= facts.anxiety <= wanted.max):
        found.append("anxiety_level")
    if any(not matches(one.state, facts.states.get(one.device_id, {})) for one in conditions.device_states or ()):
        found.append("device_states")
    return found


def _weekday(local: datetime, window: TimeWindow | None) -> str:
    """The day that counts: after midnight, in a window that began the evening before, that evening's."""
    late = window is not None and window.start > window.end and local.strftime("%H:%M") < window.end
    return DAYS[(local - timedelta(days=1) if late else local).weekday()]
