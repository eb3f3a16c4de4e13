"""The face of one system, and the operations declared on it."""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from typing import Any, ParamSpec, Protocol, TypeVar, Unpack

from quintet.api.declaration import Options
from quintet.api.face import Face
from quintet.api.fallback import Fallback
from quintet.api.operation import Operation

P = ParamSpec("P")
R = TypeVar("R")


class Declare(Protocol):
    """Makes the function below it an operation."""

    def __call__(self, function: Callable[P, R]) -> Operation[P, R]: ...


class Verbs(ABC):
    """The decorators that declare operations: `@api.get("/cart")` makes the function below it a Lambda handler."""

    @abstractmethod
    def operation(self, method: str | None, path: str, **options: Unpack[Options]) -> Declare:
        """Declare an operation with any method; None is one that has no route."""

    def get(self, path: str, **options: Unpack[Options]) -> Declare:
        return self.operation("GET", path, **options)

    def post(self, path: str, **options: Unpack[Options]) -> Declare:
        return self.operation("POST", path, **options)

    def put(self, path: str, **options: Unpack[Options]) -> Declare:
        return self.operation("PUT", path, **options)

    def patch(self, path: str, **options: Unpack[Options]) -> Declare:
        return self.operation("PATCH", path, **options)

    def delete(self, path: str, **options: Unpack[Options]) -> Declare:
        return self.operation("DELETE", path, **options)

    def event(self, **options: Unpack[Options]) -> Declare:
        """An operation that only a schedule, a queue or the table's stream runs.

        `@api.event(queue="errands")` takes `body: Errand`, one message at a time; a message whose run raises comes
        back, and ends in the system's dead letters after five tries. `Queue("errands.fifo", …)` keeps the order of
        each message group. `@api.event(stream=Stream(Order))` takes `body: Change[Order]`, one change at a time in
        their order, or `body: list[Change[Order]]`, a batch. All are told at least once, so an effect that must
        happen once is a conditional write. `docs/decisions/0016` says more.
        """
        return self.operation(None, "", **options)

    def socket(self, route: str, **options: Unpack[Options]) -> Declare:
        """An operation that a route of the system's WebSocket API runs: `$connect`, `$disconnect`, `$default`, or the
        `action` that a message names.

        The caller type authenticates at `$connect`, by `Authorization` or the query's `token` or `auth`, and is bound
        to the connection; later messages run as that caller. `body` is the message (JSON, or as it is where it is a
        `str`), a parameter of type `Connection` the connection. What a message's operation returns goes back to its
        client; one declared to return None answers nothing. `docs/decisions/0017` says more.
        """
        own: Options = {"socket": route, **options}
        return self.operation(None, "", **own)


class Api(Face, Verbs):
    """One system: its face, and its operations once their modules are imported."""

    @cached_property
    def operations(self) -> list[Operation[..., Any]]:
        """What was declared so far."""
        return []

    @cached_property
    def fallback(self) -> Fallback:
        """The handler behind the default route, over the rendered routes."""
        return Fallback(self)

    def operation(self, method: str | None, path: str, **options: Unpack[Options]) -> Declare:
        """Declare an operation. A path that starts with `//` is taken from the root, any other from `base`."""
        full = path[1:] if path.startswith("//") else self.base + path if method else path

        def declare(function: Callable[P, R]) -> Operation[P, R]:
            found = Operation(self, function, method, full, options)
            self.operations.append(found)
            return found

        return declare

    def section(self, name: str) -> Section:
        """The same decorators for operations whose ids begin with `name`, where that is not their domain's name."""
        return Section(self, name)

    def load(self) -> list[Operation[..., Any]]:
        """Import every domain's operations, so that all are declared; they come sorted by path."""
        package = importlib.import_module(self.system)
        for module in pkgutil.walk_packages(package.__path__, f"{self.system}."):
            if module.name.endswith("operations") or (not module.ispkg and module.name.count(".") == 1):
                importlib.import_module(module.name)
        return sorted(self.operations, key=lambda o: (o.path, o.method or "", o.id))

    def openapi(self, server_url: str = "") -> dict[str, Any]:
        """The system's OpenAPI 3.1 document, made from the declarations."""
        from quintet.api.openapi import document

        return document(self, [o for o in self.load() if o.method], server_url)


class Section(Verbs):
    """An Api's decorators for one section of it: `api = service.api.section("auth")`."""

    def __init__(self, api: Api, name: str) -> None:
        self._api, self._name = api, name

    def operation(self, method: str | None, path: str, **options: Unpack[Options]) -> Declare:
        own: Options = {"section": self._name, **options}
        return self._api.operation(method, path, **own)
