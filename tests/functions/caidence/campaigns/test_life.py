"""The life of a campaign: launched once, and then paused, completed or archived."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caidence.campaigns import states
from caidence.campaigns.entities import Campaign
from caidence.campaigns.states import Status
from caidence.directory.entities import Organization
from caidence.service import store
from quintet.api import ApiError
from quintet.testing import Client
from tests.functions.caidence.campaigns.conftest import at, detail, fields, good, make_campaign, stored
from tests.support.aws import in_threads

ALL: tuple[Status, ...] = get_args(Status)
STATUSES = st.sampled_from(ALL)


def launches(client: Client, campaign: Campaign) -> int:
    return [event["event_type"] for event in good(client.get(at(campaign)))["events"]].count("launch")


def test_a_launched_campaign_is_active_and_says_so_among_its_events(member: Client, organization: Organization) -> None:
    campaign = make_campaign(organization)
    launched = good(member.post(at(campaign, "/launch")))
    assert (launched["id"], launched["status"]) == (campaign.id, "active")
    events = good(member.get(at(campaign)))["events"]
    assert [(event["event_type"], event["organization_id"]) for event in events] == [("launch", organization.id)]
    assert store.count(Campaign, "gsi2", organization_id=organization.id, status="active") == 1


def test_launching_again_changes_nothing(member: Client, organization: Organization) -> None:
    campaign = make_campaign(organization)
    first = good(member.post(at(campaign, "/launch")))
    assert good(member.post(at(campaign, "/launch"))) == first
    assert launches(member, campaign) == 1


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize(("ends", "status"), [("2026-11-29", 400), ("2026-11-30", 200), ("2026-12-01", 200)])
def test_a_campaign_whose_last_day_is_past_is_not_launched(
    member: Client, organization: Organization, ends: str, status: int
) -> None:
    campaign = make_campaign(organization, end_date=date.fromisoformat(ends))
    answer = member.post(at(campaign, "/launch"))
    assert (answer.status, stored(campaign).status) == (status, "active" if status == 200 else "draft")
    running = make_campaign(organization, status="active", end_date=date(2020, 1, 1))
    assert good(member.post(at(running, "/launch")))["status"] == "active", "it is launched already"


def test_of_parallel_launches_one_is_logged(member: Client, organization: Organization) -> None:
    campaign = make_campaign(organization)
    answers = in_threads(4, lambda _: member.post(at(campaign, "/launch")).status)
    assert answers == [200] * 4
    assert launches(member, campaign) == 1


def test_a_paused_campaign_is_launched_again(member: Client, organization: Organization) -> None:
    campaign = make_campaign(organization, status="active")
    assert good(member.put(at(campaign), {"status": "paused"}))["status"] == "paused"
    refused = member.put(at(campaign), {"status": "active"})
    assert detail(refused) == (409, "A paused campaign becomes active by launching it")
    assert good(member.post(at(campaign, "/launch")))["status"] == "active"
    assert launches(member, campaign) == 1


@pytest.mark.parametrize("status", ["completed", "archived"])
def test_what_is_over_cannot_be_launched(member: Client, organization: Organization, status: Status) -> None:
    campaign = make_campaign(organization, status=status)
    answer = member.post(at(campaign, "/launch"))
    assert detail(answer) == (409, "A completed or archived campaign cannot be launched")
    assert (stored(campaign), launches(member, campaign)) == (campaign, 0)


@pytest.mark.parametrize("wanted", ALL)
@pytest.mark.parametrize("current", ALL)
def test_a_status_moves_only_forward(
    member: Client, organization: Organization, current: Status, wanted: Status
) -> None:
    allowed = {
        ("draft", "archived"), ("active", "paused"), ("active", "completed"), ("active", "archived"),
        ("paused", "completed"), ("paused", "archived"), ("completed", "archived"),
    }  # fmt: skip
    campaign = make_campaign(organization, status=current)
    answer = member.put(at(campaign), {"status": wanted, "name": "Changed"})
    if current == wanted or (current, wanted) in allowed:
        assert (good(answer)["status"], stored(campaign).name) == (wanted, "Changed")
    else:
        assert answer.status == 409
        assert stored(campaign) == campaign


def test_an_unknown_status_is_refused(member: Client, organization: Organization) -> None:
    assert fields(member.put(at(make_campaign(organization)), {"status": "live"})) == ["body.status"]


@given(STATUSES, st.lists(STATUSES | st.just("launch"), max_size=8))
def test_nothing_comes_back_from_the_archive_and_only_a_launch_activates(start: Status, steps: list[str]) -> None:
    current: Status = start
    for step in steps:
        before = current
        with suppress(ApiError):
            current = states.launched(current) if step == "launch" else states.moved(current, step)  # type: ignore[arg-type]
        if before == "archived":
            assert current == "archived"
        if current == "active" and before != "active":
            assert step == "launch"
            assert before in ("draft", "paused")
        if before == "completed":
            assert current in ("completed", "archived")
