"""The ledger of credits: every change of a balance, each one transaction of account, entries, hold and figures.

A call holds what it may cost at most, and ends by `settle` or `release`, whichever comes first; when its process died
the clock's `sweep` releases. Where the account is too busy to be charged, the hold remembers what is `owe`d, and the
sweep charges that. Holding is refused where the balance is short, so that calls at one moment can never spend more
than there is. The sum of an account's entries is its balance after every commit.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict

from caidence.activity.log import record
from caidence.directory.entities import User
from caidence.discovery.accounts import (
    SHARDS,
    Bill,
    CreditAccount,
    Day,
    Hold,
    Operation,
    Transaction,
    TransactionType,
    counter,
    credits_of,
    month_of,
    number_of,
)
from caidence.service import store
from quintet import log
from quintet.api import ErrorType
from quintet.errors import ApiError
from quintet.models import epoch, now
from quintet.net import patience
from quintet.store import ConditionFailed, equals, until_settled
from quintet.store import Transaction as Writes
from quintet.store.errors import Old

NO_ACCOUNT = ErrorType(
    402, "no_credit_account", "There is no credit account yet; POST /api/v1/discovery/credits/initialize opens one"
)
INSUFFICIENT = ErrorType(402, "insufficient_credits", "Insufficient credits")

Join = Callable[[Writes], None]
"""Adds writes to the transaction of a charge."""


LAST: Final = 3.0
"""Seconds of an invocation that settling leaves for what remains to be done where it does not succeed."""


class HoldGone(Exception):
    """The hold is no longer there: the clock released it, since its time was over."""


class BoughtAlready(Exception):
    """What writes that join a charge find: another call of the same user paid for the same."""


class Swept(BaseModel):
    """What one sweep did: holds released, holds charged with what was owed, and due ones that are left."""

    model_config = ConfigDict(defer_build=True)

    released: int = 0
    charged: int = 0
    left: int = 0


def account_of(user_id: str) -> CreditAccount:
    """A user's account. Raises 402 `no_credit_account`."""
    return store.require(CreditAccount, NO_ACCOUNT, user_id=user_id)


def open_account(user: User, granted: int) -> CreditAccount:
    """Open the account of a user with so many hundredths; one that is there already is answered as it stands."""
    account = CreditAccount(user_id=user.id, balance=0, monthly_limit=granted)
    tx = store.transaction()
    _enter(tx, account, "grant", granted, "initialize")
    tx.create(account)
    record(tx, user, "credits.opened", f"Opened a discovery account with {credits_of(granted):g} credits")
    try:
        tx.commit()
    except ConditionFailed:
        return account_of(user.id)
    return account


def hold(user_id: str, operation: Operation, most: int) -> Hold:
    """Set aside what a call may cost at most. Raises 402 without an account, or when less can be spent."""
    wanted = Hold(user_id=user_id, operation=operation, amount=most)

    def attempt() -> None:
        before = account_of(user_id)
        if before.balance < most:
            short = f"this may cost {credits_of(most):g}, and {credits_of(before.balance):g} can be spent"
            raise INSUFFICIENT(f"Insufficient credits: {short}")
        after, tx = before.model_copy(), store.transaction()
        after.held += most
        _enter(tx, after, "hold", -most, operation, wanted.id)
        wanted.left = after.balance
        tx.replace(before, after, refused=None)
        tx.create(wanted)
        tx.commit()

    until_settled(attempt)
    return wanted


def release(held: Hold) -> None:
    """Give back all that was set aside. Raises HoldGone when that was done already."""

    def attempt() -> None:
        before = account_of(held.user_id)
        after, tx = before.model_copy(), store.transaction()
        _give_back(tx, after, held)
        tx.replace(before, after, refused=None)
        tx.commit()

    until_settled(attempt)


def abandon(held: Hold) -> None:
    """Release after a call that came to nothing. Its caller must hear why, so what stands in the way here is logged:
    the clock finishes the rest."""
    try:
        release(held)
    except HoldGone:
        return
    except ApiError:
        log.logger().exception("hold not released, the clock will", extra={"hold_id": held.id})


def settle(held: Hold, bill: Bill, also: Join | None = None) -> CreditAccount:
    """Give back what was set aside and charge what came: at most that much. Answers the account as it then stands.

    Waits for its turn nearly as long as the invocation lasts, since what came was paid for. Raises HoldGone, and
    nothing is charged, when the hold's time was over, and whatever the writes of `also` are refused with.
    """
    if bill.cost > held.amount:
        message = f"a charge of {bill.cost} is above the {held.amount} that were held"
        raise ValueError(message)

    def attempt() -> CreditAccount:
        before = account_of(held.user_id)
        after, tx = before.model_copy(), store.transaction()
        _give_back(tx, after, held)
        _charge(tx, after, held.operation, bill, held.id)
        tx.replace(before, after, refused=None)
        if also is not None:
            also(tx)
        tx.commit()
        return after

    return until_settled(attempt, patience.left() - LAST)


def owe(held: Hold, bill: Bill, also: Join | None = None) -> None:
    """Leave to the clock what `settle` could not do. The account, which all calls wait for, is not touched.

    Raises HoldGone when the hold came to its end, and whatever the writes of `also` are refused with.
    """
    tx = store.transaction()
    owed, unchanged = bill.model_dump(exclude_none=True), equals("version", held.version)
    tx.update(held.own_key(), put={"owed": owed}, where=[unchanged], refused=_gone)
    if also is not None:
        also(tx)
    tx.commit()


def note_free(user_id: str, operation: Operation, results: int, upstream: int | None) -> CreditAccount:
    """Enter a call that costs nothing here, with what the service says that it cost."""

    def attempt() -> CreditAccount:
        before = account_of(user_id)
        after, tx = before.model_copy(), store.transaction()
        _charge(tx, after, operation, Bill(cost=0, results=results, upstream=upstream), None)
        tx.replace(before, after, refused=None)
        tx.commit()
        return after

    return until_settled(attempt)


def sweep(limit: int = 100, seconds: float = 20.0) -> Swept:
    """End holds whose time is over, at most `limit`, none begun after `seconds`; many sweeps may run at once."""
    done, ends = Swept(), time.monotonic() + seconds
    until = f"{epoch()}~"
    due = [
        held
        for shard in range(SHARDS)
        for held in store.query(Hold, "gsi1", shard=shard, before=until, limit=limit + 1).items
    ]
    due.sort(key=lambda held: (held.due_at, held.id))
    for number, held in enumerate(due):
        if number == limit or time.monotonic() >= ends:
            done.left += len(due) - number
            break
        _end(held, done)
    return done


def _end(held: Hold, done: Swept) -> None:
    """Charge what is owed, else release."""
    try:
        if held.owed is None:
            release(held)
            done.released += 1
        else:
            settle(held, held.owed)
            done.charged += 1
    except HoldGone:
        return
    except ApiError:
        log.logger().exception("hold not ended, the next sweep will", extra={"hold_id": held.id})
        done.left += 1


def _give_back(tx: Writes, account: CreditAccount, held: Hold) -> None:
    account.held -= held.amount
    _enter(tx, account, "release", held.amount, held.operation, held.id)
    tx.delete(held, refused=_gone)


def _charge(tx: Writes, account: CreditAccount, operation: Operation, bill: Bill, hold_id: str | None) -> None:
    """The charge, and what it adds to the figures of its month and its day."""
    moment = now()
    account.month_used = account.used_in(moment) + bill.cost
    account.month = month_of(moment)
    _enter(tx, account, "charge", -bill.cost, operation, hold_id, bill.upstream, moment)
    day = Day(user_id=account.user_id, day=moment.date().isoformat())
    numbers = {counter(operation, "requests"): 1, counter(operation, "results"): bill.results}
    numbers |= {counter(operation, "charged"): bill.cost}
    if bill.upstream is not None:
        numbers |= {"upstream": bill.upstream, "drift": bill.cost - bill.upstream}
    tx.update(
        day.own_key(),
        put={"kind": Day.kind, "user_id": day.user_id, "day": day.day},
        add={name: value for name, value in numbers.items() if value},
    )


def _enter(
    tx: Writes,
    account: CreditAccount,
    kind: TransactionType,
    amount: int,
    operation: Operation,
    hold_id: str | None = None,
    upstream: int | None = None,
    moment: datetime | None = None,
) -> None:
    """Move the balance and write the entry that says so."""
    account.balance += amount
    account.transactions += 1
    entry = Transaction(
        user_id=account.user_id,
        number=number_of(account.transactions),
        type=kind,
        amount=amount,
        balance_after=account.balance,
        operation=operation,
        hold_id=hold_id,
        upstream_cost=upstream,
        created_at=moment or now(),
    )
    tx.create(entry)


def _gone(_: Old) -> Exception:
    return HoldGone()
