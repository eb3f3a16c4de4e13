"""Records put into the table as the entity API puts them, and what came of the clock's visits."""

from __future__ import annotations

from typing import Any

from memory_mirror.accounts.entities import Account
from memory_mirror.clock.due import prepared
from memory_mirror.messages.entities import Notification
from memory_mirror.records.record import Record, create, new
from memory_mirror.reminders.entities import Reminder
from memory_mirror.service import store
from quintet.models import now

ROSA = "rosa@example.com"


def account(email: str = ROSA) -> str:
    """The id of a new account."""
    return store.create(Account(email=email, full_name="Rosa Klein")).id


def stored(kind: type[Any], subject: str, by: str = ROSA, **fields: Any) -> Any:
    """A record as it is after its creation."""
    return create(prepared(new(kind, subject, by, **fields), now()))


def rewritten(record: Any, **fields: Any) -> Any:
    """A record after a change of some fields."""
    found = fresh(record)
    return store.replace(found, prepared(found.changed(**fields), now()))


def reminder(subject: str, starts_at: str, **fields: Any) -> Reminder:
    """A stored reminder at local times of Berlin, unless told otherwise."""
    given = {"title": "Tea with Anna", "message": "The kettle is on.", "timezone": "Europe/Berlin", **fields}
    made = stored(Reminder, subject, starts_at=starts_at, **given)
    assert isinstance(made, Reminder)
    return made


def fresh(record: Record) -> Any:
    """A record as it stands in the table."""
    return store.get(type(record), subject=record.subject, id=record.id)


def told(subject: str) -> list[tuple[str, str, str, str]]:
    """What a subject's notifications say, oldest first: recipient, title, text, channel."""
    found = store.query(Notification, subject=subject, consistent=True).items
    return [(one.recipient_email, one.title, one.message, one.channel) for one in reversed(found)]
