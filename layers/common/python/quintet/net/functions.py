"""Calling another Lambda function of the same system and waiting for its answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from quintet.net import aws
from quintet.settings import settings

PREFIX = "QUINTET_FUNCTION_PREFIX"
"""Names the setting with what the names of all functions of the system begin with."""
PATIENCE = 29
"""Seconds; an HTTP API waits no longer for whoever asked us."""


class FunctionFailed(Exception):
    """The function ended without an answer of its own."""


def invoke(name: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """What the system's function `name` answers. It is called once: nobody knows what a lost call has done.

    Raises `FunctionFailed` when it failed, and botocore's errors when it could not be called.
    """
    line = _client(aws.endpoint("lambda"), settings().region, aws.generation())
    done = line.invoke(FunctionName=f"{settings().get(PREFIX)}-{name}", Payload=json.dumps(event).encode())
    if done.get("FunctionError"):
        raise FunctionFailed(name)
    found: dict[str, Any] = json.loads(done["Payload"].read())
    return found


@cache
def _client(endpoint: str, region: str, generation: int) -> Any:  # noqa: ARG001 (part of the key)
    from botocore.config import Config

    config = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=PATIENCE)
    return aws.session().create_client("lambda", region_name=region, endpoint_url=endpoint or None, config=config)
