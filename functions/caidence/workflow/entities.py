"""Workflows and their runs as they are stored."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from caidence.directory.owned import Owned, owned_keys
from quintet.jobs import Job
from quintet.models import new_id, now
from quintet.store import AsJson, Entity, Keys

RunStatus = Literal["queued", "running", "completed", "failed"]
StepStatus = Literal["pending", "queued", "running", "completed", "failed", "skipped"]


class Workflow(Owned):
    """Steps that are run one after the other."""

    kind: ClassVar[str] = "workflow"
    keys: ClassVar[Keys] = owned_keys("WORKFLOWS")

    name: str
    description: str
    steps: Annotated[list[dict[str, Any]], AsJson()]
    """As callers wrote them; `steps.read` gives them their types."""
    run_count: int = 0
    last_run_at: datetime | None = None


class StepRecord(BaseModel):
    """What became of one step of a run."""

    model_config = ConfigDict(defer_build=True)

    index: int
    type: str
    status: StepStatus = "pending"
    input: dict[str, Any]
    """The step without its type, as it was when the run began."""
    output: Any = None
    error: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    met: bool | None = None
    """Of a branch: how its condition was answered when the output that it asks for was there as a whole."""
    effect_id: str | None = None
    """The id under which it leaves its effect, the same for all of its jobs."""

    def began(self, job: Job) -> datetime | None:
        """Since when its job is being done: a wait is from when its job is there, any other from its first attempt."""
        return job.created_at if self.type == "wait" else job.started_at


class Resumption(BaseModel):
    """A step that failed, and who had the run go on with it."""

    model_config = ConfigDict(defer_build=True)

    index: int
    error: str | None
    started_at: datetime | None
    finished_at: datetime | None
    resumed_by: str
    resumed_at: datetime


class Run(Entity):
    """One run of a workflow, with the steps as they were when it began."""

    kind: ClassVar[str] = "workflow_run"
    keys: ClassVar[Keys] = Keys("ORG#{organization_id}#WORKFLOW#{workflow_id}#RUNS", "{id}", counted=True)

    id: str = Field(default_factory=new_id)
    organization_id: str
    brand_id: str | None = None
    workflow_id: str
    status: RunStatus = "queued"
    steps: Annotated[list[StepRecord], AsJson()]
    resumed: Annotated[list[Resumption], AsJson()] = Field(default_factory=list)
    """The latest ones, oldest first."""
    triggered_by: str
    acting: str
    """The account that its steps act for: who started it, or resumed it last."""
    called_by: str | None = None
    """The job that had it begin, or go on last, where it was a job."""
    depth: int = 0
    """How many workflows called each other to get here."""
    at: int = 0
    """The step that it is at."""
    job_id: str | None = None
    """The job of that step; no other one moves the run on."""
    created_at: datetime = Field(default_factory=now)
    updated_at: datetime = Field(default_factory=now)
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def over(self) -> bool:
        return self.status in ("completed", "failed")
