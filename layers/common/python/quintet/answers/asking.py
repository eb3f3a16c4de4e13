"""One answer from the language model: asked within its time, checked, asked once more when it is not valid, counted.

Nothing here logs what a person said or what the model answered: lines and metrics carry the prompt's name and version,
who answered and why, tokens and milliseconds.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from quintet import log
from quintet.answers.minimising import minimised
from quintet.answers.placing import TOOL, system_text, user_text
from quintet.answers.prompts import Prompt
from quintet.answers.schema import tool_schema
from quintet.api.reply import Reply
from quintet.net import patience
from quintet.net.breaker import Breaker
from quintet.net.patience import Patience
from quintet.providers import language_model
from quintet.providers.errors import NotConfigured, ProviderError, Rejected, Throttled, Unavailable
from quintet.providers.language_model import Misasked, Question, Refused, Tool, TooSlow, Turn

M = TypeVar("M", bound=BaseModel)
Source = Literal["model", "fallback"]

HEADER = "X-Answer-Source"
ATTEMPTS = 2
LEAST_SECONDS = 3.0
"""What must be left of the time for a second attempt."""
TURNED_AWAY = patience.Cause(cost=5, first=0.8, longest=0.8)
"""The service did not take an attempt, or broke off."""
_LONGEST_FAULT = 600
"""Characters of what the model is told about its invalid answer."""

breaker = Breaker()
"""The circuits of the models this process asks."""


@dataclass(frozen=True)  # not slots: in Python 3.11 `Answer[Chat](…)` of a frozen class with slots is a TypeError
class Answer(Generic[M]):
    """What came of asking: the model's answer, or None and why there is none."""

    value: M | None
    reason: str
    """`answered`, `not_configured`, `circuit_open`, `too_slow`, `throttled`, `unavailable`, `rejected`, `misasked`,
    `refused`, `invalid` or `failed`."""

    @property
    def source(self) -> Source:
        """Who answers then."""
        return "fallback" if self.value is None else "model"

    @property
    def headers(self) -> dict[str, str]:
        """The reply's header that says so."""
        return {HEADER: self.source}


class _Invalid(Exception):
    """The model answered, but not what was asked for; the message says what is wrong, in words for the model."""

    def __init__(self, message: str, turn: Turn) -> None:
        super().__init__(message[:_LONGEST_FAULT])
        self.turn = turn


class _Open(ProviderError):
    """The circuit is open."""


@dataclass(slots=True)
class _Spent:
    """What one answer has cost so far."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


def answered(
    prompt: Prompt,
    model: type[M],
    facts: Mapping[str, Any],
    fallback: Callable[[], M],
    check: Callable[[M], M] | None = None,
) -> Reply[M]:
    """The model's answer as `model`, or the fallback's when there is none; the header `X-Answer-Source` says which.

    `facts` are minimised and placed as data; `check` may correct a valid answer, or raise ValueError with what is
    wrong, which counts as invalid. Raises only what `fallback` raises.
    """
    answer = ask(prompt, model, facts, check)
    return Reply(fallback() if answer.value is None else answer.value, headers=answer.headers)


def ask(prompt: Prompt, model: type[M], facts: Mapping[str, Any], check: Callable[[M], M] | None = None) -> Answer[M]:
    """The model's answer, or why there is none, within `prompt.seconds`. Never raises; see `answered`."""
    started, spent = time.perf_counter(), _Spent()
    value: M | None = None
    try:
        value, reason = _asked(prompt, model, facts, check, spent), "answered"
    except (_Invalid, ProviderError) as error:
        reason = _reason(error)
    except Exception as error:
        reason = "failed"
        _log_fault(prompt, error)
    _measure(prompt, Answer(value, reason), spent, (time.perf_counter() - started) * 1000)
    return Answer(value, reason)


def _asked(
    prompt: Prompt, model: type[M], facts: Mapping[str, Any], check: Callable[[M], M] | None, spent: _Spent
) -> M:
    name = language_model.model_id()
    waiting = patience.start(f"model {name}", prompt.seconds, most=ATTEMPTS - 1)
    text = user_text(minimised(facts))
    messages: list[dict[str, Any]] = [_user({"text": text})]
    tool = Tool(TOOL, "Gives the answer.", tool_schema(model))
    for attempt in range(1, ATTEMPTS + 1):
        question = Question(system_text(prompt), messages, tool, prompt.max_tokens, prompt.temperature)
        try:
            value = _checked(_turn(name, question, waiting, spent), model, check)
        except _Invalid as error:
            if attempt == ATTEMPTS or waiting.left() < LEAST_SECONDS:
                raise
            messages = _again(text, error)
        except (Throttled, Unavailable) as error:
            last = isinstance(error, TooSlow) or attempt == ATTEMPTS
            if last or not waiting.again(TURNED_AWAY, reserve=LEAST_SECONDS):
                raise
        else:
            waiting.succeeded()
            return value
    raise AssertionError("the last attempt returns or raises")


def _turn(name: str, question: Question, waiting: Patience, spent: _Spent) -> Turn:
    """Ask the model once, if its circuit lets the call through, and tell the circuit how the service did."""
    turn = breaker.admit(name)
    if turn is None:
        raise _Open("the circuit is open")
    spent.calls += 1
    try:
        found = language_model.converse(name, question, waiting.left())
    except (Refused, Misasked):
        breaker.report(name, turn, works=True)
        raise
    except BaseException:
        breaker.report(name, turn, works=False)
        raise
    breaker.report(name, turn, works=True)
    spent.input_tokens += found.input_tokens
    spent.output_tokens += found.output_tokens
    return found


def _checked(turn: Turn, model: type[M], check: Callable[[M], M] | None) -> M:
    """The answer as a `model`. Raises _Invalid."""
    if turn.stop == "max_tokens":
        raise _Invalid("The answer was cut off because it was too long. Answer more briefly.", turn)
    if turn.input is None:
        raise _Invalid(f"There was no call of the tool `{TOOL}`. Answer by calling it, with no other text.", turn)
    try:
        value = model.model_validate_json(json.dumps(turn.input))
        return check(value) if check else value
    except ValidationError as error:
        raise _Invalid(_faults(error), turn) from None
    except ValueError as error:
        raise _Invalid(f"The answer is not acceptable: {error}", turn) from None


def _faults(error: ValidationError) -> str:
    """What is wrong with which field. What the fields held is not repeated: it would come back as an instruction."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    lines = [f"{'.'.join(map(str, one['loc'])) or 'the whole'}: {one['msg']}" for one in found[:8]]
    return "The tool's input is not valid. " + "; ".join(lines)


def _again(text: str, error: _Invalid) -> list[dict[str, Any]]:
    """The messages of the second attempt: the same question, and what was wrong with the answer."""
    turn, fault = error.turn, f"{error} Call the tool `{TOOL}` again with a valid input."
    # A call that was cut off is not repeated to the model, nor one whose input is no object: the API refuses it.
    if turn.stop != "tool_use" or not turn.tool_use_id or not isinstance(turn.input, dict):
        return [_user({"text": text}, {"text": fault})]
    call = {"toolUseId": turn.tool_use_id, "name": TOOL, "input": turn.input}
    result = {"toolUseId": turn.tool_use_id, "status": "error", "content": [{"text": fault}]}
    return [
        _user({"text": text}),
        {"role": "assistant", "content": [{"toolUse": call}]},
        _user({"toolResult": result}),
    ]


def _user(*content: Mapping[str, Any]) -> dict[str, Any]:
    return {"role": "user", "content": list(content)}


_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (NotConfigured, "not_configured"),
    (_Open, "circuit_open"),
    (TooSlow, "too_slow"),
    (Throttled, "throttled"),
    (Unavailable, "unavailable"),
    (Refused, "refused"),
    (Misasked, "misasked"),
    (Rejected, "rejected"),
    (_Invalid, "invalid"),
)


def _reason(error: Exception) -> str:
    reason = next((name for kind, name in _REASONS if isinstance(error, kind)), "failed")
    if reason in {"misasked", "rejected"}:  # nothing but a change of settings or code mends these
        log.logger().error("the language model was asked in vain", extra={"reason": str(error)})
    return reason


def _log_fault(prompt: Prompt, error: Exception) -> None:
    """A fault of ours. Its place is logged and not its message, which may hold what somebody said."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    place = f"{at.tb_frame.f_code.co_filename}:{at.tb_lineno}" if at else ""
    log.logger().error(
        "asking the language model failed", extra={"prompt": prompt.label, "error": type(error).__name__, "at": place}
    )


def _measure(prompt: Prompt, answer: Answer[Any], spent: _Spent, milliseconds: float) -> None:
    log.metrics(
        prompt.label,
        {
            "FallbackAnswers": int(answer.source == "fallback"),
            "ModelCalls": spent.calls,
            "InputTokens": spent.input_tokens,
            "OutputTokens": spent.output_tokens,
            "AnswerMs": round(milliseconds, 2),
        },
        prompt=prompt.name,
        source=answer.source,
        reason=answer.reason,
    )
