"""The one door behind every way to sign in: by password, with a social login, as a test user.

Whoever comes here has shown who they are. The account must be open; one with a second factor gets a challenge first,
any other its session. Coming in lifts a ban that has ended, and takes back the wish to be deleted.
"""

import hashlib
import secrets
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Annotated, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from quintet.api import ApiError, ErrorType, Request
from quintet.models import epoch, now, rfc3339
from quintet.models.address import counted_address
from quintet.store import ConditionFailed, Entity, Keys, Transaction, exists, less_than, until_settled
from softfactory.access.callers import CLOSED, require_open
from softfactory.access.changes import change_user
from softfactory.accounts import sessions, two_factor
from softfactory.accounts.sessions import SignedIn
from softfactory.accounts.two_factor import TwoFactor
from softfactory.people.entities import User
from softfactory.service import store
from softfactory.trail.log import Act, record

_CHALLENGE = {"WWW-Authenticate": "Bearer"}
GONE = ErrorType(401, "account_deleted", "This account was deleted", _CHALLENGE)
INVALID_CHALLENGE = ErrorType(401, "invalid_challenge", "The sign-in took too long, please start again", _CHALLENGE)
WRONG_CODE = ErrorType(401, "invalid_code", "The code is wrong, or was used already", _CHALLENGE)
REFUSALS: Final = (*CLOSED, GONE)
"""What `enter` may raise."""

CHALLENGE_SECONDS: Final = 300
TRIES: Final = 5
NOTED_SECONDS: Final = 900

Method = Literal["password", "google", "facebook", "kakao", "mock"]
Prove = Callable[[Transaction], None]


class Challenged(BaseModel):
    """The first of two steps was right; `verify-2fa` takes the second within `expires_in` seconds."""

    model_config = ConfigDict(defer_build=True)

    requires_2fa: Literal[True] = True
    challenge_token: str
    expires_in: Annotated[int, Field(description="Seconds")] = CHALLENGE_SECONDS


class Challenge(Entity):
    """A sign-in that waits for its second step, by the hash of its token."""

    kind: ClassVar[str] = "sign_in_challenge"
    keys: ClassVar[Keys] = Keys("CHALLENGE#{digest}", "CHALLENGE")

    digest: str
    user_id: str
    epoch: int
    method: Method
    tries: int = 0
    expires_at: int


class Noted(Entity):
    """That a refusal was entered into the trail, so that others like it are not for a while."""

    kind: ClassVar[str] = "sign_in_refusal"
    keys: ClassVar[Keys] = Keys("REFUSAL#{digest}", "REFUSAL")

    digest: str
    expires_at: int


def enter(
    user: User, request: Request, method: Method = "password", prove: Prove | None = None
) -> SignedIn | Challenged:
    """A session for whoever has shown that they are this person, or the challenge that comes before it.

    `prove` adds to the transaction what must still hold, such as that the password is the one that was checked.
    Raises those of REFUSALS, and what `prove` says of its conditions.
    """
    read = iter([user])
    return until_settled(lambda: _entered(next(read, None) or _read(user.id), request, method, prove))


def complete(challenge_token: str, code: str, request: Request) -> SignedIn:
    """The session behind a challenge, for an app's code or a backup code.

    Raises INVALID_CHALLENGE, WRONG_CODE, 429 after too many wrong ones, and those of REFUSALS.
    """
    challenge = store.get(Challenge, digest=_digest(challenge_token))
    user = store.get(User, id=challenge.user_id) if challenge else None
    try:
        if challenge is None or user is None or epoch() >= challenge.expires_at:
            raise INVALID_CHALLENGE()
        with two_factor.guessing(challenge.user_id):
            store.update(
                Challenge, challenge.own_key(), add={"tries": 1}, where=[less_than("tries", TRIES)],
                refused=INVALID_CHALLENGE,
            )  # fmt: skip
            return until_settled(partial(_completed, challenge, code, request))
    except ApiError as refused:
        if refused.code in (INVALID_CHALLENGE.code, two_factor.TOO_MANY_ATTEMPTS.code):  # others are noted one by one
            method: Method = challenge.method if challenge else "password"
            note_once(user.id if user else None, request, method, refused.code)
        raise


def note_refusal(user_id: str | None, request: Request, method: Method, reason: str) -> None:
    """Enter into the trail that a sign-in was refused; `user_id` is whose it would have been, None of nobody's.

    Whoever tried has not shown to be that person, so the account is what it was done to, and nobody is who did it.
    """
    tx = store.transaction()
    _refused(tx, user_id, request, method, reason)
    tx.commit()


def note_once(user_id: str | None, request: Request, method: Method, reason: str) -> None:
    """As `note_refusal`, for what may go on without end: once in a quarter of an hour for an account and reason, or of
    nobody's for the network that it came from."""
    tx, window = store.transaction(), epoch() // NOTED_SECONDS
    who = user_id or counted_address(request.ip)
    tx.create(Noted(digest=_digest(f"{who}|{method}|{reason}|{window}"), expires_at=epoch() + NOTED_SECONDS))
    _refused(tx, user_id, request, method, reason)
    with suppress(ConditionFailed):
        tx.commit()


def _refused(tx: Transaction, user_id: str | None, request: Request, method: Method, reason: str) -> None:
    told = {"method": method, "reason": reason}
    record(tx, Act.by(None, request), "auth.login_refused", resource="user", resource_id=user_id, after=told)


def _entered(user: User, request: Request, method: Method, prove: Prove | None) -> SignedIn | Challenged:
    _require_welcome(user, request, method)
    tx = store.transaction()
    answer: SignedIn | Challenged
    if user.two_factor_enabled:
        token = secrets.token_urlsafe(32)
        tx.put(
            Challenge(
                digest=_digest(token), user_id=user.id, epoch=user.epoch, method=method,
                expires_at=epoch() + CHALLENGE_SECONDS,
            )
        )  # fmt: skip
        answer = Challenged(challenge_token=token)
    else:
        answer = _welcome(tx, user, request, method, passed=False)
    if prove is not None:
        prove(tx)
    tx.commit()
    return answer


def _completed(challenge: Challenge, code: str, request: Request) -> SignedIn:
    user, factor = store.get_all([User.ref(id=challenge.user_id), TwoFactor.ref(user_id=challenge.user_id)])
    if user is None or factor is None or user.epoch != challenge.epoch or not user.two_factor_enabled:
        raise INVALID_CHALLENGE()
    _require_welcome(user, request, challenge.method)
    try:
        spending = two_factor.judged(factor, code, WRONG_CODE)
    except two_factor.WrongCode:
        note_refusal(user.id, request, challenge.method, WRONG_CODE.code)
        raise
    except ApiError as refused:
        if refused.code == WRONG_CODE.code:
            note_once(user.id, request, challenge.method, refused.code)
        raise
    tx = store.transaction()
    two_factor.spend(tx, factor, spending)
    tx.remove(challenge.own_key(), [exists()], INVALID_CHALLENGE)
    answer = _welcome(tx, user, request, challenge.method, passed=True)
    tx.commit()
    return answer


def _require_welcome(user: User, request: Request, method: Method) -> None:
    """Raise and note the refusal of an account that is closed, or was deleted for good."""
    try:
        if user.is_gone(now()):
            raise GONE()
        require_open(user)
    except ApiError as refused:
        note_refusal(user.id, request, method, refused.code)
        raise


def _welcome(tx: Transaction, user: User, request: Request, method: Method, *, passed: bool) -> SignedIn:
    """Begin the session, and write down that somebody came in."""
    at = now()
    back = user.model_copy(
        update={"status": "active", "banned_until": None, "ban_reason": None, "deletion_due": None, "last_login": at}
    )
    if (user.status, user.deletion_due) == ("active", None):
        # Of this the account's lists know nothing, so that sign-ins at the same time do not get into each other's way.
        tx.update(user.own_key(), put={"last_login": rfc3339(at)}, where=sessions.unchanged(user))
    else:
        back = change_user(tx, user, back)
    told = {"method": method, "two_factor": passed, "deletion_cancelled": user.is_deleted}
    before = {"deletion_due": rfc3339(user.deletion_due)} if user.deletion_due else None
    act = Act.by(user.id, request)
    record(tx, act, "auth.login", resource="user", resource_id=user.id, before=before, after=told)
    return sessions.begin(tx, back, passed=passed)


def _read(user_id: str) -> User:
    return store.require(User, GONE, id=user_id)


def _digest(token: str) -> str:
    # A plain hash is enough for 256 random bits: there is nothing to guess.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
