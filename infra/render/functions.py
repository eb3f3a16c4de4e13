"""A system's functions: one resource per operation, all from one build, with what starts them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from infra.render.cloudformation import Att, Ref, Resource, Sub
from infra.render.permissions import (
    CONSUMES,
    DEAD_LETTERS,
    FORWARDS,
    KEY,
    STREAM,
    implied,
    queue_id,
    role,
    role_id,
    scheduler_role,
)
from infra.render.sockets import setting
from infra.render.sources import events_of, queues_of, streamed
from infra.render.systems import HOUSE_SETTINGS, KEY_SETTING, System, camel, parameter_of
from quintet.api import Operation
from quintet.messaging.queue import setting_of
from quintet.net.functions import PREFIX

FALLBACK = "Fallback"
MEMORY, TIMEOUT = 512, 29
"""MB and seconds of a function that asks for nothing else; an HTTP API waits 30 seconds at most."""

LONGEST_NAME = 64
"""Characters of a function's name (AWS Lambda API reference, CreateFunction)."""
LONGEST_PREFIX = len("quintet-") + 10 + len("-memory-mirror-")
RETRIES, GIVE_UP_AFTER = 5, 3600
"""How often, and for how many seconds, a schedule that cannot start its function tries again."""


def logical_id(operation: Operation[Any, Any]) -> str:
    """The function's logical id, which `sam local invoke` takes: `OrdersCreateOrder`."""
    return camel(operation.id)


def function_name(operation_id: str) -> str:
    """The end of the function's name: the operation's id in the letters Lambda takes, cut when it would be too long."""
    name, room = operation_id.replace(".", "-"), LONGEST_NAME - LONGEST_PREFIX
    if len(name) <= room:
        return name
    return f"{name[: room - 7]}-{hashlib.sha256(operation_id.encode()).hexdigest()[:6]}"


def functions(system: System) -> dict[str, Resource]:
    """Every function, the roles they take, and the schedules that start some."""
    streamed(system)  # refuses too many
    found = {logical_id(o): _function(system, o) for o in system.operations}
    if len(found) != len(system.operations):
        raise ValueError(f"{system.name} has operations whose ids differ in punctuation alone")
    found[FALLBACK] = _resource(
        system, "fallback", f"{system.name}.service.fallback", "Answers what no route does", frozenset({FORWARDS})
    )
    found[FALLBACK]["Properties"]["Environment"] = {"Variables": {PREFIX: Ref("Prefix")}}
    sets = {frozenset({FORWARDS}), *(capabilities(o) for o in system.operations)}
    own_key = system.api.own_key
    roles = {role_id(names): role(names, system.name, own_key=own_key) for names in sorted(sets, key=sorted)}
    return {**roles, **found, **_schedules(system)}


def capabilities(operation: Operation[Any, Any]) -> frozenset[str]:
    """What the operation's role allows: what it needs itself, and what its trigger needs."""
    found = set(operation.needs)
    if operation.schedule:
        found.add(DEAD_LETTERS)
    if operation.queue:
        found.add(CONSUMES + operation.queue.name)
    if operation.stream:
        found |= {STREAM, DEAD_LETTERS}
    return implied(found)


def settings(system: System) -> dict[str, Any]:
    """The environment of every function of the system."""
    house = {
        "STAGE": Ref("Stage"),
        "SYSTEM": system.name,
        "TABLE": Ref("Table"),
        "SECRET": Ref("SecretArn"),
        "BUCKET": Ref("BucketName"),
        "EMAIL_SENDER": Ref("EmailSender"),
        "SMS_SENDER": Ref("SmsSender"),
        "LANGUAGE_MODEL": Ref("LanguageModel"),
    }
    queues = {setting_of(name): Ref(queue_id(name)) for name in queues_of(system)}
    own = {name: Ref(parameter_of(name)) for name in system.settings if name not in queues}
    key = {KEY_SETTING: Att(f"{KEY}.Arn")} if system.seals else {}
    return {**{HOUSE_SETTINGS[name]: value for name, value in house.items()}, **key, **own, **queues, **setting(system)}


def shared(system: System) -> dict[str, Any]:
    """What all functions have in common: SAM's `Globals`."""
    return {
        "Function": {
            "CodeUri": f"../functions/{system.name}",
            "Runtime": Ref("PythonRuntime"),
            "Architectures": [Ref("Architecture")],
            "Layers": [Ref("CommonLayer")],
            "MemorySize": MEMORY,
            "Timeout": TIMEOUT,
            "LoggingConfig": {"LogGroup": Ref("Logs")},
            "Environment": {"Variables": settings(system)},
        }
    }


def _function(system: System, operation: Operation[Any, Any]) -> Resource:
    summary = (operation.__doc__ or operation.id).strip().partition("\n")[0]
    found = _resource(system, operation.id, operation.handler, summary, capabilities(operation))
    properties = found["Properties"]
    if operation.memory != MEMORY:
        properties["MemorySize"] = operation.memory
    if operation.timeout != TIMEOUT:
        properties["Timeout"] = operation.timeout
    if operation.layers:
        properties["Layers"] = [Ref(f"{camel(name)}Layer") for name in operation.layers]
    if operation.schedule:
        # The scheduler only hands the invocation over; a run that fails twice more ends here.
        properties["DeadLetterQueue"] = {"Type": "SQS", "TargetArn": Att("DeadLetters.Arn")}
    sources = events_of(operation)
    if sources:
        properties["Events"] = sources
    return found


def _resource(system: System, name: str, handler: str, about: str, needs: frozenset[str]) -> Resource:
    return {
        "Type": "AWS::Serverless::Function",
        "Metadata": {"BuildProperties": {"ParentPackageMode": "explicit", "ParentPackages": system.name}},
        "Properties": {
            "FunctionName": Sub(f"${{Prefix}}-{function_name(name)}"),
            "Description": about[:256],
            "Handler": handler,
            "Role": Att(f"{role_id(needs)}.Arn"),
        },
    }


def _schedules(system: System) -> dict[str, Resource]:
    timed = [o for o in system.operations if o.schedule]
    if not timed:
        return {}
    found: dict[str, Resource] = {
        "Schedules": {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": Ref("Prefix")}},
        "SchedulerRole": scheduler_role([logical_id(o) for o in timed]),
    }
    return found | {f"{logical_id(o)}Schedule": _schedule(o) for o in timed}


def schedule_input() -> dict[str, Any]:
    """What a scheduled function is called with; Scheduler fills in the `<aws.scheduler.…>` values."""
    return {
        "version": "0",
        "id": "<aws.scheduler.execution-id>",
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "time": "<aws.scheduler.scheduled-time>",
        "resources": ["<aws.scheduler.schedule-arn>"],
        "detail": {},
    }


def _schedule(operation: Operation[Any, Any]) -> Resource:
    return {
        "Type": "AWS::Scheduler::Schedule",
        "Properties": {
            "GroupName": Ref("Schedules"),
            "ScheduleExpression": operation.schedule,
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {
                "Arn": Att(f"{logical_id(operation)}.Arn"),
                "RoleArn": Att("SchedulerRole.Arn"),
                "Input": json.dumps(schedule_input()),
                "RetryPolicy": {"MaximumRetryAttempts": RETRIES, "MaximumEventAgeInSeconds": GIVE_UP_AFTER},
                "DeadLetterConfig": {"Arn": Att("DeadLetters.Arn")},
            },
        },
    }
