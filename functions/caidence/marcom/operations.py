"""The tools, and writing with one of them."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from caidence.access.callers import User
from caidence.marcom.catalogue import REQUIRED, Given, Tool, tool, tool_ids
from caidence.marcom.templates import Values
from caidence.service import api
from quintet.answers import Prompt, ask
from quintet.answers.scrubbing import scrubbed
from quintet.api import ErrorType, Reply
from quintet.api.errors import Problem
from quintet.models import Entries, Length, Text

MARCOM = Prompt("caidence", "marcom.v1", max_tokens=1800, seconds=20, rules="rules.v1")
UNKNOWN_TOOL = ErrorType(404, "tool_not_found", "There is no tool of this name")
MOST_INPUTS = 50


class ToolReply(BaseModel):
    """One tool; `input_schema` is the JSON Schema of its `inputs`."""

    model_config = ConfigDict(defer_build=True)

    tool_id: str
    name: str
    description: str
    input_schema: dict[str, Any]


class MarcomRequest(BaseModel):
    model_config = ConfigDict(defer_build=True)

    tool_id: Annotated[str, Field(min_length=1, max_length=100, description="One of `GET /marcom/tools`")]
    inputs: Annotated[dict[str, Given], Entries(MOST_INPUTS), Field(description="As the tool's schema says")]


class MarcomReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    content: str
    tool_id: str


class Copy(BaseModel):
    """What a model writes."""

    model_config = ConfigDict(defer_build=True)

    content: Annotated[Text, Length(1, 12_000)]


@dataclass(frozen=True, slots=True)
class ToolPrompt(Prompt):
    """A prompt that ends with a tool's own words."""

    instructions: str = ""

    def text(self) -> str:
        return f"{Prompt.text(self)}\n\n{self.instructions}"


@api.get("/marcom/tools", extension=True, etag=True)
def list_tools(caller: User) -> list[ToolReply]:
    """Every tool with what it needs, by its name"""
    return [
        ToolReply(tool_id=one.tool_id, name=one.name, description=one.description, input_schema=one.input_schema)
        for one in map(tool, tool_ids())
    ]


@api.post(
    "/marcom/generate",
    errors=[UNKNOWN_TOOL],
    needs={"model"},
    example={
        "tool_id": "product_description",
        "inputs": {"product": "Sol Citrus", "benefits": "pressed within a day of picking, never sugary"},
    },
)
def generate(body: MarcomRequest, caller: User) -> Reply[MarcomReply]:
    """Write with a named tool

    404 names the tools there are, 422 the inputs that are missing or wrong. `X-Answer-Source` says who wrote it: the
    language model, or the tool's own template.
    """
    wanted = _wanted(body.tool_id)
    values, wrong = wanted.read(body.inputs)
    if wrong:
        raise api.errors.invalid_body(details=[_problem(name, message) for name, message in wrong.items()])
    prompt = ToolPrompt(
        MARCOM.system, MARCOM.name, MARCOM.max_tokens, seconds=MARCOM.seconds, rules=MARCOM.rules,
        instructions=f"{wanted.name}. {wanted.prompt}",
    )  # fmt: skip
    answer = ask(prompt, Copy, {"inputs": {name: value for name, value in values.items() if value}})
    content = wanted.draft(values) if answer.value is None else restored(answer.value.content, values)
    return Reply(MarcomReply(content=content, tool_id=wanted.tool_id), headers=answer.headers)


def restored(content: str, values: Values) -> str:
    """A model's text with the one link, address or number that was kept from it, where there is only one."""
    hidden: dict[str, list[str]] = {}
    for value in values.values():
        if isinstance(value, str) and (mark := scrubbed(value)) in {"[link]", "[email]", "[number]"}:
            hidden.setdefault(mark, []).append(value)
    for mark, kept in hidden.items():
        content = content.replace(mark, kept[0]) if len(kept) == 1 else content
    return content


def _problem(name: str, message: str) -> Problem:
    kind = "missing" if message == REQUIRED else "value_error"
    return Problem(f"inputs.{name}", message, ("body", "inputs", name), kind)


def _wanted(tool_id: str) -> Tool:
    try:
        return tool(tool_id)
    except KeyError:
        raise UNKNOWN_TOOL(f"There is no tool {tool_id!r}. The tools are {', '.join(tool_ids())}") from None
