"""What a campaign may say, who sees it, which filters find it, and when it takes applications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from stoory.campaigns.states import CampaignStatus
from stoory.service import Role

TITLE_MIN, TITLE_MAX = 3, 200
DESCRIPTION_MAX = 5000
CATEGORIES_MAX = 500
LANGUAGE_MAX = 50
GUIDELINE_MAX = 10_000
SEARCH_MIN, SEARCH_MAX = 1, 100

_DELETABLE = frozenset({CampaignStatus.DRAFT, CampaignStatus.LIVE})


class CampaignType(StrEnum):
    """Whether a campaign looks for few influencers or for many at once."""

    NORMAL = "NORMAL"
    BULK = "BULK"


class InvalidCampaign(ValueError):
    """A campaign field that breaks a rule; `param` is its name, the text what is wrong with it."""

    def __init__(self, param: str, message: str) -> None:
        super().__init__(message)
        self.param = param


class CampaignClosed(ValueError):
    """The campaign takes no application, or no acceptance, now; the text says why."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at in a campaign. `budget` is paise."""

    brand_id: str
    status: CampaignStatus
    type: CampaignType
    budget: int | None
    start_deadline: datetime
    accepted: int = 0
    max_influencers: int | None = None


def check_influencers(least: int | None, most: int | None, accepted: int = 0) -> None:
    """Raises InvalidCampaign unless 0 ≤ least ≤ most and 1 ≤ most, and most holds those already accepted."""
    if least is not None and least < 0:
        raise InvalidCampaign("min_influencers", "min_influencers must be 0 or more")
    if most is None:
        return
    if most < 1:
        raise InvalidCampaign("max_influencers", "max_influencers must be 1 or more")
    if most < (least or 0):
        raise InvalidCampaign("max_influencers", "max_influencers must be >= min_influencers")
    if most < accepted:
        raise InvalidCampaign("max_influencers", f"max_influencers must be >= the {accepted} already accepted")


def check_deadline(deadline: datetime, now: datetime) -> None:
    """Raises InvalidCampaign unless the deadline is still to come."""
    if deadline <= now:
        raise InvalidCampaign("start_deadline", "start_deadline must be in the future")


def expires(campaign: Facts, now: datetime) -> bool:
    """Whether the clock ends it now: still LIVE at its deadline."""
    return campaign.status is CampaignStatus.LIVE and campaign.start_deadline <= now


def visible(campaign: Facts, role: Role, user_id: str) -> bool:
    """Whether this account may see it: a draft is its brand's and the admins' alone."""
    return campaign.status is not CampaignStatus.DRAFT or role is Role.ADMIN or campaign.brand_id == user_id


def deletable(campaign: Facts) -> bool:
    """Whether its brand may delete it: a draft or live, with nobody accepted."""
    return campaign.status in _DELETABLE and campaign.accepted == 0


def check_applicable(campaign: Facts, now: datetime) -> None:
    """Raises CampaignClosed unless an influencer may apply now: LIVE, before the deadline, with a place left.

    The deadline counts by itself: the clock that expires campaigns comes a little later.
    """
    if campaign.status is not CampaignStatus.LIVE or campaign.start_deadline <= now:
        raise CampaignClosed("Campaign is not accepting applications")
    check_place(campaign)


def check_place(campaign: Facts) -> None:
    """Raises CampaignClosed when every place is taken; without `max_influencers` there is always one."""
    if campaign.max_influencers is not None and campaign.accepted >= campaign.max_influencers:
        raise CampaignClosed("Campaign has reached its maximum number of influencers")


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list asks for; None asks nothing. Budgets are paise, both bounds included.

    `search` is the word index's to answer; `matches` looks at the rest.
    """

    status: CampaignStatus | None = None
    type: CampaignType | None = None
    brand_id: str | None = None
    min_budget: int | None = None
    max_budget: int | None = None
    search: str | None = None

    def matches(self, campaign: Facts) -> bool:
        """Whether the campaign fits; one without a budget is outside every budget bound."""
        exact = (
            (self.status, campaign.status),
            (self.type, campaign.type),
            (self.brand_id, campaign.brand_id),
        )
        return all(wanted is None or wanted == given for wanted, given in exact) and self._affordable(campaign.budget)

    def _affordable(self, budget: int | None) -> bool:
        if self.min_budget is None and self.max_budget is None:
            return True
        if budget is None:
            return False
        return (self.min_budget or 0) <= budget and (self.max_budget is None or budget <= self.max_budget)
