"""Signing up, in and out.

Round trips to the table: register 4, login 7, with a second factor 13 in two calls, refresh 2, logout 2, user 1 (the
caller's own).
"""

from functools import partial
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from quintet.api import ErrorType, Reply, Request
from quintet.auth.common import Password
from quintet.auth.families import InvalidRefreshToken
from quintet.messaging import outbox
from quintet.models import Email, Name, now
from quintet.store import until_settled
from softfactory.access.callers import CLOSED, Person
from softfactory.access.callers import User as Caller
from softfactory.access.changes import add_user
from softfactory.access.replies import UserReply
from softfactory.access.roles import USER
from softfactory.accounts import mails, passwords, sessions, signing_in
from softfactory.accounts.passwords import INVALID_CREDENTIALS
from softfactory.accounts.sessions import NO_STORE, SignedIn
from softfactory.accounts.signing_in import REFUSALS, Challenged
from softfactory.accounts.two_factor import TOO_MANY_ATTEMPTS
from softfactory.people.entities import EmailClaim, HeldRole, User
from softfactory.service import api as suite
from softfactory.service import store
from softfactory.trail.log import Act, record

api = suite.section("auth")

EMAIL_TAKEN = ErrorType(409, "email_taken", "An account with this e-mail address already exists")
INVALID_REFRESH_TOKEN = ErrorType(
    401, "invalid_refresh_token", "The refresh token is not valid, please sign in", {"WWW-Authenticate": "Bearer"}
)


class Registration(BaseModel):
    model_config = ConfigDict(defer_build=True, hide_input_in_errors=True)

    email: Email
    password: Password
    name: Annotated[Name | None, Field(description="What stands before the `@` when absent")] = None


class Credentials(BaseModel):
    model_config = ConfigDict(defer_build=True, hide_input_in_errors=True)

    email: Email
    password: Annotated[str, Field(min_length=1, max_length=1024)]


class Refresh(BaseModel):
    model_config = ConfigDict(defer_build=True, hide_input_in_errors=True)

    refresh_token: Annotated[str, Field(min_length=1, max_length=4096)]


class Done(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: str


@api.post(
    "/auth/register",
    status=201,
    errors=[EMAIL_TAKEN],
    needs={"table:write", "secret", "email"},
    example={"email": "ada@example.com", "password": "Correct-horse-9", "name": "Ada Lovelace"},
)
def register(body: Registration, request: Request) -> Reply[SignedIn]:
    """Sign up with e-mail address and password

    The address is unique without regard to case, and gets a mail with a token to confirm it; the account works before
    that. The password has 8 to 128 characters and must not be among the most common ones.
    """
    from quintet.auth.passwords import hash_password

    name = body.name or body.email.partition("@")[0]
    at = now()
    held = HeldRole(role_id=USER.id, assigned_at=at)
    made = User(email=body.email, name=name, role=USER.name, roles=[held], last_login=at, created_at=at, updated_at=at)
    tx = store.transaction()
    tx.create(EmailClaim(email=made.email, user_id=made.id, password_hash=hash_password(body.password)), EMAIL_TAKEN)
    user = add_user(tx, made)
    told = {"method": "password", "two_factor": False}
    record(tx, Act.by(user.id, request), "auth.register", resource="user", resource_id=user.id, after=told)
    message = mails.verification(tx, user, request.ip)
    session = sessions.begin(tx, user)
    tx.commit()
    if message is not None:
        outbox.deliver(store, message)
    return Reply(session, headers=NO_STORE)


@api.post(
    "/auth/login",
    errors=[INVALID_CREDENTIALS, *REFUSALS, TOO_MANY_ATTEMPTS],
    needs={"table:write", "secret"},
    example={"email": "ada@example.com", "password": "Correct-horse-9"},
)
def login(body: Credentials, request: Request) -> Reply[SignedIn | Challenged]:
    """Sign in with e-mail address and password

    An account with two-factor authentication gets a challenge, which `verify-2fa` completes. An unknown address and a
    wrong password get the same answer after the same work; only who knows the password learns that an account is
    closed. Signing in takes back the wish to delete the account. After too many failures further attempts wait, from
    networks that the account has not signed in from sooner than from its own.
    """
    claim = passwords.proven(body.email, body.password, request)
    user = store.require(User, INVALID_CREDENTIALS, id=claim.user_id)
    answer = signing_in.enter(user, request, "password", partial(passwords.hold, claim=claim, ip=request.ip))
    passwords.renew_hash(claim, body.password)
    return Reply(answer, headers=NO_STORE)


@api.post(
    "/auth/refresh",
    errors=[INVALID_REFRESH_TOKEN, *CLOSED],
    needs={"table:write", "secret"},
    example={"refresh_token": "random-secure-token"},
)
def refresh(body: Refresh) -> Reply[SignedIn]:
    """Trade a refresh token for a new access token and a new refresh token

    A refresh token is good for one use within 30 days. Sent again within 20 seconds it yields the same successor;
    later it revokes every token that descends from the same sign-in.
    """
    try:
        renewed = until_settled(partial(sessions.renew, body.refresh_token))
    except InvalidRefreshToken:
        raise INVALID_REFRESH_TOKEN() from None
    return Reply(renewed, headers=NO_STORE)


@api.post("/auth/logout", needs={"table:write"})
def logout(caller: Person) -> Done:
    """Sign out everywhere: ends every session of the caller, access tokens included"""
    sessions.end_all(caller.id)
    return Done(message="Signed out of every session")


@api.get("/auth/user", needs={"table:read"})
def current_user(caller: Caller) -> UserReply:
    """The account of the caller"""
    return UserReply.of(caller.rights)
