"""Workflows of an organization: made, changed, run, and looked back on."""

from dataclasses import replace
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from caidence.access.callers import WorkflowReader, WorkflowWriter
from caidence.access.rows import BRAND_NOT_FOUND, ORGANIZATION_NOT_FOUND, page, place_for, row
from caidence.activity.log import record
from caidence.campaigns.entities import CAMPAIGN_NOT_FOUND
from caidence.directory.fields import Description
from caidence.envelope import Id
from caidence.service import api, store
from caidence.tasks.registry import JOBS, WORK, Place, place_in
from caidence.workflow import execution, steps
from caidence.workflow.entities import Run, Workflow
from caidence.workflow.execution import NOT_FAILED, TASKS, WORKFLOW_NOT_FOUND
from caidence.workflow.history import RunReply, live
from caidence.workflow.steps import Step, Steps
from quintet.api import ErrorType
from quintet.jobs import Job
from quintet.models import Name, Page, SkipQuery, Timestamp, now
from quintet.models.pages import sent_bytes
from quintet.store import until_settled

RUN_NOT_FOUND = ErrorType(404, "run_not_found", "Run not found")
NAMED: Final = (WORKFLOW_NOT_FOUND, ORGANIZATION_NOT_FOUND, BRAND_NOT_FOUND, CAMPAIGN_NOT_FOUND)
"""What steps may name and their caller may not see."""
_EXAMPLE: Final[list[dict[str, Any]]] = [
    {
        "type": "generate_content",
        "title": "Cold-pressed summer",
        "platform": "instagram",
        "content_type": "caption",
        "prompt": "An energetic caption for the launch of our cold-pressed orange juice",
    },
    {"type": "branch", "if": {"step": 0, "field": "content", "op": "contains", "value": "juice"}, "then": 2, "else": 3},
    {"type": "wait", "seconds": 30},
]


class NewWorkflow(BaseModel):
    model_config = ConfigDict(defer_build=True)

    name: Name
    description: Description
    steps_json: Steps
    organization_id: Annotated[Id | None, Field(description="The caller's own when absent")] = None
    brand_id: Annotated[Id | None, Field(description="The brand that its steps work for")] = None


class WorkflowChanges(BaseModel):
    """What is left out, or null, stays as it is. Runs that have begun keep the steps that they began with."""

    model_config = ConfigDict(defer_build=True)

    name: Name | None = None
    description: Description | None = None
    steps_json: Steps | None = None


class WorkflowReply(BaseModel):
    """A workflow with its steps."""

    model_config = ConfigDict(defer_build=True)

    id: str
    organization_id: str
    brand_id: str | None
    name: str
    description: str
    steps_json: list[dict[str, Any]]
    run_count: int
    last_run_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, workflow: Workflow) -> Self:
        shown = {name: getattr(workflow, name) for name in WorkflowReply.model_fields if name != "steps_json"}
        return cls.model_validate({**shown, "steps_json": workflow.steps})


class HistoryQuery(SkipQuery):
    """All of a usual workflow's runs at once."""

    limit: Annotated[int, Field(ge=1, le=100, description="Runs to show")] = 100


@api.get("/workflow", needs={"table:read"})
def list_workflows(query: SkipQuery, caller: WorkflowReader) -> Page[WorkflowReply]:
    """List workflows, newest first

    All of them for super admins, for others those of their organization. Fewer than asked for where they say more than
    a reply can carry; the rest is behind the `next` link.
    """
    return page(caller, Workflow, query, weigh=lambda one: sent_bytes(WorkflowReply.of(one))).map(WorkflowReply.of)


@api.post(
    "/workflow",
    errors=NAMED,
    needs={"table:write"},
    idempotent=True,
    example={"name": "Launch", "description": "Copy first, then a pause", "steps_json": _EXAMPLE},
)
def create(body: NewWorkflow, caller: WorkflowWriter) -> WorkflowReply:
    """Create a new workflow

    Of 1 to 50 steps: `generate_content`, `generate_design`, `send_email`, `send_sms` with the fields of the direct
    operations, `wait`, `call_job`, and `branch`, which goes on at one later step or another.
    """
    organization_id, brand_id = place_for(caller, body.organization_id, body.brand_id)
    _require_sound(caller, body.steps_json, place_in(organization_id, brand_id))
    new = Workflow(
        organization_id=organization_id, brand_id=brand_id, name=body.name, description=body.description,
        steps=steps.stored(body.steps_json, TASKS),
    )  # fmt: skip
    new.updated_at = new.created_at
    tx = store.transaction()
    tx.create(new)
    told = f"Created the workflow {new.name}"
    record(tx, caller.account, "workflow.created", told, organization_id=organization_id)
    tx.commit()
    return WorkflowReply.of(new)


@api.get("/workflow/{workflow_id}", errors=[WORKFLOW_NOT_FOUND], needs={"table:read"}, etag=True)
def get(workflow_id: Id, caller: WorkflowReader) -> WorkflowReply:
    """Get a single workflow"""
    return WorkflowReply.of(row(caller, Workflow, workflow_id, WORKFLOW_NOT_FOUND))


@api.patch(
    "/workflow/{workflow_id}",
    errors=NAMED,
    needs={"table:write"},
    example={"name": "Launch, second round", "steps_json": _EXAMPLE},
)
def update(workflow_id: Id, body: WorkflowChanges, caller: WorkflowWriter) -> WorkflowReply:
    """Update a workflow's name, description and steps"""

    def attempt() -> Workflow:
        old = row(caller, Workflow, workflow_id, WORKFLOW_NOT_FOUND)
        if body.steps_json is not None:
            _require_sound(caller, body.steps_json, execution.within(old))
        new = old.model_copy(update=_given(body))
        if new == old:
            return old
        new.updated_at = now()
        return store.replace(old, new, refused=None)

    return WorkflowReply.of(until_settled(attempt))


@api.get("/workflow/{workflow_id}/history", errors=[WORKFLOW_NOT_FOUND], needs={"table:read"})
def list_history(workflow_id: Id, query: HistoryQuery, caller: WorkflowReader) -> Page[RunReply]:
    """List the runs of a workflow, newest first

    A hundred of them, fewer where they say more than a reply can carry; the rest is behind the `next` link.
    """
    found = row(caller, Workflow, workflow_id, WORKFLOW_NOT_FOUND)
    runs = store.page(
        Run,
        "main",
        query,
        weigh=lambda run: sent_bytes(RunReply.of(run)),
        organization_id=found.organization_id,
        workflow_id=found.id,
    )
    return replace(runs, items=live(runs.items)).map(RunReply.of)


@api.post(
    "/workflow/{workflow_id}/run",
    errors=NAMED,
    needs=WORK,
    idempotent=True,
    memory=1024,
    layers=("documents",),
)
def run(workflow_id: Id, caller: WorkflowWriter) -> RunReply:
    """Execute a workflow

    Answers the run at once; the job queue does one step after the other. The caller needs the permission of every step.
    """

    def attempt() -> tuple[Run, list[Job]]:
        found = row(caller, Workflow, workflow_id, WORKFLOW_NOT_FOUND)
        tx = store.transaction()
        begun = execution.begin(tx, caller, found)
        tx.commit()
        return begun

    return _started(*until_settled(attempt))


@api.post(
    "/workflow/{workflow_id}/runs/{run_id}/resume",
    errors=[*NAMED, RUN_NOT_FOUND, NOT_FAILED],
    needs=WORK,
    idempotent=True,
    memory=1024,
    layers=("documents",),
    extension=True,
)
def resume(workflow_id: Id, run_id: Id, caller: WorkflowWriter) -> RunReply:
    """Resume a run that failed

    It goes on with the step that failed; those before it are not done again.
    """

    def attempt() -> tuple[Run, list[Job]]:
        found = row(caller, Workflow, workflow_id, WORKFLOW_NOT_FOUND)
        at: dict[str, Any] = {"organization_id": found.organization_id, "workflow_id": found.id, "id": run_id}
        old = store.require(Run, RUN_NOT_FOUND, **at)
        tx = store.transaction()
        going = execution.resumed(tx, caller, old)
        tx.commit()
        return going

    return _started(*until_settled(attempt))


def _started(run: Run, jobs: list[Job]) -> RunReply:
    """The run with its first job in the queue, or as it stands where that ran at once."""
    ran = [JOBS.start(job) for job in jobs]
    if any(job.status != "queued" for job in ran):
        place: dict[str, Any] = {"organization_id": run.organization_id, "workflow_id": run.workflow_id, "id": run.id}
        (run,) = live([store.get(Run, **place) or run])
    return RunReply.of(run)


def _require_sound(caller: WorkflowWriter, given: list[Step], within: Place) -> None:
    """Raise 422 for steps that do not fit together, 404 for what they name and the caller cannot see."""
    found = steps.problems(given, TASKS)
    if found:
        raise api.errors.invalid_body(details=found)
    steps.locate(caller, given, TASKS, within)


def _given(body: WorkflowChanges) -> dict[str, Any]:
    named: dict[str, Any] = {"name": body.name, "description": body.description}
    changes = {name: value for name, value in named.items() if value is not None}
    return changes if body.steps_json is None else {**changes, "steps": steps.stored(body.steps_json, TASKS)}
