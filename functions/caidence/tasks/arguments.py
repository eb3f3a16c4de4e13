"""Arguments of a task as callers send them: by name, or in their order."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from caidence.tasks.registry import Offer
from quintet.api.errors import Problem, field_errors
from quintet.models.strictly import read_strictly

Step = str | int


def bound(
    offer: Offer[Any], args: Sequence[Any], kwargs: Mapping[str, Any], place: tuple[Step, ...] = ()
) -> BaseModel | list[Problem]:
    """The task's arguments, or what is wrong with them. `place` is where they stand in the body."""
    model: type[BaseModel] = offer.task.arguments
    names = list(model.model_fields)
    problems = _misplaced(offer.task.name, names, args, kwargs, place)
    if problems:
        return problems
    named = {**dict(zip(names, args, strict=False)), **kwargs}
    try:
        found: BaseModel = read_strictly(model, json.dumps(named))
        return found
    except ValidationError as error:
        return [_relocated(problem, names, len(args), place) for problem in field_errors(error, model)]


def _misplaced(
    task: str, names: list[str], args: Sequence[Any], kwargs: Mapping[str, Any], place: tuple[Step, ...]
) -> list[Problem]:
    """Arguments that have no name to go to, or go to one that is taken."""
    if len(args) > len(names):
        return [_problem((*place, "args"), f"{task} takes {len(names)} arguments at most", "too_many_arguments")]
    taken = set(names[: len(args)])
    found = []
    for name in kwargs:
        if name in taken:
            found.append(_problem((*place, "kwargs", name), "is given in args already", "given_twice"))
        elif name not in names:
            known = ", ".join(names)
            found.append(
                _problem((*place, "kwargs", name[:100]), f"is no argument of {task}, which takes {known}", "unexpected")
            )
    return found[:20]


def _relocated(problem: Problem, names: list[str], given: int, place: tuple[Step, ...]) -> Problem:
    """A problem with an argument, told of where the caller wrote it."""
    _, *path = problem.location
    if path and path[0] in names[:given]:
        path = ["args", names.index(str(path[0])), *path[1:]]
    else:
        path = ["kwargs", *path]
    return _problem((*place, *path), problem["message"], problem.type)


def _problem(path: tuple[Step, ...], message: str, type: str) -> Problem:
    return Problem(".".join(map(str, path)), message, ("body", *path), type)
