"""Walking all subjects without ever reading them all at once: a bounded part a run, the next run goes on.

Access patterns:
    all subjects, in the order of their ids    GSI3 SUBJECTS / <id>: accounts, and patients without one
    how far a job has come                     MAINTENANCE#<job> / WALK
    who runs a job                             MAINTENANCE#<job> / RUN
    subjects that are gone and left data       MAINTENANCE#ORPHANS / <subject>
Reading about a subject is some fifteen Queries, each of at most `MOST` records; what one run misses of somebody's many
records, a later run sees once those before are mended.
"""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

from pydantic import Field

from memory_mirror.accounts.access import Access, PatientPlace
from memory_mirror.accounts.entities import Account
from memory_mirror.accounts.erasures import Erasure
from memory_mirror.accounts.people import Patient
from memory_mirror.alerts.entities import AlertCondition
from memory_mirror.clock.due import Clocked
from memory_mirror.entities.kinds import KINDS
from memory_mirror.home.entities import MoodAutomation, SmartDevice, SmartHomeRoutine
from memory_mirror.life.entities import Memory, Music, Photo, Video
from memory_mirror.messages.entities import Notification
from memory_mirror.music.entities import Playlist
from memory_mirror.records.record import recent
from memory_mirror.reminders.entities import Reminder
from memory_mirror.service import store
from memory_mirror.times.moments import Moment
from memory_mirror.upkeep.integrity import Medium, Snapshot
from quintet.messaging.outbox import Message
from quintet.models import epoch, now
from quintet.providers import storage
from quintet.providers.errors import ProviderError, Rejected
from quintet.store import ConditionFailed, Entity, Index, Keys, Ref, absent, any_of, less_than
from quintet.store.codec import Item

MOST = 100
"""Records of a kind that are looked at a subject."""
MOST_FILES = 20
"""Files of a subject that are asked for: those of its newest media."""
PAGE = 25
LEASE = 300
"""Seconds after which another run may begin though the last did not end."""
REST = 60
"""Seconds after a run in which a call does nothing: the job is public, and a call must cost nobody much."""


class Subject(Entity):
    """A subject as the listing of all has it: an account, or the place of a patient without one."""

    kind: ClassVar[str] = "subject"
    keys: ClassVar[Keys] = Keys("SUBJECT#{id}", "-", gsi3=Index("SUBJECTS", "{id}", order="ascending"))

    id: str
    email: str | None = None


class Walk(Entity):
    """How far a job has come in its present round, and what it gathered there."""

    kind: ClassVar[str] = "walk"
    keys: ClassVar[Keys] = Keys("MAINTENANCE#{job}", "WALK")

    job: str
    after: dict[str, Any] | None = None
    began_at: Moment = Field(default_factory=now)
    gathered: dict[str, int] = Field(default_factory=dict)
    """Sums over the present round."""
    last_round: dict[str, int] = Field(default_factory=dict)
    """Sums over the last whole round."""
    last_ended_at: Moment | None = None

    def gather(self, name: str, count: int) -> None:
        self.gathered[name] = self.gathered.get(name, 0) + count


class Run(Entity):
    """Who runs a job: nobody else before `until` (epoch seconds)."""

    kind: ClassVar[str] = "run"
    keys: ClassVar[Keys] = Keys("MAINTENANCE#{job}", "RUN")

    job: str
    until: int


class Orphan(Entity):
    """A subject that is gone while its audit shows that there were data, since it was found."""

    kind: ClassVar[str] = "orphan"
    keys: ClassVar[Keys] = Keys("MAINTENANCE#ORPHANS", "{subject}", order="ascending")

    subject: str
    found_at: Moment


def begin(job: str) -> bool:
    """Whether this run may do the job; False while another does it, or has done it a minute ago."""
    at = epoch()
    run = Run(job=job, until=at + LEASE)
    tx = store.transaction()
    tx.put(run, [any_of(absent("until"), less_than("until", at))])
    try:
        tx.commit()
    except ConditionFailed:
        return False
    return True


def end(job: str) -> None:
    """The job is done for now."""
    tx = store.transaction()
    tx.put(Run(job=job, until=epoch() + REST))
    tx.commit()


def walk_of(job: str) -> Walk:
    return store.get(Walk, job=job) or Walk(job=job)


def subjects(walk: Walk, most: int, seconds: float) -> Iterator[Subject]:
    """The next subjects of a walk, at most `most` and none begun after `seconds`; save the walk afterwards.

    The walk moves past a subject when the next one is asked for, and begins anew after the last.
    """
    ends, seen = time.monotonic() + seconds, 0
    while seen < most:
        part = store.query(Subject, "gsi3", limit=min(PAGE, most - seen), after=walk.after)
        for subject in part.items:
            if time.monotonic() >= ends:
                return
            yield subject
            seen += 1
            walk.after = _place(subject)
        if part.after is None:
            walk.after = None
            walk.last_round, walk.gathered = walk.gathered, {}
            walk.last_ended_at = walk.began_at = now()
            return


def _place(subject: Subject) -> Item:
    """Where a subject stands in the listing."""
    main = Account.key(id=subject.id) if subject.email else PatientPlace.key(id=subject.id)
    return {**main.attributes(), "GSI3PK": {"S": "SUBJECTS"}, "GSI3SK": {"S": subject.id}}


def save(walk: Walk) -> None:
    """Keep how far a walk has come. Only the run that holds the job does."""
    tx = store.transaction()
    tx.put(walk)
    tx.commit()


def snapshot(subject: Subject) -> Snapshot:
    """What the checks need to know of a subject."""
    who = subject.id
    pending = recent(Notification, who, MOST, status="pending")
    playlists = recent(Playlist, who, MOST)
    clocked: list[Clocked] = [
        *recent(Reminder, who, MOST, active=True),
        *playlists,
        *recent(AlertCondition, who, MOST, enabled=True),
    ]
    routines: list[SmartHomeRoutine | MoodAutomation] = [
        *recent(SmartHomeRoutine, who, MOST),
        *recent(MoodAutomation, who, MOST),
    ]
    naming = bool(routines) or any(playlist.device_id for playlist in playlists)
    memories = [memory for memory in recent(Memory, who, MOST) if memory.photo_ids]
    media = _own_media(who)
    patients = recent(Patient, who, MOST)
    links = store.query(Access, email=subject.email, limit=MOST, consistent=True).items if subject.email else []
    return Snapshot(
        pending=pending,
        mails={message.id: message for message in _messages(pending)},
        clocked=clocked,
        routines=routines,
        devices=frozenset(one.id for one in recent(SmartDevice, who, 5 * MOST)) if naming else frozenset(),
        memories=memories,
        photos=_there([Photo.ref(subject=who, id=photo) for memory in memories for photo in memory.photo_ids]),
        media=media,
        files=frozenset(one.url for one in media if one.url and _stored(one.url)),
        patients=patients,
        accounts=_there([Account.ref(id=one.user_id) for one in patients if one.user_id]),
        links=links,
        places=_there([PatientPlace.ref(id=link.patient_id) for link in links]),
    )


def exists(subject: str) -> bool:
    """Whether there is such an account, such a patient, or a patient who is said to have that account."""
    if any(store.get_all([Account.ref(id=subject), PatientPlace.ref(id=subject)])):
        return True
    return bool(store.query(Patient, subject=subject, limit=1, consistent=True).items)


def left_behind(subject: str) -> bool:
    """Whether a subject is gone and some of its records are not, though nobody is erasing them."""
    if exists(subject) or store.get(Erasure, subject=subject) is not None:
        return False
    return any(store.query(kind, subject=subject, limit=1, consistent=True).items for kind in KINDS.values())


def note_orphan(subject: str) -> None:
    """Note a subject that is gone, unless it is noted already."""
    tx = store.transaction()
    tx.put(Orphan(subject=subject, found_at=now()), [absent()])
    try:
        tx.commit()
    except ConditionFailed:
        return


def orphans_since(before: datetime, most: int) -> list[Orphan]:
    """Subjects that were found gone at `before` or earlier, at most `most` of the first thousand."""
    found = store.query(Orphan, limit=1000).items
    return [one for one in found if one.found_at <= before][:most]


def _messages(pending: list[Notification]) -> list[Message]:
    refs = [Message.ref(id=one.message_id) for one in pending if one.message_id]
    return [message for message in store.get_all(refs) if message is not None]


def _own_media(subject: str) -> list[Medium]:
    """A subject's newest media whose files are the system's own, not somewhere in the web."""
    newest: list[Medium] = [
        *recent(Photo, subject, MOST),
        *recent(Video, subject, MOST),
        *recent(Music, subject, MOST),
    ]
    return [one for one in newest if one.url and "://" not in one.url][:MOST_FILES]


def _stored(key: str) -> bool:
    """Whether there is such a file; a key that cannot be one has none. It is taken to be there when nobody can say."""
    try:
        return storage.head(key) is not None
    except Rejected:
        return False
    except ProviderError:
        return True


def _there(refs: list[Ref[Any]]) -> frozenset[str]:
    return frozenset(found.id for found in store.get_all(refs) if found is not None)
