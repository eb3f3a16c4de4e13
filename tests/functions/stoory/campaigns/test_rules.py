"""What campaigns may say, who sees them, and when they take applications."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from stoory.campaigns.rules import (
    CampaignClosed,
    CampaignType,
    Facts,
    Filter,
    InvalidCampaign,
    check_applicable,
    check_deadline,
    check_influencers,
    deletable,
    expires,
    visible,
)
from stoory.campaigns.states import CampaignStatus
from stoory.service import Role

NOW = datetime(2025, 1, 18, 10, tzinfo=UTC)
CAMPAIGN = Facts(
    brand_id="brand",
    status=CampaignStatus.LIVE,
    type=CampaignType.NORMAL,
    budget=50_000_00,
    start_deadline=NOW + timedelta(days=7),
    max_influencers=2,
)


@pytest.mark.parametrize(
    ("least", "most", "accepted"), [(None, None, 5), (0, 1, 0), (3, 3, 3), (None, 1, 1), (5, None, 0)]
)
def test_sound_numbers_of_influencers(least: int | None, most: int | None, accepted: int) -> None:
    check_influencers(least, most, accepted)


@pytest.mark.parametrize(
    ("least", "most", "accepted", "param"),
    [
        (-1, None, 0, "min_influencers"),
        (0, 0, 0, "max_influencers"),
        (3, 2, 0, "max_influencers"),
        (0, 2, 3, "max_influencers"),
    ],
)
def test_unsound_numbers_of_influencers(least: int, most: int | None, accepted: int, param: str) -> None:
    with pytest.raises(InvalidCampaign) as refused:
        check_influencers(least, most, accepted)
    assert refused.value.param == param


def test_a_deadline_lies_ahead() -> None:
    check_deadline(NOW + timedelta(seconds=1), NOW)
    for deadline in (NOW, NOW - timedelta(seconds=1)):
        with pytest.raises(InvalidCampaign, match="start_deadline must be in the future"):
            check_deadline(deadline, NOW)


@pytest.mark.parametrize("status", CampaignStatus)
def test_only_a_live_campaign_expires_and_at_its_deadline(status: CampaignStatus) -> None:
    campaign = replace(CAMPAIGN, status=status, start_deadline=NOW)
    assert expires(campaign, NOW) is (status is CampaignStatus.LIVE)
    assert not expires(campaign, NOW - timedelta(seconds=1))


@pytest.mark.parametrize("status", CampaignStatus)
def test_drafts_are_seen_by_their_brand_and_admins_alone(status: CampaignStatus) -> None:
    campaign = replace(CAMPAIGN, status=status)
    public = status is not CampaignStatus.DRAFT
    assert visible(campaign, Role.BRAND, "brand")
    assert visible(campaign, Role.ADMIN, "admin")
    assert visible(campaign, Role.BRAND, "another") is public
    assert visible(campaign, Role.INFLUENCER, "influencer") is public


@pytest.mark.parametrize("status", CampaignStatus)
def test_drafts_and_live_campaigns_are_deleted_while_nobody_is_accepted(status: CampaignStatus) -> None:
    campaign = replace(CAMPAIGN, status=status)
    assert deletable(campaign) is (status in {CampaignStatus.DRAFT, CampaignStatus.LIVE})
    assert not deletable(replace(campaign, accepted=1))


@pytest.mark.parametrize("status", CampaignStatus)
def test_only_a_live_campaign_takes_applications(status: CampaignStatus) -> None:
    if status is CampaignStatus.LIVE:
        check_applicable(replace(CAMPAIGN, status=status), NOW)
    else:
        with pytest.raises(CampaignClosed, match=r"^Campaign is not accepting applications$"):
            check_applicable(replace(CAMPAIGN, status=status), NOW)


def test_the_deadline_closes_a_campaign_before_the_clock_comes_by() -> None:
    with pytest.raises(CampaignClosed, match=r"^Campaign is not accepting applications$"):
        check_applicable(CAMPAIGN, CAMPAIGN.start_deadline)


def test_a_full_campaign_takes_no_applications_and_one_without_limit_is_never_full() -> None:
    with pytest.raises(CampaignClosed, match=r"^Campaign has reached its maximum number of influencers$"):
        check_applicable(replace(CAMPAIGN, accepted=2), NOW)
    check_applicable(replace(CAMPAIGN, accepted=1000, max_influencers=None), NOW)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(), True),
        (Filter(status=CampaignStatus.LIVE), True),
        (Filter(status=CampaignStatus.DRAFT), False),
        (Filter(type=CampaignType.BULK), False),
        (Filter(brand_id="brand", type=CampaignType.NORMAL), True),
        (Filter(brand_id="another"), False),
        (Filter(min_budget=50_000_00, max_budget=50_000_00), True),
        (Filter(min_budget=50_000_01), False),
        (Filter(max_budget=49_999_99), False),
    ],
)
def test_a_filter_finds_what_fits_all_of_it(wanted: Filter, found: bool) -> None:
    assert wanted.matches(CAMPAIGN) is found


def test_a_campaign_without_budget_is_outside_every_bound() -> None:
    unpriced = replace(CAMPAIGN, budget=None)
    assert Filter().matches(unpriced)
    assert not Filter(min_budget=0).matches(unpriced)
    assert not Filter(max_budget=10**9).matches(unpriced)
