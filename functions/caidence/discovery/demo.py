"""Demo data of creator discovery: a credit account from which something was spent already."""

from typing import Final

from caidence.directory.entities import User
from caidence.discovery import ledger
from caidence.discovery.accounts import ENRICH, SEARCH_RESULT, Bill, Operation

GRANTED: Final = 100_000
"""Hundredths of a credit: 1000 credits."""
CALLS: Final[tuple[tuple[Operation, int, int], ...]] = (
    ("search", 20 * SEARCH_RESULT, 20),
    ("search", 12 * SEARCH_RESULT, 12),
    ("enrich", ENRICH["full"], 1),
)
"""Operation, cost and results of what was spent."""


def seed_discovery(user: User) -> None:
    """Give a user a credit account, as if they had searched twice and bought one full profile.

    An account that is there stays as it is.
    """
    if ledger.open_account(user, GRANTED).transactions > 1:
        return
    for operation, cost, results in CALLS:
        held = ledger.hold(user.id, operation, cost)
        ledger.settle(held, Bill(cost=cost, results=results, upstream=cost))
