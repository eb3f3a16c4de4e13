"""What is not done to a home at night unless somebody answers for it: open doors, lit stoves, extreme temperatures.

Night is 22:00 to 06:00 on the clock where the person lives, whatever daylight saving time does to it.
"""

from collections.abc import Mapping
from datetime import datetime, time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

NIGHTFALL, MORNING = time(22), time(6)
COOL, WARM = 16.0, 28.0
"""Degrees Celsius between which a bedroom does an old person no harm."""


class Hazard(StrEnum):
    """What makes a command unsafe at night."""

    DOOR = "unlocking a door"
    STOVE = "turning a stove on"
    TEMPERATURE = "an extreme temperature"


def hazard(wanted: Mapping[str, Any], kind: str) -> Hazard | None:
    """What would be unsafe at night about the state that a command asks of a device."""
    if kind == "lock" and wanted.get("locked") is False:
        return Hazard.DOOR
    if kind == "stove" and wanted.get("power") == "on":
        return Hazard.STOVE
    if kind == "thermostat" and not COOL <= wanted.get("temperature", COOL) <= WARM:
        return Hazard.TEMPERATURE
    return None


def local(at: datetime, zone: str) -> datetime:
    """An instant on the clock of a zone; of UTC when there is no such zone."""
    return at.astimezone(_zone(zone))


def is_night(at: datetime, zone: str) -> bool:
    """Whether an instant is in the night of a zone."""
    clock = local(at, zone).time()
    return clock >= NIGHTFALL or clock < MORNING


def refused(wanted: Mapping[str, Any], kind: str, at: datetime, zone: str, *, override: bool) -> Hazard | None:
    """The hazard for which a command is not carried out; None for one that may be."""
    return None if override or not is_night(at, zone) else hazard(wanted, kind)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, no zone's name at all, or a folder's
        return ZoneInfo("UTC")
