"""Enqueuing tasks, and asking what became of them. In development without a token they are the default account's."""

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from caidence.access.callers import User
from caidence.access.rows import BRAND_NOT_FOUND, ORGANIZATION_NOT_FOUND
from caidence.campaigns.entities import CAMPAIGN_NOT_FOUND
from caidence.content.generation import ContentWish
from caidence.envelope import Id
from caidence.service import api, store
from caidence.tasks.arguments import bound
from caidence.tasks.generating import CONTENT, DESIGN, DesignErrand
from caidence.tasks.registry import JOBS, WORK, Offer, prepared, tenant_of
from caidence.workflow.execution import TASKS, WORKFLOW_NOT_FOUND
from quintet.api import ApiError, ErrorType
from quintet.jobs import Health, Job, Status, health
from quintet.models import Entries, Length, Line, Timestamp

JOB_NOT_FOUND = ErrorType(404, "job_not_found", "Job not found")
UNKNOWN_TASK = ErrorType(400, "unknown_task", "Unknown task")
MOST_ARGUMENTS: Final = 50


class NewJob(BaseModel):  # type: ignore[no-redef]  # mypy takes `kwargs` for the constructor's own
    """A task by its name, and its arguments: by name, or in their order."""

    model_config = ConfigDict(defer_build=True)

    task_name: Annotated[Line, Length(1, 100), Field(examples=["generate_content"])]
    args: Annotated[list[Any] | None, Field(max_length=MOST_ARGUMENTS)] = None
    kwargs: Annotated[dict[str, Any], Entries(MOST_ARGUMENTS)] | None = None


class Enqueued(BaseModel):
    """A job that was taken on. It is `queued` unless the queue could not be reached, so that it ran at once."""

    model_config = ConfigDict(defer_build=True)

    job_id: str
    status: Status


class JobReply(BaseModel):
    """What became of a job."""

    model_config = ConfigDict(defer_build=True)

    job_id: str
    status: Status
    result: Annotated[Any, Field(description="What the task answered, once it is completed")]
    error: Annotated[str | None, Field(description="Why the last attempt failed, or the job")]
    created_at: Timestamp
    attempts: Annotated[int, Field(description="Attempts begun")]
    progress: Annotated[int, Field(description="Percent")]

    @classmethod
    def of(cls, job: Job) -> "JobReply":
        return cls(
            job_id=job.id, status=job.status, result=job.result, error=job.reason, created_at=job.created_at,
            attempts=job.attempts, progress=job.progress,
        )  # fmt: skip


@api.post(
    "/jobs/enqueue",
    errors=[UNKNOWN_TASK, ORGANIZATION_NOT_FOUND, BRAND_NOT_FOUND, CAMPAIGN_NOT_FOUND, WORKFLOW_NOT_FOUND],
    needs=WORK,
    idempotent=True,
    memory=1024,
    layers=("documents",),
    example={"task_name": "generate_presentation", "kwargs": {"title": "Summer launch", "source_type": "campaign"}},
)
def enqueue(body: NewJob, caller: User) -> Enqueued:
    """Enqueue a background task

    With the permission that the task's direct operation needs. Where the queue cannot be reached the task runs at once.
    """
    offer = TASKS.get(body.task_name)
    if offer is None:
        raise UNKNOWN_TASK(f"Unknown task: there are {', '.join(sorted(TASKS))}")
    arguments = bound(offer, body.args or (), body.kwargs or {})
    if isinstance(arguments, list):
        raise api.errors.invalid_body(details=arguments)
    try:
        return _enqueued(caller, offer, arguments)
    except ApiError as error:
        raise _named(error) from None


@api.post(
    "/jobs/generate-content",
    errors=[ORGANIZATION_NOT_FOUND, BRAND_NOT_FOUND],
    needs=WORK,
    idempotent=True,
    memory=1024,
    layers=("documents",),
    example={"title": "Summer", "platform": "instagram", "content_type": "caption", "prompt": "Juice for runners."},
)
def generate_content(body: ContentWish, caller: User) -> Enqueued:
    """Enqueue the generation of content"""
    return _enqueued(caller, CONTENT, body)


@api.post(
    "/jobs/generate-design",
    errors=[ORGANIZATION_NOT_FOUND, BRAND_NOT_FOUND],
    needs=WORK,
    idempotent=True,
    memory=1024,
    layers=("documents",),
    example={"title": "Summer launch", "style": "minimal", "prompt": "A glass of orange juice in the morning sun"},
)
def generate_design(body: DesignErrand, caller: User) -> Enqueued:
    """Enqueue the generation of a design"""
    return _enqueued(caller, DESIGN, body)


@api.get("/jobs/status/{job_id}", errors=[JOB_NOT_FOUND], needs={"table:read"})
def get_status(job_id: Id, caller: User) -> JobReply:
    """What became of a job

    Seen by the organization that it works for alone (by whoever enqueued it where that is none), and by super admins.
    """
    if caller.is_super:
        found = next(iter(store.query(Job, "gsi1", id=job_id, limit=1).items), None)
        tenant = found.tenant if found else tenant_of(caller.account)
    else:
        tenant = tenant_of(caller.account)
    return JobReply.of(store.require(Job, JOB_NOT_FOUND, tenant=tenant, id=job_id))


@api.get("/jobs/health", needs={"table:read", "queue:jobs"})
def get_health(caller: User) -> Health:
    """The health of the job queue"""
    return health(store, JOBS.queue)


def _enqueued(caller: User, offer: Offer[Any], arguments: BaseModel) -> Enqueued:
    place = offer.admit(caller, arguments)
    if offer.further is not None:
        offer.further(caller, arguments, place)
    job = JOBS.begin(prepared(offer.task, arguments, place.acting(caller.account.id)))
    return Enqueued(job_id=job.id, status=job.status)


def _named(error: ApiError) -> ApiError:
    """A refusal of arguments by their names in the direct operation, told of where they stand here."""
    if error.details is None:
        return error
    named = [{**each, "field": f"kwargs.{each['field']}"} for each in error.details]
    return api.errors.invalid_body(details=named)
