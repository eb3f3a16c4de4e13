"""A job as it is stored: what is to be done, for whom, how far it is, and who may work on it until when."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from quintet.models import epoch, new_id, now
from quintet.store import AsJson, Entity, Index, Keys

Status = Literal["queued", "running", "completed", "failed"]
FINISHED: Final = frozenset({"completed", "failed"})

LANES: Final = 4
"""Partitions of the index of jobs that are to be looked after; a sweep asks each of them once."""
KEPT: Final = 30 * 86_400
"""Seconds for which a finished job can be asked for."""
UNSENT: Final = 60
"""Seconds after which a job that nobody has begun is sent again for the first time."""


def is_open(job: Job) -> bool:
    """Whether something is left to be done."""
    return job.status not in FINISHED


class Job(Entity):
    """One job. `due_at` is when a sweep looks after it, unless something happens to it before: while it is running,
    the end of its lease."""

    kind: ClassVar[str] = "job"
    keys: ClassVar[Keys] = Keys(
        "JOBS#{tenant}",
        "{id}",
        gsi1=Index("JOB#{id}", "JOB"),
        gsi2=Index("JOBS#DUE#{lane}", "{due_at}#{id}", when=is_open, order="ascending"),
        gsi3=Index("JOBS#{status}", "{ready_at}#{id}", when=is_open, counted=True, shards=8, order="ascending"),
    )

    id: str = Field(default_factory=new_id)
    tenant: str
    """Whose it is; it is found nowhere else."""
    task: str
    arguments: Annotated[dict[str, Any], AsJson()] = Field(default_factory=dict)
    arguments_in: str | None = None
    """Where arguments too large for an item are kept (`quintet.store.parts`)."""
    context: Annotated[dict[str, Any], AsJson()] = Field(default_factory=dict)
    """What the system wants to know when the task runs, such as on whose behalf."""
    follower: str | None = None
    """Who is told of its end (see `Jobs.follower`)."""
    status: Status = "queued"
    attempts: int = 0
    """Attempts begun; the number of the last one is what its lease is held by."""
    continued: int = 0
    """How many of them there were when one last asked to be continued, which forgives those that failed before."""
    progress: int = 0
    """Percent."""
    state: Annotated[dict[str, Any], AsJson()] = Field(default_factory=dict)
    """What the task noted down for its next attempt."""
    result: Annotated[Any, AsJson()] = None
    reason: str | None = None
    """Why the last attempt failed, or the job."""
    not_before: int = 0
    """Epoch seconds before which no attempt begins."""
    ready_at: int = 0
    """Epoch seconds from which its next attempt can begin, as the index sorts them."""
    due_at: int = 0
    """Epoch seconds; ten digits until 2286, so the index sorts it as text."""
    lane: str = ""
    created_at: datetime = Field(default_factory=now)
    updated_at: datetime = Field(default_factory=now)
    started_at: datetime | None = None
    """When its first attempt began."""
    finished_at: datetime | None = None
    expires_at: int | None = None

    def model_post_init(self, _: Any, /) -> None:
        self.lane = self.lane or str(int(self.id[-4:], 16) % LANES)
        self.ready_at = self.ready_at or self.not_before or epoch(self.created_at)
        self.due_at = self.due_at or max(self.not_before, epoch()) + UNSENT

    @property
    def finished(self) -> bool:
        return self.status in FINISHED

    @property
    def tries(self) -> int:
        """Attempts that count: those that were begun since one last asked to be continued, and so failed, or are under
        way."""
        return self.attempts - self.continued

    @property
    def held(self) -> bool:
        """Whether somebody works on it and their lease lasts."""
        return self.status == "running" and self.due_at > epoch()
