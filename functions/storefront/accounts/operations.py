"""Signing up, in and out: accounts with passwords, access tokens and refresh tokens.

Round trips to the table: register 1, login 7, refresh 2, logout 2.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from quintet.api import ErrorType, Reply, Request
from quintet.auth import families
from quintet.auth.families import InvalidRefreshToken
from quintet.auth.throttle import TooManyAttempts, attempting, sign_in_caps
from quintet.models import Email, Length, Line
from quintet.store import ConditionFailed, equals
from storefront import service
from storefront.accounts import sessions
from storefront.accounts.entities import Account, EmailClaim
from storefront.accounts.sessions import NO_STORE, SessionReply, TokensReply
from storefront.accounts.sign_up import ACCOUNT_INACTIVE, EMAIL_EXISTS, new_account
from storefront.service import User, store

api = service.api.section("auth")

WEAK_PASSWORD = ErrorType(400, "weak_password", "This password is too common, please choose another one")
INVALID_CREDENTIALS = ErrorType(401, "invalid_credentials", "Invalid credentials")
INVALID_REFRESH_TOKEN = ErrorType(401, "invalid_refresh_token", "Invalid refresh token")
TOO_MANY_ATTEMPTS = ErrorType(429, "too_many_attempts", "Too many failed attempts, please try again later")


class Registration(BaseModel):
    model_config = ConfigDict(defer_build=True)

    email: Email
    password: Annotated[str, Field(min_length=8, max_length=128)]
    first_name: Annotated[Line, Length(1, 100)]
    last_name: Annotated[Line, Length(1, 100)]


class Credentials(BaseModel):
    model_config = ConfigDict(defer_build=True)

    email: Email
    password: Annotated[str, Field(min_length=1, max_length=1024)]


class Refresh(BaseModel):
    model_config = ConfigDict(defer_build=True)

    refresh_token: Annotated[str, Field(min_length=1, max_length=4096)]


@api.post(
    "/auth/register",
    status=201,
    errors=[WEAK_PASSWORD, EMAIL_EXISTS],
    needs={"table:write", "secret"},
    example={
        "email": "user@example.com",
        "password": "SecurePassword123!",
        "first_name": "John",
        "last_name": "Doe",
    },
)
def register(body: Registration) -> Reply[SessionReply]:
    """Register a new account and sign it in

    The e-mail address is unique without regard to case. The password has 8 to 128 characters and must not be among
    the most common ones.
    """
    from quintet.auth.common import is_common
    from quintet.auth.passwords import hash_password

    if is_common(body.password):
        raise WEAK_PASSWORD()
    tx = store.transaction()
    hashed = hash_password(body.password)
    account = new_account(tx, body.email, body.first_name, body.last_name, password_hash=hashed)
    session = sessions.begin(account, tx)
    tx.commit()
    return Reply(session, headers=NO_STORE)


@api.post(
    "/auth/login",
    errors=[INVALID_CREDENTIALS, ACCOUNT_INACTIVE, TOO_MANY_ATTEMPTS],
    needs={"table:write", "secret"},
    example={"email": "user@example.com", "password": "SecurePassword123!"},
)
def login(body: Credentials, request: Request) -> Reply[SessionReply]:
    """Sign in with e-mail address and password

    An unknown address and a wrong password get the same answer after the same work. Ten failures within a quarter of
    an hour, for one account or from one address, make further attempts wait.
    """
    try:
        with attempting("login", sign_in_caps(request.ip, body.email)):
            account = _proved(body)
    except TooManyAttempts as refused:
        raise TOO_MANY_ATTEMPTS(headers={"Retry-After": str(refused.retry_after)}) from None
    if not account.active:
        raise ACCOUNT_INACTIVE()
    return Reply(sessions.begin(account), headers=NO_STORE)


def _proved(body: Credentials) -> Account:
    """The account of good credentials; the same refusal after the same work for all others."""
    from quintet.auth.passwords import needs_rehash, verify_password

    claim = store.get(EmailClaim, email=body.email)
    stored = claim.password_hash if claim else None
    if not verify_password(stored, body.password) or claim is None or stored is None:
        raise INVALID_CREDENTIALS()
    account = store.require(Account, INVALID_CREDENTIALS, id=claim.user_id)
    if account.active and needs_rehash(stored):
        _rehash(claim, body.password)
    return account


def _rehash(claim: EmailClaim, password: str) -> None:
    """Hash a password that was just proved right with today's parameters, unless it was changed meanwhile."""
    from quintet.auth.passwords import hash_password

    try:
        store.update(
            EmailClaim,
            claim.own_key(),
            put={"password_hash": hash_password(password)},
            where=[equals("password_hash", claim.password_hash)],
        )
    except ConditionFailed:
        return


@api.post(
    "/auth/refresh",
    errors=[INVALID_REFRESH_TOKEN],
    needs={"table:write", "secret"},
    example={"refresh_token": "random-secure-token"},
)
def refresh(body: Refresh) -> Reply[TokensReply]:
    """Trade a refresh token for a new access token and a new refresh token

    A refresh token is good for one use. Sent again within 20 seconds it yields the same successor; later it revokes
    every token that descends from the same sign-in.
    """
    try:
        presented = families.read(body.refresh_token)
        account, family = store.get_all([Account.ref(id=presented.user_id), presented.ref])
        if account is None or not account.active:
            raise INVALID_REFRESH_TOKEN()
        renewed = sessions.renew(account, families.rotate(presented, family))
    except InvalidRefreshToken:
        raise INVALID_REFRESH_TOKEN() from None
    return Reply(renewed, headers=NO_STORE)


@api.post("/auth/logout", status=204, needs={"table:write"})
def logout(caller: User) -> None:
    """Sign out everywhere

    Revokes every refresh token of the caller. Access tokens given out before stay good for up to 15 minutes.
    """
    families.revoke_all(caller.id)
