"""The face of one system: its base path, error shape, envelope, and the operations declared on it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, ParamSpec, Protocol, TypeVar

from pydantic import BaseModel

from quintet.api.callers import Caller
from quintet.api.envelope import DataEnvelope, Envelope
from quintet.api.errors import ApiError, ErrorType, StandardErrors
from quintet.api.fallback import Fallback
from quintet.api.idempotency import Answer
from quintet.api.limits import RateLimit
from quintet.api.operation import Capability, Operation, Options
from quintet.api.reply import JSON
from quintet.api.request import Request

P = ParamSpec("P")
R = TypeVar("R")


class Declare(Protocol):
    """Makes the function below it an operation."""

    def __call__(self, function: Callable[P, R]) -> Operation[P, R]: ...


Schemas = Callable[[], Iterable[tuple[type[BaseModel], Literal["validation", "serialization"]]]]


class Around(Protocol):
    """What a system puts around every run of its operations, such as an audit: called with the operation's id, the
    caller (None when there is none) and the request (None for a schedule or a queue), it answers a context manager."""

    needs: frozenset[Capability]
    """Capabilities that it brings to every operation's role."""

    def __call__(
        self, operation: str, caller: Caller | None, request: Request | None, /
    ) -> AbstractContextManager[None]: ...


class Api:
    """Declares operations: `@api.get("/cart")` makes the function below it a Lambda handler.

    `base` is put before every path that does not start with `//`; such a path is taken from the root. `around` is
    entered after the input was validated and left before the reply is rendered. `own_key` has the table encrypted under
    a key of the system's own, for data that its owner must be able to lock away. `schemas` answers models that no
    operation names by itself, for the OpenAPI components.
    """

    def __init__(
        self,
        system: str,
        *,
        title: str,
        base: str = "",
        envelope: Envelope | None = None,
        errors: StandardErrors | None = None,
        description: str = "",
        version: str = "1.0.0",
        around: Around | None = None,
        own_key: bool = False,
        schemas: Schemas = tuple,
    ) -> None:
        self.system, self.title, self.base = system, title, base
        self.description, self.version = description, version
        self.around, self.own_key, self.schemas = around, own_key, schemas
        self.envelope: Envelope = envelope or DataEnvelope()
        self.errors = errors or StandardErrors()
        self.operations: list[Operation[Any, Any]] = []
        self.fallback = Fallback(self)

    def section(self, name: str) -> Section:
        """The same face for operations whose ids begin with `name`, where that is not their domain's name."""
        return Section(self, name)

    def get(self, path: str, **options: Any) -> Declare:
        return self.operation("GET", path, **options)

    def post(self, path: str, **options: Any) -> Declare:
        return self.operation("POST", path, **options)

    def put(self, path: str, **options: Any) -> Declare:
        return self.operation("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Declare:
        return self.operation("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Declare:
        return self.operation("DELETE", path, **options)

    def event(self, **options: Any) -> Declare:
        """An operation that only a schedule or a queue runs."""
        return self.operation(None, "", **options)

    def operation(
        self,
        method: str | None,
        path: str,
        *,
        status: int = 200,
        errors: Sequence[ErrorType] = (),
        needs: Iterable[Capability] = (),
        extension: bool = False,
        idempotent: bool = False,
        etag: bool = False,
        multipart: bool = False,
        limit: RateLimit | None = None,
        schedule: str | None = None,
        queue: str | None = None,
        timeout: int = 29,
        memory: int = 512,
        layers: tuple[str, ...] = (),
        error_shape: str = "",
        tags: tuple[str, ...] = (),
        example: Mapping[str, Any] | None = None,
        section: str = "",
    ) -> Declare:
        """Declare an operation.

        `errors` are its own documented refusals, `needs` the capabilities of its role (`table:read`,
        `table:write`, `email`, …; what the pipeline uses itself is added), `schedule` an EventBridge expression,
        `queue` an SQS queue's name, `multipart` whether the body may also come as a form, `timeout` in seconds,
        `memory` in MB, `error_shape` a variant of the system's error body that its envelope knows, `example` a sample
        body for the documentation.
        """
        options = Options(
            status, tuple(errors), frozenset(needs), extension, idempotent, etag, multipart, limit, schedule, queue,
            timeout, memory, layers, error_shape, tags, example or {},
        )  # fmt: skip
        full = path[1:] if path.startswith("//") else self.base + path if method else path

        def declare(function: Callable[P, R]) -> Operation[P, R]:
            found = Operation(self, function, method, full, options, section)
            self.operations.append(found)
            return found

        return declare

    def load(self) -> list[Operation[Any, Any]]:
        """Import every domain's operations, so that all are declared; they come sorted by path."""
        package = importlib.import_module(self.system)
        for module in pkgutil.walk_packages(package.__path__, f"{self.system}."):
            if module.name.endswith("operations") or (not module.ispkg and module.name.count(".") == 1):
                importlib.import_module(module.name)
        return sorted(self.operations, key=lambda o: (o.path, o.method or "", o.id))

    def refused(self, error: ApiError, request: Request, shape: str = "") -> Answer:
        """An error in the system's shape, or the variant of it that an operation declares."""
        body = self.envelope.error(error, request.id, shape)
        return error.status, body, {"Content-Type": JSON, "Cache-Control": "no-store", **error.headers}

    def openapi(self, server_url: str = "") -> dict[str, Any]:
        """The system's OpenAPI 3.1 document, made from the declarations."""
        from quintet.api.openapi import document

        return document(self, server_url)


class Section:
    """An Api's decorators for one section of it: `api = service.api.section("auth")`."""

    def __init__(self, api: Api, name: str) -> None:
        self._api, self._name = api, name

    def get(self, path: str, **options: Any) -> Declare:
        return self._api.operation("GET", path, section=self._name, **options)

    def post(self, path: str, **options: Any) -> Declare:
        return self._api.operation("POST", path, section=self._name, **options)

    def put(self, path: str, **options: Any) -> Declare:
        return self._api.operation("PUT", path, section=self._name, **options)

    def patch(self, path: str, **options: Any) -> Declare:
        return self._api.operation("PATCH", path, section=self._name, **options)

    def delete(self, path: str, **options: Any) -> Declare:
        return self._api.operation("DELETE", path, section=self._name, **options)

    def event(self, **options: Any) -> Declare:
        """An operation that only a schedule or a queue runs."""
        return self._api.operation(None, "", section=self._name, **options)
