"""For whom and where steps do their work: by the rights of the moment, in the workflow's own organization."""

from __future__ import annotations

from typing import Any

import pytest

from caidence.content.entities import Content
from caidence.directory.entities import Organization
from caidence.presentations.entities import Presentation
from caidence.service import store
from caidence.tasks.registry import JOBS
from quintet.messaging import outbox
from quintet.messaging.outbox import Message
from quintet.testing import Client
from tests.functions.caidence.conftest import BASE, SignIn, account_of, lend, make_brand
from tests.functions.caidence.tenancy.conftest import ids
from tests.functions.caidence.workflow.conftest import (
    COPY,
    DECK,
    MAIL,
    PAUSE,
    WORKFLOW,
    make_workflow,
    the_run,
    told,
)  # fmt: skip
from tests.support.line import Line

LEFT = "The account that asked for this does not belong to the organization any more"


@pytest.fixture
def admin(sign_in: SignIn) -> Client:
    return sign_in("agency_admin")


def start(client: Client, workflow_id: str) -> None:
    assert client.post(f"{WORKFLOW}/{workflow_id}/run").status == 200


def move(client: Client, to: Organization) -> None:
    account = account_of(client)
    store.replace(account, account.model_copy(update={"organization_id": to.id}))


@pytest.mark.parametrize("step", [COPY, DECK, MAIL])
def test_a_step_fails_once_its_account_has_left_the_organization(
    admin: Client, organization: Organization, other: Organization, line: Line, step: dict[str, Any]
) -> None:
    workflow = make_workflow(organization, PAUSE, step)
    start(admin, workflow.id)
    move(admin, other)
    line.run_dry(JOBS)
    assert (told(the_run(workflow)), the_run(workflow).steps[1].error) == (["completed", "failed"], LEFT)
    for place in (organization, other):
        assert store.query(Content, organization_id=place.id).items == []
        assert store.query(Presentation, place=place.id).items == []
    assert [m for n in range(outbox.SHARDS) for m in store.query(Message, "gsi1", queue=str(n)).items] == []


def test_a_job_fails_once_its_account_has_left_the_organization(
    admin: Client, organization: Organization, other: Organization, line: Line, sign_in: SignIn
) -> None:
    sent = {"task_name": "generate_presentation", "kwargs": DECK["kwargs"]}
    job_id = admin.post(f"{BASE}/jobs/enqueue", sent).body["job_id"]
    move(admin, other)
    line.run_dry(JOBS)
    assert sign_in("viewer").get(f"{BASE}/jobs/status/{job_id}").body["error"] == LEFT
    assert store.query(Presentation, place=other.id).items == []


@pytest.mark.parametrize("scope", ["organization", "brand"])
def test_a_right_that_was_lost_during_a_run_is_lost_for_its_next_step(
    admin: Client, organization: Organization, line: Line, scope: Any
) -> None:
    brand = make_brand(organization)
    workflow = make_workflow(organization, PAUSE, {**COPY, "brand_id": brand.id}, MAIL)
    start(admin, workflow.id)
    lend(admin, "content:write", allowed=False, scope=scope, id=brand.id if scope == "brand" else organization.id)
    line.run_dry(JOBS)
    run = the_run(workflow)
    assert told(run) == ["completed", "failed", "pending"]
    assert str(run.steps[1].error).startswith("deny: override ")
    assert store.query(Content, organization_id=organization.id).items == []


def test_a_right_that_was_lost_before_a_job_began_is_lost_for_it(
    admin: Client, organization: Organization, line: Line
) -> None:
    copy = {name: value for name, value in COPY.items() if name != "type"}
    job_id = admin.post(f"{BASE}/jobs/generate-content", copy).body["job_id"]
    lend(admin, "content:write", allowed=False, scope="organization", id=organization.id)
    line.run_dry(JOBS)
    told_of = admin.get(f"{BASE}/jobs/status/{job_id}").body
    assert (told_of["status"], told_of["error"][:15]) == ("failed", "deny: override ")


def test_what_a_super_admin_has_done_stands_in_the_organization_and_is_seen_there(
    admin: Client, super_admin: Client, organization: Organization, line: Line
) -> None:
    workflow = make_workflow(organization, DECK)
    start(super_admin, workflow.id)
    copy = {**{name: value for name, value in COPY.items() if name != "type"}, "organization_id": organization.id}
    job_id = super_admin.post(f"{BASE}/jobs/generate-content", copy).body["job_id"]
    line.run_dry(JOBS)
    output = the_run(workflow).steps[0].output
    assert ids(admin.get(f"{BASE}/presentation")) == [output["result"]["id"]]
    assert output["result"]["organization_id"] == organization.id
    for client in (admin, super_admin):
        for each in (job_id, output["job_id"]):
            assert client.get(f"{BASE}/jobs/status/{each}").body["status"] == "completed"
    assert store.query(Presentation, place=account_of(super_admin).id).items == []
