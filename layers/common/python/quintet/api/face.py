"""A system as its operations see it: its name, how it words errors, and how it wraps replies."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Literal, Protocol

from pydantic import BaseModel

from quintet.api.callers import Caller
from quintet.api.envelope import DataEnvelope, Envelope
from quintet.api.errors import ApiError, StandardErrors
from quintet.api.reply import JSON, Answer
from quintet.api.request import Request

if TYPE_CHECKING:
    from quintet.api.tiers import Tier

Capability = str
"""Something a function's role allows: `table:read`, `email`, `queue:posts`."""

Schemas = Callable[[], Iterable[tuple[type[BaseModel], Literal["validation", "serialization"]]]]


class Around(Protocol):
    """What a system puts around every run of its operations, such as an audit: called with the operation's id, the
    caller (None when there is none) and the request (None for a schedule or a queue), it answers a context manager."""

    needs: frozenset[Capability]
    """Capabilities that it brings to every operation's role."""

    def __call__(
        self, operation: str, caller: Caller | None, request: Request | None, /
    ) -> AbstractContextManager[None]: ...


class Tiering(Protocol):
    """Which tier a caller is in (None when there is none), by itself or by the request; None is exempt from limits."""

    def __call__(self, caller: Caller | None, request: Request, /) -> Tier | None: ...


class Face:
    """One system's name, titles, envelope and errors.

    `base` is put before every path that does not start with `//`; such a path is taken from the root. `around` is
    entered after the input was validated and left before the reply is rendered. `own_key` has the table encrypted under
    a key of the system's own, for data that its owner must be able to lock away. `metered` has the bytes of all replies
    counted as a metric. `schemas` answers models that no operation names by itself, for the OpenAPI components. `tiers`
    limits every caller over all operations together.
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
        metered: bool = False,
        schemas: Schemas = tuple,
        tiers: Tiering | None = None,
    ) -> None:
        self.system, self.title, self.base = system, title, base
        self.description, self.version = description, version
        self.around, self.own_key, self.schemas, self.tiers = around, own_key, schemas, tiers
        self.metered = metered
        self.envelope: Envelope = envelope or DataEnvelope()
        self.errors = errors or StandardErrors()

    def refused(self, error: ApiError, request: Request, shape: str = "") -> Answer:
        """An error in the system's shape, or the variant of it that an operation declares."""
        body = self.envelope.error(error, request.id, shape)
        return error.status, body, {"Content-Type": JSON, "Cache-Control": "no-store", **error.headers}
