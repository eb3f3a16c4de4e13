"""The tools: what each is for, what it needs, how a model is asked, and the draft where there is none.

A tool is a file `tools/<tool_id>.toml`: `name`, `description`, `prompt`, `template`, and its `inputs` in their order.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from caidence.marcom.templates import Values, filled, items_of
from caidence.reading.catalogues import catalogue
from caidence.reading.tact import is_grave, is_loss, is_sensitive
from quintet.models.text import clean_text

_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,49}")
_MOST_ITEMS: Final = 12
REQUIRED: Final = "Field required"
"""What is wrong with an input that is missing."""

Given = str | int | float | Annotated[list[str], Field(max_length=50)] | None
"""What a caller may give for an input."""


class Input(BaseModel):
    """One input of a tool."""

    model_config = ConfigDict(defer_build=True, extra="forbid")

    description: str
    required: bool = False
    most: Annotated[int, Field(ge=1, le=2000)] = 200
    """Characters."""
    items: bool = False
    """Whether it is a list, its items on lines of their own or separated by commas."""
    choices: list[str] = Field(default_factory=list)
    default: str = ""
    without: str = ""
    """Another input: where this one begins with it (`Acme launches…` behind `Acme`), that is taken off in the draft."""

    def schema_of(self) -> dict[str, Any]:
        """Its JSON Schema: numbers are taken as what they look like, lists as arrays, too."""
        several = "; several, separated by commas or on lines of their own, or an array" if self.items else ""
        types = ["string", "array"] if self.items else ["string", "number"]
        schema: dict[str, Any] = {"type": types, "description": f"{self.description}{several}"}
        if self.choices:
            numbers = [int(one) for one in self.choices if one.isdigit()]
            schema |= {"type": types if numbers else "string", "enum": [*self.choices, *numbers]}
        else:
            schema["maxLength"] = self.most
        if self.items:
            schema |= {"items": {"type": "string"}, "maxItems": _MOST_ITEMS}
        if self.default:
            schema["default"] = self.default
        return {**schema, "minLength": 1} if self.required else schema

    def read(self, given: Given) -> str | list[str]:
        """What was given, cleaned; empty for nothing. Raises ValueError with what is wrong."""
        text = "\n".join(given) if isinstance(given, list) else "" if given is None else str(given)
        value = clean_text(text)
        several = isinstance(given, list)
        if not value:
            if self.required:
                raise ValueError(REQUIRED)
            return self.default
        if len(value) > self.most:
            message = f"must have at most {self.most} characters"
            raise ValueError(message)
        if self.choices and value.lower() not in self.choices:
            message = f"must be one of {', '.join(self.choices)}"
            raise ValueError(message)
        if self.choices:
            return value.lower()
        return self._items(value, several) if self.items else value

    def _items(self, value: str, several: bool) -> list[str]:
        # An array's items are whole: nothing within them separates.
        found = items_of(f"{value}\n" if several else value)
        if not found:
            raise ValueError("must name something")
        if len(found) > _MOST_ITEMS:
            message = f"must be at most {_MOST_ITEMS}"
            raise ValueError(message)
        return found


class Tool(BaseModel):
    """One tool as its file says it."""

    model_config = ConfigDict(defer_build=True, extra="forbid")

    tool_id: str
    name: str
    description: str
    prompt: str
    template: str
    inputs: dict[str, Input]

    @property
    def input_schema(self) -> dict[str, Any]:
        """What `inputs` must be, as JSON Schema."""
        return {
            "type": "object",
            "properties": {name: one.schema_of() for name, one in self.inputs.items()},
            "required": [name for name, one in self.inputs.items() if one.required],
            "additionalProperties": False,
        }

    def read(self, given: Mapping[str, Given]) -> tuple[Values, dict[str, str]]:
        """The values of what was given, and what is wrong, by the name of the input."""
        values: dict[str, str | list[str]] = {}
        wrong: dict[str, str] = {}
        for name, one in self.inputs.items():
            try:
                values[name] = one.read(given.get(name))
            except ValueError as error:
                wrong[name] = str(error)
        wrong |= {name: "is no input of this tool" for name in given if name not in self.inputs}
        return values, wrong

    def draft(self, values: Values) -> str:
        """The text that its template makes. `loss`, `grave` and `sensitive` are known to it where the inputs are so."""
        short = {
            name: value.rstrip(" .;,") if isinstance(value, str) and self.inputs[name].most <= 200 else value
            for name, value in values.items()
        }
        for name, one in self.inputs.items():
            mine, other = short.get(name), short.get(one.without)
            if mine and other and isinstance(mine, str) and isinstance(other, str):
                short[name] = re.sub(rf"^{re.escape(other)}(?!\w)[\s,:]*", "", mine, flags=re.IGNORECASE) or mine
        said = "\n".join("\n".join(value) if isinstance(value, list) else value for value in values.values())
        known = {"loss": is_loss(said), "grave": is_grave(said), "sensitive": is_sensitive(said)}
        return filled(self.template, {**short, **{name: "yes" for name, holds in known.items() if holds}})


@cache
def tool_ids() -> list[str]:
    """The names of all tools, in their order."""
    names = (path.name for path in resources.files("caidence.marcom").joinpath("tools").iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


@cache
def tool(tool_id: str) -> Tool:
    """A tool by its name. Raises KeyError when there is none of this name."""
    if not _ID.fullmatch(tool_id) or tool_id not in tool_ids():
        raise KeyError(tool_id)
    return Tool.model_validate({"tool_id": tool_id, **catalogue("caidence.marcom", "tools", f"{tool_id}.toml")})
