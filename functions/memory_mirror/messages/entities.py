"""Notifications as they are stored."""

from typing import ClassVar, Literal

from memory_mirror.records.fields import Long, Short, Words
from memory_mirror.records.record import Record, Resource, listed
from quintet.models import Email
from quintet.store import Keys


class Notification(Record):
    """Something somebody was told: in the app, and by e-mail where `channel` says so."""

    kind: ClassVar[str] = "Notification"
    keys: ClassVar[Keys] = listed("Notification", "recipient_email", "status")
    resource: ClassVar[Resource | None] = "health_data"
    indexed: ClassVar[tuple[str, ...]] = ("recipient_email", "status")
    hidden: ClassVar[frozenset[str]] = frozenset({"subject", "version", "message_id"})

    recipient_email: Email
    title: Short
    message: Long
    type: Words = ""
    """What brought it about: reminder, alert, night_incident, chat."""
    channel: Literal["in_app", "email"] = "in_app"
    status: Literal["pending", "sent", "failed"] = "sent"
    read: bool = False
    related_id: str | None = None
    message_id: str | None = None
    """Its e-mail in the outbox."""
