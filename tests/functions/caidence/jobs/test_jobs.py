"""Jobs: who may enqueue which task, with which arguments, who sees what became of it, and what keeps it going."""

from __future__ import annotations

import base64
import io
import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caidence.content.entities import Content
from caidence.directory.entities import Organization
from caidence.jobs import background_operations
from caidence.presentations.entities import Presentation
from caidence.service import store
from caidence.tasks.arguments import bound
from caidence.tasks.generating import PRESENTATION
from caidence.workflow.execution import JOBS
from quintet.jobs import Job
from quintet.models.time import rfc3339
from quintet.testing import Client, LambdaContext
from quintet.testing.events import schedule_event, sqs_event
from tests.functions.caidence.conftest import BASE, SignIn, account_of, lend, make_brand
from tests.functions.caidence.tenancy.conftest import NOBODY, detail, fields
from tests.support.aws import in_threads
from tests.support.line import Line

ENQUEUE, STATUS, HEALTH = f"{BASE}/jobs/enqueue", f"{BASE}/jobs/status", f"{BASE}/jobs/health"
SOURCE = {"answer_source": "fallback"}
DECK = {"title": "Summer launch", "source_type": "campaign"}
COPY = {"title": "Summer", "platform": "instagram", "content_type": "caption", "prompt": "Juice for runners."}


def large_picture() -> str:
    """A PNG of noise of more than a megabyte, in base64."""
    from PIL import Image

    content = io.BytesIO()
    Image.frombytes("RGB", (640, 640), random.Random(1).randbytes(640 * 640 * 3)).save(content, "PNG")
    return base64.b64encode(content.getvalue()).decode()


def deck(client: Client, **more: Any) -> str:
    """The id of a job that generates a presentation."""
    answer = client.post(ENQUEUE, {"task_name": "generate_presentation", "kwargs": DECK}, **more)
    assert (answer.status, answer.body["status"]) == (200, "queued"), answer
    return str(answer.body["job_id"])


def test_without_a_token_nothing_of_jobs_is_to_be_had_in_production(platform: Client) -> None:
    asked = [
        ("POST", ENQUEUE), ("GET", HEALTH), ("GET", f"{STATUS}/{NOBODY}"),
        ("POST", f"{BASE}/jobs/generate-content"), ("POST", f"{BASE}/jobs/generate-design"),
    ]  # fmt: skip
    for method, path in asked:
        assert platform.request(method, path, {}).status == 401, path


def test_in_development_the_default_account_enqueues(development: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = development.post(ENQUEUE, {"task_name": "generate_presentation", "kwargs": DECK})
    assert answer.status == 200
    found = development.get(f"{STATUS}/{answer.body['job_id']}")
    assert (found.status, found.body["status"]) == (200, "completed")  # it has no queue here, so the task ran at once


def test_a_job_is_queued_run_and_told_of(viewer: Client, line: Line) -> None:
    job_id = deck(viewer)
    assert viewer.get(f"{STATUS}/{job_id}").body == {
        "job_id": job_id, "status": "queued", "result": None, "error": None, "created_at": rfc3339(line.clock.at),
        "attempts": 0, "progress": 0,
    }  # fmt: skip
    line.run_dry(JOBS)
    told = viewer.get(f"{STATUS}/{job_id}").body
    assert (told["status"], told["error"], told["attempts"], told["progress"]) == ("completed", None, 1, 100)
    assert (told["result"]["id"], told["result"]["title"]) == (job_id, "Summer launch")
    assert {**viewer.get(f"{BASE}/presentation/{job_id}").body, **SOURCE} == told["result"]


def test_arguments_may_come_in_their_order_too(viewer: Client, line: Line) -> None:
    body = {"task_name": "generate_presentation", "args": ["Summer launch"], "kwargs": {"source_type": "campaign"}}
    job_id = viewer.post(ENQUEUE, body).body["job_id"]
    line.run_dry(JOBS)
    assert viewer.get(f"{STATUS}/{job_id}").body["result"]["title"] == "Summer launch"


def test_the_shortcut_for_content_is_the_same_job(member: Client, line: Line) -> None:
    answer = member.post(f"{BASE}/jobs/generate-content", COPY)
    assert answer.body == {"job_id": answer.body["job_id"], "status": "queued"}
    line.run_dry(JOBS)
    told = member.get(f"{STATUS}/{answer.body['job_id']}").body
    assert (told["status"], told["result"]["title"]) == ("completed", "Summer")
    assert {**member.get(f"{BASE}/content/{told['result']['id']}").body, **SOURCE} == told["result"]


def test_the_shortcut_for_designs_makes_a_square_picture(member: Client, line: Line) -> None:
    wish = {"title": "Summer", "style": "minimal", "prompt": "A glass of juice"}
    job_id = member.post(f"{BASE}/jobs/generate-design", wish).body["job_id"]
    line.run_dry(JOBS)
    told = member.get(f"{STATUS}/{job_id}").body
    assert (told["status"], told["error"]) == ("completed", None)
    assert (told["result"]["id"], told["result"]["aspect_ratio"]) == (job_id, "1:1")
    assert member.get(told["result"]["image_url"]).raw[:4] == b"\x89PNG"
    assert fields(member.post(f"{BASE}/jobs/generate-design", {**wish, "style": " "})) == ["body.style"]


def test_a_large_reference_image_goes_with_its_job(member: Client, line: Line) -> None:
    wish = {"title": "Summer", "style": "minimal", "prompt": "Juice", "reference_image": large_picture()}
    assert len(wish["reference_image"]) > 1_000_000
    answer = member.post(ENQUEUE, {"task_name": "generate_design", "kwargs": wish})
    assert answer.status == 200
    line.run_dry(JOBS)
    assert member.get(f"{STATUS}/{answer.body['job_id']}").body["status"] == "completed"


def test_a_task_that_is_not_known_is_refused_and_the_known_ones_named(viewer: Client, line: Line) -> None:
    for name in ("rm_rf", "send_email", "wait", "GENERATE_CONTENT"):
        status, text = detail(viewer.post(ENQUEUE, {"task_name": name}))
        assert status == 400
        assert "generate_content" in text
        assert "execute_workflow" in text
        assert "send_email" not in text.replace("send_campaign_emails", "")
    assert line.sent == []


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, ["body.task_name"]),
        ({"task_name": None}, ["body.task_name"]),
        ({"task_name": " "}, ["body.task_name"]),
        ({"task_name": "generate_presentation"}, ["body.kwargs.title", "body.kwargs.source_type"]),
        ({"task_name": "generate_presentation", "kwargs": []}, ["body.kwargs"]),
        ({"task_name": "generate_presentation", "args": {}}, ["body.args"]),
        ({"task_name": "generate_presentation", "kwargs": {**DECK, "title": 5}}, ["body.kwargs.title"]),
        ({"task_name": "generate_presentation", "kwargs": {**DECK, "titel": "x"}}, ["body.kwargs.titel"]),
        ({"task_name": "generate_presentation", "args": [7, "campaign"]}, ["body.args.0"]),
        ({"task_name": "generate_presentation", "args": ["a", "b", "c"]}, ["body.args"]),
        ({"task_name": "generate_presentation", "args": ["a"], "kwargs": DECK}, ["body.kwargs.title"]),
        ({"task_name": "generate_content", "kwargs": {**COPY, "brand_id": "x"}}, ["body.kwargs.brand_id"]),
        ({"task_name": "execute_workflow", "args": ["x"]}, ["body.args.0"]),
    ],
)
def test_bad_arguments_name_where_they_stand(member: Client, line: Line, body: Any, named: list[str]) -> None:
    assert fields(member.post(ENQUEUE, body)) == named
    assert line.sent == []


@given(st.lists(st.text(max_size=5), max_size=4), st.dictionaries(st.text(max_size=12), st.integers(), max_size=4))
def test_arguments_are_bound_or_told_of_whatever_they_are(args: list[str], kwargs: dict[str, int]) -> None:
    found = bound(PRESENTATION, args, kwargs)
    if isinstance(found, list):
        assert found
        assert all(problem.location[:1] == ("body",) for problem in found)
    else:
        assert kwargs == {}
        assert len(args) == 2


def test_the_permission_of_the_direct_operation_is_needed(viewer: Client, line: Line) -> None:
    status, reason = detail(viewer.post(ENQUEUE, {"task_name": "generate_content", "kwargs": COPY}))
    assert (status, reason) == (403, "deny: role viewer does not grant content:write")
    assert viewer.post(f"{BASE}/jobs/generate-content", COPY).status == 403
    lend(viewer, "content:write")
    assert viewer.post(ENQUEUE, {"task_name": "generate_content", "kwargs": COPY}).status == 200
    assert len(line.sent) == 1


def test_a_permission_within_a_brand_is_enough_there(viewer: Client, organization: Organization, line: Line) -> None:
    brand = make_brand(organization)
    lend(viewer, "content:write", scope="brand", id=brand.id)
    assert viewer.post(ENQUEUE, {"task_name": "generate_content", "kwargs": COPY}).status == 403
    kwargs = {**COPY, "brand_id": brand.id}
    assert viewer.post(ENQUEUE, {"task_name": "generate_content", "kwargs": kwargs}).status == 200
    line.run_dry(JOBS)
    (made,) = store.query(Content, organization_id=organization.id).items
    assert made.brand_id == brand.id


def test_another_organizations_rows_in_the_arguments_are_not_there(
    member: Client, other: Organization, line: Line
) -> None:
    for kwargs, text in [
        ({**COPY, "organization_id": other.id}, "Organization not found"),
        ({**COPY, "brand_id": make_brand(other).id}, "Brand not found"),
    ]:
        assert detail(member.post(ENQUEUE, {"task_name": "generate_content", "kwargs": kwargs})) == (404, text)
        assert detail(member.post(f"{BASE}/jobs/generate-content", kwargs)) == (404, text)
    assert line.sent == []


def test_a_super_admin_names_the_organization(super_admin: Client, organization: Organization, line: Line) -> None:
    body: dict[str, Any] = {"task_name": "generate_content", "kwargs": COPY}
    assert fields(super_admin.post(ENQUEUE, body)) == ["body.kwargs.organization_id"]
    body["kwargs"] = {**COPY, "organization_id": organization.id}
    assert super_admin.post(ENQUEUE, body).status == 200
    line.run_dry(JOBS)
    assert len(store.query(Content, organization_id=organization.id).items) == 1


def test_a_job_is_seen_by_its_owners_organization_and_super_admins_alone(
    viewer: Client, member: Client, sign_in: SignIn, other: Organization, super_admin: Client, root: Client, line: Line
) -> None:
    job_id = deck(viewer)
    for client in (viewer, member, super_admin, root):
        assert client.get(f"{STATUS}/{job_id}").status == 200
    for client in (sign_in("agency_admin", other), sign_in("viewer", None)):
        assert detail(client.get(f"{STATUS}/{job_id}")) == (404, "Job not found")
    alone = sign_in("creator", None)
    own = deck(alone)
    assert alone.get(f"{STATUS}/{own}").status == 200
    for client in (member, sign_in("creator", None)):
        assert client.get(f"{STATUS}/{own}").status == 404
    assert super_admin.get(f"{STATUS}/{NOBODY}").status == 404
    assert fields(viewer.get(f"{STATUS}/x")) == ["path.job_id"]


def test_the_same_request_with_its_key_is_one_job(viewer: Client, line: Line) -> None:
    headers = {"Idempotency-Key": "once"}
    assert deck(viewer, headers=headers) == deck(viewer, headers=headers)
    assert len(line.sent) == 1


def test_where_the_queue_cannot_be_reached_the_task_runs_at_once(viewer: Client, line: Line) -> None:
    line.down = True
    answer = viewer.post(ENQUEUE, {"task_name": "generate_presentation", "kwargs": DECK})
    assert (answer.status, answer.body["status"]) == (200, "completed")
    assert viewer.get(f"{STATUS}/{answer.body['job_id']}").body["result"]["title"] == "Summer launch"
    assert viewer.get(HEALTH).body["status"] == "degraded"


def test_health_has_its_figures(viewer: Client, line: Line) -> None:
    deck(viewer)
    line.clock.advance(seconds=30)
    assert viewer.get(HEALTH).body == {
        "status": "degraded", "depth": 1, "oldest_age_seconds": 30, "dead_letters": 0, "workers": 0,
    }  # fmt: skip


def test_an_account_that_is_barred_meanwhile_has_nothing_done(viewer: Client, line: Line) -> None:
    job_id = deck(viewer)
    account = account_of(viewer)
    store.replace(account, account.model_copy(update={"is_active": False}))
    line.run_dry(JOBS)
    job = store.get(Job, tenant=account.organization_id, id=job_id)
    assert job is not None
    assert job.status == "failed"
    assert job.reason == f"The account that asked for this may not work any more: user {account.id} is inactive"
    assert store.query(Presentation, place=account.organization_id).items == []


def test_the_consumer_gives_back_only_what_it_could_not_read(viewer: Client, line: Line) -> None:
    ids = [deck(viewer) for _ in range(2)]
    notes = [json.loads(note.model_dump_json()) for _, note in line.sent]
    answer = background_operations.run(sqs_event([notes[0], "{}", notes[1]], "jobs"), LambdaContext())
    assert len(answer["batchItemFailures"]) == 1
    assert {viewer.get(f"{STATUS}/{job_id}").body["status"] for job_id in ids} == {"completed"}


def test_a_dead_letter_fails_its_job_with_a_reason(viewer: Client, line: Line) -> None:
    job_id = deck(viewer)
    event = sqs_event([json.loads(line.sent[0][1].model_dump_json())], "dead-jobs")
    assert background_operations.bury(event, LambdaContext()) == {"batchItemFailures": []}
    told = viewer.get(f"{STATUS}/{job_id}").body
    assert (told["status"], told["error"]) == ("failed", "Its message was given up by the queue")
    assert viewer.get(HEALTH).body["dead_letters"] == 1


def test_the_clock_sends_what_was_not_sent(viewer: Client, line: Line) -> None:
    job_id = deck(viewer)
    line.lying.clear()
    line.clock.advance(seconds=61)
    assert background_operations.sweep(schedule_event(), LambdaContext()) == {"sent": 1, "run": 0, "left": 0}
    line.run_dry(JOBS)
    assert viewer.get(f"{STATUS}/{job_id}").body["status"] == "completed"


def test_a_task_that_is_repeated_leaves_one_row(member: Client, organization: Organization, line: Line) -> None:
    job_id = member.post(f"{BASE}/jobs/generate-content", COPY).body["job_id"]
    note = line.sent[0][1]
    in_threads(4, lambda _: JOBS.take(note))
    JOBS.take(note)
    rows = store.query(Content, organization_id=organization.id).items
    assert [row.id for row in rows] == [job_id]
