"""Money: nothing is lost, nothing is rounded twice, currencies do not mix."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from quintet.models.money import EXPONENTS, MAX_AMOUNT, CurrencyMismatch, Money

amounts = st.integers(-(10**12), 10**12)
moneys = amounts.map(lambda amount: Money(amount=amount, currency="USD"))


def usd(amount: int) -> Money:
    return Money(amount=amount, currency="USD")


def test_money_travels_as_amount_and_currency() -> None:
    assert usd(99999).model_dump(mode="json") == {"amount": 99999, "currency": "USD"}
    assert Money.model_validate_json('{"amount": 5, "currency": "eur"}') == Money(amount=5, currency="EUR")


@pytest.mark.parametrize(
    "bad",
    [
        {"amount": 1.5, "currency": "USD"},
        {"amount": 1.0, "currency": "USD"},
        {"amount": "1", "currency": "USD"},
        {"amount": True, "currency": "USD"},
        {"amount": MAX_AMOUNT + 1, "currency": "USD"},
        {"amount": 1, "currency": "US"},
        {"amount": 1, "currency": "XXX"},
        {"amount": 1, "currency": "ABC"},
        {"amount": 1},
        {"currency": "USD"},
    ],
)
def test_what_is_no_money_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Money.model_validate(bad)


def test_money_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        usd(1).amount = 2  # type: ignore[misc]


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(amount=99999, currency="USD"), "999.99 USD"),
        (Money(amount=123456789, currency="EUR"), "1,234,567.89 EUR"),
        (Money(amount=500, currency="JPY"), "500 JPY"),
        (Money(amount=1234, currency="KWD"), "1.234 KWD"),
        (Money(amount=-5, currency="USD"), "-0.05 USD"),
        (Money(amount=0, currency="USD"), "0.00 USD"),
    ],
)
def test_people_read_major_units(money: Money, text: str) -> None:
    assert str(money) == text


def test_every_code_is_three_capital_letters() -> None:
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in EXPONENTS)
    assert len(EXPONENTS) == 156
    assert {code: EXPONENTS[code] for code in ("USD", "JPY", "BHD", "XOF", "CLP")} == {
        "USD": 2, "JPY": 0, "BHD": 3, "XOF": 0, "CLP": 0,
    }  # fmt: skip


@given(moneys, moneys)
def test_sums_and_differences_cancel(left: Money, right: Money) -> None:
    assert left + right - right == left
    assert left + right == right + left
    assert left - right == -(right - left)
    assert (left < right) is not (left >= right)
    assert (left <= right) is not (left > right)


@given(st.lists(moneys, max_size=20))
def test_the_sum_of_parts_is_their_amounts_added(parts: list[Money]) -> None:
    assert Money.sum(parts, "USD") == usd(sum(part.amount for part in parts))


def test_currencies_do_not_mix() -> None:
    euro = Money(amount=1, currency="EUR")
    mixes: list[Callable[[], object]] = [
        lambda: usd(1) + euro,
        lambda: usd(1) - euro,
        lambda: usd(1) < euro,
        lambda: usd(1) >= euro,
        lambda: Money.sum([euro], "USD"),
    ]
    for mix in mixes:
        with pytest.raises(CurrencyMismatch):
            mix()
    assert usd(1) != Money(amount=1, currency="EUR")


def test_an_amount_too_large_to_travel_is_refused() -> None:
    grows: list[Callable[[], object]] = [lambda: usd(MAX_AMOUNT) + usd(1), lambda: usd(MAX_AMOUNT).times(2)]
    for grow in grows:
        with pytest.raises(ValueError, match="too large"):
            grow()


@pytest.mark.parametrize(
    ("amount", "rate", "share"),
    [
        (99999, "8.75", 8750),  # the tax of the document's example order
        (50, "1", 1),  # 0.5 goes up
        (49, "1", 0),
        (150, "1", 2),  # 1.5 goes up, not to even
        (250, "1", 3),  # 2.5 goes up, not to even
        (-50, "1", -1),
        (100, "0", 0),
        (333, "100", 333),
    ],
)
def test_percentages_round_half_up_once(amount: int, rate: str, share: int) -> None:
    assert usd(amount).percent(Decimal(rate)) == usd(share)


@given(amounts, st.decimals(0, 100, places=3))
def test_a_percentage_is_never_off_by_more_than_half_a_unit(amount: int, rate: Decimal) -> None:
    exact = Fraction(amount) * Fraction(rate) / 100
    assert abs(usd(amount).percent(rate).amount - exact) <= Fraction(1, 2)


weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any)


@given(amounts, weights)
def test_parts_add_up_to_the_whole_and_stay_within_one_unit_of_their_share(amount: int, by: list[int]) -> None:
    parts = usd(amount).allocate(by)
    assert Money.sum(parts, "USD") == usd(amount)
    for part, weight in zip(parts, by, strict=True):
        assert abs(part.amount - Fraction(amount * weight, sum(by))) < 1
        assert weight or part.amount == 0


@given(weights, st.data())
def test_a_discount_spread_over_lines_never_exceeds_a_line(lines: list[int], data: st.DataObject) -> None:
    discount = data.draw(st.integers(0, sum(lines)))
    parts = usd(discount).allocate(lines)
    assert all(0 <= part.amount <= line for part, line in zip(parts, lines, strict=True))


@given(amounts, weights)
def test_equal_weights_differ_by_one_unit_at_most(amount: int, by: list[int]) -> None:
    parts = [part.amount for part in usd(amount).allocate([7] * len(by))]
    assert max(parts) - min(parts) <= 1


def test_left_over_units_go_to_the_largest_fractions_then_the_first() -> None:
    assert [part.amount for part in usd(100).allocate([1, 1, 1])] == [34, 33, 33]
    assert [part.amount for part in usd(10).allocate([1, 2, 1])] == [3, 5, 2]
    assert [part.amount for part in usd(-100).allocate([1, 1, 1])] == [-34, -33, -33]
    assert [part.amount for part in usd(5).allocate([Decimal("0.5"), Decimal("1.5")])] == [1, 4]


def test_an_amount_needs_a_weight_to_go_to() -> None:
    with pytest.raises(ValueError, match="above zero"):
        usd(1).allocate([0, 0])
    with pytest.raises(ValueError, match="above zero"):
        usd(1).allocate([])
    with pytest.raises(ValueError, match="negative"):
        usd(1).allocate([2, -1])
    assert usd(0).allocate([0, 0]) == [usd(0), usd(0)]
    assert usd(0).allocate([]) == []
