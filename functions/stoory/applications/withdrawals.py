"""Withdrawing the applications that nobody had decided upon when their campaign ended.

There may be more of them than fit into one transaction, so the end leaves a note (`Withdrawal`) in its own; who ended
the campaign starts at once, and the clock finishes what did not get done. Nobody can apply or be accepted meanwhile:
both ask for an open campaign.
"""

import time
from functools import partial

from stoory.applications.entities import Applicant, Application
from stoory.applications.moves import withdraw
from stoory.applications.states import ApplicationStatus
from stoory.campaigns.entities import Withdrawal
from stoory.campaigns.store import tried
from stoory.lifecycle.transitions import Actor
from stoory.service import store

PATIENCE = 10.0
"""Seconds that a request spends on withdrawing applications before it leaves the rest to the clock."""
LEISURE = 120.0
"""Seconds that the clock spends on those of one campaign; the next run goes on."""


def withdraw_at_once(campaign_id: str) -> None:
    """Withdraw the undecided applications to a campaign that its brand has just ended, as far as there is time."""
    _withdraw_all(campaign_id, Actor.BRAND, PATIENCE)


def withdraw_remaining() -> list[Exception]:
    """Withdraw what ended campaigns left undecided; answers what failed, as `tried` does."""
    left = store.each(Withdrawal, consistent=True)
    return tried(partial(_withdraw_all, one.campaign_id, Actor.CLOCK, LEISURE) for one in left)


def _withdraw_all(campaign_id: str, actor: Actor, patience: float) -> None:
    """Withdraw the undecided applications to an ended campaign, for `patience` seconds; what is left waits.

    Nobody can apply any more, so the claims, read consistently, name every application there is.
    """
    until = time.monotonic() + patience
    after = None
    while True:
        part = store.query(Applicant, begins="APPLICANT#", limit=100, after=after, consistent=True,
                           campaign_id=campaign_id)  # fmt: skip
        for found in store.get_all([Application.ref(id=claim.application_id) for claim in part.items]):
            if time.monotonic() > until:
                return
            if found is not None and found.status is ApplicationStatus.PENDING:
                withdraw(found.id, actor)
        after = part.after
        if after is None:
            break
    tx = store.transaction()
    tx.remove(Withdrawal.key(campaign_id=campaign_id))
    tx.commit()
