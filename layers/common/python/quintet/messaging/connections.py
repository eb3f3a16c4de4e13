"""WebSocket connections of one system: who holds each, what it listens to, and when it wants a ping.

Access patterns: a connection by its id (GetItem); who listens to a topic (one Query of the topic's own partition,
consistent); what a connection listens to (one Query of gsi1, when it goes); which connections are due for a ping (one
Query a shard of gsi2). An event costs what its own listeners cost, however many other connections there are.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import Field

from quintet.models.time import epoch
from quintet.store import AsJson, ConditionFailed, Entity, Index, Keys, Store

LIFETIME = 2 * 3600
"""Seconds after which API Gateway ends a connection (quotas for WebSocket APIs)."""
IDLE = 10 * 60
"""Seconds without a message, either way, after which API Gateway ends it."""
PING_EVERY = 4 * 60
"""Seconds between two pings: a lost one must not let the connection idle out."""
KEPT_BEYOND = 600
"""Seconds that a connection's rows outlive it when nobody was told of its end."""
SHARDS = 4
"""Partitions of the index of due connections."""


class Connection(Entity):
    """One open WebSocket connection. `caller` is empty for an anonymous one."""

    kind: ClassVar[str] = "connection"
    keys: ClassVar[Keys] = Keys(
        "CONNECTION#{id}", "CONNECTION", gsi2=Index("PINGS#{shard}", "{due_at}#{id}", order="ascending")
    )

    id: str
    caller: str = ""
    claims: Annotated[dict[str, Any], AsJson()] = Field(default_factory=dict)
    """What the token said that opened it."""
    connected_at: int = Field(default_factory=epoch)
    """Epoch seconds, as the other times."""
    due_at: int = 0
    """When it wants its next ping; ten digits until 2286, so the index sorts it as text."""
    expires_at: int = 0
    """When the table forgets it by itself."""
    shard: str = ""

    def model_post_init(self, _: Any, /) -> None:
        self.due_at = self.due_at or self.connected_at + PING_EVERY
        self.expires_at = self.expires_at or self.connected_at + LIFETIME + KEPT_BEYOND
        self.shard = self.shard or str(zlib.crc32(self.id.encode()) % SHARDS)


class Subscription(Entity):
    """One connection that listens to one topic."""

    kind: ClassVar[str] = "subscription"
    keys: ClassVar[Keys] = Keys(
        "TOPIC#{topic}",
        "{connection}",
        gsi1=Index("CONNECTION#{connection}#TOPICS", "{topic}", order="ascending"),
        order="ascending",
    )

    topic: str
    connection: str
    caller: str = ""
    since: int = Field(default_factory=epoch)
    """When the connection was made, epoch seconds."""
    expires_at: int


def find(store: Store, id: str) -> Connection | None:
    """An open connection, None for one that is not known or whose time is over."""
    found = store.get(Connection, id=id)
    return found if found is not None and found.expires_at > epoch() else None


def subscribe(store: Store, connection: Connection, topic: str) -> None:
    """Have a connection hear what is published to a topic; again changes nothing."""
    tx = store.transaction()
    tx.put(
        Subscription(
            topic=topic,
            connection=connection.id,
            caller=connection.caller,
            since=connection.connected_at,
            expires_at=connection.expires_at,
        )
    )
    tx.commit()


def unsubscribe(store: Store, connection: Connection, topic: str) -> None:
    """Have it hear nothing of the topic any more."""
    tx = store.transaction()
    tx.remove(Subscription.key(topic=topic, connection=connection.id))
    tx.commit()


def listeners(store: Store, topic: str) -> Iterator[Subscription]:
    """The connections that listen to a topic, read as they are consumed."""
    now = epoch()
    for found in store.each(Subscription, topic=topic, consistent=True):
        if found.expires_at > now:
            yield found


def topics(store: Store, connection: str) -> list[str]:
    """What a connection listens to, some moments after it began to."""
    return [found.topic for found in store.each(Subscription, "gsi1", connection=connection)]


def forget(store: Store, id: str) -> None:
    """Remove a connection and all that it listens to. What it began to listen to a moment ago may stay; it goes when
    something is published to it, or when its time is over."""
    keys = [Subscription.key(topic=topic, connection=id) for topic in topics(store, id)]
    store.write_batch(deletes=[Connection.key(id=id), *keys])


def due(store: Store, limit: int = 100) -> Iterator[Connection]:
    """Connections that want a ping, each claimed for whoever consumes it: two sweeps at once never get the same."""
    now = epoch()
    for shard in range(SHARDS):
        part = store.query(Connection, "gsi2", shard=str(shard), before=str(now + 1), limit=limit)
        for found in part.items:
            if found.expires_at <= now:
                continue
            try:
                yield store.replace(found, found.model_copy(update={"due_at": now + PING_EVERY}), refused=None)
            except ConditionFailed:
                continue
