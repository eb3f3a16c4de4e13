"""Rupees on the wire, paise in the books, and the platform's fee split without losing either's paisa."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

MAX_PAISE = 100_000_000_000
"""The largest single amount: 100 crore rupees. Thousands of them still sum to an exact JSON number."""

MIN_ORDER_PAISE = 100
"""The smallest amount Razorpay makes an order for: one rupee."""

PERCENT_DECIMALS = 4
"""How finely a fee may be set."""

Number = Decimal | int | float


class InvalidAmount(ValueError):
    """Not an amount of rupees, or not a percentage, that the marketplace deals in."""


@dataclass(frozen=True, slots=True)
class Split:
    """An agreed amount in paise and how it is shared; `fee` + `net` = `agreed`."""

    agreed: int
    fee: int
    net: int


def to_paise(rupees: Number) -> int:
    """Rupees with at most two decimals as whole paise.

    A float counts as the decimal it is written as: 0.1 is ten paise. Raises InvalidAmount for
    anything negative, finer, larger than MAX_PAISE, or not a number.
    """
    paise = _decimal(rupees).scaleb(2)
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


def to_percent(value: Number) -> Decimal:
    """A fee percentage from 0 to 100 with at most PERCENT_DECIMALS decimals; raises InvalidAmount."""
    percent = _decimal(value)
    if not 0 <= percent <= 100:
        raise InvalidAmount("must be between 0 and 100")
    if percent != round(percent, PERCENT_DECIMALS):
        raise InvalidAmount(f"must have at most {PERCENT_DECIMALS} decimals")
    return percent


def split_fee(agreed: int, percent: Decimal) -> Split:
    """The platform's share of `agreed` paise, rounded once, half up to the paisa; the rest is the influencer's.

    Raises InvalidAmount for amounts or percentages out of range.
    """
    if not 0 <= agreed <= MAX_PAISE:
        raise InvalidAmount("is out of range")
    share = Decimal(agreed) * to_percent(percent) / 100
    fee = int(share.quantize(Decimal(1), ROUND_HALF_UP))
    return Split(agreed, fee, agreed - fee)


def check_payable(paise: int) -> None:
    """Raises InvalidAmount when the amount is below what the payment provider takes."""
    if paise < MIN_ORDER_PAISE:
        raise InvalidAmount("Nothing to pay: the agreed amount is below 1 rupee")


def _decimal(value: Number) -> Decimal:
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
