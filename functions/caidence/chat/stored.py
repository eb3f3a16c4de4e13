"""What the platform holds on what somebody asks: their campaigns with figures, and their credits, if they may read it.

Nothing is read unless the message asks for it; then one page of each at most.
"""

import re
from typing import Final

from caidence.access.callers import User
from caidence.access.rows import seen
from caidence.campaigns import figures
from caidence.campaigns.entities import Campaign
from caidence.discovery.accounts import CreditAccount, credits_of
from caidence.reading.figures import shown
from caidence.service import store
from quintet.models import SkipQuery

_SHOWN: Final = 5
_CAMPAIGNS: Final = re.compile(
    r"\b(?:my|our|the|active|running|latest|newest)\s+(?:\w+\s+){0,2}campaigns?\b.{0,40}"
    r"\b(?:doing|going|perform\w*|results?|figures|numbers|status|going)\b"
    r"|\b(?:show|list|see|display|which|what are|how many)\b.{0,30}\bcampaigns\b"
    r"|\b(?:status|results?|figures|performance|numbers) of (?:my|our|the)\s+(?:\w+\s+){0,2}campaigns?\b",
    re.IGNORECASE,
)
_CREDITS: Final = re.compile(
    r"\b(?:my|our)\s+(?:discovery\s+|remaining\s+|left\s+)?credits\b|\b(?:many|much|discovery)\s+credits\b"
    r"|\bcredit (?:balance|account)\b|\bcredits\b.{0,20}\b(?:left|remain\w*)\b",
    re.IGNORECASE,
)


def stored(caller: User, message: str) -> list[str]:
    """What is stored on what a message asks for, a paragraph for each; with the rule that denies where one does."""
    asked = ((_CAMPAIGNS, "campaign:read", _campaigns), (_CREDITS, "discovery:read", _credits))
    told: list[str] = []
    for pattern, permission, tell in asked:
        if pattern.search(message):
            decision = caller.judged(permission, () if caller.is_super else caller.account.scopes)
            told.append(tell(caller) if decision.allowed else f"That I may not show you: {decision.reason}.")
    return told


def _campaigns(caller: User) -> str:
    page = seen(caller, Campaign, SkipQuery(limit=_SHOWN))
    if not page.items:
        return "There is no campaign yet. Create one under Campaigns, and its figures appear here."
    sums = figures.of_campaigns([one.id for one in page.items])
    lines = [f"- {one.name} ({one.status}): {_figures(what)}" for one, what in zip(page.items, sums, strict=True)]
    total = page.total or len(lines)
    more = (
        f"The newest {len(lines)} of your {total} campaigns" if total > len(lines) else "Your campaigns, newest first"
    )
    return "\n".join([f"{more}:", *lines])


def _figures(sums: figures.Sums) -> str:
    if not any(sums):
        return "no events yet."
    return (
        f"{sums.impressions:,} impressions, {sums.clicks:,} clicks (CTR {shown(sums.ctr)} %), {sums.conversions:,} "
        f"conversions worth {shown(sums.revenue / 100)}, spend {shown(sums.spend / 100)}, ROI {shown(sums.roi)} %."
    )


def _credits(caller: User) -> str:
    account = store.get(CreditAccount, user_id=caller.id)
    if account is None:
        return "You have no credit account yet; it is opened under Discovery."
    held = f", and {credits_of(account.held):g} are held for calls under way" if account.held else ""
    return f"You can spend {credits_of(account.balance):g} discovery credits{held}."
