"""The tokens that e-mails carry: opaque, for one purpose, used once, and known to the server by their hash only.

What the e-mail carries names the account in front of the secret part, so that a token is found by key and a newer
one of the same purpose simply takes its place.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from quintet.models import epoch, new_id, now
from quintet.store import Entity, Keys, Transaction, equals
from stoory.service import store

_RANDOM_BYTES = 32
_LONGEST = 256
_NAME = 22
"""Characters of a UUID in base64 without padding."""


class Purpose(StrEnum):
    """What a token proves its holder may do."""

    VERIFY_EMAIL = "VERIFY_EMAIL"
    RESET_PASSWORD = "RESET_PASSWORD"

    @property
    def lifetime(self) -> timedelta:
        """How long such a token is good: a day to confirm an address, an hour to set a password."""
        return timedelta(hours=24) if self is Purpose.VERIFY_EMAIL else timedelta(hours=1)


class InvalidToken(ValueError):
    """Unknown, replaced, used, of another purpose, or too old: callers are not told which."""

    def __init__(self) -> None:
        super().__init__("Invalid or expired token")


class EmailToken(Entity):
    """What is kept of an account's token of one purpose; a newer one takes its place, and using it removes it."""

    kind: ClassVar[str] = "email_token"
    keys: ClassVar[Keys] = Keys("USER#{user_id}", "TOKEN#{purpose}")

    user_id: str
    purpose: Purpose
    digest: str
    valid_until: datetime
    expires_at: int


def give(tx: Transaction, user_id: str, purpose: Purpose) -> str:
    """A new token for the e-mail; it is good, and the one before it dead, once the transaction commits."""
    secret, kept = issue(user_id, purpose, now())
    tx.put(kept)
    return urlsafe_b64encode(UUID(user_id).bytes).decode().rstrip("=") + secret


def give_nothing(tx: Transaction, purpose: Purpose) -> str:
    """The same work for an account that is not there: the row belongs to nobody and expires by itself."""
    return give(tx, new_id(), purpose)


def take(tx: Transaction, purpose: Purpose, token: str) -> str:
    """Whose a token is; the transaction uses it up. Raises InvalidToken, here or at the commit."""
    user_id = _named(token[:_NAME])
    kept = store.get(EmailToken, user_id=user_id, purpose=purpose)
    if kept is None:
        raise InvalidToken
    check(kept, purpose, token[_NAME:], now())
    tx.remove(kept.own_key(), [equals("digest", kept.digest)], refused=lambda _: InvalidToken())
    return user_id


def issue(user_id: str, purpose: Purpose, at: datetime) -> tuple[str, EmailToken]:
    """A new secret for the e-mail, 256 random bits safe in a URL, and what to keep of it."""
    secret, until = secrets.token_urlsafe(_RANDOM_BYTES), at + purpose.lifetime
    kept = EmailToken(
        user_id=user_id, purpose=purpose, digest=digest(purpose, secret), valid_until=until, expires_at=epoch(until)
    )
    return secret, kept


def digest(purpose: Purpose, secret: str) -> str:
    """The hash a secret is known by. Plain SHA-256 is enough: nobody guesses 256 random bits.

    The purpose is part of it, so a token for one is no token for the other. Raises InvalidToken
    for text that no token is.
    """
    if not secret.isascii() or len(secret) > _LONGEST:
        raise InvalidToken
    return hashlib.sha256(f"{purpose}\x00{secret}".encode()).hexdigest()


def check(kept: EmailToken, purpose: Purpose, secret: str, at: datetime) -> None:
    """Raises InvalidToken unless `secret` is the one kept, for this purpose, and not expired."""
    given = digest(purpose, secret)
    if kept.purpose is not purpose or at >= kept.valid_until or not hmac.compare_digest(kept.digest, given):
        raise InvalidToken


def _named(text: str) -> str:
    try:
        return str(UUID(bytes=urlsafe_b64decode(text + "==")))
    except (NotBase64, ValueError):
        raise InvalidToken from None
