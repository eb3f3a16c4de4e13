"""Telling a device something: the one way for commands, routines, mood automations and playlists.

The device's record takes over what the device reported, and every command leaves an ActivityLog record, also one that
was refused or came to nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from memory_mirror.home.actions import State, desired
from memory_mirror.home.confirmation import present
from memory_mirror.home.devices import Shadow, get_shadow
from memory_mirror.home.entities import SmartDevice
from memory_mirror.home.hazards import Hazard, hazard, refused
from memory_mirror.home.shadows import Trial, carry_out
from memory_mirror.life.diary import ActivityLog
from memory_mirror.records.fields import DeviceType
from memory_mirror.records.record import create, join_change, new, noted
from memory_mirror.service import store
from memory_mirror.times.moments import iso
from quintet import log
from quintet.models import now
from quintet.providers.errors import ProviderError
from quintet.settings import settings
from quintet.store.contention import until_settled

ACTIVITY = "device_command"
"""The activity type of what a command leaves in the log."""
_PART = re.compile(r"[A-Za-z0-9-]{1,60}")


@dataclass(frozen=True)
class Errand:
    """Why a device is told something, and by whom."""

    by: str
    """Who: an address, or `system:` and the operation."""
    zone: str = "UTC"
    """The IANA zone where the person lives."""
    source: str = "command"
    """`command`, `routine`, `mood_automation` or `playlist`."""
    related_id: str | None = None
    """The routine, automation or playlist."""
    override: bool = False
    """Whether somebody answers for what is unsafe at night."""


@dataclass(frozen=True)
class Outcome:
    """What became of a command."""

    device: SmartDevice
    """The record, with what the device reported."""
    requested: State
    reported: State
    verified: bool
    reason: str | None = None
    at: datetime = field(default_factory=now)

    def result(self) -> dict[str, Any]:
        """As replies show it; `reason` only when there is one."""
        found = {
            "requested": self.requested,
            "reported": self.reported,
            "verified": self.verified,
            "at": iso(self.at),
        }
        return found if self.reason is None else {**found, "reason": self.reason}


def thing_name(subject: str, device_id: str) -> str:
    """The IoT thing of a device: `quintet-<stage>-memory-mirror-<subject>_<device id>`.

    It begins as everything of a stage does, which is what the functions' role may reach. Both ids are the server's
    own, and neither can contain the underscore that joins them, so no request can name the thing of another subject.
    Raises ValueError for a part that is no id.
    """
    if _PART.fullmatch(subject) is None or _PART.fullmatch(device_id) is None:
        raise ValueError("a thing's name is made of ids")
    return f"quintet-{settings().stage}-memory-mirror-{subject}_{device_id}"


def command(
    device: SmartDevice,
    action: str,
    parameters: Mapping[str, Any],
    errand: Errand,
    seconds: float | None = None,
) -> Outcome:
    """Tell a device something and wait for its report, three seconds or less.

    Raises `InvalidCommand` for an action or parameters that the device does not understand, and for nothing else:
    whatever goes wrong is said in the outcome.
    """
    kind: DeviceType = device.type
    wanted = desired(kind, device.capabilities, action, parameters)
    danger = hazard(wanted, kind)
    withheld = refused(wanted, kind, now(), errand.zone, override=errand.override)
    if withheld is not None:
        outcome = Outcome(device, wanted, device.state, verified=False, reason=_unsafe(withheld))
        _log(outcome, action, parameters, errand, danger, None)
        return outcome
    trial = carry_out(
        thing_name(device.subject, device.id),
        wanted,
        lambda shadow: _present(device, shadow),
        hazardous=danger is not None,
        seconds=seconds,
    )
    kept = _remember(device, trial.shadow)
    reported = trial.shadow.state if trial.shadow else kept.state
    outcome = Outcome(kept, wanted, reported, verified=trial.reason is None, reason=trial.reason)
    _log(outcome, action, parameters, errand, danger, trial)
    return outcome


def observed(device: SmartDevice, seconds: float) -> State | None:
    """What a device reports at this moment; None while it is offline or cannot be asked within so many seconds."""
    try:
        shadow = get_shadow(thing_name(device.subject, device.id), seconds=seconds)
    except ProviderError:
        return None
    if not _present(device, shadow):
        return None
    return shadow.state if shadow else device.state


def _unsafe(withheld: Hazard) -> str:
    return f"Not done at night: {withheld} needs a routine that is run with override"


def _present(device: SmartDevice, shadow: Shadow | None) -> bool:
    return present(device.online, device.told_online, device.updated_date, shadow)


def _remember(device: SmartDevice, shadow: Shadow | None) -> SmartDevice:
    """The device's record with what it reported, stored unless it says so already.

    When somebody else wrote the record meanwhile, both it and the shadow are read again: what is stored last was
    then seen last, too.
    """
    if shadow is None or not shadow.reported:
        return device
    seen: list[tuple[SmartDevice, Shadow]] = [(device, shadow)]

    def attempt() -> SmartDevice:
        record, told = seen.pop() if seen else _again(device)
        changes = _changes(record, told)
        if all(getattr(record, name) == value for name, value in changes.items()):
            return record
        changed = record.changed(**changes)
        tx = store.transaction()
        join_change(tx, record, changed, refused=None)
        tx.commit()
        return changed

    try:
        return until_settled(attempt)
    except (ProviderError, LookupError) as error:
        log.logger().warning("a device's report was not stored", exc_info=error, extra={"device_id": device.id})
        return device


def _again(device: SmartDevice) -> tuple[SmartDevice, Shadow]:
    """Both as they are now. Raises LookupError when either is gone."""
    record = store.get(SmartDevice, subject=device.subject, id=device.id)
    shadow = get_shadow(thing_name(device.subject, device.id))
    if record is None or shadow is None:
        raise LookupError("the device is gone")
    noted("read", record)
    return record, shadow


def _changes(record: SmartDevice, shadow: Shadow) -> dict[str, Any]:
    """What a report changes in a device's record."""
    online = _present(record, shadow)
    newest = max(shadow.reported_at.values(), default=0)
    return {
        "online": online,
        "told_online": online if online == shadow.connected else record.told_online,
        "state": shadow.state,
        "last_seen_at": datetime.fromtimestamp(newest, UTC) if newest else record.last_seen_at,
    }


def _log(
    outcome: Outcome,
    action: str,
    parameters: Mapping[str, Any],
    errand: Errand,
    danger: Hazard | None,
    trial: Trial | None,
) -> None:
    device = outcome.device
    details = {
        "device_id": device.id,
        "device_type": device.type,
        "action": action,
        "parameters": dict(parameters),
        "source": errand.source,
        "routine_id": errand.related_id if errand.source in ("command", "routine") else None,
        "related_id": errand.related_id,
        "verified": outcome.verified,
        "reason": outcome.reason,
        "unsafe_at_night": danger,
        "override": errand.override,
        "recalled": trial.recalled if trial else None,
    }
    told = "confirmed" if outcome.verified else f"not confirmed: {outcome.reason}"
    create(
        new(
            ActivityLog,
            device.subject,
            errand.by,
            activity_type=ACTIVITY,
            description=f"{action} {device.name}: {told}"[:500],
            details={name: value for name, value in details.items() if value is not None},
        )
    )
