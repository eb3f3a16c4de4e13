"""Access tokens: HS256 JSON Web Tokens (RFC 7519) bound to one system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from quintet.keys import keyring
from quintet.models.ids import new_id
from quintet.models.time import epoch, from_epoch
from quintet.settings import settings

ISSUER = "quintet"
ALGORITHM = "HS256"
LEEWAY = 10
"""Seconds by which two clocks may disagree."""

MAX_TOKEN = 4096
"""Characters; a longer token is refused before any work is done on it."""

_REGISTERED = frozenset({"iss", "aud", "sub", "exp", "iat", "nbf", "jti"})
_REQUIRED = ["iss", "aud", "sub", "exp", "iat", "jti"]


class InvalidToken(Exception):
    """The token proves nothing. The reason is for logs; a caller learns only that it was refused."""


class ExpiredToken(InvalidToken):
    """The token was good once."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says."""

    subject: str
    id: str
    issued_at: datetime
    expires_at: datetime
    values: Mapping[str, Any]
    """The claims beyond the registered ones."""

    def get(self, name: str, default: Any = None) -> Any:
        """A claim beyond the registered ones."""
        return self.values.get(name, default)


def issue(subject: str, claims: Mapping[str, Any], lifetime: timedelta) -> tuple[str, datetime]:
    """A signed token for `subject`, good for `lifetime` in this system alone, and when it expires.

    `claims` travel readable by whoever holds the token. Raises ValueError when they name one of the
    registered claims, which are set here.
    """
    import jwt

    if clash := _REGISTERED & claims.keys():
        raise ValueError(f"registered claims cannot be given: {sorted(clash)}")
    key = keyring.secret()
    issued = epoch()
    expires = issued + int(lifetime.total_seconds())
    payload = {
        **claims,
        "iss": ISSUER,
        "aud": _audience(),
        "sub": subject,
        "iat": issued,
        "exp": expires,
        "jti": new_id(),
    }
    headers = {"kid": key.jwt_current}
    return jwt.encode(payload, key.jwt_keys[key.jwt_current], ALGORITHM, headers), from_epoch(expires)


def verify(token: str) -> Claims:
    """What `token` says, once its signature, issuer, audience and times have been checked.

    Raises InvalidToken for anything that this system did not sign with one of its present keys,
    ExpiredToken for what it signed too long ago.
    """
    import jwt

    if len(token) > MAX_TOKEN:
        raise InvalidToken("too long")
    try:
        header = jwt.get_unverified_header(token)
        payload = jwt.decode(
            token,
            _key(header),
            algorithms=[ALGORITHM],
            audience=_audience(),
            issuer=ISSUER,
            # Times are checked below, by the clock that tests can stop.
            options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except (jwt.PyJWTError, ValueError) as error:
        raise InvalidToken(str(error)) from error
    return _checked(payload)


def _audience() -> str:
    system = settings().system
    if not system:
        raise LookupError("QUINTET_SYSTEM is not set; a token must belong to a system")
    return system


def _key(header: Mapping[str, Any]) -> bytes:
    """The key that the header names; `alg` is PyJWT's to check against the allow-list."""
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise InvalidToken("no key id")
    key = keyring.secret().jwt_keys.get(kid)
    if key is None:  # made by a rotation this process has not seen, or made up
        key = keyring.refresh().jwt_keys.get(kid)
    if key is None:
        raise InvalidToken("unknown key id")
    return key


def _checked(payload: dict[str, Any]) -> Claims:
    present = epoch()
    issued, expires = (_seconds(payload, name) for name in ("iat", "exp"))
    starts = _seconds(payload, "nbf") if "nbf" in payload else issued
    if max(issued, starts) > present + LEEWAY:
        raise InvalidToken("not valid yet")
    if expires <= present - LEEWAY:
        raise ExpiredToken("expired")
    if not payload["sub"] or not isinstance(payload["jti"], str):
        raise InvalidToken("no subject or no token id")
    extra = {name: value for name, value in payload.items() if name not in _REGISTERED}
    return Claims(payload["sub"], payload["jti"], from_epoch(issued), from_epoch(expires), MappingProxyType(extra))


def _seconds(payload: Mapping[str, Any], name: str) -> int:
    value = payload[name]
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**40:
        raise InvalidToken(f"{name} is not a time")
    return value
