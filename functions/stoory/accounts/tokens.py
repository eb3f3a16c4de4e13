"""The tokens that e-mails carry: opaque, for one purpose, used once, and known to the server by their hash only."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

_RANDOM_BYTES = 32
_LONGEST = 256


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


@dataclass(frozen=True, slots=True)
class EmailToken:
    """What is kept of a token. An account has one per purpose: a newer one takes its place."""

    purpose: Purpose
    digest: str
    expires_at: datetime
    used: bool = False


def issue(purpose: Purpose, now: datetime) -> tuple[str, EmailToken]:
    """A new token for the e-mail, 256 random bits safe in a URL, and what to keep of it."""
    token = secrets.token_urlsafe(_RANDOM_BYTES)
    return token, EmailToken(purpose, digest(purpose, token), now + purpose.lifetime)


def digest(purpose: Purpose, token: str) -> str:
    """The hash a token is found by. Plain SHA-256 is enough: nobody guesses 256 random bits.

    The purpose is part of it, so a token for one is no token for the other. Raises InvalidToken
    for text that no token is.
    """
    if not token.isascii() or len(token) > _LONGEST:
        raise InvalidToken
    return hashlib.sha256(f"{purpose}\x00{token}".encode()).hexdigest()


def check(kept: EmailToken | None, purpose: Purpose, token: str, now: datetime) -> None:
    """Raises InvalidToken unless `token` is the one kept, for this purpose, unused and not expired."""
    given = digest(purpose, token)
    if kept is None or kept.used or kept.purpose is not purpose or now >= kept.expires_at:
        raise InvalidToken
    if not hmac.compare_digest(kept.digest, given):
        raise InvalidToken
