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
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import from_json

from quintet.api.errors import ApiError, Problem, StandardErrors, field_errors
from quintet.api.parts import MULTIPART, URLENCODED, MalformedForm
from quintet.api.reply import JSON
from quintet.api.request import Request

if TYPE_CHECKING:
    from quintet.api.signature import Parameter


NUL = "must not contain the character NUL"
FINITE = "must be a number that a double can hold"

_NUL = b"\\u0000"
_NO_NUMBERS = (b"NaN", b"Infinity")
_BEYOND = re.compile(rb"[0-9][eE]\+?[0-9]{3}|(?<![0-9])[0-9]{309}")
"""Numbers that may be beyond a double; the first look, since nearly no body has one."""


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


def holds_floats(annotation: Any) -> bool:
    """Whether a type takes a number that is no integer somewhere, or anything at all."""
    return _holds_floats(annotation, set())


def _form(p: Parameter, request: Request, raw: bytes, errors: StandardErrors) -> Any:
    from quintet.api.forms import read_form

    try:
        text, files = read_form(p.type, request.headers["content-type"], raw)
    except MalformedForm as error:
        raise malformed(errors, str(error), error.field) from None
    return _validated(p, text.encode(), errors, files)


def _validated(p: Parameter, raw: bytes, errors: StandardErrors, files: Any = None) -> Any:
    try:
        if p.adapter is not None:
            found = p.adapter.validate_json(raw, strict=True, context=files)
        else:
            found = p.type.model_validate_json(raw, strict=True, context=files)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
        whole = [problem for problem in problems if problem["type"] == "json_invalid" and not problem["loc"]]
        if whole:
            raise malformed(errors, whole[0]["msg"]) from None
        if any(word in raw for word in _NO_NUMBERS):
            _plain(raw, errors)
        raise errors.invalid_body(details=field_errors(problems, place="body")) from None
    if _NUL in raw or (p.floats and (_BEYOND.search(raw) or any(word in raw for word in _NO_NUMBERS))):
        refused = list(_beyond(_plain(raw, errors), ()))
        if refused:
            raise errors.invalid_body(details=refused)
    return found


def _plain(raw: bytes, errors: StandardErrors) -> Any:
    """The body as JSON has it, without what only Python's readers take."""
    try:
        return from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise malformed(errors, f"Invalid JSON: {error}") from None


def _beyond(value: Any, path: tuple[str | int, ...]) -> Iterator[Problem]:
    """What is JSON and still nothing that can be stored and given back."""
    if isinstance(value, str) and "\0" in value:
        yield Problem(".".join(map(str, path)) or "body", NUL, ("body", *path), "string_nul")
    elif isinstance(value, float | int) and not _finite(value):
        yield Problem(".".join(map(str, path)) or "body", FINITE, ("body", *path), "finite_number")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _beyond(each, (*path, number))
    elif isinstance(value, dict):
        for name, each in value.items():
            if "\0" in name:
                yield Problem(".".join(map(str, path)) or "body", NUL, ("body", *path), "string_nul")
            yield from _beyond(each, (*path, name))


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond a double
        return False


def _holds_floats(annotation: Any, seen: set[Any]) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation in seen:
            return False
        seen.add(annotation)
        fields = annotation.model_fields.values()
        return annotation.model_config.get("extra") == "allow" or any(_holds_floats(f.annotation, seen) for f in fields)
    if annotation in (Any, object, float, dict, list, Mapping, JsonValue):
        return True
    return any(_holds_floats(inner, seen) for inner in get_args(annotation))


def _wanted(p: Parameter) -> str | None:
    """What to send instead, None where the system's own words fit."""
    known = [JSON, *(media for media in (MULTIPART, URLENCODED) if media in p.forms)]
    return f"The body must be sent as {', '.join(known[:-1])} or {known[-1]}" if len(known) > 1 else None
