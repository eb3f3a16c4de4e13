"""Letting a language model word what was reckoned, and nothing else: the numbers stay ours."""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_MEDICAL = re.compile(
    r"\b(?:\d+\s*mg|milligrams?|dosage|dose|prescrib\w*|antidepressant\w*|antipsychotic\w*|sedative\w*"
    r"|benzodiazepine\w*|diagnos\w*)\b",
    re.IGNORECASE,
)


class Worded(BaseModel):
    """A summary in words."""

    model_config = ConfigDict(defer_build=True)

    summary: Annotated[str, Field(min_length=1, max_length=1200)]


def numbers_in(text: str) -> set[float]:
    """The numbers that a text writes in digits; a decimal comma counts as a point."""
    return {float(found.replace(",", ".")) for found in _NUMBER.findall(text)}


def faithful(worded: Worded, facts: Mapping[str, Any]) -> Worded:
    """The wording as it is. Raises ValueError when it tells a number that is not in the facts, or medical advice."""
    known = numbers_in(json.dumps(facts, ensure_ascii=False, default=str))
    unknown = numbers_in(worded.summary) - known
    if unknown:
        raise ValueError(f"these numbers are not in the facts: {', '.join(f'{n:g}' for n in sorted(unknown))}")
    if _MEDICAL.search(worded.summary):
        raise ValueError("no diagnosis and no medicine may be spoken of")
    return worded
