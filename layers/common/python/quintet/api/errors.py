"""Errors every system has, and how a system words them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import ValidationError

from quintet.api.fields import Fields, Step, Type
from quintet.errors import ApiError, ErrorType

__all__ = ["MOST_PROBLEMS", "ApiError", "ErrorType", "Problem", "StandardErrors", "field_errors"]

MOST_PROBLEMS = 20
"""How many problems a reply names, the first ones: enough to mend a form, few for a body that is nothing but wrong."""
_MOST_ERRORS = 10_000
"""How many of pydantic's errors are written out at all. Types bound their lists, so that only broken ones have more."""
_LOOKED_AT = 5 * MOST_PROBLEMS
"""Errors that are looked at for the problems: several may be about one field."""
_OR = "; or: "


@dataclass(frozen=True, slots=True)
class StandardErrors:
    """The refusals the pipeline itself makes; a system overrides codes and texts where its document has its own."""

    unauthenticated: ErrorType = ErrorType(
        401, "unauthorized", "Authentication required", {"WWW-Authenticate": "Bearer"}
    )
    forbidden: ErrorType = ErrorType(403, "insufficient_permissions", "Insufficient permissions")
    invalid: ErrorType = ErrorType(400, "invalid_request", "Invalid request")
    invalid_body: ErrorType = ErrorType(400, "invalid_request", "Invalid request body")
    malformed: ErrorType | None = None
    """For a body that cannot be read at all, such as JSON cut short; None answers `invalid_body`, as for any other."""
    malformed_path: ErrorType | None = None
    """For a path value of the wrong shape, such as no UUID; None answers `not_found`, as for any unknown id."""
    not_found: ErrorType = ErrorType(404, "not_found", "Not found")
    method_not_allowed: ErrorType = ErrorType(405, "method_not_allowed", "Method not allowed")
    media_type: ErrorType = ErrorType(415, "unsupported_media_type", "The body must be sent as application/json")
    too_large: ErrorType = ErrorType(
        413, "payload_too_large", "The request body is too large: at most 6 MB of JSON or 4.5 MB of a form with files"
    )
    reply_too_large: ErrorType = ErrorType(
        500, "reply_too_large", "The reply would be larger than 6 MB; ask for fewer items at a time"
    )
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


class Problem(dict[str, str]):
    """One field that is wrong, as `{field, message}`.

    For systems that word it otherwise: `location` is where it was sent (`body`, `query`, `header` or `path`) and the
    field's path from there, `type` the name of the rule (pydantic's, or one of ours).
    """

    __slots__ = ("location", "type")

    def __init__(self, field: str, message: str, location: tuple[str | int, ...], type: str) -> None:
        super().__init__(field=field, message=message)
        self.location, self.type = location, type


def field_errors(error: ValidationError, of: Type, prefix: tuple[str, ...] = (), place: str = "body") -> list[Problem]:
    """The first problems of a value that is not of the type `of`: each field once, as a dotted path.

    Values are never echoed. Where a type leaves a choice the branch that went deepest tells what is wrong; branches
    that went equally deep are told together.
    """
    if error.error_count() > _MOST_ERRORS:
        name = ".".join(prefix) or "body"
        return [Problem(name, f"has more than {_MOST_ERRORS} problems", (place, *prefix), "too_many_problems")]
    fields, found, vague = Fields(of), dict[tuple[Step, ...], Problem](), set[tuple[Step, ...]]()
    errors = error.errors(include_input=False, include_url=False, include_context=False)
    for each in errors[:_LOOKED_AT]:
        inner, chosen = fields.path(each["loc"])
        path = (*prefix, *inner)
        message = each["msg"].removeprefix("Value error, ")
        if chosen:
            vague.add(path)
        if path not in found:
            found[path] = Problem(".".join(map(str, path)) or "body", message, (place, *path), each["type"])
        elif message not in found[path]["message"].split(_OR):
            found[path]["message"] += _OR + message
    told = [problem for path, problem in found.items() if path not in vague or not _has_deeper(path, found)]
    return told[:MOST_PROBLEMS]


def _has_deeper(path: tuple[Step, ...], found: Iterable[tuple[Step, ...]]) -> bool:
    return any(len(other) > len(path) and other[: len(path)] == path for other in found)
