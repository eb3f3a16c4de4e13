"""Erasure: everything about a subject goes, but for the chain of its audit, whose personal parts go.

Access patterns: what there is of a subject is every partition that its id alone names (partitions.py); the jobs are in
accounts/erasures.py.

The account goes at once, with the request; the rest in pieces, by the request as far as its time goes and then by the
clock. Doing a piece again does no harm.
"""

import time

from memory_mirror.accounts.access import Access, join_patient_removal
from memory_mirror.accounts.entities import Account, EmailClaim
from memory_mirror.accounts.erasures import Erasure, join_erasure
from memory_mirror.accounts.people import Patient
from memory_mirror.audit.chain import AuditEvent, Entry, append, erase_personal
from memory_mirror.service import store
from quintet.auth import families
from quintet.store import ConditionFailed

PIECE = 25
"""Items deleted at once: DynamoDB's limit for a batch."""


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
    from memory_mirror.erasure.partitions import partitions  # every domain, which a look for jobs does not need
    from memory_mirror.voice import voices  # speaks HTTP

    job = store.get(Erasure, subject=subject)
    if job is None:
        return True
    ends, gone = time.monotonic() + seconds, 0
    for patient in store.each(Patient, subject=subject):
        tx = store.transaction()
        join_patient_removal(tx, patient)
        tx.commit()
        gone += 1
    for kind, fields in partitions(subject):
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
