"""Double-entry bookkeeping: whose money the marketplace holds, as entries that always sum to zero."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from stoory.money.fees import Split
from stoory.payments.states import PaymentStatus

COMMISSION = "COMMISSION"
"""The platform's own earnings."""


class Unbalanced(ValueError):
    """Entries that do not sum to zero."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`amount` paise more on `account` (less, when negative), because `payment_id` became `status`."""

    payment_id: str
    status: PaymentStatus
    account: str
    amount: int


def brand(brand_id: str) -> str:
    """The clearing account of a brand: minus what it has paid in so far."""
    return f"BRAND#{brand_id}"


def escrow(application_id: str) -> str:
    """The account on which an application's money waits for its release."""
    return f"ESCROW#{application_id}"


def wallet(influencer_id: str) -> str:
    """What the marketplace owes an influencer."""
    return f"WALLET#{influencer_id}"


def paid_in(payment_id: str, brand_id: str, application_id: str, split: Split) -> tuple[Entry, ...]:
    """The entries of PENDING → VERIFIED: the brand's money is held for the application."""
    return _written(
        payment_id,
        PaymentStatus.VERIFIED,
        {brand(brand_id): -split.agreed, escrow(application_id): split.agreed},
    )


def paid_out(payment_id: str, application_id: str, influencer_id: str, split: Split) -> tuple[Entry, ...]:
    """The entries of VERIFIED → RELEASED: what was held becomes commission and the influencer's own."""
    return _written(
        payment_id,
        PaymentStatus.RELEASED,
        {escrow(application_id): -split.agreed, COMMISSION: split.fee, wallet(influencer_id): split.net},
    )


def balances(entries: Iterable[Entry]) -> dict[str, int]:
    """The paise on each account that has entries."""
    found: dict[str, int] = defaultdict(int)
    for entry in entries:
        found[entry.account] += entry.amount
    return dict(found)


def balance(entries: Iterable[Entry], account: str) -> int:
    """The paise on one account; a wallet's balance is this."""
    return balances(entries).get(account, 0)


def _written(payment_id: str, status: PaymentStatus, changes: dict[str, int]) -> tuple[Entry, ...]:
    entries = tuple(Entry(payment_id, status, account, amount) for account, amount in changes.items() if amount)
    if sum(entry.amount for entry in entries):
        raise Unbalanced("fee and net do not add up to the agreed amount")
    return entries
