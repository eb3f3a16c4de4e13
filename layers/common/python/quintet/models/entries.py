"""How many entries an object of free names may have, counted before any of them is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticKnownError, core_schema


@dataclass(frozen=True, slots=True)
class Entries:
    """At most so many entries of a `dict`: `Annotated[dict[str, int], Entries(20)]`.

    `Field(max_length=…)` would count them last, after it has found something wrong with each of a hundred thousand.
    """

    most: int

    def check(self, value: Any) -> Any:
        """`value` itself, or pydantic's `too_long`; what is no dict is refused by its type."""
        if isinstance(value, dict) and len(value) > self.most:
            found = {"field_type": "Dictionary", "max_length": self.most, "actual_length": len(value)}
            raise PydanticKnownError("too_long", found)
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        inner: Any = {**handler(source), "max_length": self.most}
        return core_schema.no_info_before_validator_function(self.check, inner)
