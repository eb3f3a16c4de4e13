"""What browsers are allowed of a system (CORS), read off its operations: the deployed API's and the laptop's alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

PREFLIGHT_SECONDS = 7200
"""How long a browser may keep a preflight's answer; browsers keep it for two hours at most."""


class Operation(Protocol):
    """What CORS depends on; every declared operation has it."""

    method: str | None

    @property
    def reads_headers(self) -> Iterable[str]: ...

    @property
    def answers_headers(self) -> Iterable[str]: ...


def cors(operations: Iterable[Operation]) -> dict[str, Any]:
    """Methods and headers of an API Gateway CORS configuration; names of headers in lower case."""
    served = [operation for operation in operations if operation.method]
    return {
        "allowMethods": sorted({str(operation.method) for operation in served}),
        "allowHeaders": sorted({name for operation in served for name in operation.reads_headers}),
        "exposeHeaders": sorted({name for operation in served for name in operation.answers_headers}),
        "maxAge": PREFLIGHT_SECONDS,
    }
