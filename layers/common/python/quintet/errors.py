"""Errors a caller sees: a stable code, a status and a message, independent of how a system renders them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Details = Sequence[Mapping[str, Any]]


class ApiError(Exception):
    """A refusal with its HTTP status; the system's error shape decides how the body looks."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: Details | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = list(details) if details is not None else None
        self.headers = dict(headers or {})

    def __repr__(self) -> str:
        return f"ApiError({self.status}, {self.code!r}, {self.message!r}, {self.details!r})"

    @classmethod
    def merged(cls, errors: Sequence[ApiError]) -> ApiError:
        """The first error, with the details of every other error of the same code appended in order."""
        first = errors[0]
        same = [e for e in errors if e.code == first.code and e.details]
        details = [d for e in same for d in (e.details or ())] or None
        return cls(first.status, first.code, first.message, details, first.headers)


@dataclass(frozen=True, slots=True)
class ErrorType:
    """One documented refusal; calling it makes the exception to raise."""

    status: int
    code: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def __call__(
        self,
        message: str | None = None,
        *,
        details: Details | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> ApiError:
        return ApiError(self.status, self.code, message or self.message, details, {**self.headers, **(headers or {})})

    def matches(self, error: BaseException) -> bool:
        return isinstance(error, ApiError) and error.code == self.code
