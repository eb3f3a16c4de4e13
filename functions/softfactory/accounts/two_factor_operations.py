"""Two-factor authentication: setting it up, giving its codes, and switching it off.

Round trips to the table, and calls of AWS KMS: set-up 2 and 1, confirmation 6 and 1, the second step of a sign-in 7
and 1, backup codes 3 and 1, switching off 6 and 1.
"""

from contextlib import nullcontext
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from quintet.api import ErrorType, Reply, Request
from quintet.auth import totp
from quintet.models import now, rfc3339
from quintet.store import until_settled
from softfactory.access.callers import Person
from softfactory.accounts import mails, sessions, signing_in, two_factor
from softfactory.accounts.operations import Done
from softfactory.accounts.sessions import NO_STORE, SESSION, SignedIn
from softfactory.accounts.signing_in import INVALID_CHALLENGE, REFUSALS, WRONG_CODE
from softfactory.accounts.two_factor import (
    INVALID_CODE,
    NOT_ENABLED,
    TOO_MANY_ATTEMPTS,
    UNAVAILABLE,
    TwoFactor,
)
from softfactory.people.entities import User
from softfactory.service import api as suite
from softfactory.service import store
from softfactory.trail.log import Act, record

api = suite.section("auth")

ISSUER = "SoftFactory"
CODE_NEEDED = ErrorType(409, "code_required", "Two-factor authentication is on: give a code of it to set up another")
NOT_SET_UP = ErrorType(409, "two_factor_not_set_up", "Two-factor authentication is not set up, begin with 2fa/setup")
NOT_PASSED = ErrorType(403, "two_factor_required", "This needs a session that was begun with a second factor")

Code = Annotated[
    str, Field(min_length=6, max_length=32, description="Of the authenticator app, or one of the backup codes")
]


class SetUpRequest(BaseModel):
    model_config = ConfigDict(defer_build=True, hide_input_in_errors=True)

    code: Annotated[Code | None, Field(description="A code of what is in force; needed only while something is")] = None


class SetUpReply(BaseModel):
    """What the app needs, by hand or as a QR code, and the codes for the day that it is lost; shown this once."""

    model_config = ConfigDict(defer_build=True)

    secret: str
    otpauth_url: str
    qr_code: Annotated[str, Field(description="An SVG image as a data URL")]
    backup_codes: list[str]


class Verification(BaseModel):
    model_config = ConfigDict(defer_build=True, hide_input_in_errors=True)

    code: Code
    challenge_token: Annotated[
        str | None, Field(min_length=1, max_length=128, description="Of a sign-in that waits for its second step")
    ] = None


class CodeOnly(BaseModel):
    model_config = ConfigDict(defer_build=True, hide_input_in_errors=True)

    code: Code


class BackupCodes(BaseModel):
    model_config = ConfigDict(defer_build=True)

    backup_codes: list[str]


@api.post(
    "/auth/2fa/setup",
    errors=[CODE_NEEDED, INVALID_CODE, TOO_MANY_ATTEMPTS, UNAVAILABLE],
    needs={"table:write", "vault:seal", "vault:open"},
    layers=("oidc",),
    example={},
)
def setup_2fa(caller: Person, body: SetUpRequest | None = None) -> Reply[SetUpReply]:
    """Set up two-factor authentication

    It waits until `verify-2fa` has seen a first code from the app; until then everything stays as it was. Where
    two-factor authentication is on already, a code of it is needed, and the new set-up replaces it once confirmed.
    """
    code = body.code if body else None
    set_up = two_factor.new_set_up(caller.id)

    def attempt() -> None:
        factor = store.get(TwoFactor, user_id=caller.id)
        spending = None
        if factor is not None and factor.sealed is not None:
            if code is None:
                raise CODE_NEEDED()
            spending = two_factor.judged(factor, code, INVALID_CODE)
        tx = store.transaction()
        two_factor.keep_pending(tx, caller.id, set_up, spending)
        tx.commit()

    with nullcontext() if code is None else two_factor.guessing(caller.id):
        until_settled(attempt)
    url = totp.otpauth_url(set_up.secret, ISSUER, caller.account.email)
    reply = SetUpReply(secret=set_up.secret, otpauth_url=url, qr_code=_qr_code(url), backup_codes=set_up.backup_codes)
    return Reply(reply, headers=NO_STORE)


@api.post(
    "/auth/verify-2fa",
    errors=[INVALID_CODE, WRONG_CODE, INVALID_CHALLENGE, NOT_SET_UP, *REFUSALS, TOO_MANY_ATTEMPTS, UNAVAILABLE],
    needs={"table:write", "secret", "vault:open"},
    layers=("oidc",),
    example={"challenge_token": "from-the-login", "code": "287082"},
)
def verify_2fa(body: Verification, request: Request, caller: Person | None = None) -> Reply[SignedIn]:
    """Verify a code of the authenticator app, or a backup code

    With the `challenge_token` of a sign-in it completes that. With an access token instead, it confirms the set-up that
    waits for it; where none does, it shows that whoever holds the session has the second factor. Each way it answers a
    session that passed the second factor. Every code is good once.
    """
    if body.challenge_token is not None:
        return Reply(signing_in.complete(body.challenge_token, body.code, request), headers=NO_STORE)
    if caller is None:
        raise suite.errors.unauthenticated()
    with two_factor.guessing(caller.id):
        session = until_settled(lambda: _verified(caller, body.code, request))
    return Reply(session, headers=NO_STORE)


def _verified(caller: Person, code: str, request: Request) -> SignedIn:
    user, factor = store.get_all([User.ref(id=caller.id), TwoFactor.ref(user_id=caller.id)])
    if user is None or user.epoch != caller.account.epoch:
        raise suite.errors.unauthenticated()
    if factor is None or (factor.pending is None and factor.sealed is None):
        raise NOT_SET_UP()
    tx, after = store.transaction(), user
    if two_factor.confirm(tx, factor, code, caller.claims.get(SESSION)):
        after = user.model_copy(update={"two_factor_enabled": True, "updated_at": now()})
        changed = {"two_factor_enabled": True, "updated_at": rfc3339(after.updated_at)}
        tx.update(user.own_key(), put=changed, where=sessions.unchanged(user))
        record(tx, Act.of(caller, request), "auth.2fa_enable", resource="user", resource_id=user.id)
        mails.notice(tx, user, "Two-factor authentication was switched on")
    else:
        two_factor.spend(tx, factor, two_factor.judged(factor, code, INVALID_CODE))
        tx.check(user.own_key(), sessions.unchanged(user))
    session = sessions.begin(tx, after, passed=True)
    tx.commit()
    return session


@api.get(
    "/auth/2fa/backup-codes",
    errors=[NOT_ENABLED, NOT_PASSED, UNAVAILABLE],
    needs={"table:write", "vault:open"},
    layers=("oidc",),
)
def backup_codes(caller: Person) -> Reply[BackupCodes]:
    """Ten new backup codes, in place of all before

    Codes are kept as hashes, so old ones cannot be shown again. It needs a session that passed the second factor.
    """

    def attempt() -> list[str]:
        factor = store.get(TwoFactor, user_id=caller.id)
        if factor is None or factor.sealed is None:
            raise NOT_ENABLED()
        if not sessions.has_passed(caller.claims, factor):
            raise NOT_PASSED()
        tx = store.transaction()
        codes = two_factor.renewed_codes(tx, factor)
        tx.commit()
        return codes

    return Reply(BackupCodes(backup_codes=until_settled(attempt)), headers=NO_STORE)


@api.post(
    "/auth/2fa/disable",
    extension=True,
    errors=[INVALID_CODE, NOT_ENABLED, TOO_MANY_ATTEMPTS, UNAVAILABLE],
    needs={"table:write", "vault:open"},
    layers=("oidc",),
    example={"code": "287082"},
)
def disable_2fa(body: CodeOnly, caller: Person, request: Request) -> Done:
    """Switch two-factor authentication off, with a code of it; its backup codes go, too"""

    def attempt() -> None:
        user, factor = store.get_all([User.ref(id=caller.id), TwoFactor.ref(user_id=caller.id)])
        if user is None or factor is None or factor.sealed is None:
            raise NOT_ENABLED()
        tx = store.transaction()
        two_factor.forget(tx, caller.id, two_factor.judged(factor, body.code, INVALID_CODE).where)
        flag = {"two_factor_enabled": False, "updated_at": rfc3339(now())}
        tx.update(user.own_key(), put=flag, where=sessions.unchanged(user))
        record(tx, Act.of(caller, request), "auth.2fa_disable", resource="user", resource_id=user.id)
        mails.notice(tx, user, "Two-factor authentication was switched off")
        tx.commit()

    if not caller.account.two_factor_enabled:
        raise NOT_ENABLED()
    with two_factor.guessing(caller.id):
        until_settled(attempt)
    return Done(message="Two-factor authentication is off")


def _qr_code(url: str) -> str:
    import segno

    drawn: str = segno.make(url, error="m", micro=False).svg_data_uri(scale=4, border=4)
    return drawn
