"""Runs: step by step as jobs, the definition pinned, each step's effect once, whoever dies in between."""

from __future__ import annotations

from typing import Any

import pytest

from caidence.activity.log import Activity
from caidence.content import generation
from caidence.content.entities import Content
from caidence.directory.entities import Organization
from caidence.presentations.entities import Presentation
from caidence.service import store
from caidence.tasks import messages
from caidence.tasks.registry import JOBS, Acting, prepared
from caidence.workflow import execution, outputs
from caidence.workflow.entities import Run, StepRecord, Workflow
from quintet.jobs import Job, results
from quintet.messaging import outbox
from quintet.messaging.outbox import Message
from quintet.models.time import rfc3339
from quintet.settings import use
from quintet.store import ConditionFailed, table
from quintet.testing import Client
from tests.functions.caidence.conftest import BASE, SignIn, account_of, as_account, lend, make_brand
from tests.functions.caidence.tenancy.conftest import NOBODY, detail, fields, ids
from tests.functions.caidence.workflow.conftest import (
    COPY,
    DECK,
    MAIL,
    PAUSE,
    PICTURE,
    WORKFLOW,
    branch,
    make_workflow,
    the_run,
    told,
)  # fmt: skip
from tests.support.aws import in_threads, sent_emails
from tests.support.calls import recorded
from tests.support.line import Killed, Line, killed

SMS = {"type": "send_sms", "phone_number": "+34600000000", "message": "Ready"}


@pytest.fixture
def admin(sign_in: SignIn) -> Client:
    """One who may run any step."""
    return sign_in("agency_admin")


def start(client: Client, workflow: Workflow) -> dict[str, Any]:
    answer = client.post(f"{WORKFLOW}/{workflow.id}/run")
    assert answer.status == 200, answer
    found: dict[str, Any] = answer.body
    return found


def resume(client: Client, workflow: Workflow, run: Run) -> Any:
    return client.post(f"{WORKFLOW}/{workflow.id}/runs/{run.id}/resume")


def posted() -> list[Message]:
    """What lies in the outbox."""
    return [message for n in range(outbox.SHARDS) for message in store.query(Message, "gsi1", queue=str(n)).items]


def calling(workflow: Workflow) -> dict[str, Any]:
    return {"type": "call_job", "task_name": "execute_workflow", "kwargs": {"workflow_id": workflow.id}}


def test_a_run_is_answered_at_once_counted_and_told_of(admin: Client, organization: Organization, line: Line) -> None:
    workflow = make_workflow(organization, COPY, PAUSE)
    moment = rfc3339(line.clock.at)
    run = start(admin, workflow)

    def step(index: int, status: str) -> dict[str, Any]:
        kind, *_ = (COPY, PAUSE)[index].values()
        given = {name: value for name, value in (COPY, PAUSE)[index].items() if name != "type"}
        return {
            "index": index, "type": kind, "status": status, "input": given, "output": None, "error": None,
            "started_at": None, "finished_at": None,
        }  # fmt: skip

    assert run == {
        "id": run["id"], "organization_id": organization.id, "workflow_id": workflow.id, "status": "queued",
        "steps": [step(0, "queued"), step(1, "pending")], "resumed": [], "triggered_by": account_of(admin).id,
        "started_at": None, "finished_at": None, "created_at": moment, "updated_at": moment,
    }  # fmt: skip
    found = admin.get(f"{WORKFLOW}/{workflow.id}").body
    assert (found["run_count"], found["last_run_at"]) == (1, moment)
    activities = store.query(Activity, place=organization.id).items
    assert [(each.type, each.description) for each in activities] == [("workflow.run", "Ran the workflow Launch")]
    assert [note.id for _, note in line.sent] == [the_run(workflow).job_id]


def test_a_run_does_one_step_after_the_other_and_keeps_what_came_of_each(
    admin: Client, organization: Organization, line: Line
) -> None:
    workflow = make_workflow(organization, COPY, MAIL, DECK, PICTURE)
    before = len(sent_emails())
    start(admin, workflow)
    assert line.deliver(JOBS) == 4
    (run,) = admin.get(f"{WORKFLOW}/{workflow.id}/history").body
    assert run["status"] == "completed"
    assert [step["status"] for step in run["steps"]] == ["completed"] * 4
    assert all(step["started_at"] and step["finished_at"] and step["error"] is None for step in run["steps"])

    (row,) = store.query(Content, organization_id=organization.id).items
    source = {"answer_source": "fallback"}
    assert run["steps"][0]["output"] == {**admin.get(f"{BASE}/content/{row.id}").body, **source}
    (mail,) = sent_emails()[before:]
    assert mail["subject"] == "Ready"
    assert (run["steps"][1]["output"]["success"], run["steps"][1]["output"]["channel"]) == (True, "email")
    called = run["steps"][2]["output"]
    assert admin.get(f"{BASE}/jobs/status/{called['job_id']}").body["result"] == called["result"]
    assert called["result"]["title"] == "Summer"
    drawn = admin.get(f"{BASE}/design/{run['steps'][3]['output']['id']}").body
    assert run["steps"][3]["output"] == {**drawn, **source}


def test_a_run_keeps_the_steps_that_it_began_with(admin: Client, organization: Organization, line: Line) -> None:
    workflow = make_workflow(organization, COPY, PAUSE, {**COPY, "title": "Second"})
    start(admin, workflow)
    assert admin.patch(f"{WORKFLOW}/{workflow.id}", {"steps_json": [PAUSE]}).status == 200
    line.run_dry(JOBS)
    assert told(the_run(workflow)) == ["completed"] * 3
    assert [row.title for row in store.query(Content, organization_id=organization.id).items] == ["Second", "Summer"]


def test_a_wait_is_a_delayed_message(admin: Client, organization: Organization, line: Line) -> None:
    workflow = make_workflow(organization, {"type": "wait", "seconds": 900}, COPY)
    run = start(admin, workflow)
    assert [pause for pause, _ in line.sent] == [900]
    assert (run["status"], run["steps"][0]["status"]) == ("queued", "queued")
    began = rfc3339(line.clock.at)
    line.clock.advance(seconds=1)
    (seen,) = admin.get(f"{WORKFLOW}/{workflow.id}/history").body
    assert (seen["status"], seen["started_at"]) == ("running", began)
    assert (seen["steps"][0]["status"], seen["steps"][0]["started_at"]) == ("running", began)
    assert line.deliver(JOBS) == 0
    line.clock.advance(seconds=898)
    assert line.deliver(JOBS) == 0
    line.clock.advance(seconds=1)
    assert line.deliver(JOBS) == 2
    ended = the_run(workflow)
    assert told(ended) == ["completed", "completed"]
    assert rfc3339(ended.steps[0].started_at or ended.updated_at) == began


@pytest.mark.parametrize(
    ("field", "value", "way"), [("platform", "instagram", "then"), ("platform", "tiktok", "else"), ("no", None, "then")]
)
def test_a_branch_goes_one_way_and_skips_the_other(
    admin: Client, organization: Organization, line: Line, field: str, value: Any, way: str
) -> None:
    then, otherwise = {**COPY, "title": "then"}, {**COPY, "title": "else"}
    past_it = branch(0, "title", "eq", "Summer", 5, 5)
    workflow = make_workflow(
        organization, COPY, branch(0, field, "eq", value, 2, 4), then, past_it, otherwise, PAUSE
    )  # fmt: skip
    start(admin, workflow)
    line.run_dry(JOBS)
    run, rows = the_run(workflow), store.query(Content, organization_id=organization.id).items
    middle = ["completed", "completed", "skipped"] if way == "then" else ["skipped", "skipped", "completed"]
    assert (run.status, told(run)) == ("completed", ["completed", "completed", *middle, "completed"])
    assert run.steps[1].output == {"condition": way == "then", "next": 2 if way == "then" else 4}
    assert [row.title for row in rows] == [way, "Summer"]


def test_a_branch_sees_the_whole_of_an_output_that_a_run_keeps_in_part(
    admin: Client, organization: Organization, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outputs, "ROOM", 0)
    monkeypatch.setattr(outputs, "_LEAST", 300)
    deep = {**DECK, "kwargs": {"title": "A title of many words", "source_type": "campaign"}}
    found = branch(0, "result.slides.2.title", "ne", None, 2, 3)
    workflow = make_workflow(organization, deep, found, COPY, branch(0, "result.title", "contains", "many", 4, 5), COPY)
    start(admin, workflow)
    line.run_dry(JOBS)
    run = the_run(workflow)
    assert [run.steps[1].output, run.steps[3].output] == [
        {"condition": True, "next": 2}, {"condition": True, "next": 4},
    ]  # fmt: skip
    (row,) = store.query(Presentation, place=organization.id).items
    output = run.steps[0].output
    assert output.keys() == {"bytes", "job_id", "result"}
    assert (output["result"]["id"], "slides" in output["result"]) == (row.id, False)
    assert admin.get(f"{BASE}/jobs/status/{output['job_id']}").body["result"]["title"] == "A title of many words"


def test_a_branch_to_the_end_ends_the_run(admin: Client, organization: Organization, line: Line) -> None:
    workflow = make_workflow(organization, PAUSE, branch(0, "x", "ne", None, 2, 3), COPY)
    start(admin, workflow)
    line.run_dry(JOBS)
    assert (the_run(workflow).status, told(the_run(workflow))) == ("completed", ["completed", "completed", "skipped"])


def test_a_failed_step_fails_its_run_and_resuming_goes_on_from_there(
    admin: Client, organization: Organization, line: Line
) -> None:
    workflow = make_workflow(organization, COPY, SMS, {**COPY, "title": "Second"})
    start(admin, workflow)
    line.run_dry(JOBS)
    run = the_run(workflow)
    assert (run.status, told(run)) == ("failed", ["completed", "failed", "pending"])
    assert run.steps[1].error == "SMS is not configured (QUINTET_SMS_SENDER is not set)"
    assert run.finished_at is not None

    with use({"QUINTET_SMS_SENDER": "Quintet"}):
        answer = resume(admin, workflow, run)
        assert (answer.status, answer.body["status"], answer.body["id"]) == (200, "running", run.id)
        assert [step["status"] for step in answer.body["steps"]] == ["completed", "queued", "pending"]
        line.run_dry(JOBS)
    again = the_run(workflow)
    assert (again.status, told(again)) == ("completed", ["completed"] * 3)
    assert (again.steps[0], again.steps[1].error) == (run.steps[0], None)
    (gone,) = admin.get(f"{WORKFLOW}/{workflow.id}/history").body[0]["resumed"]
    assert gone == {
        "index": 1, "error": run.steps[1].error, "resumed_by": account_of(admin).id,
        "started_at": rfc3339(line.clock.at), "finished_at": rfc3339(line.clock.at),
        "resumed_at": rfc3339(line.clock.at),
    }  # fmt: skip
    assert len(store.query(Content, organization_id=organization.id).items) == 2
    found = store.get(Workflow, organization_id=organization.id, id=workflow.id)
    assert found is not None
    assert found.run_count == 1


def test_only_a_failed_run_is_resumed_and_once(admin: Client, organization: Organization, line: Line) -> None:
    workflow = make_workflow(organization, SMS)
    start(admin, workflow)
    refused = (409, "Only a run that failed can be resumed")
    assert detail(resume(admin, workflow, the_run(workflow))) == refused
    line.run_dry(JOBS)
    failed, sent = the_run(workflow), len(line.sent)
    path, once = f"{WORKFLOW}/{workflow.id}/runs/{failed.id}/resume", {"Idempotency-Key": "once"}
    assert [admin.post(path, headers=once).status for _ in range(2)] == [200, 200]
    line.run_dry(JOBS)
    failed, sent = the_run(workflow), len(line.sent)
    answers = in_threads(4, lambda _: resume(admin, workflow, failed).status)
    assert sorted(map(str, answers)) == ["200", "409", "409", "409"]
    assert len(line.sent) == sent + 1
    assert detail(admin.post(f"{WORKFLOW}/{workflow.id}/runs/{NOBODY}/resume")) == (404, "Run not found")
    other = make_workflow(organization, SMS)
    assert detail(resume(admin, other, failed)) == (404, "Run not found")


def test_who_runs_a_workflow_needs_the_permission_of_every_step(
    member: Client, organization: Organization, line: Line
) -> None:
    reason = "deny: role agency_member does not grant marcom:write"
    workflow = make_workflow(organization, COPY, SMS)
    path = f"{WORKFLOW}/{workflow.id}"
    for each in (make_workflow(organization, COPY, MAIL), workflow):
        path = f"{WORKFLOW}/{each.id}"
        assert detail(member.post(f"{path}/run")) == (403, reason)
        job = {"task_name": "execute_workflow", "kwargs": {"workflow_id": each.id}}
        assert detail(member.post(f"{BASE}/jobs/enqueue", job)) == (403, reason)
        assert member.get(path).body["run_count"] == 0
    assert line.sent == []
    lend(member, "marcom:write")
    assert member.post(f"{path}/run").status == 200
    line.run_dry(JOBS)
    lend(member, "marcom:write", allowed=False, scope="organization", id=organization.id)
    (run,) = store.query(Run, organization_id=organization.id, workflow_id=workflow.id).items
    status, denied = detail(resume(member, workflow, run))
    assert (status, denied[:15]) == (403, "deny: override ")


def test_a_workflow_of_a_brand_works_for_it_and_is_judged_there(
    admin: Client, organization: Organization, line: Line
) -> None:
    brand = make_brand(organization)
    workflow = make_workflow(organization, COPY, brand_id=brand.id)
    lend(admin, "content:write", allowed=False, scope="brand", id=brand.id)
    assert admin.post(f"{WORKFLOW}/{workflow.id}/run").status == 403
    own = make_workflow(organization, {**COPY, "brand_id": brand.id}, brand_id=None)
    assert admin.post(f"{WORKFLOW}/{own.id}/run").status == 403
    free = make_workflow(organization, COPY)
    start(admin, free)
    line.run_dry(JOBS)
    (row,) = store.query(Content, organization_id=organization.id).items
    assert row.brand_id is None


def test_runs_at_once_are_all_counted(admin: Client, organization: Organization, line: Line) -> None:
    workflow = make_workflow(organization, PAUSE)
    answers = in_threads(5, lambda _: admin.post(f"{WORKFLOW}/{workflow.id}/run").status)
    assert answers == [200] * 5
    assert admin.get(f"{WORKFLOW}/{workflow.id}").body["run_count"] == 5
    answer = admin.get(f"{WORKFLOW}/{workflow.id}/history")
    assert (len(answer.body), answer.headers["x-total-count"]) == (5, "5")


def test_the_same_request_with_its_key_is_one_run(admin: Client, organization: Organization, line: Line) -> None:
    workflow = make_workflow(organization, PAUSE)
    headers = {"Idempotency-Key": "once"}
    runs = [admin.post(f"{WORKFLOW}/{workflow.id}/run", headers=headers).body["id"] for _ in range(2)]
    assert runs[0] == runs[1]
    assert admin.get(f"{WORKFLOW}/{workflow.id}").body["run_count"] == 1


def test_messages_that_come_again_and_again_change_nothing(
    admin: Client, organization: Organization, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "deliver", lambda *_: True)
    workflow = make_workflow(organization, COPY, MAIL, PAUSE, DECK)
    start(admin, workflow)
    while line.lying:
        line.lying += line.lying
        line.clock.advance(seconds=60)
        line.deliver(JOBS)
    for _, note in line.sent:
        JOBS.take(note)
    assert told(the_run(workflow)) == ["completed"] * 4
    assert len(store.query(Content, organization_id=organization.id).items) == 1
    assert len(posted()) == 1


def test_a_consumer_killed_before_any_of_its_writes_still_comes_to_the_end_with_every_step_done_once(
    admin: Client, organization: Organization, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also between every two steps, which is before the first write of the next."""
    monkeypatch.setattr(messages, "deliver", lambda *_: True)
    steps = [COPY, branch(0, "title", "eq", "Summer", 2, 5), MAIL, PAUSE, DECK]
    account = account_of(admin)

    def run(kill_at: int) -> int:
        """A run in which the process dies once, before its n-th write; answers how many there were."""
        workflow = make_workflow(organization, *steps)
        rows = len(store.query(Content, organization_id=organization.id).items)
        decks = len(store.query(Presentation, place=organization.id).items)
        mails = len(posted())
        start(as_account(admin, account), workflow)
        with killed(kill_at) as writes:
            line.run_dry(JOBS)
        if writes.killed:
            line.lying.clear()  # the message is out of sight for as long as this takes
            line.clock.advance(minutes=5)
            JOBS.sweep()
            line.run_dry(JOBS)
        found = the_run(workflow)
        assert writes.killed == (kill_at > 0)
        assert (found.status, told(found)) == ("completed", ["completed"] * 5), kill_at
        assert len(store.query(Content, organization_id=organization.id).items) == rows + 1, kill_at
        assert len(store.query(Presentation, place=organization.id).items) == decks + 1, kill_at
        assert len(posted()) == mails + 1, kill_at
        return writes.count

    writes = run(kill_at=0)
    assert writes >= 2 * 4  # every step that is a job begins and ends
    for kill_at in range(1, writes + 1):
        run(kill_at)


def test_only_the_job_of_the_step_that_a_run_is_at_moves_it_on(
    admin: Client, organization: Organization, line: Line
) -> None:
    workflow = make_workflow(organization, {"type": "wait", "seconds": 900}, COPY)
    start(admin, workflow)
    run, acting = the_run(workflow), Acting(user_id="x")
    more = {"run": {"organization_id": organization.id, "workflow_id": workflow.id, "run_id": run.id}}
    stray = prepared(execution.wait, execution.Nothing(), acting, follower="workflow", more=more)
    JOBS.begin(stray)
    line.deliver(JOBS)
    found = store.get(Job, tenant="x", id=stray.id)
    assert found is not None
    assert found.status == "completed"
    assert the_run(workflow) == run


def test_a_step_whose_process_dies_every_time_fails_the_run(
    admin: Client, organization: Organization, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deadly(*_: Any, **__: Any) -> None:
        raise Killed

    workflow = make_workflow(organization, COPY, PAUSE)
    start(admin, workflow)
    with monkeypatch.context() as patch:
        patch.setattr(generation, "generate", deadly)
        for _ in range(4):
            with pytest.raises(Killed):
                line.deliver(JOBS)
            line.lying.clear()
            line.clock.advance(minutes=5)
            JOBS.sweep()
    run = the_run(workflow)
    assert (run.status, told(run)) == ("failed", ["failed", "pending"])
    assert run.steps[0].error == "The process ended before the job did, at attempt 4"
    assert resume(admin, workflow, run).status == 200
    line.run_dry(JOBS)
    assert the_run(workflow).status == "completed"


def test_a_resumed_step_that_had_left_its_row_leaves_no_second_one(
    admin: Client, organization: Organization, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate = generation.generate

    def half(*args: Any, **named: Any) -> None:
        generate(*args, **named)
        raise Killed

    workflow = make_workflow(organization, COPY)
    start(admin, workflow)
    with monkeypatch.context() as patch:
        patch.setattr(generation, "generate", half)
        for _ in range(4):
            with pytest.raises(Killed):
                line.deliver(JOBS)
            line.lying.clear()
            line.clock.advance(minutes=5)
            JOBS.sweep()
    assert the_run(workflow).status == "failed"
    assert resume(admin, workflow, the_run(workflow)).status == 200
    line.run_dry(JOBS)
    assert the_run(workflow).status == "completed"
    assert len(store.query(Content, organization_id=organization.id).items) == 1


def test_where_the_queue_cannot_be_reached_the_run_is_done_at_once(
    admin: Client, organization: Organization, line: Line
) -> None:
    line.down = True
    workflow = make_workflow(organization, COPY, PAUSE, {**COPY, "title": "Second"})
    run = start(admin, workflow)
    assert (run["status"], [step["status"] for step in run["steps"]]) == (
        "running",
        ["completed", "running", "pending"],
    )
    line.clock.advance(seconds=121)
    JOBS.sweep()
    assert the_run(workflow).status == "completed"


def test_a_job_that_executes_a_workflow_waits_for_the_runs_end(
    admin: Client, organization: Organization, line: Line
) -> None:
    workflow = make_workflow(organization, PAUSE, COPY)
    sent = {"task_name": "execute_workflow", "kwargs": {"workflow_id": workflow.id}}
    job_id = admin.post(f"{BASE}/jobs/enqueue", sent).body["job_id"]
    line.deliver(JOBS)
    assert admin.get(f"{BASE}/jobs/status/{job_id}").body["status"] == "queued"
    line.run_dry(JOBS)
    told_of = admin.get(f"{BASE}/jobs/status/{job_id}").body
    assert (told_of["status"], told_of["result"]) == (
        "completed", {"workflow_id": workflow.id, "run_id": the_run(workflow).id, "status": "completed"},
    )  # fmt: skip


def test_a_called_workflow_that_fails_fails_its_caller_and_both_are_resumed(
    admin: Client, organization: Organization, line: Line
) -> None:
    inner = make_workflow(organization, COPY, SMS)
    outer = make_workflow(organization, calling(inner), {**COPY, "title": "After"})
    start(admin, outer)
    line.run_dry(JOBS)
    failed = the_run(outer)
    assert told(failed) == ["failed", "pending"]
    assert failed.steps[0].error == (
        "The workflow failed at step 1 (send_sms): SMS is not configured (QUINTET_SMS_SENDER is not set)"
    )
    with use({"QUINTET_SMS_SENDER": "Quintet"}):
        assert resume(admin, outer, failed).status == 200
        line.run_dry(JOBS)
    assert (the_run(outer).status, the_run(inner).status) == ("completed", "completed")
    assert len(store.query(Content, organization_id=organization.id).items) == 2


def test_workflows_that_call_each_other_come_to_an_end(admin: Client, organization: Organization, line: Line) -> None:
    workflow = make_workflow(organization, PAUSE)
    store.replace(workflow, workflow.model_copy(update={"steps": [calling(workflow)]}))
    start(admin, workflow)
    line.run_dry(JOBS)
    runs = store.query(Run, organization_id=organization.id, workflow_id=workflow.id).items
    assert len(runs) == execution.DEEPEST + 1
    assert {run.status for run in runs} == {"failed"}
    assert runs[0].steps[0].error == "Workflows call each other more than 5 deep"


def test_a_called_workflow_is_judged_when_it_is_asked_for_and_when_it_is_called(
    member: Client, organization: Organization, line: Line
) -> None:
    inner = make_workflow(organization, MAIL)
    middle = make_workflow(organization, PAUSE, calling(inner))
    outer = make_workflow(organization, PAUSE, calling(middle))
    path, denied = f"{WORKFLOW}/{outer.id}/run", (403, "deny: role agency_member does not grant marcom:write")
    assert detail(member.post(path)) == denied
    job = {"task_name": "execute_workflow", "kwargs": {"workflow_id": outer.id}}
    assert detail(member.post(f"{BASE}/jobs/enqueue", job)) == denied
    lend(member, "marcom:write")
    start(member, outer)
    lend(member, "marcom:write", allowed=False, scope="organization", id=organization.id)
    line.run_dry(JOBS)
    assert str(the_run(outer).steps[1].error).startswith("deny: override ")
    assert posted() == []


def test_a_called_workflow_is_resumed_once_by_one_job(
    admin: Client, organization: Organization, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = make_workflow(organization, SMS)
    outer = make_workflow(organization, calling(inner))
    start(admin, outer)
    line.run_dry(JOBS)
    assert resume(admin, outer, the_run(outer)).status == 200
    kill_at = 3  # the job is begun, the inner run goes on: what it saw is not noted any more
    with killed(kill_at) as writes:
        line.deliver(JOBS)
    assert writes.killed
    assert len(the_run(inner).resumed) == 1
    line.lying.clear()
    for _ in range(3):
        line.clock.advance(minutes=5)
        JOBS.sweep()
        line.run_dry(JOBS)
    assert (the_run(outer).status, the_run(inner).status) == ("failed", "failed")
    assert len(the_run(inner).resumed) == 1


def test_history_is_newest_first_and_tells_of_the_present(
    admin: Client, organization: Organization, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflow = make_workflow(organization, COPY)
    path = f"{WORKFLOW}/{workflow.id}/history"
    assert admin.get(path).body == []
    first, second = start(admin, workflow), start(admin, workflow)
    assert ids(admin.get(path)) == [second["id"], first["id"]]
    assert ids(admin.get(path, query={"limit": 1})) == [second["id"]]
    assert fields(admin.get(path, query={"limit": 101})) == ["query.limit"]
    job = store.get(Job, tenant=organization.id, id=line.sent[1][1].id)
    assert job is not None
    running = job.model_copy(update={"status": "running", "started_at": line.clock.at})
    store.replace(job, running)
    newest, oldest = admin.get(path).body
    assert (newest["status"], newest["steps"][0]["status"]) == ("running", "running")
    assert newest["started_at"] == newest["steps"][0]["started_at"] == rfc3339(line.clock.at)
    assert (oldest["status"], oldest["steps"][0]["status"]) == ("queued", "queued")
    with recorded() as calls:
        admin.get(path)
    assert len(calls) <= 5


def test_history_never_says_more_than_a_reply_can_carry(
    admin: Client, organization: Organization, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflow = make_workflow(organization, PAUSE)
    record = StepRecord(index=0, type="wait", status="completed", input={"seconds": 60}, output="x" * 90_000)
    account = account_of(admin)
    made = [
        store.create(
            Run(
                organization_id=organization.id, workflow_id=workflow.id, status="completed", steps=[record],
                triggered_by=account.id, acting=account.id,
            )
        ).id
        for _ in range(5)
    ]  # fmt: skip
    monkeypatch.setattr(table, "MAX_PAGE_BYTES", 200_000)
    path, seen = f"{WORKFLOW}/{workflow.id}/history", list[str]()
    link = ""
    while True:
        answer = admin.get(path + link)
        assert len(answer.body) <= 2
        assert answer.headers["x-total-count"] == "5"
        seen += ids(answer)
        if "link" not in answer.headers:
            break
        link = answer.headers["link"].partition("<")[2].partition(">")[0]
    assert seen == made[::-1]
    monkeypatch.setattr(table, "MAX_PAGE_BYTES", 10)
    assert ids(admin.get(path)) == made[-1:]


def test_outputs_are_kept_whole_while_there_is_room() -> None:
    steps = [StepRecord(index=n, type="x", input={}) for n in range(50)]
    run = Run(organization_id="o", workflow_id="w", steps=steps, triggered_by="u", acting="u")
    for step in run.steps:
        step.output = outputs.kept({"content": "ü" * 12_000, "n": step.index, "many": ["y" * 900] * 3}, run)
    assert run.steps[0].output["content"] == "ü" * 12_000
    assert run.steps[-1].output["content"] == "ü" * results.SHORT + "…"
    assert run.steps[-1].output["n"] == 49
    assert outputs.kept([["z" * 300] * 50], run) == {"bytes": 15_202}
    assert len(run.model_dump_json().encode()) < 360_000


def test_a_run_whose_workflow_changes_at_that_moment_is_begun_anew(
    admin: Client, organization: Organization, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflow = make_workflow(organization, PAUSE)
    begin, failures = execution.begin, [ConditionFailed()]

    def shaky(*args: Any, **named: Any) -> Any:
        if failures:
            raise failures.pop()
        return begin(*args, **named)

    monkeypatch.setattr(execution, "begin", shaky)
    assert start(admin, workflow)["status"] == "queued"
