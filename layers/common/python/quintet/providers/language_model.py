"""Language models with Amazon Bedrock's Converse: one question, one answer as the fields of a tool.

`QUINTET_LANGUAGE_MODEL` names the model or inference profile, by id or ARN; empty, there is none. Where it is asked:
`QUINTET_BEDROCK_URL`, else AWS_ENDPOINT_URL's conventions, else Bedrock in the ARN's region or the function's own.

Source: Amazon Bedrock API reference, Converse. The request is signed and sent without botocore's client, which costs
a cold start, keeps no deadline over a whole call, and repeats of its own accord what here is counted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from quintet.net import aws, endpoints, outbound, wire
from quintet.net.outbound import OutboundError, Response, TimedOut
from quintet.providers.errors import NotConfigured, Rejected, Throttled, Unavailable, aws_errors
from quintet.settings import settings

_SERVICE = "the language model"
_SIGNING = "bedrock"
_THROTTLES = frozenset({"ThrottlingException", "ServiceQuotaExceededException"})
_PASSING = frozenset({"ModelErrorException", "ModelNotReadyException"})
"""Client errors by their status that are the model's trouble and pass."""
_REFUSALS = frozenset({"guardrail_intervened", "content_filtered", "refusal"})
_HOST = re.compile(r"bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\.")
_DENIED = 403, 404


class TooSlow(Unavailable):
    """The time allowed ran out before the answer was there."""


class Refused(Rejected):
    """The model, or a guardrail before it, does not answer this."""


class Misasked(Rejected):
    """The service does not take this request (400); others it may take."""


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
    with aws_errors(_SERVICE):
        base, region = _place(model)
    url = f"{base}/model/{quote(model, safe='')}/converse"
    body = json.dumps(_request(question), ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    headers = {"content-type": "application/json", "accept": "application/json"}
    with aws_errors(_SERVICE):
        headers = wire.signed("POST", url, headers, body, signing=_SIGNING, region=region)
    try:
        response = outbound.request("POST", url, headers=headers, body=body, timeout=seconds, cut=True)
    except TimedOut as error:
        raise TooSlow(f"{_SERVICE} took longer than {seconds:.1f} s") from error
    except OutboundError as error:
        raise Unavailable(f"{_SERVICE} cannot be reached: {error}") from error
    if not response.ok:
        raise _failure(response)
    return _turn(response, question.tool.name)


def _place(model: str) -> tuple[str, str]:
    """Where the model is, and the region that the signature names."""
    parts = model.split(":")
    region = parts[3] if parts[0] == "arn" and len(parts) > 5 and parts[3] else settings().region
    configured = settings().get("QUINTET_BEDROCK_URL") or aws.endpoint("bedrock-runtime")
    if configured:
        named = _HOST.match(urlsplit(configured).hostname or "")
        return configured.rstrip("/"), named[1] if named else region
    return endpoints.url("bedrock-runtime", region), region


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


def _failure(response: Response) -> Exception:
    code = response.headers.get("x-amzn-errortype", "").partition(":")[0] or str(response.status)
    message = f"{_SERVICE} answered {code[:64]}"
    if code in _THROTTLES or (response.status == 429 and code not in _PASSING):
        return Throttled(message)
    if response.status == 408:
        return TooSlow(message)
    if response.status >= 500 or code in _PASSING:
        return Unavailable(message)
    return Rejected(message) if response.status in (401, *_DENIED) else Misasked(message)


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
