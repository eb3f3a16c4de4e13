"""Erasure when it is due: every kind of data, then the account, then what can come to be until that is gone.

The address stays theirs until all is done, and goes together with the erasure's row: so what is found by it is never
the next owner's. Who dies on the way leaves that row, and the next run does it over: every piece finds what is left.
"""

import time
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from quintet import log
from quintet.models import epoch, now
from quintet.models.time import rfc3339
from quintet.store import Condition, ConditionFailed, at_most, equals, exists, until_settled
from softfactory.access.changes import change_user, remove_user
from softfactory.people.entities import EmailClaim, User
from softfactory.privacy.entities import Erasure
from softfactory.privacy.registry import KINDS
from softfactory.privacy.subjects import DataSubject
from softfactory.service import store
from softfactory.trail.log import Act, record

PIECE: Final = 300
"""Items of a kind that one run erases of one person."""
PART: Final = 100
LOOKED_AT: Final = 1000
"""Accounts, and erasures, that one run looks at."""
HELD: Final = 330
"""Seconds for which a run has an erasure to itself: longer than any run lasts."""


def begin_due() -> int:
    """Begin the erasure of accounts whose time has come, the longest due first; answers how many."""
    at, begun, looked, after = now(), 0, 0, None
    while looked < LOOKED_AT:
        part = store.query(User, "gsi3", before=rfc3339(at) + "~", limit=PART, after=after)
        begun += sum(_begin(user.id, at) for user in part.items if user.is_gone(at))
        looked, after = looked + len(part.items), part.after
        if after is None:
            break
    return begun


def under_way() -> list[Erasure]:
    """Erasures that have begun and are not done."""
    return store.query(Erasure, limit=LOOKED_AT, consistent=True).items


def go_on_with_all(erasures: Iterable[Erasure], seconds: float) -> int:
    """Go on with erasures, those longest left alone first and none after so many seconds; answers how many are done."""
    ends = time.monotonic() + seconds
    waiting = sorted(erasures, key=lambda each: each.held_until)
    return sum(go_on(each) for each in waiting if time.monotonic() < ends)


def go_on(erasure: Erasure) -> bool:
    """Erase a piece of every kind of data, unless another run is at it; answers whether nothing is left.

    What goes wrong with one person holds up no other, and is tried again when the hold on it has run out.
    """
    if not _held(erasure, HELD, at_most("held_until", epoch())):
        return False
    try:
        if _went_on(erasure):
            return True
        _held(erasure, 0, exists())
    except Exception:
        log.logger().exception("an erasure did not go on", extra={"begun_at": rfc3339(erasure.begun_at)})
    return False


def _held(erasure: Erasure, seconds: int, where: Condition) -> bool:
    """Have an erasure to oneself for some seconds from now, if the condition holds; answers whether it does."""
    try:
        store.update(Erasure, erasure.own_key(), put={"held_until": epoch() + seconds}, where=[where])
    except ConditionFailed:
        return False
    return True


def _went_on(erasure: Erasure) -> bool:
    user, claim = store.get_all([User.ref(id=erasure.user_id), EmailClaim.ref(email=erasure.email)])
    if user is not None and user.erasure_begun is None:
        return _ended(erasure)
    owned = claim is not None and claim.user_id == erasure.user_id
    subject = DataSubject(erasure.user_id, erasure.email if owned else None)
    early = [kind.erase(subject, PIECE) for kind in KINDS if not kind.late]  # each of them, though one may be slow
    if not all(early):
        return False
    if not until_settled(lambda: _remove_account(subject)):
        return False
    late = [kind.erase(subject, PIECE) for kind in KINDS if kind.late]
    return all(late) and _ended(erasure, subject.email)


def _begin(user_id: str, at: datetime) -> bool:
    """Begin one, if it is still due and nobody has. The account says so from then on: whoever read it before, to sign
    in or to open it again, comes too late, by whatever clock."""
    user = store.get(User, id=user_id)
    if user is None or user.erasure_begun is not None or not user.is_gone(at):
        return False
    tx = store.transaction()
    tx.create(Erasure(user_id=user.id, email=user.email))
    change_user(tx, user, user.model_copy(update={"erasure_begun": at}))
    try:
        tx.commit()
    except ConditionFailed:  # begun already, or changed meanwhile: the next run looks again
        return False
    return True


def _remove_account(subject: DataSubject) -> bool:
    """Remove the account with its password, unless its erasure is not begun; answers whether it is gone. The trail says
    that somebody was erased, not who."""
    user = store.get(User, id=subject.id)
    if user is None:
        return True
    if user.erasure_begun is None:
        return False
    tx = store.transaction()
    remove_user(tx, user)
    record(tx, Act.system(), "user.erase", resource="user")
    if subject.email is not None:
        mine = [equals("user_id", subject.id)]
        tx.update(EmailClaim.key(email=subject.email), remove=["password_hash"], where=mine)
    tx.commit()
    return True


def _ended(erasure: Erasure, email: str | None = None) -> bool:
    """End an erasure, and give the address free that was the account's until now."""
    tx = store.transaction()
    tx.remove(erasure.own_key())
    if email is not None:
        tx.remove(EmailClaim.key(email=email), [equals("user_id", erasure.user_id)])
    tx.commit()
    return True
