"""Somebody who signs in with Google, step by step."""

from __future__ import annotations

from typing import Any

from quintet.testing import Client
from quintet.testing.client import Answer
from tests.support.oidc import OpenIdProvider

GOOGLE, CALLBACK = "/api/v1/auth/google", "/api/v1/auth/google/callback"
ANNA: dict[str, Any] = {
    "email": "anna@example.com",
    "email_verified": True,
    "given_name": "Anna",
    "family_name": "Berg",
}
PASSWORD = "SecurePassword123!"
OAUTH_ERROR = {"error": {"code": "oauth_error", "message": "OAuth error"}}
INVALID_STATE = {"error": {"code": "invalid_state", "message": "Invalid state"}}


def begin(shop: Client, **query: str) -> str:
    answer = shop.get(GOOGLE, query=query)
    assert answer.status == 200, answer
    return str(answer.data["url"])


def finish(shop: Client, google: OpenIdProvider, **claims: Any) -> Answer:
    """The whole way: consent address, consent, callback."""
    query = google.consent(begin(shop), **{**ANNA, **claims})
    return shop.get(CALLBACK, query=query)


def register(shop: Client, email: str = ANNA["email"]) -> Any:
    body = {"email": email, "password": PASSWORD, "first_name": "Ann", "last_name": "B"}
    return shop.post("/api/v1/auth/register", body).data


def login(shop: Client) -> int:
    return shop.post("/api/v1/auth/login", {"email": ANNA["email"], "password": PASSWORD}).status
