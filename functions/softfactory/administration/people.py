"""Accounts as administrators find, see and change them."""

from collections.abc import Callable
from typing import Any, Final, Self

from quintet.api import Request
from quintet.models import Timestamp, now
from quintet.store import Transaction, until_settled
from softfactory.access.callers import User as Caller
from softfactory.access.changes import USER_NOT_FOUND, change_user
from softfactory.access.granting import require_above
from softfactory.access.replies import UserReply
from softfactory.access.rights import Rights
from softfactory.people.entities import User
from softfactory.service import store
from softfactory.trail.log import Act, record


class AccountReply(UserReply):
    """An account as administrators see it: of a banned one also why, and until when (null: for ever); of a deleted one
    when it is erased."""

    banned_until: Timestamp | None
    ban_reason: str | None
    deletion_due: Timestamp | None

    @classmethod
    def of(cls, rights: Rights) -> Self:
        shown, account = UserReply.of(rights).model_dump(), rights.account
        banned = shown["status"] == "banned"
        until, reason = (account.banned_until, account.ban_reason) if banned else (None, None)
        return cls(**shown, banned_until=until, ban_reason=reason, deletion_due=account.deletion_due)


Change = Callable[[Transaction, User], User]
"""What becomes of an account as it stands; what else belongs to it goes into the transaction."""
_SHOWN: Final = ("name", "email", "status", "banned_until", "ban_reason", "deletion_due", "roles")
"""Fields of an account whose changes the trail tells."""


def account_of(id: str) -> User:
    """The account with this id, also one that waits for its erasure; 404 where there is none, or its erasure is due and
    is not to be taken back."""
    account = store.require(User, USER_NOT_FOUND, id=id)
    if account.is_gone(now()):
        raise USER_NOT_FOUND()
    return account


def require_there(account: User) -> None:
    """Raise 404 for an account that waits for its erasure: it is nobody's any more."""
    if account.is_deleted:
        raise USER_NOT_FOUND()


def changed(id: str, caller: Caller, request: Request, action: str, change: Change) -> User:
    """Change an account as it stands, with its entry in the trail.

    Raises 404, 403 where it is an administrator's and the caller is none, and what `change` and the rules of accounts
    raise. Where nothing changes nothing is written.
    """

    def attempt() -> User:
        account = account_of(id)
        require_above(caller, account)
        tx = store.transaction()
        wanted = change(tx, account)
        if wanted == account:
            return account
        after = change_user(tx, account, wanted)
        before, now_said = _state(account), _state(after)
        told = {name for name in _SHOWN if before[name] != now_said[name]}
        record(
            tx, Act.of(caller, request), action, resource="user", resource_id=id,
            before={name: before[name] for name in told}, after={name: now_said[name] for name in told},
        )  # fmt: skip
        tx.commit()
        return after

    return until_settled(attempt)


def _state(user: User) -> dict[str, Any]:
    # Who gave a role is who acted in the entry of that: here it would stand under the key of whom it was given to.
    return user.model_dump(mode="json", include=set(_SHOWN), exclude={"roles": {"__all__": {"assigned_by"}}})
