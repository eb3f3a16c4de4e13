"""Signing up, in and out; and confirming that an address is one's own.

Access patterns are in entities.py. Round trips to the table: register 1 (for a caregiver 3), login 7, refresh 2,
me 1, logout 2, confirm 4. The document assumes sessions and gives no way to get one: all of this is an extension.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from memory_mirror import service
from memory_mirror.accounts import sessions
from memory_mirror.accounts.entities import EMAIL_EXISTS, INVALID_CREDENTIALS, Account, EmailClaim, join_account
from memory_mirror.accounts.sessions import NO_STORE, SessionReply, UserReply
from memory_mirror.service import User, not_found, store
from quintet.api import ErrorType, Reply, Request
from quintet.auth import codes, families
from quintet.auth.codes import Policy, TooManyCodes, WrongCode
from quintet.auth.families import InvalidRefreshToken
from quintet.auth.throttle import Cap, TooManyAttempts, attempting, sign_in_caps
from quintet.messaging import outbox
from quintet.messaging.outbox import Message
from quintet.models import Email, Length, Line, now

api = service.api.section("auth")

INVALID_REFRESH_TOKEN = ErrorType(401, "invalid_refresh_token", "Invalid refresh token")
INVALID_CODE = ErrorType(400, "invalid_code", "code: it is wrong or no longer good")
TOO_MANY = ErrorType(429, "too_many_attempts", "Too many attempts, please try again later")
CONFIRMATION = Policy("confirm", digits=6, lifetime=3600)
MOST_MAILS = 5
"""Codes an hour that go to one address."""


def _uncommon(password: str) -> str:
    from quintet.auth.common import is_common

    if is_common(password):
        raise ValueError("is too common, please choose another one")
    return password


NewPassword = Annotated[str, Field(min_length=8, max_length=128), AfterValidator(_uncommon)]


class Registration(BaseModel):
    model_config = ConfigDict(defer_build=True)

    email: Email
    password: NewPassword
    full_name: Annotated[Line, Length(1, 200)]
    role: Literal["user", "caregiver"] = "user"


class Credentials(BaseModel):
    model_config = ConfigDict(defer_build=True)

    email: Email
    password: Annotated[str, Field(min_length=1, max_length=1024)]


class Refresh(BaseModel):
    model_config = ConfigDict(defer_build=True)

    refresh_token: Annotated[str, Field(min_length=1, max_length=4096)]


class Proof(BaseModel):
    model_config = ConfigDict(defer_build=True)

    code: Annotated[str, Field(pattern=r"^\d{6}$", description="From the e-mail")]


class Sent(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: str


@api.post(
    "//auth/register",
    status=201,
    extension=True,
    errors=[EMAIL_EXISTS],
    needs={"table:write", "secret", "email"},
    example={"email": "rose@example.com", "password": "a-garden-of-roses", "full_name": "Rose Miller", "role": "user"},
)
def register(body: Registration) -> Reply[SessionReply]:
    """Register an account and sign it in

    `user` is the person or their family, `caregiver` somebody whom patients name by e-mail address. A caregiver gets
    a code by e-mail: once it is confirmed, the patients that name the address can be seen.
    """
    from quintet.auth.passwords import hash_password

    tx = store.transaction()
    account = join_account(tx, body.email, body.full_name, body.role, hash_password(body.password))
    session = sessions.begin(account, tx)
    tx.commit()
    if account.role == "caregiver":
        _send_code(account)
    return Reply(session, headers=NO_STORE)


@api.post(
    "//auth/login",
    extension=True,
    errors=[INVALID_CREDENTIALS, TOO_MANY],
    needs={"table:write", "secret"},
    example={"email": "rose@example.com", "password": "a-garden-of-roses"},
)
def login(body: Credentials, request: Request) -> Reply[SessionReply]:
    """Sign in with e-mail address and password

    An unknown address and a wrong password get the same answer after the same work. Ten failures within a quarter of
    an hour, for one account or from one address, make further attempts wait.
    """
    try:
        with attempting("login", sign_in_caps(request.ip, body.email)):
            return Reply(_signed_in(body), headers=NO_STORE)
    except TooManyAttempts as refused:
        raise TOO_MANY(headers={"Retry-After": str(refused.retry_after)}) from None


def _signed_in(body: Credentials) -> SessionReply:
    """A session for good credentials; the same refusal after the same work for all others."""
    from quintet.auth.passwords import verify_password

    claim = store.get(EmailClaim, email=body.email)
    if not verify_password(claim.password_hash if claim else None, body.password) or claim is None:
        raise INVALID_CREDENTIALS()
    account = store.require(Account, INVALID_CREDENTIALS, id=claim.user_id)
    return sessions.begin(account)


@api.post(
    "//auth/refresh",
    extension=True,
    errors=[INVALID_REFRESH_TOKEN],
    needs={"table:write", "secret"},
    example={"refresh_token": "random-secure-token"},
)
def refresh(body: Refresh) -> Reply[SessionReply]:
    """Trade a refresh token for a new access token and a new refresh token

    A refresh token is good for one use. Sent again within 20 seconds it yields the same successor; later it revokes
    every token that descends from the same sign-in.
    """
    try:
        presented = families.read(body.refresh_token)
        account, family = store.get_all([Account.ref(id=presented.user_id), presented.ref])
        if account is None:
            raise INVALID_REFRESH_TOKEN()
        renewed = sessions.renew(account, families.rotate(presented, family))
    except InvalidRefreshToken:
        raise INVALID_REFRESH_TOKEN() from None
    return Reply(renewed, headers=NO_STORE)


@api.post("//auth/logout", status=204, extension=True, needs={"table:write"})
def logout(caller: User) -> None:
    """Sign out everywhere

    Revokes every refresh token of the caller. Access tokens given out before stay good for up to 15 minutes.
    """
    families.revoke_all(caller.id)


@api.get("//auth/me", extension=True, needs={"table:read"})
def me(caller: User) -> UserReply:
    """The caller's account"""
    account = store.require(Account, not_found("User"), id=caller.id)
    return UserReply.model_validate(account, from_attributes=True)


@api.post(
    "//auth/confirm",
    extension=True,
    errors=[INVALID_CODE],
    needs={"table:write", "secret"},
    example={"code": "123456"},
)
def confirm(body: Proof, caller: User) -> Reply[SessionReply]:
    """Confirm the caller's e-mail address with the code from the e-mail

    Answers a new session that knows it.
    """
    account = store.require(Account, not_found("User"), id=caller.id)
    try:
        codes.use_code(CONFIRMATION, account.email, body.code)
    except WrongCode:
        raise INVALID_CODE() from None
    changed = account.model_copy(update={"confirmed": True, "updated_date": now()})
    store.replace(account, changed)
    return Reply(sessions.begin(changed), headers=NO_STORE)


@api.post("//auth/send-code", extension=True, errors=[TOO_MANY], needs={"table:write", "secret", "email"})
def send_code(caller: User) -> Sent:
    """Send the code that confirms the caller's e-mail address again; the one before is dead from then on"""
    account = store.require(Account, not_found("User"), id=caller.id)
    if not account.confirmed:
        _send_code(account)
    return Sent(message="A code is on its way, unless the address is confirmed already")


def _send_code(account: Account) -> None:
    try:
        code = codes.new_code(CONFIRMATION, account.email, [Cap(f"email:{account.email}", MOST_MAILS)])
    except TooManyCodes as refused:
        raise TOO_MANY(headers={"Retry-After": str(refused.retry_after)}) from None
    text = (
        f"Hello {account.full_name},\n\n{code}\n\nis the code that confirms your address for Memory Mirror. "
        "It is good for one hour. Share it with nobody.\n"
    )
    tx = store.transaction()
    message = Message.email(account.email, "Your Memory Mirror code", text).join(tx)
    tx.commit()
    outbox.deliver(store, message)
