"""Care sessions: who looked after whom, when and for how long; kept for billing, reports and continuity of care.

Access patterns:
    a person's sessions, newest first      SUBJECT#<subject>#PatientSession / <started_at>#<id>
    everybody's sessions of a month        GSI1 CARE#<yyyy-mm> / <started_at>#<id>, oldest first
    a caregiver's open session of a type   CARE_OPEN#<caregiver_id> / <patient_id>#<session_type>, gone by TTL
    when somebody last looked after them   SUBJECT#<subject>#CareOpened / LAST
A session belongs to the day on which it began; it lasts from its first call to its last.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice, takewhile
from typing import ClassVar, Literal

from pydantic import Field

from memory_mirror.audit.trail import note
from memory_mirror.service import store
from memory_mirror.times.moments import Moment, iso
from quintet.models import epoch, new_id, now
from quintet.store import (
    ConditionFailed,
    Entity,
    Index,
    Key,
    Keys,
    Transaction,
    absent,
    any_of,
    at_most,
    equals,
    exists,
)
from quintet.store.contention import until_settled

SessionType = Literal["interaction", "assessment", "care"]

OPEN_FOR = timedelta(minutes=30)
"""How long after its last call a session still continues."""
MOST_SESSIONS = 1000
"""Sessions of a person that one reading takes into account."""


@dataclass(frozen=True, slots=True)
class Carer:
    """Who tracks a session. `cares` is false for the person herself: her own calls answer no alert."""

    id: str
    email: str
    name: str
    cares: bool


class PatientSession(Entity):
    """One stretch of care: calls of one caregiver, for one patient and purpose, never more than half an hour apart."""

    kind: ClassVar[str] = "patient_session"
    keys: ClassVar[Keys] = Keys(
        "SUBJECT#{subject}#PatientSession",
        "{began}#{id}",
        gsi1=Index("CARE#{month}", "{began}#{id}", order="ascending"),
    )

    id: str = Field(default_factory=new_id)
    subject: str
    patient_id: str
    caregiver_id: str
    caregiver_email: str
    caregiver_name: str = ""
    session_type: SessionType
    started_at: Moment
    last_seen: Moment
    calls: int = 1
    began: str = ""
    """`started_at` as the keys have it: text that sorts as time."""
    month: str = ""
    """The month in UTC, `2026-03`, that it is listed in."""

    def model_post_init(self, _: object, /) -> None:
        self.began = iso(self.started_at)
        self.month = self.began[:7]

    @property
    def day(self) -> date:
        """The day, in UTC, on which it began."""
        return self.started_at.date()

    @property
    def seconds(self) -> int:
        """How long it lasted, whole seconds."""
        return int((self.last_seen - self.started_at).total_seconds())


class OpenSession(Entity):
    """Which session a caregiver's next call continues."""

    kind: ClassVar[str] = "open_session"
    keys: ClassVar[Keys] = Keys("CARE_OPEN#{caregiver_id}", "{patient_id}#{session_type}")

    caregiver_id: str
    patient_id: str
    session_type: SessionType
    subject: str
    session_id: str
    started_at: Moment
    last_seen: Moment
    expires_at: int

    @property
    def session(self) -> Key:
        """Where the session itself is."""
        return PatientSession.key(subject=self.subject, began=iso(self.started_at), id=self.session_id)


class CareOpened(Entity):
    """The last time a caregiver or administrator tracked a session for a person."""

    kind: ClassVar[str] = "care_opened"
    keys: ClassVar[Keys] = Keys("SUBJECT#{subject}#CareOpened", "LAST")

    subject: str
    at: Moment


class _Gone(Exception):
    """The open session was erased meanwhile."""


def track(subject: str, patient_id: str, carer: Carer, session_type: SessionType) -> OpenSession:
    """Continue the carer's open session of that type and patient, else start one; answers which it is.

    However many calls come at once, they make one session and are all counted.
    """

    def attempt() -> OpenSession:
        at = now()
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        open_one = OpenSession.ref(caregiver_id=carer.id, patient_id=patient_id, session_type=session_type)
        found, answered = store.get_all([open_one, CareOpened.ref(subject=subject)])
        tx = store.transaction()
        if found is not None and at <= found.last_seen + OPEN_FOR:
            opened = _continued(tx, found, at)
        else:
            opened = _started(tx, found, _session(subject, patient_id, carer, session_type, at))
        if carer.cares and (answered is None or answered.at < opened.last_seen):
            _note_opened(tx, subject, opened.last_seen)
        try:
            tx.commit()
        except _Gone:
            store.delete(opened, refused=None)
            raise ConditionFailed from None
        return opened

    opened = until_settled(attempt)
    note(subject, "write", "health_data", [opened.session_id])
    return opened


def last_opened(subject: str) -> datetime | None:
    """When a caregiver or administrator last tracked a session for this person; None when never."""
    found = store.get(CareOpened, subject=subject)
    return found.at if found else None


def sessions_since(subject: str, since: datetime, most: int = MOST_SESSIONS) -> list[PatientSession]:
    """A person's newest sessions that began at or after `since`, newest first, at most `most`."""
    newest = takewhile(lambda one: one.started_at >= since, store.each(PatientSession, subject=subject))
    found = list(islice(newest, most))
    note(subject, "read", "health_data", [one.id for one in found])
    return found


def sessions_between(first: date, last: date) -> Iterator[PatientSession]:
    """Everybody's sessions that began from `first` to `last` (UTC days), oldest first, read as they are consumed."""
    month = first.replace(day=1)
    while month <= last:
        for found in store.each(PatientSession, "gsi1", month=f"{month:%Y-%m}"):
            if found.day > last:
                return
            if found.day >= first:
                yield found
        month = (month + timedelta(days=32)).replace(day=1)


def _session(subject: str, patient_id: str, carer: Carer, session_type: SessionType, at: datetime) -> PatientSession:
    return PatientSession(
        subject=subject,
        patient_id=patient_id,
        caregiver_id=carer.id,
        caregiver_email=carer.email,
        caregiver_name=carer.name,
        session_type=session_type,
        started_at=at,
        last_seen=at,
    )


def _started(tx: Transaction, old: OpenSession | None, session: PatientSession) -> OpenSession:
    opened = OpenSession(
        caregiver_id=session.caregiver_id,
        patient_id=session.patient_id,
        session_type=session.session_type,
        subject=session.subject,
        session_id=session.id,
        started_at=session.started_at,
        last_seen=session.last_seen,
        expires_at=_expiry(session.last_seen),
    )
    if old is None:
        tx.create(opened)
    else:
        tx.replace(old, opened, refused=None)
    tx.create(session)
    return opened


def _continued(tx: Transaction, old: OpenSession, at: datetime) -> OpenSession:
    """Calls that come at once need not wait for each other, unless a later one was faster.

    A clock that is behind the last call's lengthens nothing and shortens nothing.
    """
    seen = max(at, old.last_seen)
    no_later = at_most("last_seen", iso(seen))
    put = {"last_seen": iso(seen), "expires_at": _expiry(seen)}
    tx.update(old.own_key(), put=put, where=[equals("session_id", old.session_id), no_later])
    put = {"last_seen": iso(seen)}
    tx.update(old.session, put=put, add={"calls": 1}, where=[exists(), no_later], refused=_refused)
    return old.model_copy(update={"last_seen": seen})


def _refused(session: object) -> Exception:
    return _Gone() if session is None else ConditionFailed()


def _expiry(seen: datetime) -> int:
    return epoch(seen + OPEN_FOR) + 60


def _note_opened(tx: Transaction, subject: str, at: datetime) -> None:
    opened = CareOpened(subject=subject, at=at)
    put = {"kind": CareOpened.kind, "subject": subject, "at": iso(at)}
    tx.update(opened.own_key(), put=put, where=[any_of(absent("at"), at_most("at", iso(at)))])
