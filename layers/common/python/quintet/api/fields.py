"""Which field an error of pydantic is about, in the caller's words: its path without what only the model knows.

Pydantic's path has a step for each branch of a union that it tried (`constrained-str`, `list[constrained-str]`) and one
for a key (`[key]`). They are told from the names of fields by walking the type along with the path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, TypeAdapter

Step = str | int
Type = type[BaseModel] | TypeAdapter[Any]

LONGEST_STEP = 100
"""Characters of a name that a caller made up; no field of ours has more."""

_Schema = Mapping[str, Any]
_UNIONS = ("union", "tagged-union")
_LISTS = ("list", "set", "frozenset", "generator")
_INSIDE = {"json-or-python": "json_schema", "lax-or-strict": "strict_schema"}


class Fields:
    """The fields of one type, which validation has built by now."""

    def __init__(self, of: Type) -> None:
        self._definitions: dict[str, _Schema] = {}
        self._schema: _Schema = of.core_schema if isinstance(of, TypeAdapter) else of.__pydantic_core_schema__

    def path(self, steps: Sequence[Step]) -> tuple[tuple[Step, ...], bool]:
        """The path to a field, and whether it ends where the type leaves a choice: another branch may tell more."""
        found: list[Step] = []
        places, chosen = [self._schema], False
        for number, step in enumerate(steps):
            places = [self._opened(place) for place in places]
            inner = [each for place in places for each in _inner(place, step)]
            if inner:
                found.append(step)
                chosen = False
            elif step == "[key]" and number == len(steps) - 1:
                found.pop()  # the key itself is wrong, so it names nothing
            elif any(place["type"] in _UNIONS for place in places):
                inner = [each for place in places for each in _branches(place)]
                chosen = True
            else:
                found.append(step)
            places = inner
        return tuple(step[:LONGEST_STEP] if isinstance(step, str) else step for step in found), chosen

    def _opened(self, place: _Schema) -> _Schema:
        """A schema without what only wraps it."""
        while True:
            kind = place["type"]
            if kind == "definitions":
                self._definitions.update((each["ref"], each) for each in place["definitions"])
            if kind == "definition-ref":
                place = self._definitions[place["schema_ref"]]
            elif kind in _INSIDE:
                place = place[_INSIDE[kind]]
            elif kind == "chain":
                place = place["steps"][0]
            elif isinstance(place.get("schema"), Mapping):
                place = place["schema"]
            else:
                return place


def _inner(place: _Schema, step: Step) -> Iterator[_Schema]:
    """What is one step further in; nothing where this place has no such step."""
    kind = place["type"]
    if kind == "model-fields":
        for name, field in place["fields"].items():
            if step == name or step == field.get("validation_alias"):
                yield field["schema"]
    elif kind == "dict" and isinstance(step, str):
        yield place.get("values_schema", {"type": "any"})
    elif kind in _LISTS and isinstance(step, int):
        yield place.get("items_schema", {"type": "any"})
    elif kind == "tuple" and isinstance(step, int):
        yield from place["items_schema"]


def _branches(place: _Schema) -> Iterator[_Schema]:
    choices = place.get("choices", ())
    for choice in choices.values() if isinstance(choices, Mapping) else choices:
        yield choice[0] if isinstance(choice, tuple) else choice
