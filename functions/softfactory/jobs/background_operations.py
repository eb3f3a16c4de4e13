"""The consumers of the jobs' queues, and the clock that looks after the rest. One message is taken at a time, since
tasks are slow."""

from typing import Final

from quintet.api.sources import Queue
from quintet.jobs import Note, Swept
from softfactory.privacy import exporting
from softfactory.service import api
from softfactory.work import JOBS, WORK

TASKS: Final = (exporting.export_data,)
"""Every task that there is; naming them here has them declared where jobs run."""
_SECONDS: Final = 300
_LAYERS: Final = ("oidc",)


@api.event(
    queue=Queue("jobs", batch=1, concurrency=20, receives=5, dead_letters="dead-jobs"), needs=WORK, timeout=_SECONDS,
    layers=_LAYERS,
)  # fmt: skip
def run(body: Note) -> None:
    """Run the job of a message"""
    JOBS.take(body)


@api.event(queue=Queue("dead-jobs", batch=1, receives=20), needs=WORK, timeout=_SECONDS, layers=_LAYERS)
def bury(body: Note) -> None:
    """End the job of a message that was tried in vain"""
    JOBS.bury(body)


@api.event(schedule="rate(1 minute)", needs=WORK, timeout=55, layers=_LAYERS)
def sweep() -> Swept:
    """Send again what was not sent, and what a consumer that died has left"""
    return JOBS.sweep()
