"""Callers whose sessions are good at whatever time a test stopped the clock at."""

from __future__ import annotations

from datetime import timedelta

import jwt

from quintet.auth import tokens
from quintet.testing import Client


def present(client: Client) -> Client:
    """The same caller, signed in now."""
    assert client.token is not None
    claims = jwt.decode(client.token, options={"verify_signature": False})
    own = {name: claims[name] for name in ("role", "email", "name", "confirmed")}
    token, _ = tokens.issue(claims["sub"], own, timedelta(hours=1))
    return client.as_caller(token)
