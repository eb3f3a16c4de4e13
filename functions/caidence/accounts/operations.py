"""Signing up, in and out.

Round trips to the table: register 2, login 7, refresh 3, both one more as the first of somebody's day, me 1 (the
caller's own), logout 2.
"""

from functools import partial
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from caidence.access import changes
from caidence.access.audit import Actor
from caidence.access.callers import INACTIVE, UNAPPROVED
from caidence.access.callers import User as Caller
from caidence.accounts import passwords, sessions
from caidence.accounts.passwords import INVALID_CREDENTIALS, TOO_MANY_ATTEMPTS
from caidence.accounts.sessions import NO_STORE, Session
from caidence.directory.entities import EmailClaim, User
from caidence.directory.replies import UserReply
from caidence.service import api as platform
from caidence.service import store
from caidence.tenancy import usage
from quintet.api import ErrorType, RateLimit, Reply, Request
from quintet.auth.common import Password
from quintet.auth.families import InvalidRefreshToken
from quintet.models import Email, Name
from quintet.store import equals, until_settled

api = platform.section("auth")

EMAIL_TAKEN = ErrorType(400, "email_taken", "A user with this email already exists")
ROLE_TOO_HIGH = ErrorType(400, "role_too_high", "This role is given by an administrator, nobody registers with it")
INVALID_REFRESH_TOKEN = ErrorType(
    401, "invalid_refresh_token", "Could not validate credentials", {"WWW-Authenticate": "Bearer"}
)

Role = Literal[
    "viewer", "creator", "brand_member", "brand_admin", "agency_member", "agency_admin", "super_admin", "root"
]
BY_ADMINISTRATORS: Final = frozenset({"agency_admin", "super_admin", "root"})


class Registration(BaseModel):
    model_config = ConfigDict(defer_build=True, hide_input_in_errors=True)

    email: Email
    password: Password
    full_name: Name
    role: Annotated[Role | None, Field(description="viewer when absent; up to agency_member")] = None


class Credentials(BaseModel):
    """OAuth 2.0's password form (RFC 6749, section 4.3.2), whose `username` is the e-mail address."""

    model_config = ConfigDict(defer_build=True, hide_input_in_errors=True)

    username: Annotated[str, Field(min_length=1, max_length=320)]
    password: Annotated[str, Field(min_length=1, max_length=1024)]
    grant_type: Literal["password"] | None = None


class Refresh(BaseModel):
    model_config = ConfigDict(defer_build=True, hide_input_in_errors=True)

    refresh_token: Annotated[str, Field(min_length=1, max_length=4096)]


class Done(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: str


@api.post(
    "/auth/register",
    errors=[EMAIL_TAKEN, ROLE_TOO_HIGH],
    limit=RateLimit(30, 3600, by="ip"),
    needs={"table:write"},
    example={"email": "ada@example.com", "password": "Correct-horse-9", "full_name": "Ada Lovelace"},
)
def register(body: Registration, request: Request) -> UserReply:
    """Register a new user

    The account waits for a super admin's approval; nobody signs in to it before. The e-mail address is unique without
    regard to case. The password has 8 to 128 characters and must not be among the most common ones.
    """
    from quintet.auth.passwords import hash_password

    role = body.role or "viewer"
    if role in BY_ADMINISTRATORS:
        raise ROLE_TOO_HIGH()
    user = User(email=body.email, full_name=body.full_name, role=role)
    user.updated_at = user.created_at
    tx = store.transaction()
    claim = EmailClaim(email=user.email, user_id=user.id, password_hash=hash_password(body.password))
    tx.create(claim, EMAIL_TAKEN)
    changes.add_user(tx, Actor.of(user, request.id), user, reason="registered")
    tx.commit()
    return UserReply.of(user)


@api.post(
    "/auth/login",
    form=True,
    errors=[INVALID_CREDENTIALS, INACTIVE, UNAPPROVED, TOO_MANY_ATTEMPTS],
    needs={"table:write", "secret"},
    example={"username": "ada@example.com", "password": "Correct-horse-9"},
)
def login(body: Credentials, request: Request) -> Reply[Session]:
    """Sign in with e-mail address and password

    An unknown address and a wrong password get the same answer after the same work; only who knows the password
    learns that an account is inactive or not approved. Ten failures within a quarter of an hour for one account, or
    thirty from one address, make further attempts wait.
    """
    return Reply(until_settled(partial(_sign_in, body, request.ip)), headers=NO_STORE)


def _sign_in(given: Credentials, ip: str) -> Session:
    claim = passwords.proven(given.username, given.password, ip)
    user = store.require(User, INVALID_CREDENTIALS, id=claim.user_id)
    if not user.is_active:
        raise INACTIVE()
    if not user.is_approved:
        raise UNAPPROVED()
    tx = store.transaction()
    session = sessions.begin(tx, user)
    tx.check(claim.own_key(), [equals("password_hash", claim.password_hash)])
    tx.commit()
    passwords.renew_hash(claim, given.password)
    usage.active(user.id)
    return session


@api.get("/auth/me", needs={"table:read"})
def me(caller: Caller) -> UserReply:
    """The account of the caller"""
    return UserReply.of(caller.account)


@api.post(
    "/auth/refresh",
    extension=True,
    errors=[INVALID_REFRESH_TOKEN],
    needs={"table:write", "secret"},
    example={"refresh_token": "random-secure-token"},
)
def refresh(body: Refresh) -> Reply[Session]:
    """Trade a refresh token for a new access token and a new refresh token

    A refresh token is good for one use within 30 days. Sent again within 20 seconds it yields the same successor;
    later it revokes every token that descends from the same sign-in.
    """
    try:
        renewed = until_settled(partial(sessions.renew, body.refresh_token))
    except InvalidRefreshToken:
        raise INVALID_REFRESH_TOKEN() from None
    return Reply(renewed, headers=NO_STORE)


@api.post("/auth/logout", extension=True, needs={"table:write"})
def logout(caller: Caller) -> Done:
    """Sign out everywhere: ends every session of the caller, access tokens included"""
    sessions.end_all(caller.id)
    return Done(message="Signed out of every session")
