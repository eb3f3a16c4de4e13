"""Somebody who signs in with a provider, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from infra.local.sign_in import SignInServer
from quintet.testing import Client
from quintet.testing.client import Answer
from softfactory.people.entities import EmailClaim, User
from softfactory.service import store

MINJI = "minji@example.com"
PROVIDERS = ("google", "facebook", "kakao")


@dataclass(frozen=True)
class Social:
    """The suite, and the providers it is registered with."""

    client: Client
    servers: Mapping[str, SignInServer]

    def begin(self, provider: str) -> Any:
        answer = self.client.get(f"/api/auth/oauth/{provider}/url")
        assert answer.status == 200, answer
        return answer.body

    def consent(self, provider: str, **choice: str) -> dict[str, str]:
        """What the browser comes back with, from a new address; `minji` consents unless another is chosen."""
        query = urlencode({"account": "minji", **choice})
        answer = httpx.get(f"{self.begin(provider)['auth_url']}&{query}", trust_env=False)
        assert answer.status_code == 302, answer.text
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    def callback(self, provider: str, query: Mapping[str, str]) -> Answer:
        return self.client.get(f"/api/auth/oauth/{provider}/callback", query=query)

    def sign_in(self, provider: str, **choice: str) -> Answer:
        """The whole way: address, consent, callback."""
        return self.callback(provider, self.consent(provider, **choice))

    def faults(self, provider: str, **given: Any) -> None:
        httpx.put(f"{self.servers[provider].url}/_faults", json=given, trust_env=False).raise_for_status()


def owner_of(email: str) -> User | None:
    """The account with an address, as it is stored."""
    claim = store.get(EmailClaim, email=email)
    return store.get(User, id=claim.user_id) if claim else None
