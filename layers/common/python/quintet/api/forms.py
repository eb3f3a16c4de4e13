"""Form bodies read into the same models as JSON bodies.

A model takes a file as a field of type `Upload`. Text fields travel as they are, all others as JSON text: numbers,
booleans, arrays and objects. What a form says is then validated as the JSON body would be that says the same.

Where a form cannot say what JSON can, it means: an empty value is null where the field may be null, else no value (and
of a text field the empty text); `on` and `off`, `1` and `0` in any field that is a boolean are what browsers and other
clients send for true and false; a list is one field given several times, or one JSON array.
"""

from __future__ import annotations

import json
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, PlainValidator, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError, from_json

from quintet.api.parts import MalformedForm, Part, read

_SAID = {"true": "true", "on": "true", "1": "true", "false": "false", "off": "false", "0": "false"}


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file of a form; `content_type` is what the sender claims, `content` decides."""

    filename: str
    content_type: str
    content: bytes = field(repr=False)


def _taken(value: Any, info: ValidationInfo) -> UploadedFile:
    if isinstance(value, UploadedFile):
        return value
    found = info.context.get(value) if isinstance(info.context, Files) and isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError("upload", "must be a file in a multipart/form-data body")
    return found


Upload = Annotated[
    UploadedFile,
    PlainValidator(_taken),
    WithJsonSchema({"type": "string", "contentMediaType": "application/octet-stream"}),
]
"""A model field for a file; it comes only with a form, never with JSON."""


class Files(dict[str, UploadedFile]):
    """The files of one form, by what stands for them in its JSON; the context of its validation."""


def read_form(model: type[BaseModel], content_type: str, body: bytes) -> tuple[str, Files]:
    """The form as the JSON text that says the same, and its files.

    Validate with `model.model_validate_json(text, strict=True, context=files)`.
    Raises `MalformedForm` for a body that is no such form, or that gives a field twice which is no list.
    """
    given: dict[str, list[Part]] = {}
    for part in read(content_type, body):
        given.setdefault(part.name, []).append(part)
    form, kinds = _Form(), _annotations(model)
    members = {name: form.value(parts, kinds.get(name)) for name, parts in given.items()}
    said = ((name, value) for name, value in members.items() if value is not None)
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in said) + "}", form.files


class _Form:
    """Turns parts into JSON by the types of the fields that they stand for; None is an unknown field's."""

    def __init__(self) -> None:
        self.files = Files()
        self._mark = token_hex(16)  # nobody can name a file in a text field

    def value(self, parts: Sequence[Part], annotation: Any) -> str | None:
        """The JSON that all parts of one name stand for, None for no value."""
        element = _element(annotation)
        if element is not None and not _is_whole(parts, element):
            found = (self._one(part, element) for part in parts)
            return "[" + ",".join(value for value in found if value is not None) + "]"
        if len(parts) > 1:
            raise MalformedForm("is given more than once", parts[0].name)
        return self._one(parts[0], annotation)

    def _one(self, part: Part, annotation: Any) -> str | None:
        if part.filename is None:
            return _json(part.text, annotation)
        if not part.filename and not part.content:
            return None  # a file input where nothing was chosen
        if annotation is not None and not _mentions(annotation, UploadedFile):
            raise MalformedForm("must not be a file", part.name)
        place = f"{self._mark}.{len(self.files)}"
        self.files[place] = UploadedFile(part.filename, part.content_type, part.content)
        return json.dumps(place)


def _annotations(model: type[BaseModel]) -> Mapping[str, Any]:
    """The types of a model's fields by every name that a caller may use."""
    found: dict[str, Any] = {}
    for name, declared in model.model_fields.items():
        for known in (name, declared.alias, declared.validation_alias):
            if isinstance(known, str):
                found[known] = declared.annotation
    return found


def _is_whole(parts: Sequence[Part], element: Any) -> bool:
    """Whether one part says a whole list: a JSON array, nothing at all, or what is no single object either."""
    if len(parts) > 1 or parts[0].filename is not None:
        return False
    kind, _ = _plain(element)
    return parts[0].text[:1] in ("", "[") or (isinstance(kind, type) and issubclass(kind, BaseModel))


def _json(text: str, annotation: Any) -> str | None:
    """The JSON that a field's text stands for, None for no value."""
    kind, nullable = _plain(annotation)
    if text == "" and nullable:
        return "null"
    if annotation is None or _is_text(kind):
        return json.dumps(text)
    if text == "":
        return None
    if kind is bool:
        return _SAID.get(text.lower(), json.dumps(text))
    try:
        from_json(text, allow_inf_nan=False)
    except ValueError:
        return json.dumps(text)
    return text


def _plain(annotation: Any) -> tuple[Any, bool]:
    """A type without `Annotated` and `| None`, and whether it had the latter."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        options = [option for option in get_args(annotation) if option is not types.NoneType]
        nullable = len(options) < len(get_args(annotation))
        if len(options) == 1:
            kind, inner = _plain(options[0])
            return kind, nullable or inner
        return annotation, nullable
    return annotation, False


def _element(annotation: Any) -> Any:
    """What a list holds, None when the type is no list."""
    kind, _ = _plain(annotation)
    if get_origin(kind) in (list, set, frozenset, tuple, Sequence):
        return get_args(kind)[0]
    return None


def _mentions(annotation: Any, kind: type) -> bool:
    return annotation is kind or any(_mentions(inner, kind) for inner in get_args(annotation))


def _is_text(annotation: Any) -> bool:
    """Whether a type takes text as it is: str, literals of text, and unions of these."""
    kind, _ = _plain(annotation)
    if get_origin(kind) in (Union, types.UnionType):
        return all(_is_text(option) for option in get_args(kind) if option is not types.NoneType)
    if isinstance(kind, type):
        return issubclass(kind, str)
    return all(isinstance(option, str) for option in get_args(kind)) and bool(get_args(kind))
