"""The steps of a workflow: their types, what each takes, and what is wrong with a list of them.

The fields of a step are those of the direct operation, flat.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter
from pydantic_core import from_json

from caidence.access.callers import User
from caidence.communications.sending import EmailMessage, SmsMessage
from caidence.content.generation import ContentWish
from caidence.tasks.arguments import bound
from caidence.tasks.generating import CONTENT, DESIGN, DesignErrand
from caidence.tasks.messages import EMAIL, SMS
from caidence.tasks.registry import Offer, Place
from caidence.workflow.conditions import Operator
from quintet.api.errors import Problem
from quintet.jobs import results
from quintet.models import Entries, Length, Line
from quintet.models.text import clean_text

MOST: Final = 50
LARGEST: Final = 130_000
"""Bytes of a list of steps (JSON): the longest of mails fits, and a run fits into an item of 400 KB with these, with
what came of them (`outputs`), and with how they failed before."""
LONGEST_WAIT: Final = 900
_SAFE: Final = 2**53
"""Beyond it a double holds no whole number for certain."""
_FIELDS: Final = ConfigDict(defer_build=True, extra="forbid")
_BLANKS: Final = " \t\n"


def _exact(value: str) -> str:
    """Text with its blanks at either end: a part that is looked for may begin or end with some."""
    inner = value.strip(_BLANKS)
    before = len(value) - len(value.lstrip(_BLANKS))
    return value[:before] + clean_text(inner) + value[before + len(inner) :]


class GenerateContent(ContentWish):
    model_config = _FIELDS

    type: Literal["generate_content"]


class GenerateDesign(DesignErrand):
    model_config = _FIELDS

    type: Literal["generate_design"]


class SendEmail(EmailMessage):
    model_config = _FIELDS

    type: Literal["send_email"]


class SendSms(SmsMessage):
    model_config = _FIELDS

    type: Literal["send_sms"]


class Wait(BaseModel):
    """Goes on after some seconds."""

    model_config = _FIELDS

    type: Literal["wait"]
    seconds: Annotated[int, Field(ge=0, le=LONGEST_WAIT)]


class CallJob(BaseModel):  # type: ignore[no-redef]  # mypy takes `kwargs` for the constructor's own
    """Waits for a job, and fails with it."""

    model_config = _FIELDS

    type: Literal["call_job"]
    task_name: Annotated[Line, Length(1, 100)]
    kwargs: Annotated[dict[str, Any], Entries(50)] = Field(default_factory=dict)


class Condition(BaseModel):
    """A field of what an earlier step answered, such as `content`, compared with a value."""

    model_config = _FIELDS

    step: Annotated[int, Field(ge=0, lt=MOST)]
    field: Annotated[Line, Length(1, 200)]
    op: Operator
    value: (
        Annotated[str, AfterValidator(_exact), Length(0, 1000)]
        | bool
        | Annotated[int, Field(ge=-_SAFE, le=_SAFE)]
        | Annotated[float, Field(allow_inf_nan=False)]
        | None
    )


class Branch(BaseModel):
    """Goes on at one step or another, both of them later ones; the number of steps is the end."""

    model_config = _FIELDS

    type: Literal["branch"]
    when: Annotated[Condition, Field(alias="if")]
    then: Annotated[int, Field(ge=1, le=MOST)]
    otherwise: Annotated[int, Field(ge=1, le=MOST, alias="else")]


Step = Annotated[
    GenerateContent | GenerateDesign | SendEmail | SendSms | Wait | CallJob | Branch,
    Field(discriminator="type"),
]


def _listed(value: Any) -> Any:
    """A list, or that list as JSON text."""
    if not isinstance(value, str):
        return value
    if len(value.encode("utf-8", "surrogatepass")) > LARGEST:
        message = _too_large(len(value.encode("utf-8", "surrogatepass")))
        raise ValueError(message)
    try:
        return from_json(value, allow_inf_nan=False)
    except ValueError as error:
        message = f"must be a list of steps, or that list as JSON: {error}"
        raise ValueError(message) from None


Steps = Annotated[
    list[Step],
    Field(min_length=1, max_length=MOST, description="Steps, or their list as JSON text"),
    BeforeValidator(_listed),
]

Offers = Mapping[str, Offer[Any]]
OWN: Final[Offers] = {"generate_content": CONTENT, "generate_design": DESIGN, "send_email": EMAIL, "send_sms": SMS}
"""The steps that are tasks themselves, by their type."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What a step has done: a task, and its arguments."""

    offer: Offer[Any]
    arguments: BaseModel


def read(stored: Mapping[str, Any]) -> Step:
    """A stored step with its type. Raises pydantic's `ValidationError` for one that is none any more."""
    found: Step = _reader().validate_json(json.dumps(stored))
    return found


def stored(steps: Sequence[Step], offers: Offers) -> list[dict[str, Any]]:
    """Steps as they are kept: as they were written, without defaults, but every value in the one spelling that it is
    compared in. Raises as `errand_of`."""
    return [{"type": step.type, **_written(step, offers)} for step in steps]


def errand_of(step: Step, offers: Offers) -> Errand | None:
    """What a step has done; None for one that only says how to go on. Raises ValueError for a call of a task that is
    not there, or does not take these arguments."""
    if isinstance(step, CallJob):
        called = offers.get(step.task_name)
        arguments = bound(called, (), step.kwargs) if called else []
        if called is None or isinstance(arguments, list):
            message = f"{step.task_name} cannot be called so"
            raise ValueError(message)
        return Errand(called, arguments)
    own = OWN.get(step.type)
    return Errand(own, step) if own else None


def _written(step: Step, offers: Offers) -> dict[str, Any]:
    fields = _dumped(step)
    errand = errand_of(step, offers)
    if isinstance(step, CallJob) and errand is not None and "kwargs" in fields:
        fields["kwargs"] = _dumped(errand.arguments)
    return fields


def _dumped(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json", by_alias=True, exclude_unset=True)


def problems(steps: Sequence[Step], offers: Offers) -> list[Problem]:
    """What is wrong with steps that are right one by one: where branches go, and what jobs are called with."""
    found: list[Problem] = []
    for index, step in enumerate(steps):
        place = ("steps_json", index)
        if isinstance(step, Branch):
            found += _misled(step, place, len(steps))
        elif isinstance(step, CallJob) and step.task_name not in offers:
            known = ", ".join(sorted(offers))
            found.append(_problem((*place, "task_name"), f"is no task; there are {known}", "unknown_task"))
        elif isinstance(step, CallJob):
            arguments = bound(offers[step.task_name], (), step.kwargs, place)
            found += arguments if isinstance(arguments, list) else []
    if not found and (size := results.size(stored(steps, offers))) > LARGEST:
        found.append(_problem(("steps_json",), _too_large(size), "too_large"))
    return found[:20]


def _too_large(size: int) -> str:
    return f"must be {LARGEST:,} bytes of JSON at most, all steps together, and is {size:,}"


def admit(caller: User, steps: Sequence[Step], offers: Offers, within: Place) -> list[Errand]:
    """What steps have done. Raises 404 for what the caller cannot see, and 403 where a step does what they may not."""
    errands = _errands(steps, offers)
    for errand in errands:
        errand.offer.admit(caller, errand.arguments, within)
    return errands


def locate(caller: User, steps: Sequence[Step], offers: Offers, within: Place) -> None:
    """Raise 404 for what the caller cannot see."""
    for errand in _errands(steps, offers):
        errand.offer.where(caller, errand.arguments, within)


def _errands(steps: Sequence[Step], offers: Offers) -> list[Errand]:
    return [errand for step in steps if (errand := errand_of(step, offers)) is not None]


def _misled(step: Branch, place: tuple[str, int], count: int) -> Iterator[Problem]:
    index = place[1]
    if step.when.step >= index:
        yield _problem((*place, "if", "step"), "must be an earlier step", "not_earlier")
    for name, target in (("then", step.then), ("else", step.otherwise)):
        if not index < target <= count:
            message = f"must be a later step, or {count} for the end"
            yield _problem((*place, name), message, "not_later")


def _problem(path: tuple[str | int, ...], message: str, type: str) -> Problem:
    return Problem(".".join(map(str, path)), message, ("body", *path), type)


@cache
def _reader() -> TypeAdapter[Step]:
    return TypeAdapter(Step)
