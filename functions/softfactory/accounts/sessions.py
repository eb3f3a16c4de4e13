"""Sessions: what somebody is given who has just proved who they are.

A session belongs to the epoch of its account: access tokens say it, and refresh families are kept under it. So one
write that raises the epoch ends all of them, in the very transaction that sets a new password. A session also remembers
whether it passed the second factor, through every refresh.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict

from quintet.auth import families, tokens
from quintet.auth.families import InvalidRefreshToken
from quintet.models import now
from quintet.store import Condition, Ref, Transaction, absent, equals, exists
from softfactory.access.callers import require_open
from softfactory.access.replies import UserReply
from softfactory.access.rights import rights_of
from softfactory.accounts.two_factor import TwoFactor
from softfactory.people.entities import User
from softfactory.service import store

ACCESS_LIFETIME: Final = timedelta(minutes=15)
NO_STORE: Final = {"Cache-Control": "no-store"}
"""Headers of every answer that carries tokens (RFC 6749, section 5.1)."""
PASSED: Final = "2fa"
"""The claim of a session that passed the second factor."""
SESSION: Final = "sid"
"""The claim that names the session itself, through its refreshes."""
_MARK: Final = ".2fa"


class SignedIn(BaseModel):
    """An account and the tokens of its session; `expires_in` is the access token's, in seconds."""

    model_config = ConfigDict(defer_build=True)

    user: UserReply
    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int
    refresh_token: str

    @classmethod
    def of(cls, user: User, refresh_token: str, *, passed: bool) -> Self:
        """A new access token of the account's present epoch, beside a refresh token."""
        claims: dict[str, Any] = {"epoch": user.epoch, SESSION: families.read(refresh_token).family}
        access_token, _ = tokens.issue(user.id, {**claims, PASSED: True} if passed else claims, ACCESS_LIFETIME)
        return cls(
            user=UserReply.of(rights_of(user, now())), access_token=access_token, refresh_token=refresh_token,
            expires_in=int(ACCESS_LIFETIME.total_seconds()),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whose a family is: an account, of an epoch, with or without the second factor. Part of the family's key, so
    nobody writes it anew."""

    user_id: str
    epoch: int
    passed: bool

    def __str__(self) -> str:
        return f"{self.user_id}.{self.epoch}{_MARK if self.passed else ''}"

    @classmethod
    def read(cls, text: str) -> Self:
        user_id, _, epoch = text.removesuffix(_MARK).partition(".")
        if not user_id or not epoch.isdecimal():
            raise InvalidRefreshToken("of no account")
        return cls(user_id, int(epoch), text.endswith(_MARK))


def begin(tx: Transaction, user: User, *, passed: bool = False) -> SignedIn:
    """Start a session, good once the transaction commits, which must hold the account's epoch to what `user` says;
    `passed` says that the second factor was given."""
    owner = _Owner(user.id, user.epoch, passed)
    return SignedIn.of(user, families.join(tx, str(owner)), passed=passed)


def renew(refresh_token: str) -> SignedIn:
    """The session that follows on a refresh token.

    Raises InvalidRefreshToken for one that is unknown, used, ended, or that never passed the second factor of an
    account that has one by now; 403 for an account that is closed; `ConditionFailed` when it changed meanwhile.
    """
    presented = families.read(refresh_token)
    owner = _Owner.read(presented.user_id)
    refs: list[Ref[Any]] = [User.ref(id=owner.user_id), presented.ref, TwoFactor.ref(user_id=owner.user_id)]
    user, family, factor = store.get_all(refs)
    if user is None or family is None or user.is_deleted:
        raise InvalidRefreshToken("no account or no session")
    require_open(user)
    passed = owner.passed or (factor is not None and factor.confirmed_by == presented.family)
    if owner.epoch != user.epoch or (user.two_factor_enabled and not passed):
        raise InvalidRefreshToken("the session was ended")
    tx = store.transaction()
    tx.check(user.own_key(), unchanged(user))
    return SignedIn.of(user, families.rotate(presented, family, tx), passed=passed)


def has_passed(claims: tokens.Claims, factor: TwoFactor) -> bool:
    """Whether a session passed the second factor: with its code at sign-in, or by confirming its set-up."""
    return claims.get(PASSED) is True or (
        factor.confirmed_by is not None and claims.get(SESSION) == factor.confirmed_by
    )


def impersonated(user: User, administrator: User) -> str:
    """An access token with which an administrator acts as somebody for ACCESS_LIFETIME, as long as both sign-ins hold;
    there is nothing to refresh it with."""
    act = {"sub": administrator.id, "epoch": administrator.epoch}
    access_token, _ = tokens.issue(user.id, {"epoch": user.epoch, "act": act}, ACCESS_LIFETIME)
    return access_token


def end_all(user_id: str) -> None:
    """End every session of an account, access tokens included."""
    store.update(User, User.key(id=user_id), add={"epoch": 1}, where=[exists()])


def forget(user_id: str, epochs: Iterable[int]) -> None:
    """Remove what is kept of an account's sessions of some epochs, at its erasure. Two requests an epoch."""
    for epoch in epochs:
        for passed in (False, True):
            families.revoke_all(str(_Owner(user_id, epoch, passed)))


def unchanged(user: User) -> list[Condition]:
    """Holds while nothing has ended the account's sessions, closed it, or changed what signing in takes."""
    return [
        equals("epoch", user.epoch), equals("status", user.status), absent("deletion_due"),
        equals("two_factor_enabled", user.two_factor_enabled),
    ]  # fmt: skip
