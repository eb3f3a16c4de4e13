"""The jobs of one system: declared, started, run from the queue, looked after by a clock."""

from __future__ import annotations

import heapq
import json
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from quintet import log
from quintet.errors import ApiError
from quintet.jobs import attempts
from quintet.jobs.entities import KEPT, LANES, Job
from quintet.jobs.results import fitted
from quintet.jobs.tasks import (
    ATTEMPTS,
    Follower,
    Later,
    M,
    Refused,
    Superseded,
    Task,
    Work,
    is_final,
    reason_of,
)
from quintet.messaging import queue as queues
from quintet.models import epoch
from quintet.net import patience
from quintet.providers.errors import ProviderError
from quintet.store import Store, Transaction, parts

AGAIN: Final = 900
"""Seconds after which a job that was sent by a sweep and not begun is sent again: it waits behind others."""
LEAST: Final = 5.0
"""Seconds that an invocation must have left for a job to be begun in it without the queue."""
LARGEST: Final = 100_000
"""Bytes of arguments (JSON) that a job's own item holds, and of its result."""


class Note(BaseModel):
    """The queue's message about a job. `attempt` is how many there had been when it was sent."""

    model_config = ConfigDict(defer_build=True, hide_input_in_errors=True)

    tenant: str
    id: str
    attempt: int = 0


class Swept(BaseModel):
    """What one sweep did: jobs sent, jobs run at once because the queue could not be reached, due ones not got to."""

    model_config = ConfigDict(defer_build=True)

    sent: int = 0
    run: int = 0
    left: int = 0


class Undecided(Exception):
    """Whether a job of a dead letter is over cannot be told yet; the message must come again."""


class Jobs:
    """A system's jobs. Making one does nothing; `queue` is the name of its queue, `seconds` what a run may last that
    no invocation bounds."""

    def __init__(self, store: Store, queue: str, seconds: float = patience.API_SECONDS) -> None:
        self.store, self.queue, self._seconds = store, queue, seconds
        self.tasks: dict[str, Task[Any]] = {}
        self._followers: dict[str, Follower] = {}

    def task(
        self, name: str, arguments: type[M], *, attempts: int = ATTEMPTS
    ) -> Callable[[Callable[[Work, M], Any]], Task[M]]:
        """Declare the function below it a task; `arguments` is the model of what it takes.

        It answers what the job's result is (a model, or what JSON can say), or `Later`.
        """

        def declare(function: Callable[[Work, M], Any]) -> Task[M]:
            found = Task(name, arguments, function, attempts)
            self.tasks[name] = found
            return found

        return declare

    def follower(self, name: str) -> Callable[[Follower], Follower]:
        """Declare the function below it a follower: jobs made with this name tell it of their end, well or bad."""

        def declare(function: Follower) -> Follower:
            self._followers[name] = function
            return function

        return declare

    def prepare(
        self,
        task: Task[M],
        arguments: M,
        *,
        tenant: str,
        context: Mapping[str, Any] | None = None,
        follower: str | None = None,
        delay: int = 0,
    ) -> Job:
        """A new job that is not stored yet, to begin in `delay` seconds (900 at most)."""
        text = arguments.model_dump_json(exclude_unset=True, by_alias=True)
        large = len(text.encode()) > LARGEST
        return Job(
            tenant=tenant,
            task=task.name,
            arguments={} if large else arguments.model_dump(mode="json", exclude_unset=True, by_alias=True),
            arguments_in=parts.keep(text.encode(), epoch() + KEPT) if large else None,
            context=dict(context or {}),
            follower=follower,
            not_before=epoch() + delay if delay else 0,
        )

    def join(self, tx: Transaction, job: Job) -> Job:
        """Store a new job with the transaction of its cause: three of its actions."""
        tx.create(job)
        return job

    def begin(self, job: Job) -> Job:
        """Store a new job that has no cause but itself, and start it; answers it as it then stands."""
        self.store.create(job)
        return self.start(job)

    def start(self, job: Job) -> Job:
        """Send a stored job to the queue. Where that cannot be reached, run it at once, with all that follows from it
        as far as the time suffices; a sweep does the rest. Answers the job as it then stands.

        Never raises for the queue's or the job's sake.
        """
        ran = self._started(job)
        return ran or job

    def take(self, note: Note) -> None:
        """Run the job of a message, unless it is over or somebody else's."""
        job = self.store.get(Job, tenant=note.tenant, id=note.id)
        if job is not None and not job.finished:
            self._run(job)

    def bury(self, note: Note) -> None:
        """End the job of a dead letter, unless it is over or went on without that message. Raises `Undecided` while
        somebody still works on it."""
        job = self.store.get(Job, tenant=note.tenant, id=note.id)
        if job is None or job.finished or job.attempts > note.attempt + 1:
            return
        if job.held:
            raise Undecided("the job is still being worked on")
        if job.status == "queued" and job.attempts > note.attempt:
            return  # its next attempt has a message of its own
        last = f"; the last attempt said: {job.reason}" if job.reason else ""
        self._run_on(self._give_up(job, f"Its message was given up by the queue{last}")[1])

    def sweep(self, limit: int = 200, seconds: float = 30.0) -> Swept:
        """Look after due jobs, the longest due first: at most `limit`, none begun after `seconds`.

        Sends again what nobody has begun, and what a process began that is gone since.
        """
        done, ends = Swept(), time.monotonic() + seconds
        due = self._due(limit)
        for number, job in enumerate(due):
            if number == limit or time.monotonic() >= ends:
                done.left = len(due) - number
                break
            if self._exhausted(job):
                self._run_on(self._give_up(job, _died(job))[1])
                continue
            recovered = attempts.recover(self.store, job, AGAIN)
            if recovered is None:
                continue
            ran = self._started(recovered)
            done.run += ran is not None
            done.sent += ran is None
        return done

    def _due(self, limit: int) -> list[Job]:
        """Due jobs of all lanes; a few more than `limit`, to know whether any are left."""
        moment = epoch()
        lanes = [self.store.query(Job, "gsi2", lane=str(n), limit=limit + 1).items for n in range(LANES)]
        ordered = heapq.merge(*lanes, key=lambda job: (job.due_at, job.id))
        return [job for job in ordered if job.due_at <= moment]

    def _started(self, job: Job) -> Job | None:
        """Send a job, or run it and what follows; answers it as it stands when it was run, None when it was sent."""
        if self._send(job):
            return None
        return self._run(job)

    def _send(self, job: Job) -> bool:
        """Whether the job's message is in the queue, or the job is a later sweep's: no time is left to run it, or it
        is not yet to begin."""
        pause = max(0, job.not_before - epoch())
        note = Note(tenant=job.tenant, id=job.id, attempt=job.attempts)
        try:
            queues.send(self.queue, queues.Sending(note, group=job.tenant, delay=pause or None))
        except (ProviderError, ApiError) as error:
            log.logger().warning("job not sent", exc_info=error, extra={"job_id": job.id})
            return pause > 0 or patience.left(self._seconds) < LEAST
        return True

    def _run(self, job: Job) -> Job | None:
        """Make an attempt at a job, and at those that follow from it and cannot be sent. Answers the job as it then
        stands; None when somebody else has it."""
        ran, following = self._attempt(job)
        self._run_on(following)
        return ran

    def _run_on(self, following: Iterable[Job]) -> None:
        """Send jobs, and run those that cannot be sent, with what follows from them."""
        waiting = deque(following)
        while waiting:
            job = waiting.popleft()
            if not self._send(job):
                waiting += self._attempt(job)[1]

    def _attempt(self, job: Job) -> tuple[Job | None, list[Job]]:
        """One attempt at a job: how it stands then, and the jobs that are to be started."""
        if job.held:
            return None, []
        if job.not_before > epoch():
            return None, [job]  # early, such as after a sweep: it goes back with what is left of its delay
        if self._exhausted(job):
            return self._give_up(job, _died(job))
        claimed = attempts.claim(self.store, job, patience.left(self._seconds))
        if claimed is None:
            return None, []
        with log.context(job_id=job.id, task=job.task, attempt=claimed.attempts):
            work = Work(self.store, claimed)
            try:
                return self._worked(work)
            except Superseded:
                log.logger().warning("another attempt has the job")
                return None, []
            except Exception as error:
                return self._failed(work.job, error)

    def _worked(self, work: Work) -> tuple[Job, list[Job]]:
        """Have the task done, and its end written down."""
        task = self.tasks.get(work.job.task)
        if task is None:
            raise Refused(f"There is no task called {work.job.task}")
        result = task.run(work, task.arguments.model_validate_json(self._arguments(work.job)))
        if isinstance(result, Later):
            later = attempts.put_off(self.store, work.job, result, work.writes)
            return later, [later]
        done, following = attempts.complete(self.store, work.job, _plain(result), work.writes, self._ending)
        for call in work.afterwards:
            try:
                call()
            except Exception:
                log.logger().exception("what was to follow a job failed")
        return done, following

    def _arguments(self, job: Job) -> bytes:
        if job.arguments_in is None:
            return json.dumps(job.arguments).encode()
        try:
            return parts.recall(job.arguments_in)
        except LookupError:
            raise Refused("The arguments of the job are gone") from None

    def _failed(self, job: Job, error: Exception) -> tuple[Job | None, list[Job]]:
        """Write down that an attempt failed: for good, or for now."""
        task = self.tasks.get(job.task)
        final = is_final(error)
        log.logger().warning("attempt failed", exc_info=error, extra={"final": final})
        try:
            if final or task is None:
                return attempts.fail(self.store, job, reason_of(error), self._ending)
            if job.tries >= task.attempts:
                return self._give_up(job, reason_of(error))
            again = attempts.try_again(self.store, job, reason_of(error))
            return again, [again]
        except Superseded:
            log.logger().warning("another attempt has the job")
            return None, []

    def _exhausted(self, job: Job) -> bool:
        task = self.tasks.get(job.task)
        return task is not None and job.tries >= task.attempts

    def _give_up(self, job: Job, reason: str) -> tuple[Job | None, list[Job]]:
        """End a job that was tried in vain."""
        try:
            done, following = attempts.fail(self.store, job, reason, self._ending, given_up=True)
        except Superseded:
            return None, []
        log.logger().error("job given up", extra={"job_id": job.id, "task": job.task, "reason": reason})
        log.metrics("jobs", {"DeadMessages": 1}, job_id=job.id)
        return done, following

    def _ending(self, tx: Transaction, job: Job) -> list[Job]:
        follower = self._followers.get(job.follower or "")
        return follower(tx, job) if follower else []


def _died(job: Job) -> str:
    said = f"; the one before said: {job.reason}" if job.reason else ""
    return f"The process ended before the job did, at attempt {job.attempts}{said}"


def _plain(result: Any) -> Any:
    """A task's result as JSON has it, and as its job has room for: what was done stays done, however much it says."""
    plain = result.model_dump(mode="json", by_alias=True) if isinstance(result, BaseModel) else result
    return fitted(plain, LARGEST)
