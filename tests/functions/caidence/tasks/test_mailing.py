"""Writing to a campaign's creators: those that have an address, each once, whoever dies in between."""

from __future__ import annotations

import json
from typing import Any

import pytest

from caidence.activity.log import Activity
from caidence.campaigns import influencers
from caidence.campaigns.entities import Campaign
from caidence.directory.entities import Organization
from caidence.service import store
from caidence.tasks import mailing
from caidence.tasks.registry import JOBS
from quintet.messaging import outbox
from quintet.messaging.outbox import Message
from quintet.settings import use
from quintet.testing import Client
from tests.functions.caidence.conftest import BASE, SignIn, account_of, as_account, make_brand
from tests.functions.caidence.creators.conftest import make_creator
from tests.functions.caidence.tenancy.conftest import NOBODY, detail, fields
from tests.functions.caidence.workflow.conftest import make_workflow
from tests.support.aws import sent_emails
from tests.support.calls import recorded
from tests.support.line import Line, killed

ENQUEUE, STATUS = f"{BASE}/jobs/enqueue", f"{BASE}/jobs/status"


@pytest.fixture
def admin(sign_in: SignIn) -> Client:
    return sign_in("agency_admin")


def make_campaign(organization: Organization, *handles: str, **more: Any) -> Campaign:
    campaign = store.create(Campaign(organization_id=organization.id, name="Summer", **more))
    for handle in handles:
        tx = store.transaction()
        influencers.join(tx, campaign, handle, influencers.named(organization.id, handle))
        tx.commit()
    return campaign


def mail(campaign_id: str) -> dict[str, Any]:
    kwargs = {"campaign_id": campaign_id, "subject": "The brief", "body": "Here it is."}
    return {"task_name": "send_campaign_emails", "kwargs": kwargs}


def posted() -> list[Message]:
    return [message for n in range(outbox.SHARDS) for message in store.query(Message, "gsi1", queue=str(n)).items]


def test_the_creators_of_a_campaign_that_have_an_address_are_written_to_once(
    admin: Client, organization: Organization, other: Organization, line: Line
) -> None:
    make_creator(organization, handle="ana", email="ana@example.com")
    make_creator(organization, handle="ana", platform="youtube", email="ana@example.com")
    make_creator(organization, handle="bo", platform="tiktok", email="bo@example.com")
    make_creator(organization, handle="cy")
    make_creator(organization, handle="di", email="di@example.com", status="past")
    make_creator(organization, handle="el", email="el@example.com")
    make_creator(other, handle="fo", email="fo@example.com")
    campaign = make_campaign(organization, "ana", "bo", "cy", "di", "fo")
    before = len(sent_emails())
    job_id = admin.post(ENQUEUE, mail(campaign.id)).body["job_id"]
    line.run_dry(JOBS)
    told = admin.get(f"{STATUS}/{job_id}").body
    assert (told["status"], told["result"]) == (
        "completed", {"campaign_id": campaign.id, "recipients": 2, "without_address": 3},
    )  # fmt: skip
    sent = sent_emails()[before:]
    assert sorted(str(each["destinations"]["ToAddresses"][0]) for each in sent) == ["ana@example.com", "bo@example.com"]
    assert {each["subject"] for each in sent} == {"The brief"}
    newest = store.query(Activity, place=organization.id, limit=1).items[0]
    assert (newest.type, newest.description) == (
        "campaign.mailed", "Wrote to 2 creators of the campaign Summer: The brief",
    )  # fmt: skip


def test_who_has_the_handle_now_or_elsewhere_is_not_written_to(
    admin: Client, organization: Organization, line: Line
) -> None:
    """The mail goes to whom the campaign took in, whatever their handle is."""
    ana = make_creator(organization, handle="ana", email="ana@example.com")
    campaign = make_campaign(organization, "ana")
    assert admin.patch(f"{BASE}/creators/{ana.id}", {"handle": "ana.new"}).status == 200
    make_creator(organization, handle="ana", email="stranger@example.com")
    make_creator(organization, handle="ana.new", platform="youtube", email="other@example.com")
    before = len(sent_emails())
    admin.post(ENQUEUE, mail(campaign.id))
    line.run_dry(JOBS)
    assert [each["destinations"]["ToAddresses"] for each in sent_emails()[before:]] == [["ana@example.com"]]


def test_a_campaign_without_addresses_is_done_at_once(admin: Client, organization: Organization, line: Line) -> None:
    campaign = make_campaign(organization)
    job_id = admin.post(ENQUEUE, mail(campaign.id)).body["job_id"]
    line.run_dry(JOBS)
    assert admin.get(f"{STATUS}/{job_id}").body["result"]["recipients"] == 0


def test_who_may_write_to_whose_creators(
    admin: Client, member: Client, organization: Organization, other: Organization, line: Line
) -> None:
    campaign = make_campaign(organization, brand_id=make_brand(organization).id)
    assert detail(member.post(ENQUEUE, mail(campaign.id))) == (
        403, "deny: role agency_member does not grant marcom:write",
    )  # fmt: skip
    for foreign in (make_campaign(other).id, NOBODY):
        assert detail(admin.post(ENQUEUE, mail(foreign))) == (404, "Campaign not found")
    assert fields(admin.post(ENQUEUE, mail("x"))) == ["body.kwargs.campaign_id"]
    assert line.sent == []


def test_without_a_sender_the_job_fails_and_says_so(admin: Client, organization: Organization, line: Line) -> None:
    job_id = admin.post(ENQUEUE, mail(make_campaign(organization).id)).body["job_id"]
    with use({"QUINTET_EMAIL_SENDER": ""}):
        line.run_dry(JOBS)
    told = admin.get(f"{STATUS}/{job_id}").body
    assert (told["status"], told["error"]) == ("failed", "E-mail is not configured (QUINTET_EMAIL_SENDER is not set)")


def test_a_step_that_is_resumed_writes_to_nobody_again(
    admin: Client, organization: Organization, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "AT_ONCE", 2)
    monkeypatch.setattr(mailing, "deliver", lambda *_: True)
    names = ["a1", "b2", "c3"]
    for name in names:
        make_creator(organization, handle=name, email=f"{name}@example.com")
    campaign = make_campaign(organization, *names)
    workflow = make_workflow(organization, {"type": "call_job", **mail(campaign.id)})
    run = admin.post(f"{BASE}/workflow/{workflow.id}/run").body
    with killed(3):  # before the second lot
        line.run_dry(JOBS)
    assert len(posted()) == 2
    line.lying.clear()
    line.clock.advance(minutes=5)
    with use({"QUINTET_EMAIL_SENDER": ""}):
        JOBS.sweep()
        line.run_dry(JOBS)
    assert admin.post(f"{BASE}/workflow/{workflow.id}/runs/{run['id']}/resume").status == 200
    line.run_dry(JOBS)
    (told,) = admin.get(f"{BASE}/workflow/{workflow.id}/history").body
    assert (told["status"], told["steps"][0]["output"]["result"]["recipients"]) == ("completed", 3)
    assert sorted(message.to for message in posted()) == [f"{name}@example.com" for name in names]


def test_long_mails_go_into_as_many_transactions_as_they_need(
    admin: Client, organization: Organization, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "deliver", lambda *_: True)
    names = [f"n{n}" for n in range(12)]
    for name in names:
        make_creator(organization, handle=name, email=f"{name}@example.com")
    sent = mail(make_campaign(organization, *names).id)
    sent["kwargs"]["body"] = "\U0001f34a" * 98_000
    job_id = admin.post(ENQUEUE, sent).body["job_id"]
    with recorded() as calls:
        line.deliver(JOBS)
    sizes = [len(json.dumps(call.params, ensure_ascii=False, default=str).encode()) for call in calls.made]
    assert 1_000_000 < max(sizes) < 4_000_000  # what DynamoDB takes in a transaction
    told = admin.get(f"{STATUS}/{job_id}").body
    assert (told["status"], told["error"]) == ("completed", None)
    assert len(posted()) == 12


def test_a_consumer_killed_before_any_of_its_writes_writes_to_everybody_once(
    admin: Client, organization: Organization, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "AT_ONCE", 2)
    monkeypatch.setattr(mailing, "deliver", lambda *_: True)
    names = ["a1", "b2", "c3"]
    for name in names:
        make_creator(organization, handle=name, email=f"{name}@example.com")
    campaign, account = make_campaign(organization, *names), account_of(admin)

    def run(kill_at: int) -> int:
        before = {message.id for message in posted()}
        answer = as_account(admin, account).post(ENQUEUE, mail(campaign.id))
        with killed(kill_at) as writes:
            line.run_dry(JOBS)
        if writes.killed:
            line.lying.clear()
            line.clock.advance(minutes=5)
            JOBS.sweep()
            line.run_dry(JOBS)
        told = as_account(admin, account).get(f"{STATUS}/{answer.body['job_id']}").body
        assert writes.killed == (kill_at > 0)
        assert (told["status"], told["result"]["recipients"]) == ("completed", 3), kill_at
        new = [message.to for message in posted() if message.id not in before]
        assert sorted(new) == ["a1@example.com", "b2@example.com", "c3@example.com"], kill_at
        return writes.count

    for kill_at in range(1, run(kill_at=0) + 1):
        run(kill_at)
