"""The kinds of entities for the OpenAPI: what a request sends of each, and what a reply shows."""

from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, create_model
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from memory_mirror.entities.kinds import KINDS
from memory_mirror.records.record import Record

Way = Literal["New", "Changed", ""]


class OneOfKinds:
    """Writes a free object down as one of the kinds, by reference to the document's components."""

    def __init__(self, way: Way) -> None:
        self.way = way

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        from quintet.api.openapi import COMPONENTS

        return {COMPONENTS: [self.way + name for name in KINDS]}


Sent = Annotated[dict[str, Any], OneOfKinds("New")]
"""A new record's fields."""
Changes = Annotated[dict[str, Any], OneOfKinds("Changed")]
"""Some fields of a record."""
Shown = Annotated[dict[str, Any], OneOfKinds("")]
"""A record as replies show it."""


def all_models() -> Iterator[tuple[type[BaseModel], Literal["validation", "serialization"]]]:
    """Every kind as it is sent, changed and shown."""
    for kind in KINDS.values():
        yield _model(kind, "New"), "validation"
        yield _model(kind, "Changed"), "validation"
        yield _model(kind, ""), "serialization"


@cache
def _model(kind: type[Record], way: Way) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    names = kind.writable() if way else set(kind.model_fields) - kind.hidden
    for name, field in kind.model_fields.items():
        if name in names:
            annotation: Any = field.annotation
            for extra in field.metadata:
                annotation = Annotated[annotation, extra]
            fields[kind.shown_as.get(name, name)] = (annotation, _default(field, way))
    config = ConfigDict(extra="forbid" if way else "ignore")
    made: type[BaseModel] = create_model(way + kind.kind, __doc__=kind.__doc__, __config__=config, **fields)
    return made


def _default(field: Any, way: Way) -> Any:
    if not way or (way == "New" and field.is_required()):
        return ...
    if way == "New" and not field.default_factory:
        return field.default
    return Field(default_factory=lambda: None)  # absent: the document has no default to tell
