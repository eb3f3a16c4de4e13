"""Whether a device can act, and whether it did what was asked: judged by what it reports and by nothing else."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from memory_mirror.home.actions import matches
from memory_mirror.home.devices import Shadow


class Reason(StrEnum):
    """Why a command is not verified, in words for a person."""

    OFFLINE = "The device is offline"
    SILENT = "The device did not confirm in time"
    CONTRADICTED = "The device reports another state"
    OVERTAKEN = "Another command came after this one"
    BUSY = "The device is busy with other commands"
    UNREACHABLE = "The device service cannot be reached"
    THROTTLED = "The device service takes no more commands at the moment"
    REFUSED = "The device service refuses this command"
    NO_TIME = "There was no time left for this device"


def present(online: bool, told: bool | None, written: datetime, shadow: Shadow | None) -> bool:
    """Whether a device can be expected to act.

    `online` is what its record says, `told` what the device had last said when that was stored, `written` when. The
    device knows best whether it is connected. Only when somebody has set the record to offline since is that held
    against it, until it reports a connection later than that.
    """
    if shadow is None or shadow.connected is None:
        return online
    if not shadow.connected:
        return False
    by_hand = not online and told is not False
    return not by_hand or shadow.reported_at.get("connected", 0) > written.timestamp()


def judged(wanted: Mapping[str, Any], before: Shadow | None, now: Shadow) -> Reason | None:
    """Why a device's latest report does not confirm a command; None when it does.

    `before` is the shadow as it was when the command was given.
    """
    if now.connected is False:
        return Reason.OFFLINE
    if matches(wanted, now.reported):
        return None
    if any(name in now.desired and now.desired[name] != value for name, value in wanted.items()):
        return Reason.OVERTAKEN
    return Reason.CONTRADICTED if _spoke(wanted, before, now) else Reason.SILENT


def _spoke(wanted: Mapping[str, Any], before: Shadow | None, now: Shadow) -> bool:
    """Whether the device reported any of the wanted values since it was asked."""
    held = before.reported if before else {}
    at = before.reported_at if before else {}
    return any(
        name in now.reported
        and (now.reported[name] != held.get(name) or now.reported_at.get(name, 0) > at.get(name, 0))
        for name in wanted
    )
