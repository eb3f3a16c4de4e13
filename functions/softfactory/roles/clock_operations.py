"""What ends by itself: roles, overrides and bans, taken off their accounts so that lists and counts say so, too."""

from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from quintet import log
from quintet.models import now
from quintet.models.time import rfc3339
from quintet.store import until_settled
from softfactory.access.changes import change_user
from softfactory.access.roles import BUILT_IN, Role
from softfactory.people.entities import Override, User
from softfactory.service import api as suite
from softfactory.service import store
from softfactory.trail.log import Act, record

api = suite.section("rbac")

MOST: Final = 100
"""Accounts that one run settles; the next run, a minute later, goes on."""
LOOKED_AT: Final = 1000
"""Accounts that one run looks at: some wait for their erasure, which is not this clock's."""


class Settled(BaseModel):
    model_config = ConfigDict(defer_build=True)

    settled: int


@api.event(schedule="rate(1 minute)", needs={"table:write"})
def settle_ended() -> Settled:
    """Take what has ended off accounts: it gives nothing any more since it did, and now stands in no list either"""
    at, settled, looked, after = now(), 0, 0, None
    while settled < MOST and looked < LOOKED_AT:
        part = store.query(User, "gsi3", before=rfc3339(at) + "~", limit=MOST, after=after)
        for account in part.items:
            settled += _settle(account.id, at)
        looked, after = looked + len(part.items), part.after
        if after is None:
            break
    return Settled(settled=settled)


def _settle(id: str, at: datetime) -> bool:
    """Whether something had ended. What goes wrong with one account holds up no other."""
    try:
        return until_settled(lambda: _settled(id, at))
    except Exception:
        log.logger().exception("an account was not settled", extra={"user_id": id})
        return False


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
