"""Wallets of influencers and the ledger's entries, of which every balance is the sum."""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from quintet.models import Timestamp, new_id
from quintet.store import Entity, Index, Keys, Store, Transaction
from stoory.payments import ledger
from stoory.payments.states import PaymentStatus


class Wallet(Entity):
    """What the marketplace owes an influencer: the sum of the wallet's ledger entries."""

    kind: ClassVar[str] = "wallet"
    keys: ClassVar[Keys] = Keys("USER#{user_id}", "WALLET")

    user_id: str
    balance_paise: int = 0
    updated_at: Timestamp | None = None


class LedgerEntry(Entity):
    """One line of the books: `amount_paise` more on `account`, less when negative."""

    kind: ClassVar[str] = "ledger_entry"
    keys: ClassVar[Keys] = Keys(
        "LEDGER#{application_id}",
        "ENTRY#{status}#{account}",
        gsi1=Index("WALLET#{wallet_of}", "{id}", counted=True),
        order="ascending",
    )

    id: str
    payment_id: str
    application_id: str
    status: PaymentStatus
    """The status of the payment that the entry came with."""
    account: str
    amount_paise: int
    wallet_of: str | None = None
    """The influencer when the account is a wallet."""
    balance_paise: int | None = None
    """What the wallet held after this entry."""
    created_at: Timestamp


def wallet_of(store: Store, user_id: str) -> Wallet:
    """An influencer's wallet; an empty one before the first payout."""
    return store.get(Wallet, user_id=user_id) or Wallet(user_id=user_id, version=0)


def write_entries(tx: Transaction, entries: Iterable[ledger.Entry], application_id: str, at: datetime) -> None:
    """Put entries that are on no wallet into the transaction."""
    for entry in entries:
        tx.create(_line(entry, application_id, at))


def pay_out(
    tx: Transaction, wallet: Wallet, entries: Iterable[ledger.Entry], application_id: str, at: datetime
) -> Wallet:
    """Put a payout's entries and the wallet they fill into the transaction; answers the wallet as it is then.

    The transaction fails when the wallet has changed since it was read, so that the balance is exact.
    """
    account = ledger.wallet(wallet.user_id)
    entries = tuple(entries)
    balance = wallet.balance_paise + ledger.balance(entries, account)
    for entry in entries:
        owner = {"wallet_of": wallet.user_id, "balance_paise": balance} if entry.account == account else {}
        tx.create(_line(entry, application_id, at).model_copy(update=owner))
    filled = wallet.model_copy(update={"balance_paise": balance, "updated_at": at})
    if wallet.version:
        tx.replace(wallet, filled, refused=None)
    else:
        filled.version = 1
        tx.create(filled)
    return filled


def _line(entry: ledger.Entry, application_id: str, at: datetime) -> LedgerEntry:
    return LedgerEntry(
        id=new_id(),
        payment_id=entry.payment_id,
        application_id=application_id,
        status=entry.status,
        account=entry.account,
        amount_paise=entry.amount,
        created_at=at,
    )
