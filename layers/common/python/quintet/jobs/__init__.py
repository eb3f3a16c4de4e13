"""Work that outlives a request: jobs in the system's table, run from its queue, each attempt under a lease.

    jobs = Jobs(store, queue="jobs")

    @jobs.task("thumbnail", Picture)
    def thumbnail(work: Work, body: Picture) -> Thumbnail: …

    tx = store.transaction()
    job = jobs.prepare(thumbnail, Picture(key="a"), tenant=caller.organization_id)
    jobs.join(tx, job)          # the item first, with its cause
    tx.commit()
    jobs.start(job)             # then the message; the task runs at once where the queue cannot be reached

Three operations of the system keep it going: one that takes the queue (`jobs.take`), one that takes its dead letters
(`jobs.bury`), and a clock (`jobs.sweep`). `docs/decisions/0021` says more.
"""

from quintet.jobs.entities import FINISHED, KEPT, Job, Status
from quintet.jobs.health import Health, health
from quintet.jobs.jobs import Jobs, Note, Swept
from quintet.jobs.tasks import Follower, Later, Refused, Superseded, Task, Work, reason_of

__all__ = [
    "FINISHED",
    "KEPT",
    "Follower",
    "Health",
    "Job",
    "Jobs",
    "Later",
    "Note",
    "Refused",
    "Status",
    "Superseded",
    "Swept",
    "Task",
    "Work",
    "health",
    "reason_of",
]
