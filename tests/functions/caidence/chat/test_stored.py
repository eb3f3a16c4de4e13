"""What the assistant knows of stored data: the caller's own alone, and only where they may read it."""

from __future__ import annotations

from typing import Any

import pytest

from caidence.directory.entities import Organization
from caidence.discovery import ledger
from infra.local.converse import Step
from quintet.testing import Client
from tests.functions.caidence.campaigns.conftest import make_campaign, report
from tests.functions.caidence.chat.test_chat import talk, told
from tests.functions.caidence.conftest import account_of, lend
from tests.support.model import model

ASKED = ["How is my campaign doing?", "Show me my campaigns", "What are the results of our summer campaign?"]


def said(client: Client, message: str) -> Any:
    return talk(client, message)["response"]


@pytest.mark.parametrize("message", ASKED)
def test_campaigns_are_told_with_their_figures(
    message: str, member: Client, agency_admin: Client, organization: Organization, other: Organization
) -> None:
    summer = make_campaign(organization, name="Summer", status="active")
    make_campaign(organization, name="Autumn")
    make_campaign(other, name="Theirs")
    report(agency_admin, summer, event_type="impression", count=1000)
    report(agency_admin, summer, event_type="click", count=25)
    assert said(member, message) == (
        "Your campaigns, newest first:\n- Autumn (draft): no events yet.\n- Summer (active): 1,000 impressions, "
        "25 clicks (CTR 2.5 %), 0 conversions worth 0, spend 0, ROI 0 %."
    )


def test_more_campaigns_than_a_page_are_counted(member: Client, organization: Organization) -> None:
    assert said(member, "list our campaigns").startswith("There is no campaign yet")
    for number in range(6):
        make_campaign(organization, name=f"C{number}")
    assert said(member, "list our campaigns").startswith("The newest 5 of your 6 campaigns:\n- C5 (draft)")


def test_credits_are_told(member: Client) -> None:
    assert "no credit account" in said(member, "How many credits do I have left?")
    ledger.open_account(account_of(member), 1250)
    assert said(member, "What is left of my credits?") == "You can spend 12.5 discovery credits."
    ledger.hold(account_of(member).id, "search", 50)
    assert said(member, "my credits?") == ("You can spend 12 discovery credits, and 0.5 are held for calls under way.")


def test_what_one_may_not_read_is_not_told(viewer: Client, organization: Organization) -> None:
    make_campaign(organization, name="Secret")
    lend(viewer, "campaign:read", allowed=False)
    answer = said(viewer, "Show me my campaigns and how many credits I have")
    assert "Secret" not in answer
    assert answer.count("That I may not show you: deny:") == 2


def test_the_model_is_told_what_is_stored_where_it_is_asked_for(member: Client, organization: Organization) -> None:
    make_campaign(organization, name="Summer")
    with model(Step(input={"response": "Fine."}), Step(input={"response": "Hello."})) as it:
        assert said(member, "How is my campaign doing?") == "Fine."
        talk(member, "How should we launch a campaign?")
        first, second = (told(asked.body) for asked in it.asked)
    assert first["stored"] == ["Your campaigns, newest first:\n- Summer (draft): no events yet."]
    assert "stored" not in second


@pytest.mark.parametrize("message", ["Do we have to credit creators?", "Plan a campaign for juice", "Photo credits"])
def test_advice_asked_for_is_advice(message: str, member: Client, organization: Organization) -> None:
    make_campaign(organization, name="Summer")
    answer = said(member, message)
    assert "Summer" not in answer
    assert "credit account" not in answer
