"""Brands' accounts: registering, signing in, confirming the e-mail address, and setting a new password.

Round trips to the table: register 1 and the outbox's 1, login 7, verify-email
2, resend and forgot 5 alike for known and unknown addresses, reset 4.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from quintet.api import ErrorType, Reply, Request
from quintet.auth import families, one_time_tokens
from quintet.auth.one_time_tokens import InvalidToken
from quintet.auth.throttle import TooManyAttempts, attempting, sign_in_caps
from quintet.messaging import outbox
from quintet.models import Email, Length, Line, now, rfc3339
from quintet.store import equals, exists
from stoory.accounts import emails
from stoory.accounts.emails import RESET_PASSWORD, VERIFY_EMAIL
from stoory.accounts.entities import EmailClaim, User
from stoory.accounts.passwords import NewPassword
from stoory.accounts.sessions import NO_STORE, SessionReply, UserReply, session
from stoory.accounts.sign_up import EMAIL_EXISTS, join_email_account
from stoory.envelope import Done
from stoory.service import Role, api, store

brand_auth = api.section("brand_auth")

INVALID_CREDENTIALS = ErrorType(401, "invalid_credentials", "Invalid credentials")
INVALID_TOKEN = ErrorType(400, "invalid_token", "Invalid or expired token")
TOO_MANY_ATTEMPTS = ErrorType(429, "too_many_attempts", "Too many failed attempts, please try again later")


Token = Annotated[str, Field(min_length=1, max_length=256)]


class Registration(BaseModel):
    model_config = ConfigDict(defer_build=True)

    email: Email
    password: NewPassword
    name: Annotated[Line, Length(2, 100)] | None = None


class Credentials(BaseModel):
    model_config = ConfigDict(defer_build=True)

    email: Email
    password: Annotated[str, Field(min_length=1, max_length=1024)]


class EmailOnly(BaseModel):
    model_config = ConfigDict(defer_build=True)

    email: Email


class TokenOnly(BaseModel):
    model_config = ConfigDict(defer_build=True)

    token: Token


class NewCredentials(BaseModel):
    model_config = ConfigDict(defer_build=True)

    token: Token
    new_password: NewPassword


class Registered(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: str
    user: UserReply


@brand_auth.post(
    "/auth/brand/register",
    status=201,
    errors=[EMAIL_EXISTS],
    needs={"table:write", "email"},
    example={"email": "brand@example.com", "password": "SecurePassword1", "name": "Acme"},
)
def register(body: Registration) -> Registered:
    """Register a brand

    The address gets an e-mail with a token to confirm it. Signing in works before that.
    """
    from quintet.auth.passwords import hash_password

    tx = store.transaction()
    user = join_email_account(tx, Role.BRAND, body.email, body.name, hash_password(body.password))
    token = one_time_tokens.give(tx, user.id, VERIFY_EMAIL)
    message = emails.verification(body.email, token).join(tx)
    tx.commit()
    outbox.deliver(store, message)
    return Registered(message="Brand owner registered successfully", user=UserReply.of(user))


@brand_auth.post(
    "/auth/brand/login",
    errors=[INVALID_CREDENTIALS, TOO_MANY_ATTEMPTS],
    needs={"table:write", "secret"},
    example={"email": "brand@example.com", "password": "SecurePassword1"},
)
def login(body: Credentials, request: Request) -> Reply[SessionReply]:
    """Sign in with e-mail address and password: brands and administrators

    An unknown address and a wrong password get the same answer after the same work. Ten failures within a quarter of
    an hour, for one account or from one address, make further attempts wait.
    """
    try:
        with attempting("brand-login", sign_in_caps(request.ip, body.email)):
            return Reply(_signed_in(body), headers=NO_STORE)
    except TooManyAttempts as refused:
        raise TOO_MANY_ATTEMPTS(headers={"Retry-After": str(refused.retry_after)}) from None


def _signed_in(body: Credentials) -> SessionReply:
    """A session for good credentials; the same refusal after the same work for all others."""
    from quintet.auth.passwords import verify_password

    claim = store.get(EmailClaim, email=body.email)
    if not verify_password(claim.password_hash if claim else None, body.password) or claim is None:
        raise INVALID_CREDENTIALS()
    user = store.require(User, INVALID_CREDENTIALS, id=claim.user_id)
    tx = store.transaction()
    refresh_token = families.join(tx, user.id)
    # A reset meanwhile has revoked every session; this one must not outlive it.
    tx.check(claim.own_key(), [equals("password_hash", claim.password_hash)], refused=INVALID_CREDENTIALS)
    tx.commit()
    return session(user, refresh_token, "Login successful")


@brand_auth.post(
    "/auth/brand/verify-email", errors=[INVALID_TOKEN], needs={"table:write"}, example={"token": "from-the-mail"}
)
def verify_email(body: TokenOnly) -> Done:
    """Confirm a brand's e-mail address with the token from its e-mail"""
    tx = store.transaction()
    try:
        user_id = one_time_tokens.take(tx, VERIFY_EMAIL, body.token).user_id
        changes = {"email_verified": True, "updated_at": rfc3339(now())}
        tx.update(User.key(id=user_id), put=changes, where=[exists()], refused=INVALID_TOKEN)
        tx.commit()
    except InvalidToken:
        raise INVALID_TOKEN() from None
    return Done(message="Email verified successfully")


@brand_auth.post("/auth/brand/resend-verification", needs={"table:write"}, example={"email": "brand@example.com"})
def resend_verification(body: EmailOnly, request: Request) -> Done:
    """Send the token that confirms an e-mail address again

    Every address gets the same answer after the same work. A new token replaces the one before.
    """
    emails.request_mail(body.email, request.ip, VERIFY_EMAIL, emails.verification, lambda u: not u.email_verified)
    return Done(message="Verification email sent successfully")


@brand_auth.post("/auth/brand/forgot-password", needs={"table:write"}, example={"email": "brand@example.com"})
def forgot_password(body: EmailOnly, request: Request) -> Done:
    """Send a token to set a new password with

    Every address gets the same answer after the same work. A new token replaces the one before.
    """
    emails.request_mail(body.email, request.ip, RESET_PASSWORD, emails.password_reset, lambda _: True)
    return Done(message="Password reset email sent successfully")


@brand_auth.post(
    "/auth/brand/reset-password",
    errors=[INVALID_TOKEN],
    needs={"table:write"},
    example={"token": "from-the-mail", "new_password": "NewPassword1"},
)
def reset_password(body: NewCredentials) -> Done:
    """Set a new password with the token from the e-mail; ends every session of the account"""
    from quintet.auth.passwords import hash_password

    tx = store.transaction()
    try:
        user_id = one_time_tokens.take(tx, RESET_PASSWORD, body.token).user_id
        user = store.require(User, INVALID_TOKEN, id=user_id)
        changes = {"password_hash": hash_password(body.new_password)}
        tx.update(EmailClaim.key(email=user.email), put=changes, where=[exists()], refused=INVALID_TOKEN)
        tx.commit()
    except InvalidToken:
        raise INVALID_TOKEN() from None
    families.revoke_all(user_id)
    return Done(message="Password reset successfully")
