"""Erasure at a person's wish, and what the clock does of it: erasures that are not done, and mails that are due."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from memory_mirror import service
from memory_mirror.accounts.entities import INVALID_CREDENTIALS, Account, EmailClaim
from memory_mirror.audit.trail import name_nobody
from memory_mirror.erasure import erasing
from memory_mirror.service import User, not_found, store
from quintet.messaging import outbox

api = service.api.section("housekeeping")

AT_ONCE = 10.0
"""Seconds for which a request that erases goes on before it leaves the rest to the clock."""


class Password(BaseModel):
    model_config = ConfigDict(defer_build=True)

    password: Annotated[str, Field(min_length=1, max_length=1024)]


@service.api.section("auth").post(
    "//auth/erase",
    status=204,
    extension=True,
    errors=[INVALID_CREDENTIALS],
    needs={"table:write", "secret", "storage:write"},
    example={"password": "a-garden-of-roses"},
)
def erase(body: Password, caller: User) -> None:
    """Erase the caller's account and everything about it, for good

    The account is gone when this answers, the data within minutes. Of the audit log the chain is kept, without names,
    addresses and details.
    """
    from quintet.auth.passwords import verify_password

    account = store.require(Account, not_found("User"), id=caller.id)
    claim = store.get(EmailClaim, email=account.email)
    if not verify_password(claim.password_hash if claim else None, body.password):
        raise INVALID_CREDENTIALS()
    name_nobody()
    erasing.erase_account(account)
    erasing.go_on(account.id, AT_ONCE)


class Swept(BaseModel):
    model_config = ConfigDict(defer_build=True)

    delivered: int
    failed: int
    left: int
    erased: int


@api.event(schedule="rate(1 minute)", needs={"table:write", "email", "secret", "storage:write"}, timeout=50)
def sweep() -> Swept:
    """Send the mails that are due, and go on with erasures"""
    mails = outbox.sweep(store)
    return Swept(**mails.model_dump(), erased=erasing.go_on_with_all(15))
