"""Mail of the same words to several people: to each one their own message, sent once, and told truly.

Item (access pattern): a mailing of an account           MAILING#<account> / <id>
It remembers for ninety days who wrote to whom, and finds out what became of a mailing whose sender died. The messages
themselves are in the outbox while they wait (quintet.messaging.outbox).
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from memory_mirror.audit.trail import note
from memory_mirror.messages.bodies import Body
from memory_mirror.service import store
from memory_mirror.times.moments import Moment
from quintet.messaging import outbox
from quintet.messaging.outbox import DEAD, Message
from quintet.models import epoch, now
from quintet.models.email import normalise_email
from quintet.store import ConditionFailed, Entity, Keys, equals

MOST_RECIPIENTS = 50
KEPT = 90 * 86_400
PATIENCE = 20.0
"""Seconds within which another message is begun."""

INVALID = "This is not an e-mail address"
REFUSED = "The mail service refused this recipient"
UNAVAILABLE = "The mail service is not available; nothing was sent"
LATE = "There was no time left; nothing was sent"


class Mailing(Entity):
    """One mailing: each recipient's message in the outbox."""

    kind: ClassVar[str] = "mailing"
    keys: ClassVar[Keys] = Keys("MAILING#{sender}", "{id}")

    sender: str
    id: str
    subject: str
    messages: dict[str, str] = Field(default_factory=dict)
    """The id of the message by recipient."""
    created_date: Moment = Field(default_factory=now)
    expires_at: int = Field(default_factory=lambda: epoch() + KEPT)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one recipient's message."""

    email: str
    status: Literal["sent", "failed"]
    error: str | None = None


def recipients(given: Iterable[str]) -> tuple[list[str], list[str]]:
    """Addresses in canonical form and what is none, each once, in the order given; blanks are left out."""
    valid, invalid = dict[str, None](), dict[str, None]()
    for text in given:
        written = text.strip()
        if not written:
            continue
        try:
            valid[normalise_email(written)] = None
        except ValueError:
            invalid.setdefault(written.casefold())
    return list(valid), list(invalid)


def send(sender: str, id: str, to: list[str], subject: str, body: Body) -> list[Outcome]:
    """Send a mailing, or go on with one of this id whose sender died; the outcomes in the order of `to`.

    What cannot be sent now is taken back and will not be sent later: `failed` means that it may be tried again.
    """
    mailing = store.get(Mailing, sender=sender, id=id)
    gone: Mapping[str, Outcome] = {}
    if mailing is not None:
        gone = {email: Outcome(email, "sent") for email, one in mailing.messages.items() if not _taken_back(one)}
    messages = {email: Message.email(email, subject, body.text, body.html) for email in to if email not in gone}
    _store(mailing, Mailing(sender=sender, id=id, subject=subject), messages)
    note(sender, "share", "contact_info", [id])
    ends = time.monotonic() + PATIENCE
    outcomes = {**gone, **{email: _deliver(email, one, ends) for email, one in messages.items()}}
    return [outcomes[email] for email in to]


def _store(old: Mailing | None, fresh: Mailing, messages: Mapping[str, Message]) -> None:
    """The mailing and its messages, in one transaction."""
    ids = {**(old.messages if old else {}), **{email: message.id for email, message in messages.items()}}
    tx = store.transaction()
    if old is None:
        tx.create(fresh.model_copy(update={"messages": ids}))
    else:
        tx.replace(old, old.model_copy(update={"messages": ids}))
    for message in messages.values():
        message.join(tx)
    tx.commit()


def _deliver(email: str, message: Message, ends: float) -> Outcome:
    if time.monotonic() >= ends:
        return Outcome(email, "failed", LATE) if _taken_back(message.id) else Outcome(email, "sent")
    if outbox.deliver(store, message):
        return Outcome(email, "sent")
    waiting = store.get(Message, id=message.id)
    if waiting is None or not _taken_back(message.id):
        return Outcome(email, "sent")  # the outbox's sweep was faster
    return Outcome(email, "failed", REFUSED if waiting.queue == DEAD else UNAVAILABLE)


def _taken_back(message_id: str) -> bool:
    """Whether a message was still in the outbox and is no more. One that the outbox's sweep has taken up stays."""
    while True:
        waiting = store.get(Message, id=message_id)
        if waiting is None or (waiting.attempts > 1 and waiting.queue != DEAD):
            return False
        tx = store.transaction()
        tx.remove(waiting.own_key(), [equals("version", waiting.version)])
        try:
            tx.commit()
        except ConditionFailed:
            continue
        return True
