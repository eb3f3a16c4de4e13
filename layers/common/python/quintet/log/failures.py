"""What a log may tell of an exception: pydantic's own texts show the input they refused, which may be a password."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from quintet.log.redact import redact_text

if TYPE_CHECKING:
    from pydantic_core import ValidationError

_MOST_FIELDS = 10
_LONGEST_NAME = 60


def describe(error: BaseException) -> str:
    """The exception's type and message in one text, without secrets and without the input that a validation refused."""
    return f"{type(error).__name__}: {without_inputs(str(error), error)}"


def without_inputs(text: str, error: BaseException) -> str:
    """`text`, which shows `error` and what it came of, with every validation error in it told by field and kind alone;
    secrets of other kinds are masked."""
    for refused in _validation_errors(error):
        # A group's members are indented in its text.
        shown = r"\n[ |]*".join(re.escape(line) for line in str(refused).split("\n"))
        text = re.sub(shown, _summary(refused).replace("\\", "\\\\"), text)
    return redact_text(text)


def _summary(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    told = [f"{'.'.join(str(part)[:_LONGEST_NAME] for part in one['loc'])} [{one['type']}]" for one in found]
    rest = f", {len(told) - _MOST_FIELDS} more" if len(told) > _MOST_FIELDS else ""
    return f"{error.title} refused {', '.join(told[:_MOST_FIELDS])}{rest}"


def _validation_errors(error: BaseException) -> Iterator[ValidationError]:
    """Those among an exception, its causes, its contexts and a group's members."""
    from pydantic_core import ValidationError

    left: list[BaseException | None] = [error]
    seen: set[int] = set()
    while left:
        one = left.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, ValidationError):
            yield one
        left += [one.__cause__, one.__context__, *(one.exceptions if isinstance(one, BaseExceptionGroup) else ())]
