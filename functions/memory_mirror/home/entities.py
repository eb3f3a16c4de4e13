"""The smart home: devices, routines, and rules that follow the person's mood."""

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from memory_mirror.records.fields import DeviceAction, DeviceType, FreeObject, Level, Short, Tags, Words
from memory_mirror.records.record import Record, listed
from memory_mirror.times.moments import Moment
from quintet.store import Keys


class SmartDevice(Record):
    """A connected device. `state` and `online` are what it reported last."""

    kind: ClassVar[str] = "SmartDevice"
    keys: ClassVar[Keys] = listed("SmartDevice", "type")
    indexed: ClassVar[tuple[str, ...]] = ("type",)
    hidden: ClassVar[frozenset[str]] = frozenset({"subject", "version", "told_online"})

    name: Short
    type: DeviceType
    capabilities: Tags = Field(default_factory=list)
    online: bool = True
    room: Words = ""
    state: FreeObject = Field(default_factory=dict)
    last_seen_at: Moment | None = None
    told_online: bool | None = None
    """What the device itself had said of its connection when `online` was last taken over from it."""


def _conditions(value: dict[str, Any]) -> dict[str, Any]:
    from memory_mirror.home.conditions import read

    read(value)
    return value


class SmartHomeRoutine(Record):
    """Steps that are run together."""

    kind: ClassVar[str] = "SmartHomeRoutine"
    keys: ClassVar[Keys] = listed("SmartHomeRoutine")

    name: Short
    description: Words = ""
    steps: Annotated[list[DeviceAction], Field(min_length=1, max_length=30)]
    conditions: Annotated[FreeObject, AfterValidator(_conditions)] | None = None
    """When it may run; see conditions."""
    needs_approval: bool = False
    active: bool = True
    last_run_at: Moment | None = None


class MoodAutomation(Record):
    """What the home does by itself when the person is in a mood."""

    kind: ClassVar[str] = "MoodAutomation"
    keys: ClassVar[Keys] = listed("MoodAutomation", "active")
    indexed: ClassVar[tuple[str, ...]] = ("active",)

    name: Short
    moods: Tags = Field(default_factory=list)
    """Moods it is for; none for any."""
    min_anxiety: Level = 0
    max_anxiety: Level = 10
    actions: Annotated[list[DeviceAction], Field(min_length=1, max_length=30)]
    cooldown_minutes: Annotated[int, Field(ge=0, le=60 * 24)] = 15
    active: bool = True
