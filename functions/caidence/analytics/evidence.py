"""What is stored of an influencer, and how credible it makes them.

Bought followers do not engage, and bought engagement is more than an audience of that size gives: both stand out beside
what is usual. Where a campaign with somebody led to conversions, people followed them.
"""

from dataclasses import dataclass
from math import log10
from typing import Final

from caidence.access.callers import User
from caidence.analytics.simulation import Credibility, credible
from caidence.campaigns import figures, history, influencers
from caidence.campaigns.entities import Influencer, Namesakes
from caidence.creators import roster
from caidence.service import store

_LEAST_SEEN: Final = 1_000
"""Impressions without which a campaign's engagement says nothing."""
_UNPROVEN, _WORKING, _CONVERTING = 85, 5, 10
"""The score of what is usual, and what it gains for who is active on the roster, and for conversions."""
_FEW, _MANY, _MUCH = 80, 40, 4.0
"""What the score loses for no engagement at all and, at most, for more than MUCH times the usual one."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of somebody with followers."""

    followers: int
    engagement_rate: float
    """In percent: as the roster has it, else as their campaigns measured it."""
    active: bool = False
    """On the roster."""
    conversions: int = 0
    """Of their newest campaigns."""


def stored(caller: User, handle: str, platform: str) -> Evidence | None:
    """What the caller's organization knows of somebody; None where it is too little to judge by.

    A super admin who belongs to none sees what the first of the organizations with the handle knows.
    """
    influencer = _influencer(caller, handle, platform)
    if influencer is None or not influencer.followers:
        return None
    (creator,) = roster.creators_of([influencer], consistent=False)
    sums = figures.added(part.sums for part in history.parts(influencer))
    rate = creator.engagement_rate if creator else None
    if rate is None and sums.impressions >= _LEAST_SEEN:
        rate = sums.engagement_rate
    if rate is None:
        return None
    active = creator is not None and creator.status == "active"
    return Evidence(influencer.followers, rate, active, sums.conversions)


def usual_rate(followers: int) -> float:
    """The engagement rate in percent that an audience of a size usually has: the larger, the lower."""
    return min(6.0, max(0.75, 10 - 1.5 * log10(max(1, followers))))


def judged(evidence: Evidence) -> Credibility:
    """How credible somebody is by what is known of them."""
    times = evidence.engagement_rate / usual_rate(evidence.followers)
    few = _FEW * (1 - times) if times < 1 else 0
    many = min(_MANY, 10 * (times - _MUCH)) if times > _MUCH else 0
    gained = _WORKING * evidence.active + _CONVERTING * (evidence.conversions > 0)
    return credible(max(0, min(100, round(_UNPROVEN - few - many + gained))))


def _influencer(caller: User, handle: str, platform: str) -> Influencer | None:
    organization_id = caller.organization_id
    if organization_id is None and caller.is_super:
        held = store.query(Namesakes, "gsi1", handle=handle, limit=1).items
        organization_id = held[0].organization_id if held else None
    found = influencers.named(organization_id, handle, [platform]) if organization_id else None
    return found if found is not None and found.platform == platform else None
