"""Access tokens that prove nothing, in every way a token can: what no operation of any system may take."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from quintet import settings
from quintet.api import Operation
from quintet.auth import tokens
from quintet.keys import keyring
from quintet.models import epoch, new_id
from quintet.models.time import frozen
from quintet.testing.client import Answer, Client

UNREADABLE = b'{"quantity": '
"""A body that no parser takes: what refuses a request before its body is read shows."""


def bad_tokens(system: str, claims: Mapping[str, Any], subject: str = "") -> dict[str, Callable[[], str]]:
    """By what is wrong with it, how to make a bad token for a system in force; `claims` would be good ones.

    A system that looks its callers up wants the `subject` of an account: else that one is missing is what it refuses.
    """
    subject = subject or new_id()
    good = {**claims, "iss": "quintet", "aud": system, "sub": subject, "iat": epoch(), "exp": epoch() + 900}
    good["jti"] = new_id()
    other = {name: value for name, value in good.items() if name != "exp"}
    return {
        "expired": lambda: _expired(claims, subject),
        "forged": lambda: _forged(good),
        "changed under its signature": lambda: _changed(good),
        "alg none": lambda: f"{_part({'alg': 'none', 'typ': 'JWT', 'kid': 'k1'})}.{_part(good)}.",
        "of another system": lambda: _of_another_system(system, claims, subject),
        "of another issuer": lambda: _signed({**good, "iss": "elsewhere"}),
        "without expiry": lambda: _signed(other),
        "of an unknown key": lambda: _signed(good, kid="../../etc/passwd"),
        "no token at all": lambda: "garbage",
        "cut short": lambda: _signed(good)[:-6],
    }


WAYS = tuple(bad_tokens("", {}))
"""What can be wrong with a token."""


def intrude(client: Client, operation: Operation[Any, Any]) -> Answer:
    """Call an operation with a body that nobody can read."""
    path = re.sub(r"\{[^}]*\}", new_id(), operation.path)
    return client.request(operation.method or "", path, UNREADABLE, headers={"Content-Type": "application/json"})


def _signed(claims: Mapping[str, Any], **header: str) -> str:
    import jwt

    key = keyring.secret()
    return jwt.encode(dict(claims), key.jwt_keys[key.jwt_current], "HS256", {"kid": key.jwt_current, **header})


def _expired(claims: Mapping[str, Any], subject: str) -> str:
    with frozen() as clock:
        clock.advance(hours=-1)
        return tokens.issue(subject, claims, timedelta(minutes=15))[0]


def _of_another_system(system: str, claims: Mapping[str, Any], subject: str) -> str:
    with settings.use({"QUINTET_SYSTEM": f"not_{system}"}):
        return tokens.issue(subject, claims, timedelta(minutes=15))[0]


def _changed(claims: Mapping[str, Any]) -> str:
    head, _, signature = _signed({**claims, "sub": "somebody-else"}).split(".")
    return f"{head}.{_part(claims)}.{signature}"


def _forged(claims: Mapping[str, Any]) -> str:
    head = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'k1'})}.{_part(claims)}"
    return f"{head}.{base64.urlsafe_b64encode(hmac.digest(b'guess', head.encode(), hashlib.sha256)).decode()}"


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
