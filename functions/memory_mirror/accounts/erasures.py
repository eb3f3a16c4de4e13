"""That a subject's data are to go: the job that erasure does, begun with the transaction that causes it.

Access patterns:
    an erasure under way                   ERASURE#<subject> / JOB
    those that are not done, oldest first  GSI3 ERASURES / <begun>#<subject>
"""

from typing import ClassVar

from memory_mirror.times.moments import iso
from quintet.models import now
from quintet.store import Entity, Index, Keys, Transaction


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
