"""Language models with Amazon Bedrock's Converse: one question, one answer as the fields of a tool.

`QUINTET_LANGUAGE_MODEL` names the model or inference profile, by id or ARN; empty, there is none.

Source: Amazon Bedrock API reference, Converse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quintet.net.outbound import Response
from quintet.providers import bedrock
from quintet.providers.bedrock import Misasked, Refused, TooSlow
from quintet.providers.errors import NotConfigured, Unavailable
from quintet.settings import settings

__all__ = ["Misasked", "Question", "Refused", "TooSlow", "Tool", "Turn", "converse", "model_id"]

_SERVICE = "the language model"
_REFUSALS = frozenset({"guardrail_intervened", "content_filtered", "refusal"})


@dataclass(frozen=True, slots=True)
class Tool:
    """The form of the answer: a tool that the model must call."""

    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked."""

    system: str
    messages: Sequence[Mapping[str, Any]]
    """Converse's messages, the last of them the user's."""
    tool: Tool
    max_tokens: int
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What a model answered."""

    stop: str
    """Why it stopped: `tool_use`, `end_turn`, `max_tokens`, …"""
    tool_use_id: str
    """Names the call of the tool; empty when there was none."""
    input: Any
    """What the tool was called with, usually a JSON object; None when it was not called."""
    input_tokens: int
    output_tokens: int


def model_id() -> str:
    """The model in force. Raises NotConfigured when there is none."""
    found = settings().get("QUINTET_LANGUAGE_MODEL")
    if not found:
        raise NotConfigured(_SERVICE, "QUINTET_LANGUAGE_MODEL")
    return found


def converse(model: str, question: Question, seconds: float) -> Turn:
    """Ask once, within `seconds`.

    Raises Throttled, Unavailable (its kind TooSlow when the time ran out, with an answer on its way or not) or
    Rejected: its kind Refused when the model will not answer, Misasked when the request is at fault, else the model
    is not there or not ours to use.
    """
    return _turn(bedrock.ask(_SERVICE, model, "converse", _request(question), seconds), question.tool.name)


def _request(question: Question) -> dict[str, Any]:
    tool = question.tool
    specification = {"name": tool.name, "description": tool.description, "inputSchema": {"json": tool.schema}}
    inference: dict[str, Any] = {"maxTokens": question.max_tokens}
    if question.temperature is not None:
        inference["temperature"] = question.temperature
    return {
        "system": [{"text": question.system}],
        "messages": list(question.messages),
        "inferenceConfig": inference,
        "toolConfig": {"tools": [{"toolSpec": specification}], "toolChoice": {"tool": {"name": tool.name}}},
    }


def _turn(response: Response, tool: str) -> Turn:
    """The answer read. Raises Refused, and Unavailable for what is not the protocol's."""
    try:
        answer = response.json()
        stop = str(answer["stopReason"])
        uses = [block["toolUse"] for block in answer["output"]["message"]["content"] if "toolUse" in block]
        call = next((use for use in uses if use["name"] == tool), {"toolUseId": "", "input": None})
        usage = answer.get("usage") or {}
        turn = Turn(
            stop, str(call["toolUseId"]), call["input"], _count(usage, "inputTokens"), _count(usage, "outputTokens")
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Unavailable(f"{_SERVICE} answered something else than its protocol has") from error
    if stop in _REFUSALS:
        raise Refused(f"{_SERVICE} does not answer: {stop}")
    return turn


def _count(usage: Mapping[str, Any], name: str) -> int:
    return max(0, int(usage.get(name) or 0))
