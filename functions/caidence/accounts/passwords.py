"""Passwords of accounts: proving one, and putting another in its place."""

from typing import Final

from caidence.access import changes
from caidence.access.audit import Actor
from caidence.access.grants import Principal
from caidence.directory.entities import EmailClaim
from caidence.service import store
from quintet.api import ErrorType
from quintet.auth import throttle
from quintet.auth.throttle import Cap, TooManyAttempts
from quintet.models import now
from quintet.models.email import normalise_email
from quintet.store import ConditionFailed, Transaction, equals

INVALID_CREDENTIALS = ErrorType(
    401, "invalid_credentials", "Incorrect email or password", {"WWW-Authenticate": "Bearer"}
)
TOO_MANY_ATTEMPTS = ErrorType(
    429, "too_many_attempts", "Too many failed attempts, please try again later", {"Retry-After": "900"}
)
PER_ACCOUNT: Final = 10
PER_IP: Final = 30
WINDOW: Final = 900
"""Failed attempts in so many seconds, after which further ones wait."""


def proven(email: str, password: str, ip: str) -> EmailClaim:
    """The claim of the address whose password this is.

    Takes the same work for an unknown address as for a wrong password. Raises 401, and 429 after too many failures.
    """
    from quintet.auth.passwords import verify_password

    address = _address(email)
    caps = [Cap(f"ip:{ip}", PER_IP, WINDOW)]
    if address is not None:
        caps.append(Cap(f"account:{address}", PER_ACCOUNT, WINDOW))
    try:
        with throttle.attempting("login", caps):
            claim = store.get(EmailClaim, email=address) if address is not None else None
            right = verify_password(claim.password_hash if claim else None, password)
            if claim is None or not right:
                raise INVALID_CREDENTIALS()
    except TooManyAttempts as refused:
        raise TOO_MANY_ATTEMPTS(headers={"Retry-After": str(refused.retry_after)}) from None
    return claim


def renew_hash(claim: EmailClaim, password: str) -> None:
    """Hash a password that was just proved with today's parameters, unless it was, or was changed meanwhile."""
    from quintet.auth.passwords import hash_password, needs_rehash

    stored = claim.password_hash
    if stored is None or not needs_rehash(stored):
        return
    try:
        store.update(
            EmailClaim,
            claim.own_key(),
            put={"password_hash": hash_password(password)},
            where=[equals("password_hash", stored)],
        )
    except ConditionFailed:
        return


def replace(tx: Transaction, actor: Actor, held: Principal, password_hash: str) -> None:
    """Set a new password, which ends every session of the account, and enter into the log that it was set.

    On commit `ConditionFailed` when the account changed since it was read.
    """
    after = held.user.model_copy(update={"epoch": held.user.epoch + 1, "updated_at": now()})
    changes.change_user(tx, actor, held, after, "user.password")
    claim = EmailClaim.key(email=held.user.email)
    tx.update(claim, put={"password_hash": password_hash}, where=[equals("user_id", held.user.id)])


def _address(email: str) -> str | None:
    """The address in canonical form; None for text that is none, which no account has."""
    try:
        return normalise_email(email)
    except ValueError:
        return None
