"""Erasure: everything about a subject goes, but for the chain of its audit, whose personal parts go.

Access patterns:
    an erasure under way                   ERASURE#<subject> / JOB
    those that are not done, oldest first  GSI3 ERASURES / <begun>#<subject>
    what there is of a subject             every partition that its id alone names (PARTITIONS)

The account goes at once, with the request; the rest in pieces, by the request as far as its time goes and then by the
clock. Doing a piece again does no harm.
"""

import time
from typing import Any, ClassVar

from memory_mirror.accounts.access import Access, join_patient_removal
from memory_mirror.accounts.entities import Account, EmailClaim
from memory_mirror.audit.chain import AuditEvent, Entry, append, erase_personal
from memory_mirror.entities.kinds import KINDS, Patient
from memory_mirror.service import store
from memory_mirror.sync.merging import SECTIONS, Synced
from memory_mirror.times.moments import iso
from quintet.auth import families
from quintet.models import now
from quintet.store import ConditionFailed, Entity, Index, Keys, Transaction

PIECE = 25
"""Items deleted at once: DynamoDB's limit for a batch."""


class Erasure(Entity):
    """That a subject's data are to go, and how much went already."""

    kind: ClassVar[str] = "erasure"
    keys: ClassVar[Keys] = Keys(
        "ERASURE#{subject}", "JOB", gsi3=Index("ERASURES", "{begun}#{subject}", order="ascending")
    )

    subject: str
    begun: str
    actor: str


def join_erasure(tx: Transaction, subject: str, actor: str) -> None:
    """Begin the erasure of a subject with a transaction."""
    tx.put(Erasure(subject=subject, begun=iso(now()), actor=actor))


def erase_account(account: Account) -> None:
    """Delete an account, and begin the erasure of its data; nobody can sign in with it from then on."""
    tx = store.transaction()
    tx.remove(EmailClaim.key(email=account.email))
    tx.delete(account, refused=None)
    join_erasure(tx, account.id, account.id)
    tx.commit()
    families.revoke_all(account.id)
    for access in store.each(Access, email=account.email):
        tx = store.transaction()
        tx.remove(access.own_key())
        tx.commit()


def go_on(subject: str, seconds: float) -> bool:
    """Delete what is left of a subject, for at most so many seconds; answers whether nothing is left."""
    from memory_mirror.voice import voices  # speaks HTTP, which no other use of this module needs

    job = store.get(Erasure, subject=subject)
    if job is None:
        return True
    ends, gone = time.monotonic() + seconds, 0
    for patient in store.each(Patient, subject=subject):
        tx = store.transaction()
        join_patient_removal(tx, patient)
        tx.commit()
        gone += 1
    for kind, fields in _partitions(subject):
        while items := store.query(kind, limit=PIECE, consistent=True, **fields).items:
            if time.monotonic() > ends:
                return False
            store.write_batch(deletes=[item.own_key() for item in items])
            gone += len(items)
    return voices.erase(subject) and _forget_the_log(job, ends, gone)


def go_on_with_all(seconds: float) -> int:
    """Go on with the erasures that are under way, oldest first; answers how many were finished."""
    ends, finished = time.monotonic() + seconds, 0
    for job in store.query(Erasure, "gsi3", limit=20).items:
        left = ends - time.monotonic()
        if left <= 0:
            break
        finished += go_on(job.subject, left)
    return finished


def _forget_the_log(job: Erasure, ends: float, gone: int) -> bool:
    after = None
    while True:
        part = store.query(AuditEvent, begins="E", subject=job.subject, limit=100, after=after, consistent=True)
        try:
            erase_personal(job.subject, part.items)
        except ConditionFailed:  # somebody else is at it, too
            return False
        after = part.after
        if after is None:
            break
        if time.monotonic() > ends:
            return False
    append(job.subject, [Entry("delete", "health_data", [], job.actor, "erasure", details={"items": gone})])
    tx = store.transaction()
    tx.remove(job.own_key())
    tx.commit()
    return True


def _partitions(subject: str) -> list[tuple[type[Entity], dict[str, Any]]]:
    """The partitions of a subject's data: kinds of items, and the fields of each partition's key."""
    from memory_mirror.alerts.states import AlertState
    from memory_mirror.care.sessions import CareOpened, PatientSession
    from memory_mirror.clock.occurrences import OccurrenceClaim
    from memory_mirror.conversation.suggested import Suggested
    from memory_mirror.messages.mailing import Mailing
    from memory_mirror.music.playbacks import Playback
    from memory_mirror.night.incidents import OpenIncident
    from memory_mirror.stories.tale_memory import Telling
    from memory_mirror.upkeep.repairs import Fix

    kinds: list[type[Entity]] = [kind for kind in KINDS.values() if kind is not Patient]
    kinds += [AlertState, CareOpened, Fix, OccurrenceClaim, OpenIncident, PatientSession, Playback, Suggested, Telling]
    return [
        *((kind, {"subject": subject}) for kind in kinds),
        *((Synced, {"subject": subject, "section": section}) for section in SECTIONS),
        (Mailing, {"sender": subject}),
    ]


VOICES = ("voice", "voice_sample", "speech")
"""What goes with the files and the voice service's copies, by model/voices.erase."""
