"""The smart home: one device told something, a routine run, and the home fitted to a mood."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from memory_mirror import service
from memory_mirror.accounts.access import person
from memory_mirror.home.control import Errand, command
from memory_mirror.home.entities import SmartDevice, SmartHomeRoutine
from memory_mirror.home.mood_automations import apply
from memory_mirror.home.parameters import InvalidCommand
from memory_mirror.home.routine_runs import overridden
from memory_mirror.home.routines import execute, named
from memory_mirror.life.portrait import portrait
from memory_mirror.records.fields import FreeObject, Level, Long
from memory_mirror.records.record import require, view
from memory_mirror.service import User, bad_field, not_found
from quintet.models import Length, Line
from quintet.store import BUSY

api = service.api.section("smart_home")

Id = Annotated[Line, Length(1, 200)]
DEVICE_NOT_FOUND, ROUTINE_NOT_FOUND = not_found("SmartDevice"), not_found("SmartHomeRoutine")
NEEDS = frozenset({"table:write", "devices"})


class DeviceCommand(BaseModel):
    """A command to a device. `routine_id` names the routine that it belongs to."""

    model_config = ConfigDict(defer_build=True)

    device_id: Id
    action: Annotated[Line, Length(1, 60)]
    parameters: FreeObject | None = None
    routine_id: Annotated[Line, Length(0, 200)] | None = None


class DeviceReply(BaseModel):
    """`success` is true only when the device itself confirmed what was asked."""

    model_config = ConfigDict(defer_build=True)

    success: bool
    device: Annotated[dict[str, Any], Field(description="The SmartDevice, its state as last reported")]
    result: Annotated[
        dict[str, Any],
        Field(description="`requested`, `reported`, `verified`, `at`, and a `reason` when it is not verified"),
    ]


class RoutineRequest(BaseModel):
    model_config = ConfigDict(defer_build=True)

    routine_id: Annotated[Line, Length(0, 200)] | None = None
    routineName: Annotated[Line, Length(0, 200)] | None = None  # noqa: N815 (the document's spelling)
    requires_confirmation: StrictBool | None = None
    override: StrictBool | None = None


class RoutineReply(BaseModel):
    """`success` is true only when every step was confirmed; `devicesControlled` counts the steps that were."""

    model_config = ConfigDict(defer_build=True)

    success: bool
    routine: Annotated[
        dict[str, Any],
        Field(description="The SmartHomeRoutine with `status`, `steps_result` and `unmet_conditions`"),
    ]
    devicesControlled: int  # noqa: N815 (the document's spelling)


class Mood(BaseModel):
    model_config = ConfigDict(defer_build=True)

    anxiety_level: Level
    detected_mood: Annotated[Line, Length(1, 60)]
    conversation_context: Long | None = None


class MoodReply(BaseModel):
    """`devices_updated` counts the devices that confirmed something; `applied` says whether there were any."""

    model_config = ConfigDict(defer_build=True)

    applied: bool
    automations_triggered: Annotated[
        list[dict[str, Any]],
        Field(description="`id`, `name`, `devices_updated`, and what became of each of the `actions`"),
    ]
    devices_updated: int


@api.post(
    "/controlSmartDevice",
    errors=[DEVICE_NOT_FOUND, ROUTINE_NOT_FOUND, BUSY],
    needs=NEEDS,
    example={"device_id": "0198c0de-0000-7000-8000-000000000001", "action": "turn_on", "parameters": {}},
)
def control_device(body: DeviceCommand, caller: User) -> DeviceReply:
    """Send a command to a smart-home device, and wait for what the device reports

    From 22:00 to 06:00 where the person lives, a door is not unlocked, a stove not turned on and no extreme
    temperature set, unless `routine_id` names a routine with that step, run with `override` less than five minutes
    ago. Every command is logged.
    """
    whose = person(caller)
    device = require(SmartDevice, whose.subject, body.device_id)
    override = False
    if body.routine_id:
        routine = require(SmartHomeRoutine, whose.subject, body.routine_id)
        planned = any((step.device_id, step.action) == (device.id, body.action) for step in routine.steps)
        override = planned and overridden(whose.subject, routine.id)
    errand = Errand(caller.email, portrait(whose).timezone, "command", body.routine_id or None, override)
    try:
        outcome = command(device, body.action, body.parameters or {}, errand)
    except InvalidCommand as error:
        raise bad_field(error.field, error.message) from None
    return DeviceReply(success=outcome.verified, device=view(outcome.device), result=outcome.result())


@api.post(
    "/executeSmartHomeRoutine",
    errors=[ROUTINE_NOT_FOUND, BUSY],
    needs=NEEDS,
    memory=1024,
    example={"routineName": "Morning Calm", "requires_confirmation": False, "override": False},
)
def execute_routine(body: RoutineRequest, caller: User) -> RoutineReply:
    """Run a routine by its id, or by its name when no id is given

    A routine that needs approval is not run when `requires_confirmation` is true, nor one whose conditions do not
    hold unless `override` is, nor one that is running already; its `status` says so. Each step says what its device
    reported.
    """
    if not body.routine_id and not body.routineName:
        raise bad_field("routine_id", "routine_id or routineName is needed")
    whose = person(caller)
    if body.routine_id:
        routine = require(SmartHomeRoutine, whose.subject, body.routine_id)
    else:
        found = named(whose.subject, body.routineName or "")
        if found is None:
            raise ROUTINE_NOT_FOUND()
        routine = found
    run = execute(
        routine,
        caller.email,
        portrait(whose).timezone,
        confirm=bool(body.requires_confirmation),
        override=bool(body.override),
    )
    return RoutineReply(success=run.success, routine=run.view(), devicesControlled=run.verified)


@api.post("/moodBasedDeviceControl", errors=[BUSY], needs=NEEDS, memory=1024)
def mood_based_control(body: Mood, caller: User) -> MoodReply:
    """Run the mood automations that fit a mood and a level of anxiety

    An automation that did something rests for its cooldown. What is unsafe at night is left alone.
    """
    whose = person(caller)
    zone = portrait(whose).timezone
    found = apply(whose.subject, body.detected_mood, body.anxiety_level, caller.email, zone)
    updated = {device for one in found for device in one.updated}
    return MoodReply(
        applied=bool(updated),
        automations_triggered=[one.view() for one in found],
        devices_updated=len(updated),
    )
