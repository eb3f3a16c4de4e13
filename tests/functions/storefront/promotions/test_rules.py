"""When a promotion code applies, and what it takes off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from quintet.models import Money
from storefront.promotions.rules import (
    Applied,
    Candidate,
    NotApplied,
    Promotion,
    Reason,
    distinct_codes,
    evaluate,
    evaluate_all,
)

NOON = datetime(2025, 1, 18, 12, tzinfo=UTC)


def usd(amount: int) -> Money:
    return Money(amount=amount, currency="USD")


def promotion(**terms: Any) -> Promotion:
    return Promotion(**{"code": "SAVE10", "type": "percent", "value": 10, **terms})


def test_a_percentage_is_taken_off_and_rounded_half_up() -> None:
    assert evaluate(promotion(), usd(99999), NOON) == Applied(usd(10000))
    assert evaluate(promotion(), usd(5), NOON) == Applied(usd(1))


def test_an_amount_never_takes_off_more_than_there_is() -> None:
    fixed = promotion(type="amount", value=500)
    assert evaluate(fixed, usd(2000), NOON) == Applied(usd(500))
    assert evaluate(fixed, usd(300), NOON) == Applied(usd(300))


@pytest.mark.parametrize(
    ("terms", "uses", "customer_uses", "reason"),
    [
        ({"disabled": True}, 0, 0, Reason.DISABLED),
        ({"starts_at": NOON + timedelta(seconds=1)}, 0, 0, Reason.NOT_STARTED),
        ({"ends_at": NOON}, 0, 0, Reason.ENDED),
        ({"minimum_subtotal": 1001}, 0, 0, Reason.BELOW_MINIMUM),
        ({"usage_limit": 3}, 3, 0, Reason.EXHAUSTED),
        ({"usage_limit_per_customer": 1}, 1, 1, Reason.EXHAUSTED_FOR_CUSTOMER),
    ],
)
def test_terms_that_are_not_met_give_nothing_and_say_why(
    terms: dict[str, Any], uses: int, customer_uses: int, reason: Reason
) -> None:
    assert evaluate(promotion(**terms), usd(1000), NOON, uses, customer_uses) == NotApplied(reason)


@pytest.mark.parametrize(
    ("terms", "uses", "customer_uses"),
    [
        ({"starts_at": NOON}, 0, 0),
        ({"ends_at": NOON + timedelta(seconds=1)}, 0, 0),
        ({"minimum_subtotal": 1000}, 0, 0),
        ({"usage_limit": 3}, 2, 0),
        ({"usage_limit_per_customer": 2}, 9, 1),
    ],
)
def test_terms_that_are_just_met_apply(terms: dict[str, Any], uses: int, customer_uses: int) -> None:
    assert evaluate(promotion(**terms), usd(1000), NOON, uses, customer_uses) == Applied(usd(100))


def test_an_unknown_code_and_one_without_effect_are_told_apart() -> None:
    assert evaluate(None, usd(1000), NOON) == NotApplied(Reason.UNKNOWN)
    assert evaluate(promotion(), usd(0), NOON) == NotApplied(Reason.NO_EFFECT)
    assert evaluate(promotion(value=1), usd(49), NOON) == NotApplied(Reason.NO_EFFECT)


def test_codes_are_compared_without_case_and_counted_once() -> None:
    assert distinct_codes([" save10 ", "Save10", "", "  ", "more", "SAVE10"]) == ["SAVE10", "MORE"]
    assert promotion(code=" save10 ").code == "SAVE10"


def test_later_promotions_work_on_what_is_left_but_the_minimum_on_the_whole() -> None:
    candidates = {
        "HALF": Candidate(promotion(code="HALF", value=50)),
        "SAVE10": Candidate(promotion(minimum_subtotal=1000)),
        "ALL": Candidate(promotion(code="ALL", value=100)),
        "LATE": Candidate(promotion(code="LATE", type="amount", value=1)),
    }
    assert evaluate_all(["half", "save10", "nope", "HALF", "all", "late"], candidates, usd(1000), NOON) == {
        "HALF": Applied(usd(500)),
        "SAVE10": Applied(usd(50)),
        "NOPE": NotApplied(Reason.UNKNOWN),
        "ALL": Applied(usd(450)),
        "LATE": NotApplied(Reason.NO_EFFECT),
    }


terms = st.one_of(
    st.builds(Promotion, code=st.just("X"), type=st.just("percent"), value=st.integers(1, 100)),
    st.builds(Promotion, code=st.just("X"), type=st.just("amount"), value=st.integers(1, 10**6)),
)


@given(st.lists(terms, max_size=6), st.integers(0, 10**7).map(usd))
@settings(max_examples=100)
def test_together_they_never_take_off_more_than_the_order(found: list[Promotion], subtotal: Money) -> None:
    candidates = {f"CODE{index}": Candidate(each) for index, each in enumerate(found)}
    outcomes = evaluate_all(list(candidates), candidates, subtotal, NOON)
    assert list(outcomes) == list(candidates)
    taken = [outcome.discount for outcome in outcomes.values() if isinstance(outcome, Applied)]
    assert all(discount > usd(0) for discount in taken)
    assert Money.sum(taken, "USD") <= subtotal


@pytest.mark.parametrize(
    "terms",
    [
        {"value": 0},
        {"value": 101},
        {"type": "gift"},
        {"code": "  "},
        {"usage_limit": 0},
        {"minimum_subtotal": -1},
        {"starts_at": NOON, "ends_at": NOON},
    ],
)
def test_terms_that_make_no_sense_are_refused(terms: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        promotion(**terms)
