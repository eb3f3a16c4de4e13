"""Who may move a campaign from where to where: every pair that is not in the table is refused."""

from __future__ import annotations

import pytest

from stoory.campaigns.states import CAMPAIGNS, CampaignStatus, InvalidInitialStatus, initial, transition
from stoory.lifecycle.transitions import Actor, IllegalMove

MOVES = {
    ("DRAFT", "LIVE", "BRAND"),
    ("LIVE", "LOCKED", "BRAND"),
    ("LOCKED", "ACTIVE", "BRAND"),
    ("ACTIVE", "COMPLETED", "BRAND"),
    ("LIVE", "EXPIRED", "CLOCK"),
    *((status, "CANCELLED", "BRAND") for status in ("DRAFT", "LIVE", "LOCKED", "ACTIVE")),
}


@pytest.mark.parametrize(("current", "wanted"), [(a, b) for a in CampaignStatus for b in CampaignStatus if a != b])
@pytest.mark.parametrize("actor", Actor)
def test_campaigns_move_along_the_documented_line_only(
    current: CampaignStatus, wanted: CampaignStatus, actor: Actor
) -> None:
    if (current.value, wanted.value, actor.value) in MOVES:
        assert transition(current, wanted, actor) is wanted
    else:
        with pytest.raises(IllegalMove, match=rf"^Cannot \w+ campaign\. Current status: {current}$"):
            transition(current, wanted, actor)


@pytest.mark.parametrize("status", CampaignStatus)
def test_wanting_the_status_a_campaign_has_changes_nothing(status: CampaignStatus) -> None:
    assert transition(status, status, Actor.BRAND) is status


def test_a_campaign_begins_as_a_draft_or_live() -> None:
    assert initial(None) is CampaignStatus.DRAFT
    assert [initial(status) for status in (CampaignStatus.DRAFT, CampaignStatus.LIVE)] == ["DRAFT", "LIVE"]
    for status in set(CampaignStatus) - {CampaignStatus.DRAFT, CampaignStatus.LIVE}:
        with pytest.raises(InvalidInitialStatus):
            initial(status)


def test_what_nothing_leads_away_from_is_final() -> None:
    assert {status for status in CampaignStatus if CAMPAIGNS.final(status)} == {"COMPLETED", "EXPIRED", "CANCELLED"}
