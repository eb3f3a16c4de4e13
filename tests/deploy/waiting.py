"""Waiting for what a schedule brings about, without waiting for slow ones, and mail that has to wait for one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.deploy.stories import Stage

PATIENCE = 150
"""Seconds; a schedule of once a minute has come round twice by then."""


def until(seen: Callable[[], bool]) -> None:
    """Ask again and again whether something is to be seen; fails when patience is at its end."""
    deadline = time.monotonic() + PATIENCE
    while not seen():
        assert time.monotonic() < deadline, f"it did not happen within {PATIENCE} s"
        time.sleep(2)


@contextmanager
def every_minute(stage: Stage, function: str) -> Iterator[None]:
    """The function's schedule comes round every minute within the block; nothing else about it changes."""
    scheduler, name = stage.cloud.client("scheduler"), stage.resources[f"{function}Schedule"].rpartition("/")[2]
    held = scheduler.get_schedule(Name=name, GroupName=stage.resources["Schedules"])
    given = {key: held[key] for key in ("Name", "GroupName", "FlexibleTimeWindow", "Target")}
    scheduler.update_schedule(**given, ScheduleExpression="rate(1 minute)")
    try:
        yield
    finally:
        scheduler.update_schedule(**given, ScheduleExpression=held["ScheduleExpression"])


@contextmanager
def mail_is_down(stage: Stage, function: str) -> Iterator[None]:
    """A function cannot reach SES within the block; API Gateway, its role and the rest stay as they are."""
    functions, name = stage.cloud.client("lambda"), stage.resources[function]
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    nowhere = {**variables, "AWS_ENDPOINT_URL_SESV2": "http://127.0.0.1:9"}
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": nowhere})
    yield
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
