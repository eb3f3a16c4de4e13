"""Calls that cost credits, from the hold to the charge: whatever happens between, nobody pays for what did not come."""

from collections.abc import Callable
from typing import TypeVar

from caidence.access.callers import DiscoveryReader
from caidence.discovery import ledger, upstream
from caidence.discovery.accounts import CreditAccount, Operation
from caidence.discovery.ledger import HoldGone, Join

T = TypeVar("T")

Costs = Callable[[T], tuple[int, int, int | None]]
"""Of an answer: what it costs here in hundredths, how many results it has, and what the service says it cost."""


def entitled(caller: DiscoveryReader) -> str:
    """The caller's id, once it is known that they may discover creators. Raises 403 with the rule that denies."""
    caller.require(() if caller.is_super else caller.account.scopes)
    return caller.account.id


def bought(
    user_id: str, operation: Operation, most: int, call: Callable[[], T], costs: Costs[T], also: Join | None = None
) -> tuple[T, int, CreditAccount]:
    """What a call answers, what it cost, and the account afterwards; `most` is held meanwhile.

    Raises 402, 502, 503 without a charge, and whatever the writes of `also` are refused with.
    """
    held = ledger.hold(user_id, operation, most)
    try:
        answer = upstream.asked(call)
        cost, results, theirs = costs(answer)
        account = ledger.settle(held, cost, results, theirs, also)
    except HoldGone:
        raise upstream.FAILED("Influencers Club answered too late; nothing was charged") from None
    except Exception:
        ledger.abandon(held)
        raise
    return answer, cost, account
