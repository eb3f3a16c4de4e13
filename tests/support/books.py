"""The books read back: what the ledger's entries alone say of payments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from stoory.payments.ledger import Entry
from stoory.payments.states import PaymentStatus


def statuses(entries: Iterable[Entry]) -> dict[str, PaymentStatus]:
    """Each payment's status as the books tell it; a payment without entries is still PENDING.

    Fails when a change does not sum to zero, is written twice, or comes out of nothing.
    """
    sums: dict[tuple[str, PaymentStatus], int] = defaultdict(int)
    lines: set[tuple[str, PaymentStatus, str]] = set()
    for entry in entries:
        line = (entry.payment_id, entry.status, entry.account)
        assert line not in lines, f"{line} is written twice"
        lines.add(line)
        sums[entry.payment_id, entry.status] += entry.amount
    found: dict[str, PaymentStatus] = {}
    for (payment_id, status), total in sums.items():
        assert not total, f"{payment_id} {status} does not sum to zero"
        assert (payment_id, PaymentStatus.VERIFIED) in sums, f"{payment_id} was paid out but never paid in"
        if found.get(payment_id) is not PaymentStatus.RELEASED:
            found[payment_id] = status
    return found
