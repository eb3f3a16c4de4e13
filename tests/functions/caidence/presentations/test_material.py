"""A presentation says what is stored of its matter, as far as its author may read it, and is never an empty form."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from caidence.campaigns import figures
from caidence.campaigns.entities import Campaign, CampaignEvent, EventType
from caidence.content.entities import Content
from caidence.directory.entities import Organization
from caidence.presentations.outlines import outline
from caidence.service import store
from infra.local.converse import Step
from quintet.testing import Client
from tests.functions.caidence.conftest import BASE, SignIn, account_of, make_organization
from tests.support.model import model

GENERATE = f"{BASE}/presentation/generate"


def happened(campaign: Campaign, kind: EventType, count: int, value: int | None = None) -> None:
    event = CampaignEvent(
        campaign_id=campaign.id, organization_id=campaign.organization_id, event_type=kind, channel="instagram",
        count=count, value=value,
    )  # fmt: skip
    tx = store.transaction()
    tx.create(event)
    figures.note(tx, event)
    tx.commit()


@pytest.fixture
def campaign(organization: Organization) -> Campaign:
    row = Campaign(
        organization_id=organization.id, name="Summer launch", objective="sell 500 crates", status="active",
        budget=1_500_000, channels=["instagram", "email"], start_date=date(2026, 6, 1), end_date=date(2026, 8, 31),
        influencers=5,
    )  # fmt: skip
    store.create(row)
    happened(row, "impression", 1200)
    happened(row, "click", 30)
    happened(row, "spend", 1, 25_050)
    store.create(
        Content(
            organization_id=organization.id, title="Our summer launch", platform="linkedin", content_type="post",
            prompt="-", content="-", answered_by="fallback", user_id="-",
        )
    )  # fmt: skip
    return row


def bullets(client: Client, title: str, source_type: str) -> list[str]:
    answer = client.post(GENERATE, {"title": title, "source_type": source_type})
    assert answer.status == 200, answer
    return [bullet for slide in answer.body["slides"] for bullet in slide["bullets"]]


def test_a_campaign_that_the_title_names_fills_its_slides(viewer: Client, campaign: Campaign) -> None:
    told = bullets(viewer, "Results of the summer launch", "campaign")
    for line in (
        "Sell 500 crates.",
        "The campaign Summer launch is active",
        "1,200 impressions",
        "30 clicks, 2.5 % of impressions",
        "Planned: instagram",
        "Planned: email",
        "5 creators take part",
        "Budget: 15,000.00",
        "Spent so far: 250.50",
        "It runs from 2026-06-01 until 2026-08-31",
    ):
        assert line in told
    assert "Written for linkedin: Our summer launch" in bullets(viewer, "Our summer launch", "report")


def test_a_report_tells_of_the_organizations_figures(viewer: Client, campaign: Campaign) -> None:
    told = bullets(viewer, "Q3", "report")
    assert "1,200 impressions" in told
    assert "instagram: 1,200 impressions; 30 clicks, 2.5 % of impressions" in told


def test_the_model_is_told_what_is_known(viewer: Client, campaign: Campaign) -> None:
    with model(Step(input={"slides": [{"title": "A", "bullets": ["B", "C"], "notes": "D"}] * 3})) as asked:
        bullets(viewer, "Summer launch", "campaign")
    assert "Budget: 15,000.00" in asked.asked[0].body["messages"][0]["content"][0]["text"]


@pytest.mark.usefixtures("campaign")
def test_nothing_is_told_to_whom_it_is_not_shown(sign_in: SignIn) -> None:
    strange = [sign_in("viewer", make_organization("Other")), sign_in("viewer", None), sign_in("creator", None)]
    for client in strange:
        for title, source in (("Summer launch", "campaign"), ("Our summer launch", "report")):
            told = " ".join(bullets(client, title, source))
            assert [fact for fact in ("15,000", "1,200", "linkedin", "instagram") if fact in told] == []


def test_a_denied_permission_hides_what_it_guards(
    sign_in: SignIn, organization: Organization, campaign: Campaign, root: Client
) -> None:
    client = sign_in("viewer")
    where = {"scope_type": "organization", "scope_id": organization.id}
    for resource in ("campaign", "analytics", "content"):
        denial: dict[str, Any] = {"user_id": account_of(client).id, "resource": resource, "action": "read", **where}
        assert root.post(f"{BASE}/rbac/overrides", {**denial, "is_allowed": False}).status in (200, 201)
    for title, source in (("Summer launch", "campaign"), ("Our summer launch", "report")):
        told_now = " ".join(bullets(client, title, source))
        assert [fact for fact in ("15,000", "1,200", "linkedin", "instagram") if fact in told_now] == []


@pytest.mark.parametrize("source_type", ["campaign", "pitch", "report", "document"])
def test_a_deck_of_which_nothing_is_stored_has_one_placeholder_at_most(source_type: str) -> None:
    told = [bullet for slide in outline("Summer", source_type) for bullet in slide.bullets]
    assert [bullet for bullet in told if "[" in bullet] == ["Today we decide on [decision]"]
