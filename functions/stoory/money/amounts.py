"""Amounts: rupees on the wire, paise in the books.

Amounts in bodies are strict, so that a form's `"12"` is refused exactly where JSON's is: numbers of forms are read as
JSON before.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated

from pydantic import AfterValidator, Field

MAX_PAISE = 100_000_000_000
"""The largest single amount: 100 crore rupees. Thousands of them still sum to an exact JSON number."""

Number = int | float
"""A number in a reply: whole ones without decimals."""

Given = Decimal | int | float
"""A number as it comes in."""


class InvalidAmount(ValueError):
    """Not an amount of rupees, or not a percentage, that the marketplace deals in."""


def to_paise(rupees: Given) -> int:
    """Rupees with at most two decimals as whole paise.

    A float counts as the decimal it is written as: 0.1 is ten paise. Raises InvalidAmount for
    anything negative, finer, larger than MAX_PAISE, or not a number.
    """
    paise = exact(rupees).scaleb(2)
    if paise < 0:
        raise InvalidAmount("must not be negative")
    if paise > MAX_PAISE:
        raise InvalidAmount("is too large")
    if paise != paise.to_integral_value():
        raise InvalidAmount("must have at most 2 decimals")
    return int(paise)


def to_rupees(paise: int) -> int | float:
    """Paise as the JSON number of rupees; whole rupees as an integer."""
    return paise // 100 if paise % 100 == 0 else paise / 100


def exact(value: Given) -> Decimal:
    """The decimal that a number is written as; raises InvalidAmount for what no amount and no percentage is like."""
    if isinstance(value, bool):
        raise InvalidAmount("must be a number")
    try:
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except InvalidOperation:
        raise InvalidAmount("must be a number") from None
    # Bounded before any arithmetic: 1E+999999 would ask for a million digits.
    if not number.is_finite():
        raise InvalidAmount("must be a number")
    if number.adjusted() > 18:
        raise InvalidAmount("is too large")
    if number and (number.adjusted() < -18 or len(number.as_tuple().digits) > 24):
        raise InvalidAmount("has too many digits")
    return number


def _rupees(value: float) -> float:
    to_paise(value)
    return value


_BOUNDS = Field(ge=0, le=MAX_PAISE / 100)

Rupees = Annotated[float, Field(strict=True), _BOUNDS, AfterValidator(_rupees)]
"""Rupees with at most two decimals in a body; `to_paise` takes it without loss."""

RupeesQuery = Annotated[float, _BOUNDS, AfterValidator(_rupees)]
"""The same in a query, where everything is text."""
