"""Sessions: what somebody is given who has just proved who they are.

A session belongs to the epoch of its account: access tokens say it, and refresh families are kept under it. So one
write that raises the epoch ends all of them, in the very transaction that sets a new password.
"""

from datetime import timedelta
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict

from caidence.directory.entities import User
from caidence.service import store
from caidence.tenancy import usage
from quintet.auth import families, tokens
from quintet.auth.families import InvalidRefreshToken
from quintet.store import Condition, Transaction, equals

ACCESS_LIFETIME: Final = timedelta(minutes=30)
NO_STORE: Final = {"Cache-Control": "no-store"}
"""Headers of every answer that carries tokens (RFC 6749, section 5.1)."""


class Session(BaseModel):
    """The tokens of a session; `expires_in` is the access token's, in seconds."""

    model_config = ConfigDict(defer_build=True)

    access_token: str
    token_type: Literal["bearer"] = "bearer"
    expires_in: int
    refresh_token: str

    @classmethod
    def of(cls, user: User, refresh_token: str) -> Self:
        """A new access token of the account's present epoch, beside a refresh token."""
        access_token, _ = tokens.issue(user.id, {"epoch": user.epoch}, ACCESS_LIFETIME)
        lifetime = int(ACCESS_LIFETIME.total_seconds())
        return cls(access_token=access_token, expires_in=lifetime, refresh_token=refresh_token)


def begin(tx: Transaction, user: User) -> Session:
    """Start a session, good once the transaction commits; that raises `ConditionFailed` when meanwhile the account's
    sessions were ended, or it may sign in no more."""
    tx.check(user.own_key(), _unchanged(user))
    return Session.of(user, families.join(tx, f"{user.id}.{user.epoch}"))


def renew(refresh_token: str) -> Session:
    """The session that follows on a refresh token.

    Raises InvalidRefreshToken for one that is unknown, used, ended, or of an account that may sign in no more;
    `ConditionFailed` when the account changed meanwhile.
    """
    presented = families.read(refresh_token)
    user_id, _, epoch = presented.user_id.rpartition(".")
    if not user_id:
        raise InvalidRefreshToken("of no account")
    user, family = store.get_all([User.ref(id=user_id), presented.ref])
    if user is None or not (user.is_active and user.is_approved):
        raise InvalidRefreshToken("the account may not sign in")
    if epoch != str(user.epoch):
        raise InvalidRefreshToken("the session was ended")
    tx = store.transaction()
    tx.check(user.own_key(), _unchanged(user))
    session = Session.of(user, families.rotate(presented, family, tx))
    usage.active(user.id)
    return session


def end_all(user_id: str) -> None:
    """End every session of an account, access tokens included."""
    store.update(User, User.key(id=user_id), add={"epoch": 1}, where=[equals("id", user_id)])


def _unchanged(user: User) -> list[Condition]:
    return [equals("epoch", user.epoch), equals("is_active", True), equals("is_approved", True)]
