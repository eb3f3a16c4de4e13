"""Amounts as requests and replies carry them: JSON numbers of rupees, and percentages.

Strict, so that a form's `"12"` is refused exactly where JSON's is: numbers of forms are read as JSON before.
"""

from typing import Annotated

from pydantic import AfterValidator, Field

from stoory.money.fees import MAX_PAISE, to_paise, to_percent


def _rupees(value: float) -> float:
    to_paise(value)
    return value


def _percent(value: float) -> float:
    to_percent(value)
    return value


_BOUNDS = Field(ge=0, le=MAX_PAISE / 100)

Rupees = Annotated[float, Field(strict=True), _BOUNDS, AfterValidator(_rupees)]
"""Rupees with at most two decimals in a body; `to_paise` takes it without loss."""

RupeesQuery = Annotated[float, _BOUNDS, AfterValidator(_rupees)]
"""The same in a query, where everything is text."""

Percent = Annotated[float, Field(strict=True, ge=0, le=100), AfterValidator(_percent)]
"""A percentage in a body; `to_percent` takes it without loss."""

Number = int | float
"""A number in a reply: whole ones without decimals."""

RupeesReply = Annotated[Number, Field(description="Rupees")]
"""What `to_rupees` answers, in a reply."""
