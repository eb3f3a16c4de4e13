"""Form bodies with files (multipart/form-data, RFC 7578), read into the same models as JSON bodies.

A model takes a file as a field of type `Upload`. Text fields travel as they are, all others as JSON text: numbers,
booleans, arrays and objects. What a form says is then validated as the JSON body would be that says the same.
"""

from __future__ import annotations

import itertools
import json
import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Annotated, Any, Union, get_args, get_origin
from urllib.parse import unquote

from pydantic import BaseModel, PlainValidator, ValidationInfo, WithJsonSchema
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError, from_json

MEDIA_TYPE = "multipart/form-data"
MOST_PARTS = 100
LONGEST_HEADERS = 8192
"""Bytes of one part's headers."""

_BOUNDARY = re.compile(r""";[ \t]*boundary=(?:"([^"\\]{1,70})"|([^\s";]{1,70}))""", re.IGNORECASE)
_PARAMETER = re.compile(r""";[ \t]*([\w*-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s";]*))""")
_PADDING = re.compile(rb"[ \t]*\r\n")
_ENCODINGS = frozenset({"", "7bit", "8bit", "binary"})


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file of a form; `content_type` is what the sender claims, `content` decides."""

    filename: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form as it came: `filename` is None for a plain field."""

    name: str
    filename: str | None
    content_type: str
    content: bytes


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
    Raises `ValueError` for a body that is no such form, or that names a field twice.
    """
    files, members = Files(), dict[str, str]()
    mark = token_hex(16)  # nobody can name a file in a text field
    for part in parts(content_type, body):
        if part.name in members:
            raise ValueError("the form names a field twice")
        found = _field(model, part.name)
        if part.filename is None:
            value = _json(part.content.decode(), found)
        elif not part.filename and not part.content:
            continue  # a file input where nothing was chosen
        elif found is not None and not _mentions(found.annotation, UploadedFile):
            raise ValueError("the form has a file where none belongs")
        else:
            place = f"{mark}.{len(files)}"
            files[place] = UploadedFile(part.filename, part.content_type, part.content)
            value = json.dumps(place)
        if value is not None:
            members[part.name] = value
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in members.items()) + "}", files


def parts(content_type: str, body: bytes) -> Iterator[Part]:
    """The parts of a form body, their content byte for byte. Raises `ValueError` for a body that is none."""
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise ValueError("the form has no boundary")
    delimiter = b"\r\n--" + (boundary[1] or boundary[2]).encode()
    data = b"\r\n" + body  # the first delimiter may begin the body
    _, start = _delimiter(data, delimiter, 0)
    for number in itertools.count():
        if start is None:
            return
        if number >= MOST_PARTS:
            raise ValueError("the form has too many parts")
        gap = data.find(b"\r\n\r\n", start, start + LONGEST_HEADERS)
        if gap < 0:
            raise ValueError("a part of the form has no headers")
        # The blank line is no part of a delimiter: content may begin with what looks like one.
        end, following = _delimiter(data, delimiter, gap + 4)
        yield _part(data[start:gap], data[gap + 4 : end])
        start = following


def _delimiter(data: bytes, delimiter: bytes, at: int) -> tuple[int, int | None]:
    """Where the next delimiter begins, and the part after it, None after the last (RFC 2046, section 5.1.1).

    What only begins like the delimiter is content.
    """
    while (at := data.find(delimiter, at)) >= 0:
        after = at + len(delimiter)
        padding = _PADDING.match(data, after)
        if padding is not None:
            return at, padding.end()
        if data.startswith(b"--", after) and _ends(data, after + 2):
            return at, None
        at = after
    raise ValueError("the form is not closed")


def _ends(data: bytes, at: int) -> bool:
    return _PADDING.match(data, at) is not None or not data[at:].strip(b" \t")


def _part(head: bytes, content: bytes) -> Part:
    headers: dict[str, str] = {}
    for line in head.decode().split("\r\n"):
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError("a part of the form has a malformed header")
        headers[name.strip().lower()] = value.strip()
    disposition = headers.get("content-disposition", "")
    given = {m[1].lower(): m[2].replace('\\"', '"') if m[2] is not None else m[3] for m in
             _PARAMETER.finditer(disposition)}  # fmt: skip
    if disposition.partition(";")[0].strip().lower() != "form-data" or not given.get("name"):
        raise ValueError("a part of the form has no name")
    if headers.get("content-transfer-encoding", "").lower() not in _ENCODINGS:
        raise ValueError("a part of the form is encoded")  # deprecated by RFC 7578, section 4.7
    media = headers.get("content-type", "").partition(";")[0].strip().lower() or "text/plain"
    return Part(_unescaped(given["name"]), _filename(given), media, content)


def _filename(given: Mapping[str, str]) -> str | None:
    extended = given.get("filename*", "")  # forbidden by RFC 7578 section 4.2, and sent all the same
    if extended.lower().startswith("utf-8''"):
        return unquote(extended[7:])
    return _unescaped(given["filename"]) if "filename" in given else None


def _unescaped(text: str) -> str:
    """What browsers write for the three characters that a quoted name cannot hold (WHATWG HTML, form submission)."""
    return text.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")


def _field(model: type[BaseModel], name: str) -> FieldInfo | None:
    fields = model.model_fields
    return next((f for n, f in fields.items() if name in (n, f.alias, f.validation_alias)), None)


def _json(text: str, found: FieldInfo | None) -> str | None:
    """The JSON that a field's text stands for, None for no value."""
    if found is None or _is_text(found.annotation):
        return json.dumps(text)
    if text == "":
        return "null" if _mentions(found.annotation, types.NoneType) else None
    try:
        from_json(text, allow_inf_nan=False)
    except ValueError:
        return json.dumps(text)
    return text


def _mentions(annotation: Any, kind: type) -> bool:
    return annotation is kind or any(_mentions(inner, kind) for inner in get_args(annotation))


def _is_text(annotation: Any) -> bool:
    """Whether a field takes text as it is: str, literals of text, and their optional forms."""
    if get_origin(annotation) in (Union, types.UnionType):
        return all(_is_text(a) for a in get_args(annotation) if a is not type(None))
    if get_origin(annotation) is Annotated:
        return _is_text(get_args(annotation)[0])
    if isinstance(annotation, type):
        return issubclass(annotation, str)
    return all(isinstance(a, str) for a in get_args(annotation)) and bool(get_args(annotation))
