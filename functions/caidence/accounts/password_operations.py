"""Setting passwords: by an administrator, or by whoever can read the account's mail.

The documented operations take query parameters, or the same fields as a JSON body, which no browser history and no
proxy keeps. Round trips to the table: set-password 4, recover-password 5 for known and unknown addresses alike,
reset-password 3.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from caidence.access.audit import Actor
from caidence.access.callers import SuperAdmin
from caidence.access.grants import principal
from caidence.access.levels import USER_NOT_FOUND, located_user, require_above
from caidence.accounts import passwords, recovery
from caidence.accounts.operations import Done
from caidence.accounts.recovery import RESET
from caidence.directory.entities import EmailClaim
from caidence.service import api as platform
from caidence.service import store
from quintet.api import ApiError, ErrorType, Request
from quintet.api.errors import Problem
from quintet.auth import one_time_tokens
from quintet.auth.common import Password
from quintet.auth.one_time_tokens import LONGEST, InvalidToken
from quintet.models import Email
from quintet.store import until_settled

api = platform.section("auth")

INVALID_TOKEN = ErrorType(400, "invalid_token", "Invalid or expired token")


class NewPassword(BaseModel):
    model_config = ConfigDict(defer_build=True, hide_input_in_errors=True)

    email: Email | None = None
    password: Password | None = None


class Recovery(BaseModel):
    model_config = ConfigDict(defer_build=True)

    email: Email | None = None


class Reset(BaseModel):
    model_config = ConfigDict(defer_build=True, hide_input_in_errors=True)

    token: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    new_password: Password


@api.post(
    "/auth/set-password",
    errors=[USER_NOT_FOUND],
    needs={"table:write"},
    example={"email": "ada@example.com", "password": "Correct-horse-9"},
)
def set_password(
    caller: SuperAdmin,
    request: Request,
    email: Email | None = None,
    password: Password | None = None,
    body: NewPassword | None = None,
) -> Done:
    """Set the password of any user by e-mail

    It ends every session of that user, access tokens included. The caller's role must be above the user's; root sets
    those of other roots, too. Prefer the JSON body to the query parameters: a query string ends up in histories.
    """
    from quintet.auth.passwords import hash_password

    given = body or NewPassword()
    email, password = email or given.email, password or given.password
    if email is None or password is None:
        raise _missing(body, email=email, password=password)
    password_hash = hash_password(password)

    def attempt() -> None:
        claim = store.require(EmailClaim, USER_NOT_FOUND, email=email)
        held = located_user(caller, claim.user_id)
        if held.user.id == caller.id:
            raise platform.errors.forbidden("Your own password is set by recover-password and reset-password")
        require_above(caller, held.user)
        tx = store.transaction()
        passwords.replace(tx, Actor.of(caller.account, request.id), held, password_hash)
        one_time_tokens.void(tx, held.user.id, RESET)
        tx.commit()

    until_settled(attempt)
    return Done(message="Password updated")


@api.post("/auth/recover-password", needs={"table:write"}, example={"email": "ada@example.com"})
def recover_password(request: Request, email: Email | None = None, body: Recovery | None = None) -> Done:
    """Mail a token to set a new password with

    Every address gets the same answer after the same work. The token is good for an hour and one use; a newer one
    takes its place.
    """
    email = email or (body.email if body else None)
    if email is None:
        raise _missing(body, email=email)
    recovery.request_token(email, request.ip)
    return Done(message="If the address is registered, a message with a token to set a new password is on its way")


@api.post(
    "/auth/reset-password",
    extension=True,
    errors=[INVALID_TOKEN],
    needs={"table:write"},
    example={"token": "from-the-mail", "new_password": "Correct-horse-9"},
)
def reset_password(body: Reset, request: Request) -> Done:
    """Set a new password with the token from the mail; ends every session of the account"""
    from quintet.auth.passwords import hash_password

    def attempt() -> None:
        tx = store.transaction()
        held = principal(one_time_tokens.take(tx, RESET, body.token).user_id)
        if held is None:
            raise InvalidToken
        actor = Actor.of(held.user, request.id)
        passwords.replace(tx, actor, held, hash_password(body.new_password))
        tx.commit()

    try:
        until_settled(attempt)
    except InvalidToken:
        raise INVALID_TOKEN() from None
    return Done(message="Password updated")


def _missing(body: BaseModel | None, **fields: Any) -> ApiError:
    """The refusal that names what is missing, where it was looked for last."""
    place, kind = ("query", platform.errors.invalid) if body is None else ("body", platform.errors.invalid_body)
    absent = [name for name, value in fields.items() if value is None]
    return kind(details=[Problem(name, "Field required", (place, name), "missing") for name in absent])
