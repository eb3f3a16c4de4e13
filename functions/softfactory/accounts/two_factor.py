"""The second factor: a secret shared with an authenticator app, and ten codes for the day that the app is lost.

The secret is sealed (`quintet.providers.vault`), and backup codes are kept as HMACs under it: whoever reads the table
alone can neither make a code nor try any. Accepting a code is part of a transaction whose conditions let it happen
once. A set-up is pending until a code confirms it, and until then the one before stays in force.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from quintet.api import ApiError, ErrorType
from quintet.auth import throttle, totp
from quintet.auth.throttle import Cap, TooManyAttempts
from quintet.models import epoch, now, rfc3339
from quintet.providers.errors import ProviderError
from quintet.store import Condition, Entity, Keys, Transaction, absent, equals

UNAVAILABLE = ErrorType(503, "two_factor_unavailable", "Two-factor authentication is not available at the moment")
TOO_MANY_ATTEMPTS = ErrorType(
    429, "too_many_attempts", "Too many failed attempts, please try again later", {"Retry-After": "900"}
)
NOT_ENABLED = ErrorType(409, "two_factor_not_enabled", "Two-factor authentication is not switched on")
INVALID_CODE = ErrorType(400, "invalid_code", "The code is wrong, or was used already")

BACKUP_CODES: Final = 10
_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"
"""Characters that nobody takes for one another."""
_CODE_LENGTH: Final = 10
GUESSES: Final = ((10, 900), (50, 86_400))
"""Wrong codes for one account, and the seconds in which: 50 guesses a day find one of three valid codes of a million
once in 18 years. Only who signed in, or knows the password, gets as far as being counted here."""


class WrongCode(Exception):
    """A code that is none and never was: a guess. `refusal` is what its sender is told."""

    def __init__(self, refusal: ApiError) -> None:
        super().__init__("a wrong code")
        self.refusal = refusal


class Pending(BaseModel):
    """A set-up that no code has confirmed yet."""

    model_config = ConfigDict(defer_build=True)

    sealed: str
    backup: list[str]


class TwoFactor(Entity):
    """The second factor of an account. `backup` holds the digests of its codes: 1 for one that is left, 0 for one that
    was used."""

    kind: ClassVar[str] = "two_factor"
    keys: ClassVar[Keys] = Keys("USER#{user_id}", "2FA")

    user_id: str
    sealed: str | None = None
    """The secret in force, None while there is none."""
    last_step: int | None = None
    backup: dict[str, int] = Field(default_factory=dict)
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    """The session that confirmed it."""
    pending: Pending | None = None


@dataclass(frozen=True, slots=True)
class SetUp:
    """What somebody needs for their app, and what is kept of it."""

    secret: str
    backup_codes: list[str]
    pending: Pending


@dataclass(frozen=True, slots=True)
class Spending:
    """A code that was right: what must still hold when it is accepted, and what accepting it changes."""

    where: list[Condition]
    put: dict[str, int]


def new_set_up(user_id: str) -> SetUp:
    """A new secret and ten new backup codes. Raises 503 where secrets cannot be sealed."""
    from quintet.providers import vault

    secret, codes = totp.new_secret(), _new_codes()
    with _available():
        sealed = vault.seal(secret, _context(user_id))
    return SetUp(secret, codes, Pending(sealed=sealed, backup=_digests(secret, codes)))


def keep_pending(tx: Transaction, user_id: str, set_up: SetUp, spending: Spending | None) -> None:
    """Have a set-up wait for its confirmation in place of any before it.

    `spending` is the code that allows it where a second factor is in force; without one there must be none.
    """
    where = [absent("sealed")] if spending is None else spending.where
    tx.update(
        TwoFactor.key(user_id=user_id),
        put={
            "kind": TwoFactor.kind, "user_id": user_id, "pending": set_up.pending.model_dump(),
            **(spending.put if spending else {}),
        },
        default={"backup": {}} if spending is None else None,
        where=where,
    )  # fmt: skip


def confirm(tx: Transaction, factor: TwoFactor, code: str, session: str | None) -> bool:
    """Put the pending set-up in force if the app's code is right; answers whether it is.

    `session` is the one that does so. On commit `ConditionFailed` when another set-up took its place meanwhile.
    """
    pending = factor.pending
    if pending is None:
        return False
    step = totp.matching_step(_opened(factor.user_id, pending.sealed), code, epoch())
    if step is None:
        return False
    put = {"sealed": pending.sealed, "backup": dict.fromkeys(pending.backup, 1), "last_step": step,
           "confirmed_at": rfc3339(now())}  # fmt: skip
    gone = ["pending"] if session else ["pending", "confirmed_by"]
    tx.update(
        factor.own_key(),
        put={**put, "confirmed_by": session} if session else put,
        remove=gone,
        where=[equals("pending.sealed", pending.sealed)],
    )
    return True


def judged(factor: TwoFactor, code: str, refused: ErrorType) -> Spending:
    """How to accept an app's code or a backup code.

    Raises `WrongCode` for one that is none, and `refused` at once for one that was right and is used up: a twin of the
    request that used it guesses nothing (see `guessing`).
    """
    if factor.sealed is None:
        raise WrongCode(refused())
    secret, same = _opened(factor.user_id, factor.sealed), equals("sealed", factor.sealed)
    plain = "".join(code.split()).replace("-", "").lower()
    if len(plain) == totp.DIGITS:
        step = totp.matching_step(secret, plain, epoch())
        if step is None:
            raise WrongCode(refused())
        if factor.last_step is not None and step <= factor.last_step:
            raise refused()
        return Spending([same, totp.unspent("last_step", step)], {"last_step": step})
    (digest,) = _digests(secret, [plain])
    left = factor.backup.get(digest)
    if left is None:
        raise WrongCode(refused())
    if not left:
        raise refused()
    place = f"backup.{digest}"
    return Spending([same, equals(place, 1)], {place: 0})


def spend(tx: Transaction, factor: TwoFactor, spending: Spending) -> None:
    """Accept a code; on commit `ConditionFailed` when it was accepted already."""
    tx.update(factor.own_key(), put=spending.put, where=spending.where)


def forget(tx: Transaction, user_id: str, where: Iterable[Condition] = ()) -> None:
    """Remove the second factor of an account, pending ones too; its flag is the caller's to see to."""
    tx.remove(TwoFactor.key(user_id=user_id), list(where))


def renewed_codes(tx: Transaction, factor: TwoFactor) -> list[str]:
    """Ten new backup codes in place of those before. On commit `ConditionFailed` when the secret was replaced."""
    if factor.sealed is None:
        raise NOT_ENABLED()
    codes = _new_codes()
    digests = _digests(_opened(factor.user_id, factor.sealed), codes)
    tx.update(factor.own_key(), put={"backup": dict.fromkeys(digests, 1)}, where=[equals("sealed", factor.sealed)])
    return codes


@contextmanager
def guessing(user_id: str) -> Iterator[None]:
    """Hear a code. Raises 429 after too many wrong ones, and the refusal of a `WrongCode`; what else goes wrong in the
    block says nothing about the code, and is no guess."""
    caps = [Cap(f"account:{user_id}:{per}", most, per) for most, per in GUESSES]
    otherwise: Exception | None = None
    try:
        with throttle.attempting("two-factor", caps):
            try:
                yield
            except WrongCode:
                raise
            except Exception as error:
                otherwise = error
    except TooManyAttempts as refused:
        raise TOO_MANY_ATTEMPTS(headers={"Retry-After": str(refused.retry_after)}) from None
    except WrongCode as wrong:
        raise wrong.refusal from None
    if otherwise is not None:
        raise otherwise


def _new_codes() -> list[str]:
    """Backup codes such as `x7kpa-2m9qr`: 49 random bits each."""
    made = ("".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH)) for _ in range(BACKUP_CODES))
    return [f"{code[:5]}-{code[5:]}" for code in made]


def _digests(secret: str, codes: Iterable[str]) -> list[str]:
    key = totp.key_of(secret)
    messages = (b"backup\x00" + code.replace("-", "").encode("utf-8", "surrogatepass") for code in codes)
    return [hmac.new(key, message, hashlib.sha256).hexdigest()[:32] for message in messages]


def _opened(user_id: str, sealed: str) -> str:
    from quintet.providers import vault

    with _available():
        return vault.open(sealed, _context(user_id))


def _context(user_id: str) -> str:
    return f"user/{user_id}/totp"


@contextmanager
def _available() -> Iterator[None]:
    try:
        yield
    except ProviderError as error:
        raise UNAVAILABLE() from error
