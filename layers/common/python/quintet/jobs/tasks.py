"""What a job does: a task, one attempt at it, and what may come of that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel

from quintet.errors import ApiError
from quintet.jobs.entities import Job
from quintet.log.redact import redact_text
from quintet.net import patience
from quintet.providers.errors import NotConfigured, ProviderError, Rejected
from quintet.store import ConditionFailed, Store, Transaction

M = TypeVar("M", bound=BaseModel)

ATTEMPTS: Final = 4
FIRST_PAUSE, LONGEST_PAUSE = 5, 900
"""Seconds; a queue delays no message longer."""
_LONGEST_REASON: Final = 1000
_WAITED_OUT: Final = frozenset({408, 409, 425, 429})
"""Statuses below 500 that may be other ones the next time."""

Writes = Callable[[Transaction], object]
Follower = Callable[[Transaction, Job], list[Job]]
"""Told of a job's end in the transaction of that end; adds writes to it, and answers the jobs that it made there."""


class Refused(Exception):
    """A task cannot be done, however often it is tried; the text is for the one who asked for it."""


class Superseded(Exception):
    """Another attempt has the job: the lease of this one ran out. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Later:
    """What a task answers that has more to do: it is called again, after `seconds` (900 at most).

    `state` takes the place of what it noted down.
    """

    seconds: int = 0
    state: Mapping[str, Any] = field(default_factory=dict)
    progress: int | None = None


@dataclass(slots=True)
class Work:
    """One attempt at a job, for the task that makes it.

    What must be done once is a write that `join` adds to the transaction of the job's end, or one that is conditional
    on something with `id`, which is the same at every attempt.
    """

    store: Store
    job: Job
    """As it is stored; `note` replaces it."""
    writes: list[Writes] = field(default_factory=list)
    afterwards: list[Callable[[], object]] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The job's id."""
        return self.job.id

    @property
    def context(self) -> dict[str, Any]:
        return self.job.context

    @property
    def state(self) -> dict[str, Any]:
        """What an earlier attempt noted down."""
        return self.job.state

    @property
    def seconds(self) -> float:
        """How long this attempt may still take."""
        return patience.left()

    def join(self, writes: Writes) -> None:
        """Have writes made together with the job's end, if it ends well. They are made anew when the end is tried
        again, so they must read afresh what they decide upon."""
        self.writes.append(writes)

    def after(self, call: Callable[[], object]) -> None:
        """Have something done right after the job has ended well. It is not done when the process dies in between."""
        self.afterwards.append(call)

    def note(self, progress: int, state: Mapping[str, Any], tx: Transaction | None = None) -> None:
        """Note down how far it is (percent) and what a later attempt has to know, together with the writes of `tx`.

        Raises `Superseded`, and then nothing was written.
        """
        together = tx or self.store.transaction()
        new = self.job.model_copy(update={"progress": progress, "state": dict(state)})
        together.replace(self.job, new, refused=superseded)
        together.commit()
        self.job = new


@dataclass(frozen=True, slots=True)
class Task(Generic[M]):
    """Something that jobs do: its name, the model of its arguments, and the function that makes an attempt.

    `attempts` are made at most, with growing pauses between them.
    """

    name: str
    arguments: type[M]
    run: Callable[[Work, M], Any]
    attempts: int = ATTEMPTS


def superseded(_old: Mapping[str, Any] | None) -> Exception:
    """The refusal of a write by an attempt that has lost its job."""
    return Superseded("the lease ran out and another attempt has the job")


def pause_after(tries: int) -> int:
    """Seconds before another attempt after so many that failed: 5, 20, 80, 320, then 900."""
    return int(min(FIRST_PAUSE * 4 ** (tries - 1), LONGEST_PAUSE))


def is_final(error: Exception) -> bool:
    """Whether another attempt would fail in the same way."""
    if isinstance(error, ApiError):
        return error.status < 500 and error.status not in _WAITED_OUT
    return isinstance(error, Refused | NotConfigured | Rejected)


def reason_of(error: Exception) -> str:
    """What whoever asked for the job is told of an error: nothing of the code's own."""
    if isinstance(error, ApiError):
        details = [f"{each['field']}: {each['message']}" for each in error.details or () if "field" in each]
        text = error.message + (f" ({'; '.join(details)})" if details else "")
    elif isinstance(error, Refused | ProviderError):
        text = str(error)
    elif isinstance(error, ConditionFailed):
        text = "What the job works on was changed at the same time"
    else:
        text = "The task failed unexpectedly"
    return redact_text(text)[:_LONGEST_REASON]
