"""Runs as callers see them: with what the current job of an open one is at."""

from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from caidence.service import store
from caidence.workflow.entities import Run, RunStatus, StepRecord, StepStatus
from quintet.jobs import Job
from quintet.models import Timestamp
from quintet.store import Ref


class StepReply(BaseModel):
    """One step of a run: what it was given, and what came of it."""

    model_config = ConfigDict(defer_build=True)

    index: int
    type: str
    status: StepStatus
    input: dict[str, Any]
    output: Any
    error: str | None
    started_at: Timestamp | None
    finished_at: Timestamp | None

    @classmethod
    def of(cls, step: StepRecord) -> Self:
        return cls.model_validate(step.model_dump(exclude={"effect_id", "met"}))


class ResumptionReply(BaseModel):
    """How a step had failed before the run went on with it, and who had it go on."""

    model_config = ConfigDict(defer_build=True)

    index: int
    error: str | None
    started_at: Timestamp | None
    finished_at: Timestamp | None
    resumed_by: str
    resumed_at: Timestamp


class RunReply(BaseModel):
    """A run of a workflow, with the steps as they were when it began."""

    model_config = ConfigDict(defer_build=True)

    id: str
    organization_id: str
    workflow_id: str
    status: RunStatus
    steps: list[StepReply]
    resumed: Annotated[list[ResumptionReply], Field(description="The latest 20, oldest first")]
    triggered_by: str
    started_at: Timestamp | None
    finished_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, run: Run) -> Self:
        shown = {name: getattr(run, name) for name in RunReply.model_fields if name not in ("steps", "resumed")}
        resumed = [each.model_dump() for each in run.resumed]
        return cls.model_validate({**shown, "steps": [StepReply.of(step) for step in run.steps], "resumed": resumed})


def live(runs: Sequence[Run]) -> list[Run]:
    """Runs, of which the open ones tell whether the job that they are at is being worked on: one batch of reads."""
    open_ = [run for run in runs if not run.over and run.job_id]
    refs: list[Ref[Job]] = [Job.ref(tenant=run.organization_id, id=run.job_id) for run in open_]
    jobs = dict(zip((run.id for run in open_), store.get_all(refs), strict=True))
    return [_beside(run, jobs.get(run.id)) for run in runs]


def _beside(run: Run, job: Job | None) -> Run:
    """A run with what its current job says of the present."""
    if job is None or job.finished or (job.status != "running" and run.steps[run.at].type != "wait"):
        return run
    shown = run.model_copy(deep=True)
    at = shown.steps[shown.at]
    shown.status, at.status, at.started_at = "running", "running", at.began(job)
    shown.started_at = shown.started_at or at.started_at
    return shown
