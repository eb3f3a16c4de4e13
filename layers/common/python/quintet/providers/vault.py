"""Personal identifiers encrypted at rest: AES-256-GCM under data keys that AWS KMS keeps (envelope encryption).

What is sealed names what it belongs to, such as `user/42/pan`, and opens under that name alone: copied to another
entity's item it is worthless. The system is part of the KMS encryption context, so that a key policy can tie each
system's role to its own data (`kms:EncryptionContext:system`), and AWS CloudTrail shows who opened whose.

Needs `cryptography`, which is heavy: an operation that seals or opens declares `layers=("oidc",)`, the layer that has
it. It may `kms:GenerateDataKey` to seal and `kms:Decrypt` to open, on the key of `QUINTET_KMS_KEY`.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from dataclasses import dataclass, field
from os import urandom
from threading import Lock
from time import monotonic
from typing import Final

from quintet.net import aws
from quintet.providers.errors import NotConfigured, aws_errors
from quintet.settings import settings

KEY_LIFETIME: Final = 300.0
"""Seconds a data key stays in memory: how long KMS may be unreachable, and how late a revocation is felt."""
KEY_USES: Final = 1000
"""Texts sealed under one data key; random nonces are safe for far more (NIST SP 800-38D, section 8.3)."""
KEYS_HELD: Final = 256
"""Data keys held for opening; the least recently used goes first."""

_SERVICE = "encryption"
_FORM = "v1"
_NONCE = 12
# KMS's ways of saying that this ciphertext was not made here, or not for this.
_FOREIGN = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})

_Scope = tuple[str, str, int]
"""The KMS key, the system, and the generation of the AWS clients."""


class Unreadable(Exception):
    """What was given is not sealed, was changed, or belongs to something else."""


@dataclass(slots=True)
class _Sealing:
    """The data key in use for sealing."""

    key: bytes = field(repr=False)
    wrapped: bytes
    made_at: float
    uses: int = 0


_lock = Lock()
_sealing: dict[_Scope, _Sealing] = {}
_opening: OrderedDict[tuple[_Scope, bytes], tuple[float, bytes]] = OrderedDict()


def seal(text: str, context: str) -> str:
    """Encrypt `text` for what `context` names. Never the same twice; ASCII, some 300 characters longer.

    Raises NotConfigured, Throttled, Unavailable or Rejected.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    scope = _scope()
    key, wrapped = _key_to_seal(scope)
    nonce = urandom(_NONCE)
    sealed = AESGCM(key).encrypt(nonce, text.encode(), _bound(scope, context))
    return ".".join((_FORM, _text(wrapped), _text(nonce + sealed)))


def open(sealed: str, context: str) -> str:  # noqa: A001 (read as vault.open)
    """Decrypt what `seal` made for the same context.

    Raises Unreadable when it was made elsewhere or for something else, NotConfigured, Throttled,
    Unavailable or Rejected (the role may not open).
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    scope = _scope()
    wrapped, content = _parts(sealed)
    key = _key_to_open(scope, wrapped)
    try:
        return AESGCM(key).decrypt(content[:_NONCE], content[_NONCE:], _bound(scope, context)).decode()
    except InvalidTag:
        raise Unreadable("the text was changed, or belongs to something else") from None


def reset() -> None:
    """Forget every data key."""
    with _lock:
        _sealing.clear()
        _opening.clear()


def _scope() -> _Scope:
    key, system = settings().get("QUINTET_KMS_KEY"), settings().system
    if not key:
        raise NotConfigured(_SERVICE, "QUINTET_KMS_KEY")
    if not system:
        raise NotConfigured(_SERVICE, "QUINTET_SYSTEM")
    return key, system, aws.generation()


def _bound(scope: _Scope, context: str) -> bytes:
    """What is authenticated with the text; a context cannot reach into the system's name."""
    return "\x00".join((_FORM, scope[1], context)).encode()


def _key_to_seal(scope: _Scope) -> tuple[bytes, bytes]:
    with _lock:  # held during the call: threads that start together share one data key
        held = _sealing.get(scope)
        if held is None or held.uses >= KEY_USES or monotonic() - held.made_at >= KEY_LIFETIME:
            with aws_errors(_SERVICE):
                made = aws.client("kms").generate_data_key(
                    KeyId=scope[0], KeySpec="AES_256", EncryptionContext={"system": scope[1]}
                )
            held = _sealing[scope] = _Sealing(made["Plaintext"], made["CiphertextBlob"], monotonic())
            _hold(scope, held.wrapped, held.key)
        held.uses += 1
        return held.key, held.wrapped


def _key_to_open(scope: _Scope, wrapped: bytes) -> bytes:
    with _lock:
        at, key = _opening.get((scope, wrapped), (0.0, b""))
        if key and monotonic() - at < KEY_LIFETIME:
            _opening.move_to_end((scope, wrapped))
            return key
    key = _unwrapped(scope, wrapped)
    with _lock:
        _hold(scope, wrapped, key)
    return key


def _unwrapped(scope: _Scope, wrapped: bytes) -> bytes:
    from botocore.exceptions import ClientError

    with aws_errors(_SERVICE):
        try:
            # With the key named, a ciphertext under another party's key is refused and not opened.
            answer = aws.client("kms").decrypt(
                CiphertextBlob=wrapped, KeyId=scope[0], EncryptionContext={"system": scope[1]}
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _FOREIGN:
                raise Unreadable("its data key was not made here") from None
            raise
    key: bytes = answer["Plaintext"]
    return key


def _hold(scope: _Scope, wrapped: bytes, key: bytes) -> None:
    _opening[scope, wrapped] = (monotonic(), key)
    _opening.move_to_end((scope, wrapped))
    while len(_opening) > KEYS_HELD:
        _opening.popitem(last=False)


def _parts(sealed: str) -> tuple[bytes, bytes]:
    form, _, rest = sealed.partition(".")
    wrapped, _, content = rest.partition(".")
    try:
        found = _bytes(wrapped), _bytes(content)
    except (binascii.Error, ValueError):
        raise Unreadable("this is no sealed text") from None
    if form != _FORM or not found[0] or len(found[1]) <= _NONCE:
        raise Unreadable("this is no sealed text")
    return found


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    if not text.isascii() or "+" in text or "/" in text:
        raise ValueError(text)
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
