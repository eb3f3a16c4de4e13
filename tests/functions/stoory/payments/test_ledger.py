"""The books: every change sums to zero, and the payments can be told from them."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stoory.money.fees import Split, split_fee
from stoory.payments.ledger import (
    COMMISSION,
    Entry,
    Unbalanced,
    balance,
    balances,
    brand,
    escrow,
    paid_in,
    paid_out,
    wallet,
)
from stoory.payments.states import PaymentStatus
from tests.support.books import statuses

SPLIT = Split(100_000, 12_500, 87_500)
PAID_IN = paid_in("p1", "b1", "a1", SPLIT)
PAID_OUT = paid_out("p1", "a1", "i1", SPLIT)

splits = st.builds(split_fee, st.integers(1, 10_000_000), st.decimals(0, 100, places=2))


def test_a_verified_payment_is_held_for_the_application() -> None:
    assert (
        Entry("p1", PaymentStatus.VERIFIED, "BRAND#b1", -100_000),
        Entry("p1", PaymentStatus.VERIFIED, "ESCROW#a1", 100_000),
    ) == PAID_IN


def test_a_released_payment_is_shared_and_nothing_stays_held() -> None:
    assert (
        Entry("p1", PaymentStatus.RELEASED, "ESCROW#a1", -100_000),
        Entry("p1", PaymentStatus.RELEASED, "COMMISSION", 12_500),
        Entry("p1", PaymentStatus.RELEASED, "WALLET#i1", 87_500),
    ) == PAID_OUT
    books = [*PAID_IN, *PAID_OUT]
    assert balances(books) == {
        "BRAND#b1": -100_000,
        "ESCROW#a1": 0,
        "COMMISSION": 12_500,
        "WALLET#i1": 87_500,
    }


def test_no_entry_is_written_for_a_share_of_nothing() -> None:
    assert [e.account for e in paid_out("p", "a", "i", Split(5, 0, 5))] == ["ESCROW#a", "WALLET#i"]
    assert [e.account for e in paid_out("p", "a", "i", Split(5, 5, 0))] == ["ESCROW#a", "COMMISSION"]


def test_shares_that_do_not_add_up_are_never_written() -> None:
    with pytest.raises(Unbalanced):
        paid_out("p1", "a1", "i1", Split(100, 10, 91))


@given(st.lists(st.tuples(splits, st.sampled_from("xyz"), st.integers(0, 2)), max_size=8), st.randoms())
@settings(max_examples=100)
def test_payments_and_wallets_are_rebuilt_from_the_entries_in_any_order(
    payments: list[tuple[Split, str, int]], random: Random
) -> None:
    entries: list[Entry] = []
    for number, (split, influencer, progress) in enumerate(payments):
        if progress >= 1:
            entries += paid_in(f"p{number}", "b", f"a{number}", split)
        if progress >= 2:
            entries += paid_out(f"p{number}", f"a{number}", influencer, split)
    random.shuffle(entries)
    order = list(PaymentStatus)
    assert statuses(entries) == {
        f"p{number}": order[progress] for number, (_, _, progress) in enumerate(payments) if progress
    }
    assert sum(entry.amount for entry in entries) == 0
    for influencer in "xyz":
        earned = [split.net for split, whose, progress in payments if whose == influencer and progress == 2]
        assert balance(entries, wallet(influencer)) == sum(earned)
    assert balance(entries, COMMISSION) == sum(split.fee for split, _, progress in payments if progress == 2)
    assert balance(entries, brand("b")) == -sum(split.agreed for split, _, progress in payments if progress)
    for number, (split, _, progress) in enumerate(payments):
        assert balance(entries, escrow(f"a{number}")) == (split.agreed if progress == 1 else 0)
