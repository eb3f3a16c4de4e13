"""What only the reader of an account's mailbox can do: confirm the address, and set a new password.

Round trips to the table: request 6 for known and unknown addresses alike, completion 3, verification 2, another
verification mail 5.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from quintet.api import ErrorType, Request
from quintet.auth import one_time_tokens
from quintet.auth.common import Password
from quintet.auth.one_time_tokens import LONGEST, InvalidToken
from quintet.messaging import outbox
from quintet.messaging.outbox import Swept
from quintet.models import Email, now, rfc3339
from quintet.store import equals, until_settled
from softfactory.access.callers import User as Caller
from softfactory.accounts import mails
from softfactory.accounts.identities import identities_of, void
from softfactory.accounts.mails import RESET, VERIFY
from softfactory.accounts.operations import Done
from softfactory.people.entities import EmailClaim, User
from softfactory.service import api as suite
from softfactory.service import store
from softfactory.trail.log import Act, record

api = suite.section("auth")

INVALID_TOKEN = ErrorType(400, "invalid_token", "Invalid or expired token")
VERIFIED = ErrorType(409, "email_verified", "The e-mail address is confirmed already")


class ResetRequest(BaseModel):
    model_config = ConfigDict(defer_build=True)

    email: Email


class NewPassword(BaseModel):
    model_config = ConfigDict(defer_build=True, hide_input_in_errors=True)

    password: Password


class MailedToken(BaseModel):
    model_config = ConfigDict(defer_build=True, hide_input_in_errors=True)

    token: Annotated[str, Field(min_length=1, max_length=LONGEST)]


class EmailVerified(BaseModel):
    model_config = ConfigDict(defer_build=True)

    email: str
    email_verified: Literal[True] = True


@api.post("/auth/password/reset", needs={"table:write"}, example={"email": "ada@example.com"})
def request_password_reset(body: ResetRequest, request: Request) -> Done:
    """Mail a token to set a new password with

    Every address gets the same answer after the same work. The token is good for an hour and one use; a newer one
    takes its place.
    """
    mails.request_reset(body.email, request.ip)
    return Done(message="If the address is registered, a message with a token to set a new password is on its way")


@api.put(
    "/auth/password/reset/{token}",
    errors=[INVALID_TOKEN],
    needs={"table:write"},
    example={"password": "Correct-horse-9"},
)
def complete_password_reset(token: str, body: NewPassword, request: Request) -> Done:
    """Set a new password with the token from the mail

    It ends every session of the account, access tokens included, and proves its address; what had signed in with a
    provider before the address was proven does so no more. Two-factor authentication stays as it was.
    """
    from quintet.auth.passwords import hash_password

    try:
        password_hash = hash_password(body.password)
        until_settled(lambda: _set_password(token, password_hash, request))
    except InvalidToken:
        raise INVALID_TOKEN() from None
    return Done(message="Password updated")


def _set_password(token: str, password_hash: str, request: Request) -> None:
    tx = store.transaction()
    user = store.get(User, id=one_time_tokens.take(tx, RESET, token).user_id)
    if user is None or user.is_gone(now()):
        raise InvalidToken
    mine = [equals("user_id", user.id)]
    tx.update(EmailClaim.key(email=user.email), put={"password_hash": password_hash}, where=mine)
    changed = {"email_verified": True, "updated_at": rfc3339(now())}
    tx.update(user.own_key(), put=changed, add={"epoch": 1}, where=[equals("email", user.email)])
    one_time_tokens.void(tx, user.id, VERIFY)
    if not user.email_verified:
        void(tx, identities_of(user.id))
    record(tx, Act.by(user.id, request), "auth.password_reset", resource="user", resource_id=user.id)
    mails.notice(tx, user, "A new password was set")
    tx.commit()


@api.post(
    "/auth/verify-email",
    extension=True,
    errors=[INVALID_TOKEN],
    needs={"table:write"},
    example={"token": "from-the-mail"},
)
def verify_email(body: MailedToken) -> EmailVerified:
    """Confirm an e-mail address with the token from the mail"""
    tx = store.transaction()
    try:
        kept = one_time_tokens.take(tx, VERIFY, body.token)
        changed = {"email_verified": True, "updated_at": rfc3339(now())}
        same = [equals("email", kept.about)]
        tx.update(User.key(id=kept.user_id), put=changed, where=same, refused=INVALID_TOKEN)
        tx.commit()
    except InvalidToken:
        raise INVALID_TOKEN() from None
    return EmailVerified(email=kept.about)


@api.post("/auth/verify-email/resend", extension=True, errors=[VERIFIED], needs={"table:write", "email"})
def resend_verification(caller: Caller, request: Request) -> Done:
    """Send the token that confirms the caller's e-mail address again; it takes the place of the one before"""
    if caller.account.email_verified:
        raise VERIFIED()
    tx = store.transaction()
    message = mails.verification(tx, caller.account, request.ip)
    if message is not None:
        tx.commit()
        outbox.deliver(store, message)
    return Done(message="A message with a token to confirm the address is on its way")


@api.event(schedule="rate(1 minute)", needs={"table:write", "email"}, timeout=50)
def send_mails() -> Swept:
    """Send the mails that are due, oldest first"""
    return outbox.sweep(store)
