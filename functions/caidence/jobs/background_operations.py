"""What keeps the jobs going: the queue's consumer, that of its dead letters, and the clock that looks after the rest.

The consumer takes one message at a time: tasks are slow, and one that waited behind another in its batch would wait for
nothing.
"""

from caidence.service import api
from caidence.tasks.registry import WORK
from caidence.workflow.execution import JOBS
from quintet.api.sources import Queue
from quintet.jobs import Note, Swept

_SECONDS = 180
"""What a task may take; six times as long a message whose consumer died stays out of sight, and a sweep is earlier."""


@api.event(
    queue=Queue("jobs", batch=1, concurrency=20, receives=5, dead_letters="dead-jobs"),
    needs=WORK,
    timeout=_SECONDS,
    memory=1024,
    layers=("documents",),
)
def run(body: Note) -> None:
    """Run the job of a message"""
    JOBS.take(body)


@api.event(
    queue=Queue("dead-jobs", batch=1, receives=20), needs=WORK, timeout=_SECONDS, memory=1024, layers=("documents",)
)
def bury(body: Note) -> None:
    """End the job of a message that was tried in vain"""
    JOBS.bury(body)


@api.event(schedule="rate(1 minute)", needs=WORK, timeout=55, memory=1024, layers=("documents",))
def sweep() -> Swept:
    """Send again what was not sent, and what a consumer that died has left"""
    return JOBS.sweep()
