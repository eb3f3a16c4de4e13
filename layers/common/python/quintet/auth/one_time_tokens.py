"""The tokens that e-mails carry: opaque, for one purpose, used once, and known to the server by their hash only.

What the e-mail carries names the account in front of the secret part, so that a token is found by key and a newer one
of the same purpose simply takes its place.

    RESET = Purpose("reset-password", timedelta(hours=1))
    token = give(tx, user.id, RESET)                     # good once the transaction commits
    user_id = take(tx, RESET, token).user_id             # used up once the transaction commits

Item (access pattern): an account's live token of one purpose    USER#<id> / TOKEN#<purpose>
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID

from quintet.models.ids import new_id
from quintet.models.time import epoch, now
from quintet.store import Entity, Keys, Store, Transaction, equals

LONGEST: Final = 128
"""Characters that a token can have at most; those made here have half as many."""
_RANDOM_BYTES: Final = 32
_NAME: Final = 22
"""Characters of a UUID in base64 without padding."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a token proves that its holder may do, and how long it is good."""

    name: str
    lifetime: timedelta


class InvalidToken(ValueError):
    """Unknown, replaced, used, of another purpose, or too old: callers are not told which."""

    def __init__(self) -> None:
        super().__init__("Invalid or expired token")


class OneTimeToken(Entity):
    """What is kept of an account's token of one purpose; using it removes it. `about` is what it was made for, such as
    the address that it confirms."""

    kind: ClassVar[str] = "one_time_token"
    keys: ClassVar[Keys] = Keys("USER#{user_id}", "TOKEN#{purpose}")

    user_id: str
    purpose: str
    about: str = ""
    digest: str
    valid_until: datetime
    expires_at: int


def give(tx: Transaction, user_id: str, purpose: Purpose, about: str = "") -> str:
    """A new token for the e-mail; it is good, and the one before it dead, once the transaction commits."""
    secret, until = secrets.token_urlsafe(_RANDOM_BYTES), now() + purpose.lifetime
    tx.put(
        OneTimeToken(
            user_id=user_id, purpose=purpose.name, about=about, digest=_digest(purpose, secret), valid_until=until,
            expires_at=epoch(until),
        )
    )  # fmt: skip
    return urlsafe_b64encode(UUID(user_id).bytes).decode().rstrip("=") + secret


def give_nothing(tx: Transaction, purpose: Purpose, about: str = "") -> str:
    """The same work for an account that is not there: the row belongs to nobody and expires by itself."""
    return give(tx, new_id(), purpose, about)


def take(tx: Transaction, purpose: Purpose, token: str) -> OneTimeToken:
    """What is kept of a token; the transaction uses it up. Raises InvalidToken, here or at the commit."""
    if not token.isascii() or len(token) > LONGEST:
        raise InvalidToken
    kept = Store().get(OneTimeToken, user_id=_named(token[:_NAME]), purpose=purpose.name)
    if kept is None or now() >= kept.valid_until:
        raise InvalidToken
    if not hmac.compare_digest(kept.digest, _digest(purpose, token[_NAME:])):
        raise InvalidToken
    tx.remove(kept.own_key(), [equals("digest", kept.digest)], refused=lambda _: InvalidToken())
    return kept


def void(tx: Transaction, user_id: str, purpose: Purpose) -> None:
    """Whatever token of this purpose the account has is good no more."""
    tx.remove(OneTimeToken.key(user_id=user_id, purpose=purpose.name))


def _digest(purpose: Purpose, secret: str) -> str:
    # A plain hash is enough for 256 random bits: there is nothing to guess. A token of one purpose is none of another.
    return hashlib.sha256(f"{purpose.name}\x00{secret}".encode()).hexdigest()


def _named(text: str) -> str:
    try:
        return str(UUID(bytes=urlsafe_b64decode(text + "==")))
    except (NotBase64, ValueError):
        raise InvalidToken from None
