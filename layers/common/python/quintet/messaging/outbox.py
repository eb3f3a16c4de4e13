"""A transactional outbox: messages are written with what they tell of, and sent once that is committed.

A handler joins its `Message` to its transaction and calls `deliver` right after the commit; whatever is not sent
then, a scheduled operation sends later with `sweep`. Nothing is lost and nothing is told that did not happen.
Delivery is at least once: a message goes twice only when its sender dies, or outlives its lease, between the
provider's acceptance and the removal of the message. One that is given up loses its text at once, since that may hold
a token that still lives; who it was for and why it failed stay for an operator, and expire.
"""

from __future__ import annotations

import heapq
import time
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from quintet import log
from quintet.models.ids import new_id
from quintet.models.time import epoch
from quintet.store import ConditionFailed, Entity, Index, Keys, Store, Transaction

LEASE = 60
"""Seconds in which only the holder of a message sends it; above the longest a provider's call may take."""
MOST_ATTEMPTS = 8
"""Attempts after which a message is dead: some 12 hours with the pauses below."""
FIRST_PAUSE, LONGEST_PAUSE = 60, 6 * 3600
SHARDS = 4
"""Partitions of the index of due messages; a sweep asks each of them once."""
DEAD = "dead"
KEPT = 30 * 86_400
"""Seconds that a message is kept at most, living or dead: nobody's address and no token stays for ever."""

Channel = Literal["email", "sms"]


class Message(Entity):
    """One message to one recipient. Nobody touches it before `due_at`, so a lease is a due time to come."""

    kind: ClassVar[str] = "outbox"
    keys: ClassVar[Keys] = Keys(
        "OUTBOX#{id}", "MESSAGE", gsi1=Index("OUTBOX#{queue}", "{due_at}#{id}", order="ascending")
    )

    id: str = Field(default_factory=new_id)
    channel: Channel
    to: str
    subject: str = ""
    text: str
    html: str | None = None
    attempts: int = 1
    """Attempts begun; the first is the creator's own. One that ended with its process counts, too."""
    due_at: int = Field(default_factory=lambda: epoch() + LEASE)
    """Epoch seconds; ten digits until 2286, so the index sorts it as text."""
    queue: str = ""
    """The partition it waits in, or `dead`."""
    last_error: str | None = None
    expires_at: int = Field(default_factory=lambda: epoch() + KEPT)

    def model_post_init(self, _: Any, /) -> None:
        self.queue = self.queue or str(int(self.id[-4:], 16) % SHARDS)

    @classmethod
    def email(cls, to: str, subject: str, text: str, html: str | None = None) -> Self:
        """An e-mail to one address."""
        return cls(channel="email", to=to, subject=subject, text=text, html=html)

    @classmethod
    def sms(cls, to: str, text: str) -> Self:
        """A text message to one E.164 number."""
        return cls(channel="sms", to=to, text=text)

    def join(self, tx: Transaction) -> Self:
        """Write the message with the transaction it tells of (one action); answers itself for `deliver`."""
        tx.create(self)
        return self


class Swept(BaseModel):
    """What one sweep did: messages sent, messages whose sending failed, due messages it did not get to."""

    model_config = ConfigDict(defer_build=True, hide_input_in_errors=True)

    delivered: int = 0
    failed: int = 0
    left: int = 0


def deliver(store: Store, message: Message) -> bool:
    """Send a message this process holds the lease of and remove it; answers whether it was sent.

    Never raises: what it tells of has happened, so a failure is logged and tried again by a later sweep.
    """
    if epoch() >= message.due_at:
        return False  # the lease ran out between commit and here: it is the sweep's now
    from quintet.providers.errors import Rejected

    try:
        _send(message)
    except Exception as error:
        told = {"message_id": message.id, "channel": message.channel, "attempts": message.attempts}
        log.logger().warning("message not sent", exc_info=error, extra=told)
        final = isinstance(error, Rejected)
        _note_failure(store, message, log.describe(error), final=final)
        return False
    _forget(store, message)
    return True


def sweep(store: Store, limit: int = 100, seconds: float = 20.0) -> Swept:
    """Send due messages, oldest first: at most `limit`, none begun after `seconds`.

    Many sweeps may run at once; a message is claimed by a conditional write before it is sent.
    """
    done, ends = Swept(), time.monotonic() + seconds
    due = _due(store, limit)
    for number, message in enumerate(due):
        if number == limit or time.monotonic() >= ends:
            done.left = len(due) - number
            break
        if message.attempts >= MOST_ATTEMPTS:  # its last sender died before it could say so
            _note_failure(store, message, "the last attempt did not end")
            done.failed += 1
            continue
        claimed = _claim(store, message)
        if claimed is not None:
            sent = deliver(store, claimed)
            done.delivered += sent
            done.failed += not sent
    return done


def pretend(tx: Transaction, message: Message) -> None:
    """Write what weighs as much as the message and reaches nobody; it expires within the hour.

    So that asking for a mail takes the same work whether or not there is somebody to write to.
    """
    place = f"DECOY#{message.id}"
    row = message.model_dump(mode="json", exclude_none=True)
    tx.put_raw({**row, "PK": place, "SK": "DECOY", "GSI1PK": place, "GSI1SK": "DECOY", "kind": "decoy",
                "expires_at": epoch() + 3600})  # fmt: skip


def dead(store: Store, limit: int = 100) -> list[Message]:
    """Messages that were given up in the last 30 days, oldest first, without their text, for an operator to look at."""
    return store.query(Message, "gsi1", queue=DEAD, limit=limit).items


def _due(store: Store, limit: int) -> list[Message]:
    """Due messages of all shards, oldest first; a few more than `limit`, to know whether any are left."""
    now = epoch()
    shards = [store.query(Message, "gsi1", queue=str(n), limit=limit + 1).items for n in range(SHARDS)]
    ordered = heapq.merge(*shards, key=lambda m: (m.due_at, m.id))
    return [message for message in ordered if message.due_at <= now]


def _claim(store: Store, message: Message) -> Message | None:
    """The message with a lease of our own, None when another has it, or has sent it."""
    held = message.model_copy(update={"due_at": epoch() + LEASE, "attempts": message.attempts + 1})
    try:
        return store.replace(message, held, refused=None)
    except ConditionFailed:
        return None


def _send(message: Message) -> None:
    if message.channel == "email":
        from quintet.providers.email import send_email

        send_email(message.to, message.subject, message.text, message.html)
    else:
        from quintet.providers.sms import send_sms

        send_sms(message.to, message.text)


def _forget(store: Store, message: Message) -> None:
    """Remove what was sent, whoever holds it by now."""
    tx = store.transaction()
    tx.remove(message.own_key())
    try:
        tx.commit()
    except Exception:
        log.logger().exception("sent message not removed, it may be sent again", extra={"message_id": message.id})


def _note_failure(store: Store, message: Message, reason: str, *, final: bool = False) -> None:
    """Write down a failed attempt: when to try again, or that nobody will."""
    given_up = final or message.attempts >= MOST_ATTEMPTS
    changed = {"due_at": epoch() + pause_after(message.attempts), "last_error": reason[:500]}
    if given_up:
        changed |= {"queue": DEAD, "text": "", "html": None, "expires_at": epoch() + KEPT}
    told = {"message_id": message.id, "channel": message.channel, "attempts": message.attempts, "reason": reason}
    try:
        store.replace(message, message.model_copy(update=changed), refused=None)
    except ConditionFailed:
        return  # the lease ran out meanwhile and another sender has it
    except Exception:
        log.logger().exception("failed attempt not written down", extra=told)
        return
    if given_up:
        log.logger().error("message given up", extra=told)
        log.metrics("outbox", {"DeadMessages": 1}, message_id=message.id)


def pause_after(attempts: int) -> int:
    """Seconds to wait after so many failed attempts: 1, 3, 9, 27, 81, 243 minutes, then six hours."""
    return int(min(FIRST_PAUSE * 3 ** (attempts - 1), LONGEST_PAUSE))
