"""Who may move what from where to where: every pair that is not in a table is refused."""

from __future__ import annotations

from itertools import product

import pytest

from stoory.applications.states import APPLICATIONS, ApplicationStatus, Phase, accepted_change, phase_of
from stoory.applications.states import transition as move_application
from stoory.campaigns.states import CAMPAIGNS, CampaignStatus, InvalidInitialStatus, initial
from stoory.campaigns.states import transition as move_campaign
from stoory.lifecycle.transitions import Actor, IllegalMove, WrongActor
from stoory.plans.states import SUBSCRIPTIONS, SubscriptionStatus
from stoory.plans.states import transition as move_subscription

CAMPAIGN_MOVES = {
    ("DRAFT", "LIVE", "BRAND"),
    ("LIVE", "LOCKED", "BRAND"),
    ("LOCKED", "ACTIVE", "BRAND"),
    ("ACTIVE", "COMPLETED", "BRAND"),
    ("LIVE", "EXPIRED", "CLOCK"),
    *((status, "CANCELLED", "BRAND") for status in ("DRAFT", "LIVE", "LOCKED", "ACTIVE")),
}
APPLICATION_MOVES = {
    ("PENDING", "accept", "BRAND"): "ACCEPTED",
    ("PENDING", "reject", "BRAND"): "REJECTED",
    ("PENDING", "cancel", "BRAND"): "CANCELLED",
    ("PENDING", "cancel", "INFLUENCER"): "CANCELLED",
    ("ACCEPTED", "cancel", "BRAND"): "CANCELLED",
    ("ACCEPTED", "cancel", "INFLUENCER"): "CANCELLED",
    ("ACCEPTED", "complete", "ADMIN"): "COMPLETED",
    ("PENDING", "withdraw", "BRAND"): "CANCELLED",
    ("PENDING", "withdraw", "CLOCK"): "CANCELLED",
}
APPLICATION_VERBS = ("accept", "reject", "cancel", "complete", "withdraw")


@pytest.mark.parametrize(("current", "wanted"), [(a, b) for a in CampaignStatus for b in CampaignStatus if a != b])
@pytest.mark.parametrize("actor", Actor)
def test_campaigns_move_along_the_documented_line_only(
    current: CampaignStatus, wanted: CampaignStatus, actor: Actor
) -> None:
    if (current.value, wanted.value, actor.value) in CAMPAIGN_MOVES:
        assert move_campaign(current, wanted, actor) is wanted
    else:
        with pytest.raises(IllegalMove, match=rf"^Cannot \w+ campaign\. Current status: {current}$"):
            move_campaign(current, wanted, actor)


@pytest.mark.parametrize("status", CampaignStatus)
def test_wanting_the_status_a_campaign_has_changes_nothing(status: CampaignStatus) -> None:
    assert move_campaign(status, status, Actor.BRAND) is status


def test_a_campaign_begins_as_a_draft_or_live() -> None:
    assert initial(None) is CampaignStatus.DRAFT
    assert [initial(status) for status in (CampaignStatus.DRAFT, CampaignStatus.LIVE)] == ["DRAFT", "LIVE"]
    for status in set(CampaignStatus) - {CampaignStatus.DRAFT, CampaignStatus.LIVE}:
        with pytest.raises(InvalidInitialStatus):
            initial(status)


@pytest.mark.parametrize(("current", "verb", "actor"), list(product(ApplicationStatus, APPLICATION_VERBS, Actor)))
def test_applications_move_as_documented_and_say_why_not(current: ApplicationStatus, verb: str, actor: Actor) -> None:
    after = APPLICATION_MOVES.get((current.value, verb, actor.value))
    if after is not None:
        assert move_application(current, verb, actor) == after
        return
    with pytest.raises(IllegalMove) as refused:
        move_application(current, verb, actor)
    assert str(refused.value) == f"Cannot {verb} application. Current status: {current}"
    permitted_to_another = any((current.value, verb, other.value) in APPLICATION_MOVES for other in Actor)
    assert isinstance(refused.value, WrongActor) == permitted_to_another


def test_the_documented_refusal_word_for_word() -> None:
    with pytest.raises(IllegalMove) as refused:
        move_application(ApplicationStatus.ACCEPTED, "accept", Actor.BRAND)
    assert str(refused.value) == "Cannot accept application. Current status: ACCEPTED"


def test_an_accepted_application_starts_with_the_script_when_one_is_required() -> None:
    assert (phase_of(True), phase_of(False)) == (Phase.SCRIPT, Phase.WORK)


def test_a_place_is_taken_by_accepting_freed_by_cancelling_and_kept_by_completing() -> None:
    changes = {
        (move.verb, before): accepted_change(before, move.after)
        for move in APPLICATIONS.moves
        for before in move.before
    }
    assert {key: change for key, change in changes.items() if change} == {
        ("accept", ApplicationStatus.PENDING): 1,
        ("cancel", ApplicationStatus.ACCEPTED): -1,
    }


def test_subscriptions_are_cancelled_by_people_and_renewed_or_ended_by_the_clock() -> None:
    legal = {
        (verb, actor.value): move_subscription(SubscriptionStatus.ACTIVE, verb, actor)
        for verb, actor in product(("cancel", "end", "renew"), Actor)
        if any(move.verb == verb and actor in move.by for move in SUBSCRIPTIONS.moves)
    }
    assert legal == {
        ("cancel", "BRAND"): "CANCELLED",
        ("cancel", "ADMIN"): "CANCELLED",
        ("end", "CLOCK"): "CANCELLED",
        ("renew", "CLOCK"): "ACTIVE",
    }
    with pytest.raises(IllegalMove, match=r"^Cannot renew subscription. Current status: CANCELLED$"):
        move_subscription(SubscriptionStatus.CANCELLED, "renew", Actor.CLOCK)


def test_what_nothing_leads_away_from_is_final() -> None:
    assert {status for status in CampaignStatus if CAMPAIGNS.final(status)} == {"COMPLETED", "EXPIRED", "CANCELLED"}
    assert {status for status in ApplicationStatus if APPLICATIONS.final(status)} == {
        "COMPLETED",
        "CANCELLED",
        "REJECTED",
    }
    assert [SUBSCRIPTIONS.final(status) for status in SubscriptionStatus] == [False, True]
