"""E-mail tokens of accounts: given out in the transaction of what they are for, and used once.

What the e-mail carries names the account in front of the secret part, so that a token is found by key and a newer
one of the same purpose simply takes its place.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from uuid import UUID

from quintet.models import new_id, now
from quintet.store import Transaction, equals
from stoory.accounts import tokens
from stoory.accounts.entities import StoredToken
from stoory.accounts.tokens import InvalidToken, Purpose
from stoory.service import store

_NAME = 22
"""Characters of a UUID in base64 without padding."""


def give(tx: Transaction, user_id: str, purpose: Purpose) -> str:
    """A new token for the e-mail; it is good, and the one before it dead, once the transaction commits."""
    secret, kept = tokens.issue(purpose, now())
    tx.put(StoredToken.of(user_id, kept))
    return urlsafe_b64encode(UUID(user_id).bytes).decode().rstrip("=") + secret


def give_nothing(tx: Transaction, purpose: Purpose) -> str:
    """The same work for an account that is not there: the row belongs to nobody and expires by itself."""
    return give(tx, new_id(), purpose)


def take(tx: Transaction, purpose: Purpose, token: str) -> str:
    """Whose a token is; the transaction uses it up. Raises InvalidToken, here or at the commit."""
    user_id = _named(token[:_NAME])
    kept = store.get(StoredToken, user_id=user_id, purpose=purpose)
    tokens.check(kept.kept if kept else None, purpose, token[_NAME:], now())
    assert kept is not None
    tx.remove(kept.own_key(), [equals("digest", kept.digest)], refused=lambda _: InvalidToken())
    return user_id


def _named(text: str) -> str:
    try:
        return str(UUID(bytes=urlsafe_b64decode(text + "==")))
    except (NotBase64, ValueError):
        raise InvalidToken from None
