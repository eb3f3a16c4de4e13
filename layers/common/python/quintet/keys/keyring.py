"""The system's secrets, from AWS Secrets Manager, cached so that a warm call costs nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from time import monotonic
from types import MappingProxyType
from typing import Any

from quintet.errors import ApiError
from quintet.net import patience
from quintet.net.wire import SECRETS_MANAGER, THROTTLES, send
from quintet.settings import settings

LIFETIME = 300.0
"""Seconds a secret is used before it is read again: how late a rotation is noticed at most."""

RETRY_AFTER = 30.0
"""Seconds between two readings when Secrets Manager fails, or when unknown key ids turn up."""

REFRESH_SECONDS = 2.0
"""What reading anew may take while an older secret is at hand: a caller waits for it."""

_MIN_KEY_BYTES = 32  # RFC 7518 section 3.2: an HS256 key is at least as long as its hash


class SecretUnavailable(Exception):
    """The secret is not configured, cannot be read, or does not hold what the system needs."""


@dataclass(frozen=True, slots=True)
class SystemSecret:
    """What one system keeps secret. Nothing of it shows in a repr, hence in no log or traceback."""

    jwt_keys: Mapping[str, bytes] = field(repr=False)
    """Keys that verify tokens, by key id. More than one while a rotation overlaps."""

    jwt_current: str
    """The id of the key that signs."""

    cursor_keys: tuple[bytes, ...] = field(repr=False)
    """The keys of paging cursors and one-time codes: the first signs, the others are of before and still verify."""

    values: Mapping[str, Any] = field(repr=False, default_factory=lambda: MappingProxyType({}))

    audit_key: bytes = field(repr=False, default=b"")
    """The key that signs the ends of audit chains. A rotation of the others leaves it as it is."""

    made_at: int | None = field(repr=False, default=None)
    """When this version of the secret was written (epoch seconds), where Secrets Manager says so: with it the current
    signing key, which every rotation replaces."""

    @property
    def cursor_key(self) -> bytes:
        """The key that signs paging cursors and one-time codes."""
        return self.cursor_keys[0]

    def get(self, name: str, default: str = "") -> str:
        """A provider's own secret by its name, such as `google_client_secret`; empty counts as absent."""
        value = self.values.get(name)
        return str(value) if value else default

    @classmethod
    def parse(cls, text: str) -> SystemSecret:
        """A secret from its JSON.

        Keys are listed in `jwt_keys` (base64, 32 bytes or more, by key id) with `jwt_current` naming
        the one that signs; `cursor_key` and `audit_key` are any text. Instead, or besides, `master` may hold one
        generated text of at least 32 characters from which the rest is derived; CloudFormation can
        generate no more than that. `master_previous` keeps verifying while a rotation overlaps, and so do
        `cursor_key_previous` and what is derived from the other signing keys.
        Raises SecretUnavailable when the JSON holds no usable signing key.
        """
        try:
            values = json.loads(text)
            keys = {kid: b64decode(key, validate=True) for kid, key in (values.get("jwt_keys") or {}).items()}
        except (ValueError, AttributeError, TypeError):
            raise SecretUnavailable("the secret is not the JSON it should be") from None
        derived = {_key_id(text): _derive(text, "jwt") for text in _masters(values)}
        current = str(values.get("jwt_current") or next(iter(derived), ""))
        keys = {**derived, **keys}
        if current not in keys or any(len(key) < _MIN_KEY_BYTES for key in keys.values()):
            raise SecretUnavailable("the secret has no current signing key of at least 32 bytes")
        audit_key = str(values.get("audit_key") or _subkey(keys[current], "audit").hex()).encode()
        cursor_keys = tuple(_cursor_keys(values, keys, current))
        return cls(MappingProxyType(keys), current, cursor_keys, MappingProxyType(values), audit_key)


@dataclass(slots=True)
class _Held:
    """A secret in the cache: when it was last read, and when reading was last tried."""

    secret: SystemSecret
    read_at: float
    tried_at: float


_lock = Lock()
_held: dict[str, _Held] = {}


def secret() -> SystemSecret:
    """The secret of the system in force, at most LIFETIME seconds old.

    When Secrets Manager fails, the one held before goes on serving and is tried again after
    RETRY_AFTER seconds. When there is none yet, raises the 503 error `busy` while Secrets Manager does not
    answer, and SecretUnavailable when it answers something else.
    """
    held = _held.get(settings().secret)
    if held is not None and monotonic() - held.read_at < LIFETIME:
        return held.secret
    return _reread(RETRY_AFTER if held is not None else 0.0, LIFETIME)


def refresh(min_age: float = RETRY_AFTER) -> SystemSecret:
    """The secret, read anew unless that was tried less than `min_age` seconds ago.

    Called when a token names an unknown key: it may be one from a rotation a moment ago. The age
    keeps forged key ids from turning into calls to Secrets Manager.
    """
    return _reread(min_age, 0.0)


def reset() -> None:
    """Forget every secret held."""
    with _lock:
        _held.clear()


def _reread(min_wait: float, fresh_enough: float) -> SystemSecret:
    name = settings().secret
    if not name:
        raise SecretUnavailable("QUINTET_SECRET is not set")
    with _lock:
        held, at = _held.get(name), monotonic()
        if held is not None and (at - held.tried_at < min_wait or at - held.read_at < fresh_enough):
            return held.secret  # another thread was here first, or it is too soon
        try:
            with patience.within(patience.CALL_SECONDS if held is None else REFRESH_SECONDS):
                text, made_at = _fetch(name)
                found = replace(SystemSecret.parse(text), made_at=made_at)
        except (SecretUnavailable, ApiError):
            if held is None:
                raise
            held.tried_at = at
            return held.secret
        _held[name] = _Held(found, at, at)
        return found


def _fetch(name: str) -> tuple[str, int | None]:
    """The secret, and when it was written."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = send(SECRETS_MANAGER, "GetSecretValue", {"SecretId": name})
        text, made_at = str(answer["SecretString"]), answer.get("CreatedDate")
    except ClientError as error:
        if error.response["Error"]["Code"] in THROTTLES:
            raise patience.BUSY() from error
        raise SecretUnavailable(f"the secret cannot be read: {error}") from error
    except (BotoCoreError, KeyError) as error:
        raise SecretUnavailable(f"the secret cannot be read: {error}") from error
    return text, int(made_at) if isinstance(made_at, int | float) else None


def _masters(values: Mapping[str, Any]) -> list[str]:
    found = [str(values.get(name) or "") for name in ("master", "master_previous")]
    masters = [text for text in found if text]
    if any(len(text) < _MIN_KEY_BYTES for text in masters):
        raise SecretUnavailable("a master secret has at least 32 characters")
    return masters


def _cursor_keys(values: Mapping[str, Any], keys: Mapping[str, bytes], current: str) -> Iterator[bytes]:
    """The keys of cursors and codes, each once: those written down, then what each signing key makes of itself."""
    written = [str(values.get(name) or "") for name in ("cursor_key", "cursor_key_previous")]
    ordered = [keys[current], *(key for kid, key in keys.items() if kid != current)]
    derived = [_subkey(key, "cursor").hex() for key in ordered]
    yield from dict.fromkeys(text.encode() for text in (*written, *derived) if text)


def _derive(master: str, purpose: str) -> bytes:
    return _subkey(master.encode(), purpose)


def _key_id(master: str) -> str:
    return _derive(master, "kid").hex()[:12]


def _subkey(key: bytes, purpose: str) -> bytes:
    # HKDF-Expand (RFC 5869) for one block: keys of different purposes tell nothing of each other.
    return hmac.new(key, f"quintet:{purpose}".encode() + b"\x01", hashlib.sha256).digest()
