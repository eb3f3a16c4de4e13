"""The plan to erase an account: when, what goes, and what stays for how long and why."""

from datetime import datetime
from functools import partial
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from quintet.api import Request
from quintet.models import Timestamp, now
from quintet.models.time import rfc3339
from quintet.store import equals, until_settled
from softfactory.access.callers import AdminWriter
from softfactory.access.changes import USER_NOT_FOUND
from softfactory.access.granting import require_above
from softfactory.accounts.deletion import plan_deletion
from softfactory.people.entities import User
from softfactory.privacy.registry import KEPT, KINDS
from softfactory.service import store
from softfactory.trail.log import Act, record


class KeptReply(BaseModel):
    """What stays, until when (null: for good), and why."""

    model_config = ConfigDict(defer_build=True)

    what: str
    until: Timestamp | None
    why: str


class Plan(BaseModel):
    """When an account is erased. Until then signing in takes it back, as does an administrator who opens it again."""

    model_config = ConfigDict(defer_build=True)

    user_id: str
    scheduled_for: Timestamp
    erases: list[str] = Field(description="Everything that is erased")
    keeps: list[KeptReply]

    @classmethod
    def of(cls, user_id: str, due: datetime) -> Self:
        return cls(
            user_id=user_id, scheduled_for=due, erases=[kind.what for kind in KINDS],
            keeps=[KeptReply(what=kept.what, until=due + kept.lasts if kept.lasts else None, why=kept.why)
                   for kept in KEPT],
        )  # fmt: skip


def living(user_id: str) -> User:
    """An account whose erasure is not due yet; 404 for any other."""
    user = store.require(User, USER_NOT_FOUND, id=user_id)
    if user.is_gone(now()):
        raise USER_NOT_FOUND()
    return user


def plan(user_id: str, reason: str | None, caller: AdminWriter, request: Request) -> Plan:
    """Plan an erasure, end the account's sessions and hide it; the plan that there is where there is one. That it was
    asked for enters into the trail either way, until nothing takes it back.

    Raises 404, 403 where an administrator's account is not the caller's to change or somebody acts in the caller's
    name, 409 for the last administrator.
    """
    caller.require_own()
    return Plan.of(user_id, until_settled(partial(_planned, user_id, reason, caller, request)))


def _planned(user_id: str, reason: str | None, caller: AdminWriter, request: Request) -> datetime:
    user = store.require(User, USER_NOT_FOUND, id=user_id)
    require_above(caller, user)
    if user.deletion_due is not None and user.is_gone(now()):
        return user.deletion_due
    before, tx = user.deletion_due, store.transaction()
    if before is None:
        due = plan_deletion(tx, user)
    else:
        due = before
        tx.check(user.own_key(), [equals("version", user.version)])
    record(
        tx, Act.of(caller, request), "gdpr.delete", resource="user", resource_id=user_id,
        before={"deletion_due": rfc3339(before) if before else None},
        after={"deletion_due": rfc3339(due), "reason": reason},
    )  # fmt: skip
    tx.commit()
    return due
