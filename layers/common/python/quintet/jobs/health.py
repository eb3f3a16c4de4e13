"""How a system's jobs are: whether the queue answers, and how much waits, is under way, and was given up."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from quintet import log
from quintet.errors import ApiError
from quintet.jobs.attempts import GIVEN_UP
from quintet.jobs.entities import Job
from quintet.messaging import queue as queues
from quintet.models import epoch, now
from quintet.providers.errors import ProviderError
from quintet.store import Store

DAYS: Final = 14
"""Days for which what was given up is told of."""

_FIRST: Final = 10
"""Of the jobs that wait: the rows that count them are passed over on the way to the first."""


class Health(BaseModel):
    """`degraded` says that the queue cannot be reached, so that jobs run where they are enqueued."""

    model_config = ConfigDict(defer_build=True)

    status: Literal["ok", "degraded"]
    depth: Annotated[int, Field(description="Jobs that could begin now; those told to wait are none")]
    oldest_age_seconds: Annotated[int, Field(description="How long the one that waits longest could have begun")]
    dead_letters: Annotated[int, Field(description="Jobs that were tried in vain in the last 14 days")]
    workers: Annotated[int, Field(description="Jobs that are being worked on")]


def health(store: Store, queue: str) -> Health:
    """The state of the jobs whose queue this is: a few small reads, however many there are."""
    days = [(now() - timedelta(days=back)).date().isoformat() for back in range(DAYS)]
    return Health(
        status="ok" if _answers(queue) else "degraded",
        depth=_depth(store),
        oldest_age_seconds=_oldest(store),
        dead_letters=sum(sums.get("jobs", 0) for sums in GIVEN_UP.read(days)),
        workers=store.count(Job, "gsi3", status="running"),
    )


def _depth(store: Store) -> int:
    waiting = store.count(Job, "gsi3", status="queued")
    return max(0, waiting - store.count_beyond(Job, "gsi3", f"{epoch()}$", status="queued")) if waiting else 0


def _oldest(store: Store) -> int:
    waiting = store.query(Job, "gsi3", status="queued", limit=_FIRST).items
    return max([0, *(epoch() - job.ready_at for job in waiting)])


def _answers(queue: str) -> bool:
    try:
        queues.waiting(queue)
    except (ProviderError, ApiError) as error:
        log.logger().warning("the queue does not answer", exc_info=error)
        return False
    return True
