"""Time-based one-time passwords (RFC 6238 over RFC 4226), as authenticator apps show them.

    secret = new_secret()
    address = otpauth_url(secret, "SoftFactory", "ada@example.com")
    step = matching_step(secret, "287082", epoch())
    if step is not None:
        store.update(…, put={"last_step": step}, where=[unspent("last_step", step)])

A code is good once (RFC 6238, section 5.2): whoever accepts one writes its step down, on the condition `unspent`.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b32decode, b32encode
from binascii import Error as NotBase32
from typing import Final, Literal
from urllib.parse import quote, urlencode

from quintet.store import Condition, absent, any_of, less_than

PERIOD: Final = 30
"""Seconds that a code is shown for."""
DIGITS: Final = 6
DRIFT: Final = 1
"""Steps by which the clock of somebody's phone may be behind or ahead of ours (RFC 6238, section 6)."""
SECRET_BYTES: Final = 20
"""As long as SHA-1's output (RFC 4226, section 4, R6); the text form is 32 letters without padding."""

Algorithm = Literal["sha1", "sha256", "sha512"]
"""Most apps ignore what an `otpauth:` address says of it and take SHA-1, which is as good here (RFC 4226, B.2)."""


def new_secret() -> str:
    """A new shared secret, in base32 as apps take it."""
    return b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def key_of(secret: str) -> bytes:
    """The bytes of a secret in base32, however it was typed: blanks, hyphens, case and padding mean nothing.

    Raises ValueError.
    """
    plain = secret.replace(" ", "").replace("-", "").rstrip("=").upper()
    try:
        return b32decode(plain + "=" * (-len(plain) % 8))
    except NotBase32:
        raise ValueError("the secret is not base32") from None


def hotp(key: bytes, counter: int, digits: int = DIGITS, algorithm: Algorithm = "sha1") -> str:
    """The one-time password of a counter (RFC 4226, section 5.3)."""
    digest = hmac.digest(key, counter.to_bytes(8, "big"), getattr(hashlib, algorithm))
    offset = digest[-1] & 0x0F
    truncated = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(truncated % 10**digits).zfill(digits)


def totp(key: bytes, at: int, digits: int = DIGITS, algorithm: Algorithm = "sha1") -> str:
    """The one-time password that is shown at `at` (epoch seconds)."""
    return hotp(key, step_of(at), digits, algorithm)


def step_of(at: int) -> int:
    """The number of the step that `at` (epoch seconds) is in."""
    return at // PERIOD


def matching_step(secret: str, code: str, at: int) -> int | None:
    """The step whose code this is, at most DRIFT away from `at` (epoch seconds); None for a code of none of them.

    Takes the same time whichever it is. Blanks within the code, as apps show it, mean nothing.
    """
    key, given = key_of(secret), "".join(code.split()).encode("utf-8", "surrogatepass")
    now, found = step_of(at), None
    for step in range(max(now - DRIFT, 0), now + DRIFT + 1):
        if hmac.compare_digest(hotp(key, step).encode(), given):
            found = step
    return found


def unspent(name: str, step: int) -> Condition:
    """Holds while no code of this step or a later one was accepted, `name` being where the last one's is kept."""
    return any_of(absent(name), less_than(name, step))


def otpauth_url(secret: str, issuer: str, account: str) -> str:
    """The address that an app reads from a QR code (Google Authenticator wiki, "Key Uri Format")."""
    label = f"{quote(issuer, safe='')}:{quote(account, safe='@')}"
    values = {"secret": secret, "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": PERIOD}
    return f"otpauth://totp/{label}?{urlencode(values, quote_via=quote)}"
