"""Form bodies with files (multipart/form-data, RFC 7578), read into the same models as JSON bodies.

A model takes a file as a field of type `Upload`. Numbers and booleans travel as text, arrays and objects as JSON text.
"""

from __future__ import annotations

import json
import types
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, SkipValidation, WithJsonSchema

MEDIA_TYPE = "multipart/form-data"
MOST_PARTS = 100


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file of a form; `content_type` is what the sender claims, `content` decides."""

    filename: str
    content_type: str
    content: bytes


Upload = Annotated[
    UploadedFile,
    SkipValidation,
    WithJsonSchema({"type": "string", "contentMediaType": "application/octet-stream"}),
]
"""A model field for a file; it comes only with a form, never with JSON."""


def form_values(model: type[BaseModel], content_type: str, body: bytes) -> dict[str, Any]:
    """The form's fields as values for `model`. Raises `ValueError` for a body that is no such form."""
    from email.parser import BytesParser
    from email.policy import HTTP

    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    if not message.is_multipart():
        raise ValueError("the body is not multipart/form-data")
    parts: list[Any] = list(message.iter_parts())
    if len(parts) > MOST_PARTS:
        raise ValueError("the form has too many parts")
    found: dict[str, Any] = {}
    for part in parts:
        name = part.get_param("name", header="content-disposition")
        if name is None:
            raise ValueError("a part of the form has no name")
        found[str(name)] = _value(model, str(name), part)
    return found


def _value(model: type[BaseModel], name: str, part: Any) -> Any:
    content: bytes = part.get_payload(decode=True) or b""
    filename = part.get_filename()
    if filename is not None:
        return UploadedFile(filename, part.get_content_type(), content) if content or filename else None
    text = content.decode()
    field = next((f for n, f in model.model_fields.items() if name in (n, f.alias)), None)
    if field is None or _is_text(field.annotation):
        return text
    if text == "":
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text


def _is_text(annotation: Any) -> bool:
    """Whether a field takes text as it is: str, literals of text, and their optional forms."""
    if get_origin(annotation) in (Union, types.UnionType):
        return all(_is_text(a) for a in get_args(annotation) if a is not type(None))
    if get_origin(annotation) is Annotated:
        return _is_text(get_args(annotation)[0])
    if isinstance(annotation, type):
        return issubclass(annotation, str)
    return all(isinstance(a, str) for a in get_args(annotation)) and bool(get_args(annotation))
