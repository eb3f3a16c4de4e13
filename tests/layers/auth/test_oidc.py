"""The userinfo endpoint, asked where an id_token does not say whether an address is verified: what counts, of whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from infra.local.faulty import Asked, Told
from infra.local.sign_in import CLIENT_ID, CLIENT_SECRET, TOKEN, USERINFO, OpenIdProvider, SignInFaults
from quintet.auth import oidc
from quintet.auth.code_flow import Challenge, Client, ProviderBroken, ProviderUnavailable, SignInRefused

CLIENT = Client(CLIENT_ID, CLIENT_SECRET, "http://127.0.0.1:8000/callback")


class Telling(OpenIdProvider):
    """A provider whose answers a test changes."""

    told: dict[str, Told] | None = None

    def reply(self, asked: Asked, faults: SignInFaults) -> Told:
        return (self.told or {}).get(asked.path) or super().reply(asked, faults)


@pytest.fixture
def provider() -> Iterator[Telling]:
    oidc.reset()
    found = Telling("Kakao", tells_verified=False)
    found.start()
    yield found
    found.stop()


def claims(provider: Telling) -> Any:
    registered, challenge = oidc.Provider(provider.url, CLIENT, userinfo=True), Challenge.new()
    url = oidc.authorization_url(registered, "s", challenge)
    location = httpx.get(f"{url}&account=minji", trust_env=False).headers["location"]
    return oidc.identify(registered, parse_qs(urlsplit(location).query)["code"][0], challenge)


def test_address_and_whether_it_is_verified_come_from_one_answer(provider: Telling) -> None:
    provider.told = {USERINFO: Told(200, {"sub": "1001", "email": "new@example.com", "email_verified": True})}
    told = claims(provider)
    assert (told["email"], told["email_verified"], told["nickname"]) == ("new@example.com", True, "Minji Kim")
    provider.told = {USERINFO: Told(200, {"sub": "1001", "email_verified": True})}
    assert "email" not in claims(provider)  # the id_token's address is not the one that was called verified


@pytest.mark.parametrize("subject", ["1002", "", None, 1002])
def test_what_is_told_of_somebody_else_counts_for_nothing(provider: Telling, subject: Any) -> None:
    provider.told = {USERINFO: Told(200, {"sub": subject, "email": "x@example.com", "email_verified": True})}
    with pytest.raises(SignInRefused, match="another subject"):
        claims(provider)


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({USERINFO: Told(401, {"error": "invalid_token"})}, ProviderBroken),
        ({USERINFO: Told(200, [1])}, ProviderBroken),
        ({USERINFO: Told(200, b"<html>", "text/html")}, ProviderBroken),
        ({USERINFO: Told(503, {})}, ProviderUnavailable),
        ({USERINFO: Told(429, {})}, ProviderUnavailable),
        ({TOKEN: Told(200, {"access_token": "x"})}, ProviderBroken),
        ({TOKEN: Told(401, {"error": "invalid_client"})}, ProviderBroken),
        ({TOKEN: Told(400, {"error": "invalid_grant"})}, SignInRefused),
    ],
)
def test_a_provider_that_is_broken_and_one_that_is_down_are_told_apart(
    provider: Telling, told: dict[str, Told], error: type[Exception]
) -> None:
    provider.told = told
    with pytest.raises(error):
        claims(provider)


@pytest.mark.parametrize("token", [None, 7, "", "a\r\nX-Injected: 1", "é"])
def test_an_access_token_that_is_none_is_not_sent_on(provider: Telling, token: Any) -> None:
    trade = provider.reply

    def without(asked: Asked, faults: SignInFaults) -> Told:
        told = trade(asked, faults)
        return Told(told.status, {**told.content, "access_token": token}) if asked.path == TOKEN else told

    provider.reply = without  # type: ignore[method-assign]
    with pytest.raises(ProviderBroken, match="no access token"):
        claims(provider)
    assert USERINFO not in [asked.path for asked in provider.asked]
