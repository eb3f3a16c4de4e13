"""Where events come from that are no requests: an SQS queue, or the stream of the system's table."""

from __future__ import annotations

import re
from typing import Literal

from quintet.store import Entity

EventName = Literal["INSERT", "MODIFY", "REMOVE"]
EVERY_EVENT: tuple[EventName, ...] = ("INSERT", "MODIFY", "REMOVE")

FIFO = ".fifo"
LARGEST_BATCH = 10
"""Messages of a FIFO queue, and of a standard queue without a batching window (Lambda parameters for SQS)."""
LONGEST_DELAY = 900
"""Seconds (Amazon SQS quotas)."""
_NAME = re.compile(r"[a-z][a-z0-9-]{0,40}(\.fifo)?\Z")


class Queue:
    """The queue an operation takes its messages from: `queue="errands"`, or `Queue("errands.fifo", receives=3)`.

    `batch`: messages an invocation is given at most. `concurrency`: invocations at once at most, 2 to 1000.
    `receives`: how often a message is tried before it goes to the system's dead letters. `delay`: seconds before a
    message is first seen. `dead_letters`: another queue of the system, of the same kind, that takes what was tried too
    often in place of the dead letters. A name that ends in `.fifo` keeps the order of each message group.
    """

    __slots__ = ("batch", "concurrency", "dead_letters", "delay", "name", "receives")

    def __init__(
        self,
        name: str,
        *,
        batch: int = LARGEST_BATCH,
        concurrency: int | None = None,
        receives: int = 5,
        delay: int = 0,
        dead_letters: str | None = None,
    ) -> None:
        if not _NAME.match(name):
            raise ValueError(f"{name!r} names no queue: small letters, digits and hyphens, with .fifo for a FIFO queue")
        if not 1 <= batch <= LARGEST_BATCH:
            raise ValueError(f"{name}: a batch has 1 to {LARGEST_BATCH} messages")
        if concurrency is not None and not 2 <= concurrency <= 1000:
            raise ValueError(f"{name}: concurrency is 2 to 1000")
        if not 1 <= receives <= 1000:
            raise ValueError(f"{name}: a message is received 1 to 1000 times")
        if not 0 <= delay <= LONGEST_DELAY:
            raise ValueError(f"{name}: a delay is 0 to {LONGEST_DELAY} seconds")
        if dead_letters is not None and (dead_letters == name or dead_letters.endswith(FIFO) != name.endswith(FIFO)):
            raise ValueError(f"{name}: dead letters go to another queue of the same kind")
        self.name, self.batch, self.concurrency = name, batch, concurrency
        self.receives, self.delay, self.dead_letters = receives, delay, dead_letters

    @property
    def fifo(self) -> bool:
        """Whether the order within a message group is kept."""
        return self.name.endswith(FIFO)

    def __repr__(self) -> str:
        return f"Queue({self.name!r})"


class Stream:
    """Changes of some kinds of entities in the system's table: `stream=Stream(Order, events=("INSERT",))`.

    `batch`: changes an invocation is given at most, 1 to 1000. `retries`: how often a change that fails is tried
    again, and `oldest`: the seconds (60 to a week, the table keeps a day) after which it is given up; what is given up
    is told to the system's dead letters. Until then nothing behind it in its shard is processed.
    """

    __slots__ = ("batch", "entities", "events", "oldest", "retries")

    def __init__(
        self,
        *entities: type[Entity],
        events: tuple[EventName, ...] = EVERY_EVENT,
        batch: int = 100,
        retries: int = 10,
        oldest: int = 6 * 3600,
    ) -> None:
        if not entities or not events or not set(events) <= set(EVERY_EVENT):
            raise ValueError("a stream names the entities it is about and some of INSERT, MODIFY, REMOVE")
        if not 1 <= batch <= 1000 or not 0 <= retries <= 10_000 or not 60 <= oldest <= 604_800:
            raise ValueError("a stream has a batch of 1 to 1000, 0 to 10000 retries, and gives up after 60 s to 7 days")
        self.entities, self.events = entities, events
        self.batch, self.retries, self.oldest = batch, retries, oldest

    @property
    def kinds(self) -> dict[str, type[Entity]]:
        """The entities by the `kind` their items carry."""
        return {entity.kind: entity for entity in self.entities}

    def __repr__(self) -> str:
        return f"Stream({', '.join(entity.__name__ for entity in self.entities)})"
