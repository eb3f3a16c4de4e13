"""Calls that cost credits, from the hold to the charge: nobody pays for what did not come, what came is answered."""

from collections.abc import Callable
from typing import Final, TypeVar

from caidence.access.callers import DiscoveryReader
from caidence.discovery import ledger, upstream
from caidence.discovery.accounts import Bill, Call, Hold, Operation
from caidence.discovery.ledger import BoughtAlready, HoldGone, Join
from quintet import log
from quintet.errors import ApiError

T = TypeVar("T")
_SUBJECT: Final = 120
"""Characters of what a call asked for that the ledger keeps."""


def entitled(caller: DiscoveryReader) -> str:
    """The caller's id, once it is known that they may discover creators. Raises 403 with the rule that denies."""
    caller.require(() if caller.is_super else caller.account.scopes)
    return caller.account.id


def share_of(caller: DiscoveryReader) -> str:
    """In whose share of requests to the service the caller's count."""
    return caller.organization_id or caller.id


def bought(
    caller: DiscoveryReader,
    operation: Operation,
    subject: str,
    most: int,
    call: Callable[[], T],
    billed: Callable[[T], Bill],
    also: Join | None = None,
) -> tuple[T, int, int]:
    """What a call answers, what it cost, and the balance afterwards; `most` is held meanwhile,
    and `subject` says in the ledger what for.

    Raises 402, 502, 503 without a charge. Once there is an answer it is given, whatever happens to its charge: where
    the account cannot be charged now the clock does it, and where nobody is charged the books say what it cost us.
    """
    held = ledger.hold(caller.id, operation, most, subject[:_SUBJECT])
    try:
        answer = upstream.asked(call, share_of(caller))
        bill = billed(answer)
    except Exception:
        ledger.abandon(held)
        raise
    cost, balance = _ended(held, bill, also)
    return answer, cost, balance


def noted(user_id: str, call: Call, bill: Bill) -> int | None:
    """Enter what a call cost that is free for its caller, and answer the balance; None where that fails."""
    try:
        return ledger.note_free(user_id, call, bill.results, bill.upstream).balance
    except ApiError:
        log.logger().exception(
            "free call not entered", extra={"operation": call.operation, "upstream_cost": bill.upstream}
        )
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
    balance = noted(held.user_id, held.call, bill)
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
