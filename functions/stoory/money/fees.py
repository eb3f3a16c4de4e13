"""The platform's fee: a percentage, and the split of an amount without losing either side's paisa."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

from stoory.money.amounts import MAX_PAISE, Given, InvalidAmount, exact

PERCENT_DECIMALS = 4
"""How finely a fee may be set."""


@dataclass(frozen=True, slots=True)
class Split:
    """An agreed amount in paise and how it is shared; `fee` + `net` = `agreed`."""

    agreed: int
    fee: int
    net: int


def to_percent(value: Given) -> Decimal:
    """A fee percentage from 0 to 100 with at most PERCENT_DECIMALS decimals; raises InvalidAmount."""
    percent = exact(value)
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


def _percent(value: float) -> float:
    to_percent(value)
    return value


Percent = Annotated[float, Field(strict=True, ge=0, le=100), AfterValidator(_percent)]
"""A percentage in a body; `to_percent` takes it without loss."""
