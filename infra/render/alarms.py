"""A system's alarms: few, each about the whole system, told to one topic."""

from __future__ import annotations

import json
from typing import Any

from infra.render.cloudformation import Att, Ref, Resource, Sub
from infra.render.permissions import SOCKETS_API
from infra.render.sockets import listening
from infra.render.sources import DEAD_LETTERS, DEAD_LETTERS_FIFO, streamed
from infra.render.systems import System, camel

LATE = 600_000
"""Milliseconds by which the oldest change of the table that is not processed may be behind."""

FAILURES = ['"level":"ERROR"', '"level":"CRITICAL"', "[ERROR]", "Task timed out", "Status: error"]
"""What a line of the log group says when a function failed: what we log as an error, what escaped a handler or its
import, time-outs and crashes."""


def alarms(system: System) -> dict[str, Resource]:
    """Alarms on failed functions, 5xx replies, dead letters, a throttled table, schedules that did not run, a stream
    that is not keeping up, and sockets whose function could not be called.

    Functions share a log group, so one metric filter counts the failures of all, which an alarm per function would
    do at one more resource per operation.
    """
    found = {
        "FailureCount": _failure_count(),
        "FailuresAlarm": _alarm(
            "functions failed", {"Namespace": "Quintet/Failures", "MetricName": Ref("Prefix")}, threshold=1
        ),
        "ServerErrorsAlarm": _alarm(
            "replies with a 5xx status",
            {"Namespace": "AWS/ApiGateway", "MetricName": "5xx", "Dimensions": _dimension("ApiId", Ref("Api"))},
            threshold=1,
        ),
        "DeadLettersAlarm": _dead_letters(DEAD_LETTERS),
        # One alarm each: an alarm on their sum costs the same, since every metric in it is charged for.
        "ReadThrottlesAlarm": _table_throttles("Read"),
        "WriteThrottlesAlarm": _table_throttles("Write"),
    }
    if any(operation.schedule for operation in system.operations):
        found["SchedulesAlarm"] = _schedules()
    if any(operation.queue and operation.queue.fifo for operation in system.operations):
        found["DeadLettersFifoAlarm"] = _dead_letters(DEAD_LETTERS_FIFO)
    for operation in streamed(system):
        found[f"{camel(operation.id)}LagAlarm"] = _lag(camel(operation.id))
    if listening(system):
        found["SocketsAlarm"] = _sockets()
    return found


def account_throttles() -> Resource:
    """The alarm on throttled invocations. Concurrency is the account's in a region, so this metric is too."""
    return _alarm(
        "invocations throttled: the account's concurrency is used up",
        {"Namespace": "AWS/Lambda", "MetricName": "Throttles"},
        threshold=1,
        topic=Ref("AlarmTopic"),
        subject=Sub("quintet-${Stage}"),
    )


def _failure_count() -> Resource:
    pattern = " ".join("?" + json.dumps(text) for text in FAILURES)
    return {
        "Type": "AWS::Logs::MetricFilter",
        "Properties": {
            "LogGroupName": Ref("Logs"),
            "FilterPattern": pattern,
            "MetricTransformations": [
                {"MetricNamespace": "Quintet/Failures", "MetricName": Ref("Prefix"), "MetricValue": "1"}
            ],
        },
    }


def _table_throttles(kind: str) -> Resource:
    measured = {
        "Namespace": "AWS/DynamoDB",
        "MetricName": f"{kind}ThrottleEvents",
        "Dimensions": _dimension("TableName", Ref("Table")),
        "Statistic": "Sum",
        "Period": 300,
    }
    return _alarm_resource(f"the table throttled {kind.lower()}s", measured, 10, 3)


def _schedules() -> Resource:
    return _alarm(
        "schedules could not start their function",
        {
            "Namespace": "AWS/Scheduler",
            "MetricName": "TargetErrorCount",
            "Dimensions": _dimension("ScheduleGroup", Ref("Schedules")),
        },
        threshold=1,
    )


def _dead_letters(queue: str) -> Resource:
    return _alarm(
        "events nobody could process wait in the dead-letter queue",
        {
            "Namespace": "AWS/SQS",
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": _dimension("QueueName", Att(f"{queue}.QueueName")),
        },
        statistic="Maximum",
        threshold=1,
    )


def _lag(function: str) -> Resource:
    return _alarm(
        f"{function} is {LATE // 60_000} minutes behind the table's changes",
        {
            "Namespace": "AWS/Lambda",
            "MetricName": "IteratorAge",
            "Dimensions": _dimension("FunctionName", Ref(function)),
        },
        statistic="Maximum",
        threshold=LATE,
    )


def _sockets() -> Resource:
    # What an operation refuses counts as an IntegrationError, and is no failure.
    return _alarm(
        "functions of sockets could not be called",
        {
            "Namespace": "AWS/ApiGateway",
            "MetricName": "ExecutionError",
            "Dimensions": _dimension("ApiId", Ref(SOCKETS_API)),
        },
        threshold=1,
    )


def _alarm(
    what: str,
    metric: dict[str, Any],
    *,
    threshold: int,
    statistic: str = "Sum",
    topic: Ref = Ref("AlarmTopicArn"),
    subject: Any = Ref("Prefix"),
) -> Resource:
    return _alarm_resource(what, {**metric, "Statistic": statistic, "Period": 300}, threshold, 1, topic, subject)


def _alarm_resource(
    what: str,
    measured: dict[str, Any],
    threshold: int,
    periods: int,
    topic: Ref = Ref("AlarmTopicArn"),
    subject: Any = Ref("Prefix"),
) -> Resource:
    name = str(subject) if isinstance(subject, Sub) else "${" + str(subject) + "}"
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": Sub(f"{name}: {what}"),
            **measured,
            "EvaluationPeriods": periods,
            "Threshold": threshold,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [topic],
            "OKActions": [topic],
        },
    }


def _dimension(name: str, value: Any) -> list[dict[str, Any]]:
    return [{"Name": name, "Value": value}]
