"""Errors every system has, and how a system words them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from quintet.errors import ApiError, ErrorType

__all__ = ["ApiError", "ErrorType", "StandardErrors", "field_errors"]


@dataclass(frozen=True, slots=True)
class StandardErrors:
    """The refusals the pipeline itself makes; a system overrides codes and texts where its document has its own."""

    unauthenticated: ErrorType = ErrorType(
        401, "unauthorized", "Authentication required", {"WWW-Authenticate": "Bearer"}
    )
    forbidden: ErrorType = ErrorType(403, "insufficient_permissions", "Insufficient permissions")
    invalid: ErrorType = ErrorType(400, "invalid_request", "Invalid request")
    invalid_body: ErrorType = ErrorType(400, "invalid_request", "Invalid request body")
    malformed_path: ErrorType | None = None
    """For a path value of the wrong shape, such as no UUID; None answers `not_found`, as for any unknown id."""
    not_found: ErrorType = ErrorType(404, "not_found", "Not found")
    method_not_allowed: ErrorType = ErrorType(405, "method_not_allowed", "Method not allowed")
    media_type: ErrorType = ErrorType(415, "unsupported_media_type", "The body must be sent as application/json")
    too_large: ErrorType = ErrorType(413, "payload_too_large", "The request body is too large")
    rate_limited: ErrorType = ErrorType(429, "rate_limited", "Too many requests, please try again later")
    internal: ErrorType = ErrorType(500, "internal_error", "Internal server error")
    precondition: ErrorType = ErrorType(412, "precondition_failed", "The resource has changed since you read it")
    key_reused: ErrorType = ErrorType(
        422, "idempotency_key_reused", "This Idempotency-Key was used with a different request"
    )
    key_in_use: ErrorType = ErrorType(
        409, "idempotency_in_progress", "A request with this Idempotency-Key is still being processed",
        {"Retry-After": "1"},
    )  # fmt: skip
    key_invalid: ErrorType = ErrorType(
        400, "invalid_idempotency_key", "Idempotency-Key must be 1 to 255 visible ASCII characters"
    )


def field_errors(errors: Iterable[Any], prefix: tuple[str, ...] = ()) -> list[dict[str, str]]:
    """Pydantic's errors as `{field, message}`, the field as a dotted path; input values are never echoed."""
    found = []
    for error in errors:
        path = ".".join(str(part) for part in (*prefix, *error["loc"])) or "body"
        message = error["msg"].removeprefix("Value error, ")
        found.append({"field": path, "message": message})
    return found
