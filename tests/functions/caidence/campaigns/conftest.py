"""What tests of campaigns ask often."""

from __future__ import annotations

from typing import Any

from caidence.campaigns.entities import Campaign
from caidence.directory.entities import Organization
from caidence.service import store
from quintet.testing import Client
from quintet.testing.client import Answer
from tests.functions.caidence.conftest import BASE

CAMPAIGNS = f"{BASE}/campaigns"
NOBODY = "0198c0de-0000-7000-8000-000000000099"
MISSING = (404, "Campaign not found")


def fields(answer: Answer) -> list[str]:
    """Where a 422 says the values stood that it refuses."""
    assert answer.status == 422, answer
    return [".".join(str(part) for part in problem["loc"]) for problem in answer.body["detail"]]


def detail(answer: Answer) -> tuple[int, Any]:
    return answer.status, answer.body["detail"]


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200, answer
    return [row["id"] for row in answer.body]


def good(answer: Answer) -> Any:
    """The body of a success."""
    assert answer.status == 200, answer
    return answer.body


def make_campaign(organization: Organization, **values: Any) -> Campaign:
    return store.create(Campaign(organization_id=organization.id, **{"name": "Summer", **values}))


def stored(campaign: Campaign) -> Campaign:
    found = store.get(Campaign, organization_id=campaign.organization_id, id=campaign.id)
    assert found is not None
    return found


def at(campaign: Campaign, rest: str = "") -> str:
    return f"{CAMPAIGNS}/{campaign.id}{rest}"


def report(client: Client, campaign: Campaign, event_type: str, **values: Any) -> Any:
    return good(client.post(at(campaign, "/events"), {"event_type": event_type, **values}))


def add(client: Client, campaign: Campaign, handle: str) -> Answer:
    return client.post(at(campaign, "/influencers"), query={"influencer_handle": handle})
