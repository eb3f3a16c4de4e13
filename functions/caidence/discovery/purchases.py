"""Calls that cost credits, from the hold to the charge: nobody pays for what did not come, what came is answered."""

from collections.abc import Callable
from typing import TypeVar

from caidence.access.callers import DiscoveryReader
from caidence.discovery import ledger, upstream
from caidence.discovery.accounts import Bill, Hold, Operation
from caidence.discovery.ledger import BoughtAlready, HoldGone, Join
from quintet import log
from quintet.errors import ApiError

T = TypeVar("T")


def entitled(caller: DiscoveryReader) -> str:
    """The caller's id, once it is known that they may discover creators. Raises 403 with the rule that denies."""
    caller.require(() if caller.is_super else caller.account.scopes)
    return caller.account.id


def bought(
    user_id: str,
    operation: Operation,
    most: int,
    call: Callable[[], T],
    billed: Callable[[T], Bill],
    also: Join | None = None,
) -> tuple[T, int, int]:
    """What a call answers, what it cost, and the balance afterwards; `most` is held meanwhile.

    Raises 402, 502, 503 without a charge. Once there is an answer it is given, whatever happens to its charge: where
    the account cannot be charged now the clock does it, and where nobody is charged the books say what it cost us.
    """
    held = ledger.hold(user_id, operation, most)
    try:
        answer = upstream.asked(call)
        bill = billed(answer)
    except Exception:
        ledger.abandon(held)
        raise
    cost, balance = _ended(held, bill, also)
    return answer, cost, balance


def noted(user_id: str, operation: Operation, bill: Bill) -> int | None:
    """Enter what a call cost that is free for its caller, and answer the balance; None where that fails."""
    try:
        return ledger.note_free(user_id, operation, bill.results, bill.upstream).balance
    except ApiError:
        log.logger().exception("free call not entered", extra={"operation": operation, "upstream_cost": bill.upstream})
        return None


def _ended(held: Hold, bill: Bill, also: Join | None) -> tuple[int, int]:
    """What is charged, and the balance with it."""
    before = held.left + held.amount
    try:
        return bill.cost, ledger.settle(held, bill, also).balance
    except HoldGone:
        log.logger().warning("answer came after its hold was released", extra={"hold_id": held.id})
    except BoughtAlready:
        ledger.abandon(held)
    except ApiError:
        return _left_to_the_clock(held, bill, also)
    balance = noted(held.user_id, held.operation, bill)
    return 0, before if balance is None else balance


def _left_to_the_clock(held: Hold, bill: Bill, also: Join | None) -> tuple[int, int]:
    """What the clock will charge, and the balance with it."""
    charged = bill.cost, held.left + held.amount - bill.cost
    try:
        ledger.owe(held, bill, also)
    except HoldGone:  # its charge was told as unconfirmed, and done
        return charged
    except BoughtAlready:
        ledger.abandon(held)
    except ApiError:
        log.logger().exception("answer not charged", extra={"hold_id": held.id, "cost": bill.cost})
    else:
        log.logger().warning("charge left to the clock", extra={"hold_id": held.id})
        return charged
    return 0, held.left + held.amount
