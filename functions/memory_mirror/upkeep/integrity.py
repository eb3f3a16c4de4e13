"""What is wrong with a subject's data, and how it is mended: pure checks over what was read already.

A finding without a mending is for people to look at. A mending changes a few fields of one record or removes one item,
never guesses what somebody meant, and finds nothing to do the second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from memory_mirror.accounts.access import Access
from memory_mirror.accounts.people import Patient
from memory_mirror.clock.due import Clocked, instant, shard_of
from memory_mirror.home.entities import MoodAutomation, SmartHomeRoutine
from memory_mirror.life.entities import Memory, Music, Photo, Video
from memory_mirror.messages.entities import Notification
from memory_mirror.music.entities import Playlist
from memory_mirror.records.record import Record
from quintet.messaging.outbox import DEAD, Message
from quintet.store import Entity

STUCK = timedelta(hours=1)
"""How long a notification may wait before it is looked at."""
LATE = timedelta(hours=1)
"""How late the clock may be before it is said."""
STANDSTILL = timedelta(hours=24)
"""How late something may be before the clock begins anew with it."""

Type = Literal[
    "stuck_notification",
    "waiting_notification",
    "late_schedule",
    "stopped_schedule",
    "lost_schedule",
    "missing_device",
    "missing_photo",
    "missing_file",
    "orphaned_access",
    "orphaned_patient",
    "orphaned_record",
]
Medium = Photo | Video | Music


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with one item. `changes` or `remove` mend it; neither: somebody has to look at it."""

    type: Type
    item: Entity
    problem: str
    """In words without anybody's data."""
    changes: Mapping[str, Any] | None = None
    remove: bool = False

    @property
    def mendable(self) -> bool:
        return self.remove or self.changes is not None


@dataclass(frozen=True)
class Snapshot:
    """What was read about one subject: some of its records, and which of those that they name are there."""

    pending: list[Notification] = field(default_factory=list)
    mails: Mapping[str, Message | None] = field(default_factory=dict)
    """The messages that pending notifications name, None for those that are gone."""
    clocked: list[Clocked] = field(default_factory=list)
    routines: list[SmartHomeRoutine | MoodAutomation] = field(default_factory=list)
    devices: frozenset[str] = frozenset()
    memories: list[Memory] = field(default_factory=list)
    photos: frozenset[str] = frozenset()
    """Photos that the memories name and that are there."""
    media: list[Medium] = field(default_factory=list)
    """Photos, videos and music whose files are the system's own."""
    files: frozenset[str] = frozenset()
    """Of those files, the ones that are there."""
    patients: list[Patient] = field(default_factory=list)
    accounts: frozenset[str] = frozenset()
    """Accounts that the patients name and that are there."""
    links: list[Access] = field(default_factory=list)
    places: frozenset[str] = frozenset()
    """Patients that the links name and that are there."""


def findings(seen: Snapshot, at: datetime) -> list[Finding]:
    """Everything wrong in a snapshot that was taken at `at`."""
    return [
        *_notifications(seen, at),
        *(found for record in seen.clocked for found in _schedule(record, at)),
        *_devices(seen),
        *_photos(seen),
        *(Finding("missing_file", one, "its file is gone") for one in seen.media if one.url not in seen.files),
        *_people(seen),
    ]


def _notifications(seen: Snapshot, at: datetime) -> Iterator[Finding]:
    for notice in seen.pending:
        if notice.created_date > at - STUCK:
            continue
        mail = seen.mails.get(notice.message_id) if notice.message_id else None
        if mail is not None and mail.queue != DEAD:
            yield Finding("waiting_notification", notice, "its e-mail is still tried")
        elif notice.message_id is None:
            yield Finding("stuck_notification", notice, "nothing was ever going to send it", {"status": "failed"})
        elif mail is not None:
            yield Finding("stuck_notification", notice, "its e-mail was given up", {"status": "failed"})
        else:
            yield Finding("stuck_notification", notice, "its e-mail is sent", {"status": "sent"})


def _schedule(record: Clocked, at: datetime) -> Iterator[Finding]:
    """A record that should be due some time and is not, or was due and never came."""
    if record.next_due is None:
        due = record.due_from(at)
        if due is not None:
            changes: dict[str, Any] = {"next_due": due, "due_shard": shard_of(record.id)}
            yield Finding("lost_schedule", record, "it was not among what is due", changes)
        return
    late = at - instant(record.next_due)
    if late > STANDSTILL:
        changes = {"next_due": record.due_from(at), "due_shard": shard_of(record.id)}
        yield Finding("stopped_schedule", record, "it was due more than a day ago and did not happen", changes)
    elif late > LATE:
        yield Finding("late_schedule", record, "it is due and did not happen yet")


def _devices(seen: Snapshot) -> Iterator[Finding]:
    for routine in seen.routines:
        actions = routine.steps if isinstance(routine, SmartHomeRoutine) else routine.actions
        gone = {action.device_id for action in actions} - seen.devices
        if gone:
            yield Finding("missing_device", routine, f"devices it names that are gone: {len(gone)}")
    for record in seen.clocked:
        if isinstance(record, Playlist) and record.device_id is not None and record.device_id not in seen.devices:
            yield Finding("missing_device", record, "devices it names that are gone: 1")


def _photos(seen: Snapshot) -> Iterator[Finding]:
    for memory in seen.memories:
        kept = [photo for photo in memory.photo_ids if photo in seen.photos]
        gone = len(memory.photo_ids) - len(kept)
        if gone:
            yield Finding("missing_photo", memory, f"photos it names that are gone: {gone}", {"photo_ids": kept})


def _people(seen: Snapshot) -> Iterator[Finding]:
    for patient in seen.patients:
        if patient.user_id is not None and patient.user_id not in seen.accounts:
            yield Finding("orphaned_patient", patient, "its account is gone")
    for link in seen.links:
        if link.patient_id not in seen.places:
            yield Finding("orphaned_access", link, "it opens a patient that is gone", remove=True)


def orphans(records: Iterable[Record]) -> list[Finding]:
    """Records of a subject that is gone: each to be removed."""
    return [Finding("orphaned_record", record, "whom it is about is gone", remove=True) for record in records]


def masked(id: str) -> str:
    """An id of which nobody learns more than whether it is the one they know."""
    return "…" + id[-6:]
