"""Promotion codes: when one applies, what it takes off, and why it does not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from quintet.models import Length, Line, Money, Timestamp


class Reason(StrEnum):
    """Why a promotion gives nothing; the values are stable, clients may compare them."""

    UNKNOWN = "unknown"
    DISABLED = "disabled"
    NOT_STARTED = "not_started"
    ENDED = "ended"
    BELOW_MINIMUM = "below_minimum"
    EXHAUSTED = "exhausted"
    EXHAUSTED_FOR_CUSTOMER = "exhausted_for_customer"
    NO_EFFECT = "no_effect"


def normalise_code(code: str) -> str:
    """How a code is stored and compared: trimmed, upper case."""
    return code.strip().upper()


def distinct_codes(codes: Iterable[str]) -> list[str]:
    """The codes normalised, blanks dropped and repetitions kept once, in the order first given."""
    return list(dict.fromkeys(code for code in map(normalise_code, codes) if code))


class Terms(BaseModel):
    """What a promotion gives, and when.

    `value` is a whole per cent (1 to 100) or an amount in minor units of the order's currency;
    `minimum_subtotal` is in minor units, before any discount. `ends_at` is the first moment it is over.
    """

    model_config = ConfigDict(defer_build=True)

    code: Annotated[Line, AfterValidator(normalise_code), Length(1, 50)]
    type: Literal["percent", "amount"]
    value: Annotated[int, Field(ge=1, le=2**53 - 1)]
    minimum_subtotal: Annotated[int, Field(ge=0, le=2**53 - 1)] = 0
    starts_at: Timestamp | None = None
    ends_at: Timestamp | None = None
    usage_limit: Annotated[int, Field(ge=1, le=2**53 - 1)] | None = None
    usage_limit_per_customer: Annotated[int, Field(ge=1, le=2**53 - 1)] | None = None

    @model_validator(mode="after")
    def _terms_make_sense(self) -> Self:
        if self.type == "percent" and self.value > 100:
            raise ValueError("a percent promotion takes off at most 100")
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValueError("ends_at must be after starts_at")
        return self

    def discount_on(self, subtotal: Money) -> Money:
        """What it takes off `subtotal`: rounded half-up, never more than there is."""
        if self.type == "percent":
            return subtotal.percent(Decimal(self.value))
        return min(Money(amount=self.value, currency=subtotal.currency), subtotal)


class Promotion(Terms):
    """A promotion's terms, and whether it is still offered."""

    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Applied:
    """The promotion applies and takes `discount` (above zero) off; it counts as one use."""

    discount: Money


@dataclass(frozen=True, slots=True)
class NotApplied:
    """The promotion gives nothing and does not count as a use."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored promotion with the uses counted so far, in all and by this customer."""

    promotion: Promotion
    uses: int = 0
    customer_uses: int = 0


def evaluate(
    promotion: Promotion | None,
    subtotal: Money,
    now: datetime,
    uses: int = 0,
    customer_uses: int = 0,
    *,
    remaining: Money | None = None,
) -> Applied | NotApplied:
    """Whether `promotion` (None when no such code exists) applies at `now`, and what it takes off.

    The minimum is compared with `subtotal`, the order's value before any discount; the discount is
    computed on `remaining`, what earlier promotions left of it (by default all of it).
    """
    if promotion is None:
        return NotApplied(Reason.UNKNOWN)
    if reason := _obstacle(promotion, subtotal, now, uses, customer_uses):
        return NotApplied(reason)
    discount = promotion.discount_on(subtotal if remaining is None else remaining)
    return Applied(discount) if discount.amount > 0 else NotApplied(Reason.NO_EFFECT)


def evaluate_all(
    codes: Sequence[str], candidates: Mapping[str, Candidate], subtotal: Money, now: datetime
) -> dict[str, Applied | NotApplied]:
    """Evaluate codes in the order given, each on what the ones before it left over.

    `candidates` holds the promotions that exist, by normalised code. The answer has one outcome per
    distinct code, in order; the discounts together never exceed `subtotal`.
    """
    remaining, outcomes = subtotal, dict[str, Applied | NotApplied]()
    for code in distinct_codes(codes):
        found = candidates.get(code)
        if found is None:
            outcomes[code] = NotApplied(Reason.UNKNOWN)
            continue
        outcome = evaluate(found.promotion, subtotal, now, found.uses, found.customer_uses, remaining=remaining)
        if isinstance(outcome, Applied):
            remaining -= outcome.discount
        outcomes[code] = outcome
    return outcomes


def _obstacle(promotion: Promotion, subtotal: Money, now: datetime, uses: int, customer_uses: int) -> Reason | None:
    per_customer = promotion.usage_limit_per_customer
    checks = (
        (promotion.disabled, Reason.DISABLED),
        (promotion.starts_at is not None and now < promotion.starts_at, Reason.NOT_STARTED),
        (promotion.ends_at is not None and now >= promotion.ends_at, Reason.ENDED),
        (promotion.usage_limit is not None and uses >= promotion.usage_limit, Reason.EXHAUSTED),
        (per_customer is not None and customer_uses >= per_customer, Reason.EXHAUSTED_FOR_CUSTOMER),
        (subtotal.amount < promotion.minimum_subtotal, Reason.BELOW_MINIMUM),
    )
    return next((reason for stands, reason in checks if stands), None)
