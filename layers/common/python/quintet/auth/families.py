"""Refresh tokens: opaque, rotated at each use, in families that die when a used token comes back (RFC 9700, 4.14.2).

A sign-in opens a family. Its item holds only hashes: of the token that is good now, and of those used within the
last GRACE. A token's successor is HMAC-SHA256(its secret, a nonce stored at the rotation); so whoever presents a
token that was used a moment ago (a second tab, a retry after a lost reply) is given the very same successor,
although no token is ever stored. A token that was used longer ago betrays a theft: the family is deleted.

    token = families.open(user_id)                    # or families.join(tx, user_id) in a transaction of its own
    presented = families.read(token)
    token = families.rotate(presented, store.get_all([presented.ref])[0])
    families.revoke_all(user_id)
"""

from __future__ import annotations

import hashlib
import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from quintet.models.time import epoch, now
from quintet.store import Entity, Keys, Ref, Store, Transaction, equals
from quintet.store.errors import Old

LIFETIME: Final = timedelta(days=30)
"""How long a family lives after its last use."""
GRACE: Final = timedelta(seconds=20)
"""How long after its use a token still yields its successor."""
MOST_RECENT: Final = 8
"""Rotations remembered within the grace; a client that makes more in that time has no honest reason to."""
MAX_TOKEN: Final = 512
"""Characters; a longer token is refused unread."""

_SECRET_BYTES, _FAMILY_BYTES, _NONCE_BYTES = 32, 12, 16


class InvalidRefreshToken(Exception):
    """The token is malformed, unknown, expired or revoked; or it was used before, and its family is now revoked."""


class Rotation(BaseModel):
    """That a token was used: its hash, the nonce that made its successor, and when, in epoch milliseconds."""

    model_config = ConfigDict(defer_build=True, hide_input_in_errors=True)

    hash: str
    nonce: str
    at: int


class Family(Entity):
    """The refresh tokens that descend from one sign-in; `hash` is that of the one that is good now."""

    kind: ClassVar[str] = "refresh_family"
    keys: ClassVar[Keys] = Keys("USER#{user_id}", "FAMILY#{id}")

    user_id: str
    id: str
    hash: str
    recent: list[Rotation] = Field(default_factory=list)
    expires_at: int


@dataclass(frozen=True, slots=True)
class Presented:
    """A refresh token taken apart. Nothing in it is proven yet."""

    user_id: str
    family: str
    secret: bytes = field(repr=False)

    @property
    def ref(self) -> Ref[Family]:
        """Where its family would live."""
        return Family.ref(user_id=self.user_id, id=self.family)


def open(user_id: str) -> str:  # noqa: A001 (used as families.open)
    """Start a family for someone who has just signed in; answers its first token. One write."""
    tx = Store().transaction()
    token = join(tx, user_id)
    tx.commit()
    return token


def join(tx: Transaction, user_id: str) -> str:
    """Start a family within a transaction; the token is good once that commits."""
    secret, family = os.urandom(_SECRET_BYTES), os.urandom(_FAMILY_BYTES)
    tx.put(Family(user_id=user_id, id=family.hex(), hash=_hash(secret), expires_at=_expiry()))
    return _written(Presented(user_id, family.hex(), secret))


def read(token: str) -> Presented:
    """Take a token apart. Raises InvalidRefreshToken when it is none."""
    if not token.isascii() or len(token) > MAX_TOKEN:
        raise InvalidRefreshToken("not a token")
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        user_id = raw[_SECRET_BYTES + _FAMILY_BYTES :].decode()
    except (NotBase64, ValueError):
        raise InvalidRefreshToken("not a token") from None
    presented = Presented(user_id, raw[_SECRET_BYTES : _SECRET_BYTES + _FAMILY_BYTES].hex(), raw[:_SECRET_BYTES])
    if not user_id or _written(presented) != token:  # base64 decoders forgive what an honest client never sends
        raise InvalidRefreshToken("not a token")
    return presented


def rotate(presented: Presented, found: Family | None, tx: Transaction | None = None) -> str:
    """The successor of a token, whose family was read as `found` (None: there is none).

    One conditional write, or none within the grace of a use before. Of many at once one writes, and all are given
    the same successor. `tx` may hold further conditions, such as that the account is active; it is committed here,
    and its refusals are raised. Raises InvalidRefreshToken; for a token used before, its family is then deleted.
    """
    if found is None or found.expires_at <= epoch():
        raise InvalidRefreshToken("revoked or expired")
    if not _is(found.hash, presented.secret):
        return _again(presented, found)
    nonce = os.urandom(_NONCE_BYTES)
    secret = _successor(presented.secret, nonce)
    used = Rotation(hash=found.hash, nonce=nonce.hex(), at=_milliseconds(now()))
    kept = [*_fresh(found.recent), used][-MOST_RECENT:]
    tx = tx or Store().transaction()
    tx.update(
        presented.ref.key,
        put={"hash": _hash(secret), "recent": [r.model_dump() for r in kept], "expires_at": _expiry()},
        where=[equals("hash", found.hash)],
        refused=_Overtaken,
    )
    try:
        tx.commit()
    except _Overtaken as overtaken:
        # Another request with this token was faster, or everything was revoked.
        if overtaken.family is None:
            raise InvalidRefreshToken("revoked") from None
        return _again(presented, overtaken.family)
    return _written(Presented(presented.user_id, presented.family, secret))


def revoke_all(user_id: str) -> int:
    """End every family of a user; answers how many there were.

    A rotation under way cannot bring its family back: it changes an item only while that is there.
    """
    store = Store()
    found = store.query(Family, begins="FAMILY#", consistent=True, user_id=user_id).items
    store.write_batch(deletes=[family.own_key() for family in found])
    return len(found)


class _Overtaken(Exception):
    """The family is no longer as it was read; this is how it stands, if it still does."""

    def __init__(self, old: Old) -> None:
        self.family = Family.model_validate(old) if old else None


def _again(presented: Presented, found: Family) -> str:
    """What a token that is not the current one gets: the current one within the grace, else its family's end."""
    secret = _followed(presented.secret, _fresh(found.recent))
    if secret is not None and _is(found.hash, secret):
        return _written(Presented(presented.user_id, presented.family, secret))
    tx = Store().transaction()
    tx.remove(found.own_key())
    tx.commit()
    raise InvalidRefreshToken("used before")


def _followed(secret: bytes, rotations: list[Rotation]) -> bytes | None:
    """The last descendant of a secret used in one of the rotations, which are in their order; None for another."""
    mark = _hash(secret)
    start = next((i for i, r in enumerate(rotations) if hmac.compare_digest(r.hash, mark)), None)
    if start is None:
        return None
    for rotation in rotations[start:]:
        secret = _successor(secret, bytes.fromhex(rotation.nonce))
    return secret


def _fresh(rotations: list[Rotation]) -> list[Rotation]:
    since = _milliseconds(now() - GRACE)
    return [rotation for rotation in rotations if rotation.at >= since]


def _successor(secret: bytes, nonce: bytes) -> bytes:
    return hmac.digest(secret, nonce, "sha256")


def _hash(secret: bytes) -> str:
    # A plain hash is enough for 256 random bits: there is nothing to guess.
    return hashlib.sha256(secret).hexdigest()


def _is(stored: str, secret: bytes) -> bool:
    return hmac.compare_digest(stored, _hash(secret))


def _written(presented: Presented) -> str:
    raw = presented.secret + bytes.fromhex(presented.family) + presented.user_id.encode()
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _expiry() -> int:
    return epoch(now() + LIFETIME)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
