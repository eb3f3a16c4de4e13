"""A handler's signature, read once: where each argument comes from and what the reply is."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from quintet.api import body
from quintet.api.callers import Caller
from quintet.api.errors import Problem, StandardErrors, field_errors
from quintet.api.idempotency import Once
from quintet.api.reply import Bare, Binary, Header, Path, Reply
from quintet.api.request import Request
from quintet.models.pages import Page

Source = Literal["body", "path", "query", "query_model", "header", "caller", "request", "once"]
LONGEST_PATH_VALUE = 200
"""Characters of a path value; far above any id, far below DynamoDB's key limits (2048 and 1024 bytes)."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a handler."""

    name: str
    source: Source
    type: Any
    default: Any
    marker: Any = None
    optional: bool = False
    adapter: TypeAdapter[Any] | None = None
    forms: frozenset[str] = frozenset()
    """Media types of the forms that a body may come as, besides JSON."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a handler returns: a model, a page of models, bytes, or nothing."""

    model: Any
    paged: bool
    adapter: TypeAdapter[Any] | None
    bare: bool = False
    binary: bool = False


class Signature:
    """The compiled signature of one handler."""

    def __init__(self, function: Callable[..., Any], path: str, forms: Iterable[str] = ()) -> None:
        self.path_names = re.findall(r"\{([^}]*)\}", path)
        hints = get_type_hints(function, include_extras=True)
        returned = hints.pop("return", None)
        self.parameters = [
            _parameter(name, hints[name], value.default, path)
            for name, value in inspect.signature(function).parameters.items()
        ]
        self.result = _result(returned)
        self.caller = next((p for p in self.parameters if p.source == "caller"), None)
        declared = next((p for p in self.parameters if p.source == "body"), None)
        self.body = replace(declared, forms=frozenset(forms)) if declared else None
        self.query_names = {name for p in self.parameters for name in _query_names(p)}
        self.once = next((p for p in self.parameters if p.source == "once"), None)

    def bind(self, request: Request, errors: StandardErrors) -> dict[str, Any]:
        """The arguments that come out of the request. Raises the system's 400, 404 or 415."""
        arguments: dict[str, Any] = {}
        problems: list[Problem] = []
        request.asked = {name: values for name, values in request.query.items() if name in self.query_names}
        if self.path_names:
            request.name_path_params(self.path_names)
        for p in self.parameters:
            if p.source == "request":
                arguments[p.name] = request
            elif p.source == "path":
                arguments[p.name] = _path_value(p, request, errors)
            elif p.source in ("query", "query_model", "header"):
                try:
                    arguments[p.name] = _read(p, request)
                except ValidationError as error:
                    prefix = () if p.source == "query_model" else (_public_name(p),)
                    place = "header" if p.source == "header" else "query"
                    problems += field_errors(error, p.adapter or p.type, prefix, place)
        if problems:
            raise errors.invalid(details=problems)
        if self.body is not None:
            arguments[self.body.name] = body.read(self.body, request, errors)
        return arguments


def _parameter(name: str, hint: Any, default: Any, path: str) -> Parameter:
    kind, marker, optional = _unwrapped(hint)
    if isinstance(kind, type) and issubclass(kind, Caller):
        return Parameter(name, "caller", kind, default, optional=optional)
    if kind is Request:
        return Parameter(name, "request", kind, default)
    if kind is Once:
        return Parameter(name, "once", kind, default)
    if name == "body":
        return Parameter(name, "body", kind, default, optional=optional, adapter=_adapter(hint))
    if "{" + name + "}" in path:
        plain = hint is str or (kind is str and marker is not None)
        return Parameter(name, "path", kind, default, marker, adapter=None if plain else _adapter(hint))
    if isinstance(marker, Header):
        return Parameter(name, "header", hint, default, marker, optional, _adapter(hint))
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return Parameter(name, "query_model", kind, default)
    return Parameter(name, "query", hint, default, marker, optional, _adapter(hint))


def _adapter(hint: Any) -> TypeAdapter[Any] | None:
    is_model = isinstance(hint, type) and issubclass(hint, BaseModel)
    return None if is_model else TypeAdapter(hint)


def _unwrapped(hint: Any) -> tuple[Any, Any, bool]:
    """The plain type, our marker in `Annotated`, and whether None is allowed."""
    marker = next((m for m in getattr(hint, "__metadata__", ()) if isinstance(m, Header | Path)), None)
    plain = get_args(hint)[0] if hasattr(hint, "__metadata__") else hint
    if get_origin(plain) in (Union, types.UnionType):
        inner = [a for a in get_args(plain) if a is not type(None)]
        if len(inner) == 1 and len(get_args(plain)) > 1:
            return inner[0], marker, True
    return plain, marker, False


def _result(returned: Any) -> Result:
    origin = get_origin(returned)
    if origin is Reply:
        return _result(get_args(returned)[0])
    if origin is Bare:
        return replace(_result(get_args(returned)[0]), bare=True)
    if returned in (Binary, bytes):
        return Result(returned, False, None, binary=True)
    if returned in (None, type(None)):
        return Result(None, False, None)
    if origin is Page:
        (model,) = get_args(returned)
        items: Any = types.GenericAlias(list, (model,))
        return Result(model, True, TypeAdapter(items))
    return Result(returned, False, _adapter(returned))


def _path_value(p: Parameter, request: Request, errors: StandardErrors) -> Any:
    text = request.path_params.get(p.name, "").strip()
    if not text and p.marker is not None:
        raise p.marker.blank()
    if not text or len(text) > LONGEST_PATH_VALUE or not text.isprintable():
        raise errors.not_found()
    if p.adapter is None:
        return text
    try:
        return p.adapter.validate_python(text)
    except ValidationError:
        if errors.malformed_path is None:
            raise errors.not_found() from None
        raise errors.malformed_path(
            details=[Problem(p.name, f"{p.name} is malformed", ("path", p.name), "malformed")]
        ) from None


def _public_name(p: Parameter) -> str:
    return p.marker.name if isinstance(p.marker, Header) else p.name


def _read(p: Parameter, request: Request) -> Any:
    """A query or header value; an empty one in the query is an absent one."""
    if p.source == "query_model":
        flat = {name: values[-1] for name, values in request.query.items() if values[-1] != ""}
        read = p.type.model_validate(flat)
        for name, value in flat.items():
            if "\0" in value and name in _names(p.type):
                raise _problem(PydanticCustomError("string_nul", body.NUL), name)
        return read
    if p.source == "header":
        given: Any = request.headers.get(p.marker.name.lower())
    else:
        given = (request.query.get(p.name) or [""])[-1] or None
    if given is None and p.default is not inspect.Parameter.empty:
        return p.default
    if given is None and not p.optional:
        raise _problem("missing")
    if given is not None and "\0" in given:
        raise _problem(PydanticCustomError("string_nul", body.NUL))
    assert p.adapter is not None
    return p.adapter.validate_python(given)


def _query_names(p: Parameter) -> set[str | object]:
    """The names under which a parameter reads the query."""
    if p.source == "query_model":
        return _names(p.type)
    return {p.name} if p.source == "query" else set()


def _names(model: type[BaseModel]) -> set[str | object]:
    """The names that a caller may give a model's fields."""
    return {known for name, f in model.model_fields.items() for known in (name, f.alias, f.validation_alias)}


def _problem(rule: str | PydanticCustomError, *location: str) -> ValidationError:
    return ValidationError.from_exception_data("", [{"type": rule, "loc": location, "input": None}])
