"""A request's body as a handler's argument: JSON or a form, with one meaning for everything that either may hold.

Malformed is what is no JSON (RFC 8259) or no form at all: another encoding than UTF-8, NaN and Infinity, half a
surrogate pair, an unfinished form. Everything else that is refused is invalid and names its field: what the type does
not take, NUL in a text, a number that no double can hold. Of a name that is given twice the last counts, as in
ECMAScript's JSON.parse. See docs/decisions/0014.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from pydantic_core import from_json

from quintet.api.errors import MOST_PROBLEMS, ApiError, Problem, StandardErrors, field_errors
from quintet.api.fields import LONGEST_STEP
from quintet.api.parts import MULTIPART, URLENCODED, MalformedForm
from quintet.api.reply import JSON
from quintet.api.request import Request
from quintet.models.strictly import read_strictly

if TYPE_CHECKING:
    from quintet.api.signature import Parameter


NUL = "must not contain the character NUL"
FINITE = "must be a number that a double can hold"

_NUL = b"\\u0000"
_NO_NUMBERS = (b"NaN", b"Infinity")
_BEYOND = re.compile(rb"[0-9][eE]\+?[0-9]{3}|(?<![0-9])[0-9]{200}")
"""Numbers that may be beyond a double; the first look, since nearly no body has one. With an exponent of two figures it
takes at least 210 figures before the point."""


def read(p: Parameter, request: Request, errors: StandardErrors) -> Any:
    """The argument. Raises the system's refusals for a malformed or invalid body and for another media type."""
    try:
        raw = request.body
    except ValueError:
        raise malformed(errors, "The body is not base64") from None
    media = request.media_type
    if media in p.forms and (raw or media == MULTIPART):
        return _form(p, request, raw, errors)
    if not raw:
        if p.default is not inspect.Parameter.empty:
            return p.default
        raise errors.invalid_body(details=[Problem("body", "Field required", ("body",), "missing")])
    if media and media != JSON and not media.endswith("+json"):
        raise errors.media_type(_wanted(p))
    return _validated(p, raw, errors)


def malformed(errors: StandardErrors, reason: str, field: str = "body") -> ApiError:
    """The refusal of a body that cannot be read at all."""
    location = ("body",) if field == "body" else ("body", field)
    return (errors.malformed or errors.invalid_body)(details=[Problem(field, reason, location, "malformed")])


def _form(p: Parameter, request: Request, raw: bytes, errors: StandardErrors) -> Any:
    from quintet.api.forms import read_form

    try:
        text, files = read_form(p.type, request.headers["content-type"], raw)
    except MalformedForm as error:
        raise malformed(errors, str(error), error.field) from None
    return _validated(p, text.encode(), errors, files)


def _validated(p: Parameter, raw: bytes, errors: StandardErrors, files: Any = None) -> Any:
    try:
        found = read_strictly(p.adapter or p.type, raw, files)
    except ValidationError as error:
        problems = field_errors(error, p.adapter or p.type)
        if problems[0].type == "json_invalid" and problems[0].location == ("body",):
            raise malformed(errors, problems[0]["message"]) from None
        if _holds_no_number(raw):
            _plain(raw, errors)
        raise errors.invalid_body(details=problems) from None
    if _holds_nul(raw) or _holds_no_number(raw) or _BEYOND.search(raw):
        refused = list(islice(_beyond(_unjudged(p, _plain(raw, errors)), []), MOST_PROBLEMS))
        if refused:
            raise errors.invalid_body(details=refused)
    return found


def _unjudged(p: Parameter, body: Any) -> Any:
    """The body without the fields that its model names in a class variable `judged`: of what these hold, free of any
    type, the operation itself says what it does not take."""
    judged = getattr(p.type, "judged", None)
    return {name: value for name, value in body.items() if name not in judged} if judged else body


def _holds_nul(raw: bytes) -> bool:
    """Whether a text in valid JSON has NUL: its escape, and not an escaped backslash before `u0000`."""
    return _NUL in raw and _NUL in raw.replace(rb"\\", b"--")


def _holds_no_number(raw: bytes) -> bool:
    return any(word in raw for word in _NO_NUMBERS)


def _plain(raw: bytes, errors: StandardErrors) -> Any:
    """The body as JSON has it, without what only Python's readers take."""
    try:
        return from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise malformed(errors, f"Invalid JSON: {error}") from None


def _beyond(value: Any, path: list[str | int]) -> Iterator[Problem]:
    """What is JSON and still nothing that can be stored and given back, one by one: a body may be full of it.

    `path` is one list for the whole walk, since most values are sound and need none.
    """
    if isinstance(value, str):
        if "\0" in value:
            yield _problem(path, NUL, "string_nul")
    elif isinstance(value, list | dict):
        for step, each in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(step, str) and "\0" in step:
                yield _problem(path, NUL, "string_nul")
            if not _is_sound(each):
                path.append(step)
                yield from _beyond(each, path)
                path.pop()
    elif not _is_sound(value):
        yield _problem(path, FINITE, "finite_number")


def _is_sound(value: Any) -> bool:
    """Whether there is nothing to say of a value without looking inside."""
    if not value:
        return True
    if isinstance(value, str):
        return "\0" not in value
    return isinstance(value, float | int) and _finite(value)


def _problem(path: list[str | int], message: str, type: str) -> Problem:
    path = [step[:LONGEST_STEP] if isinstance(step, str) else step for step in path]
    return Problem(".".join(map(str, path)) or "body", message, ("body", *path), type)


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond a double
        return False


def _wanted(p: Parameter) -> str | None:
    """What to send instead, None where the system's own words fit."""
    known = [JSON, *(media for media in (MULTIPART, URLENCODED) if media in p.forms)]
    return f"The body must be sent as {', '.join(known[:-1])} or {known[-1]}" if len(known) > 1 else None
