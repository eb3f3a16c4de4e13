"""Clicks on affiliate links: one for each visitor and day (UTC), and a few at most from one address.

A visitor is an address, of version 6 its network, and a browser. They are kept as a keyed hash of both and the day, for
two days: it says that somebody was counted, not who, and cannot be followed from one day to the next. An address is
kept likewise, with how many of its visitors were counted: a browser calls itself what it likes.
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
from quintet.store.expressions import absent, any_of, less_than

MOST: Final = 5
"""Visitors that are counted on a day at one address: a household's or a small office's."""
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


class Callers(Entity):
    """How many visitors were counted on a day at one address."""

    kind: ClassVar[str] = "callers"
    keys: ClassVar[Keys] = Keys("VISIT#{code}#{day}#{address}", "CALLERS")


def count(code: AffiliateCode, ip: str, agent: str) -> bool:
    """Count a click unless the visitor was counted today, or others enough at their address; answers whether it was."""
    day, address = now().date().isoformat(), counted_address(ip)
    visit = Visit(code=code.code, day=day, visitor=_hashed(code, day, address, agent))
    callers = Callers.key(code=code.code, day=day, address=_hashed(code, day, address))
    few = any_of(absent("counted"), less_than("counted", MOST))
    tx = store.transaction()
    tx.create(visit)
    tx.update(callers, add={"counted": 1}, put={"expires_at": visit.expires_at}, where=[few])
    FIGURES.join(tx, code.creator_id, clicks=1)
    try:
        tx.commit()
    except ConditionFailed:
        return False
    return True


def _hashed(code: AffiliateCode, *told: str) -> str:
    return blake2b("\n".join(told).encode(), digest_size=16, key=bytes.fromhex(code.salt)).hexdigest()
