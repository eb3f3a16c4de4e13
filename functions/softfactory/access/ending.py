"""What ends by itself: roles, overrides and bans, taken off their accounts so that lists and counts say so, too.

What has ended gives nothing any more from that moment on, whatever stands in the account. Lists and counts go by what
stands there: the clock takes it off within a minute, and who shows such a list has it taken off before.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from quintet import log
from quintet.models import now
from quintet.models.time import rfc3339
from quintet.store import until_settled
from softfactory.access.changes import change_user
from softfactory.access.roles import BUILT_IN, Role
from softfactory.people.entities import Override, User
from softfactory.service import store
from softfactory.trail.log import Act, record

LOOKED_AT: Final = 1000
"""Accounts that one run looks at: some wait for their erasure, which is nobody's here."""
AT_ONCE: Final = 50
"""Accounts, about, off which it is taken before a list or a count is shown."""
_PIECE: Final = 100


@dataclass(frozen=True, slots=True)
class Ended:
    """How many accounts were settled, and up to which moment all are: what stands in them is what they were then."""

    settled: int
    at: datetime


def settle_ended(most: int = AT_ONCE) -> Ended:
    """Take what has ended off accounts, the longest ended first, off `most` and some more. One Query where nothing has.

    `at` is now, or a moment just before the first end that is still not taken off.
    """
    at, settled, looked, after = now(), 0, 0, None
    until = reached = at
    while settled < most and looked < LOOKED_AT:
        part = store.query(User, "gsi3", before=rfc3339(at) + "~", limit=min(most, _PIECE), after=after)
        for account in part.items:
            done = _settle(account.id, at)
            settled += bool(done)
            until = min(until, _before(account)) if done is None else until
            reached = _before(account)
        looked, after = looked + len(part.items), part.after
        if after is None:
            return Ended(settled, until)
    return Ended(settled, min(until, reached))


def _before(account: User) -> datetime:
    """The last moment before the first end of an account that was found by it; ends are whole seconds."""
    due = datetime.fromisoformat(account.due) if account.due else datetime.max.replace(tzinfo=UTC)
    return due - timedelta(seconds=1)


def _settle(id: str, at: datetime) -> bool | None:
    """Whether something had ended; None for an account with which something went wrong, which holds up no other."""
    try:
        return until_settled(lambda: _settled(id, at))
    except Exception:
        log.logger().exception("an account was not settled", extra={"user_id": id})
        return None


def _settled(id: str, at: datetime) -> bool:
    account = store.get(User, id=id)
    if account is None:
        return False
    roles = [each for each in account.roles if each.expires_at is None or at < each.expires_at]
    overrides = [each for each in account.overrides if each.expires_at is None or at < each.expires_at]
    update = {"roles": roles, "overrides": overrides}
    if account.standing(at) != account.status:
        update |= {"status": "active", "banned_until": None, "ban_reason": None}
    after = account.model_copy(update=update)
    if after == account:
        return False
    tx = store.transaction()
    change_user(tx, account, after)
    told = {
        "roles": [_name(each.role_id) for each in account.roles if each not in roles],
        "overrides": [_shown(each) for each in account.overrides if each not in overrides],
        "ban": account.status != after.status,
    }
    record(tx, Act.system(), "user.settle", resource="user", resource_id=id, after={"ended": told})
    tx.commit()
    return True


def _name(role_id: str) -> str:
    """A role's name, which is there as long as somebody holds it."""
    role = BUILT_IN.get(role_id) or store.get(Role, id=role_id)
    return role.name if role else role_id


def _shown(override: Override) -> dict[str, Any]:
    return override.model_dump(mode="json", include={"permission", "allowed"})
