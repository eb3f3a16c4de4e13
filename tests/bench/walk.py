"""Walks through whole systems that use every operation once, with DynamoDB metered at every step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from quintet.api import Api
from quintet.testing import Client
from quintet.testing.client import Answer
from quintet.testing.events import schedule_event
from tests.bench.meter import Usage, metered

SYSTEMS = ("storefront", "stoory", "memory_mirror", "caidence", "softfactory")
"""What is walked: by `walked` of the module `walk_<system>`."""


class Walk:
    """Requests to one system, each booked to the operation that served it."""

    def __init__(self, api: Api) -> None:
        self.operations = api.load()
        self.client = Client(api)
        self.used: dict[str, Usage] = {}

    def step(self, who: Client, method: str, path: str, body: Any = None) -> Any:
        """One request that must succeed; answers its data."""
        operation, _ = self.client.find(method, path.partition("?")[0])
        assert operation is not None, path
        with self.booked(operation.id):
            answer: Answer = who.request(method, path, body)
        assert answer.status < 400, (operation.id, answer)
        return answer.data if answer.body and "data" in answer.body else answer.body

    def event(self, operation_id: str, event: Mapping[str, Any] | None = None) -> Any:
        """One run of an operation that a schedule starts, or another `event`; answers what it says it did."""
        operation = next(o for o in self.operations if o.id == operation_id)
        with self.booked(operation_id):
            answer = operation(event or schedule_event(), None)
        assert not (event and answer and answer.get("batchItemFailures")), (operation_id, answer)
        return answer

    @contextmanager
    def booked(self, operation_id: str) -> Iterator[None]:
        """Book what the block asks of DynamoDB to an operation, in place of what was booked before."""
        with metered() as usage:
            yield
        self.used[operation_id] = usage


def measure(system: str) -> Mapping[str, Usage]:
    """What each operation of a system consumed; raises when one was left out."""
    walk: Walk = import_module(f"tests.bench.walk_{system}").walked()
    left = {o.id for o in walk.operations} - walk.used.keys()
    assert not left, f"the walk leaves out {sorted(left)}"
    return walk.used
