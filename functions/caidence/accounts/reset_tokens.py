"""The token that the mail for a forgotten password carries: opaque, used once, known to the server by its hash only.

It names the account in front of its secret part, so that it is found by key and a newer one simply takes its place.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID

from caidence.service import store
from quintet.models import epoch, now
from quintet.store import Entity, Keys, Transaction, equals

LIFETIME: Final = timedelta(hours=1)
LONGEST: Final = 128
"""Characters; a token has half as many."""
_RANDOM_BYTES: Final = 32
_NAME: Final = 22
"""Characters of a UUID in base64 without padding."""


class InvalidToken(ValueError):
    """Unknown, replaced, used or too old: callers are not told which."""


class ResetToken(Entity):
    """What is kept of an account's token; a newer one takes its place, and using it removes it."""

    kind: ClassVar[str] = "reset_token"
    keys: ClassVar[Keys] = Keys("USER#{user_id}", "RESET")

    user_id: str
    digest: str
    valid_until: datetime
    expires_at: int


def give(tx: Transaction, user_id: str) -> str:
    """A new token for the mail; it is good, and the one before it dead, once the transaction commits."""
    secret, until = secrets.token_urlsafe(_RANDOM_BYTES), now() + LIFETIME
    tx.put(ResetToken(user_id=user_id, digest=_digest(secret), valid_until=until, expires_at=epoch(until)))
    return urlsafe_b64encode(UUID(user_id).bytes).decode().rstrip("=") + secret


def take(tx: Transaction, token: str) -> str:
    """Whose a token is; the transaction uses it up. Raises InvalidToken, here or at the commit."""
    user_id = _named(token[:_NAME])
    kept = store.get(ResetToken, user_id=user_id)
    if kept is None or now() >= kept.valid_until or not hmac.compare_digest(kept.digest, _digest(token[_NAME:])):
        raise InvalidToken
    tx.remove(kept.own_key(), [equals("digest", kept.digest)], refused=lambda _: InvalidToken())
    return user_id


def void(tx: Transaction, user_id: str) -> None:
    """Whatever token the account has is good no more."""
    tx.remove(ResetToken.key(user_id=user_id))


def _digest(secret: str) -> str:
    # A plain hash is enough for 256 random bits: there is nothing to guess.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _named(text: str) -> str:
    try:
        return str(UUID(bytes=urlsafe_b64decode(text + "==")))
    except (NotBase64, ValueError):
        raise InvalidToken from None
