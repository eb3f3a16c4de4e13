"""Clicks on affiliate links: one for each visitor and day (UTC).

A visitor is an address, of version 6 its network, and a browser. They are kept as a keyed hash of both and the day, for
two days: it says that somebody was counted, not who, and cannot be followed from one day to the next.
"""

from hashlib import blake2b
from typing import ClassVar, Final

from pydantic import Field

from caidence.affiliate.codes import AffiliateCode
from caidence.affiliate.figures import FIGURES
from caidence.service import store
from quintet.models import epoch, now
from quintet.models.address import counted_address
from quintet.store import ConditionFailed, Entity, Keys

_KEPT: Final = 2 * 86_400
"""Seconds for which a visit is remembered; its day is over by then."""


class Visit(Entity):
    """That a visitor was counted on a day."""

    kind: ClassVar[str] = "visit"
    keys: ClassVar[Keys] = Keys("VISIT#{code}#{day}#{visitor}", "VISIT")

    code: str
    day: str
    visitor: str
    expires_at: int = Field(default_factory=lambda: epoch() + _KEPT)


def count(code: AffiliateCode, ip: str, agent: str) -> bool:
    """Count a click unless the visitor was counted today; answers whether it was."""
    day = now().date().isoformat()
    told = f"{day}\n{counted_address(ip)}\n{agent}".encode()
    visitor = blake2b(told, digest_size=16, key=bytes.fromhex(code.salt)).hexdigest()
    tx = store.transaction()
    tx.create(Visit(code=code.code, day=day, visitor=visitor))
    FIGURES.join(tx, code.creator_id, clicks=1)
    try:
        tx.commit()
    except ConditionFailed:
        return False
    return True
