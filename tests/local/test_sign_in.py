"""The laptop's Google, Kakao and Facebook: what the real client meets there, and how they go wrong."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from infra.local.environment import State
from infra.local.sign_in import CLIENT_ID, CLIENT_SECRET, Facebook, OpenIdProvider, SignInServer
from infra.local.standins import addresses, secrets_for, standing_in
from quintet.auth import code_flow, oidc
from quintet.auth.code_flow import Challenge, Client, SignInRefused

CALLBACK = "http://127.0.0.1:8000/callback"
CLIENT = Client(CLIENT_ID, CLIENT_SECRET, CALLBACK)


@pytest.fixture
def google() -> Iterator[OpenIdProvider]:
    yield from running(OpenIdProvider("Google"))


@pytest.fixture
def kakao() -> Iterator[OpenIdProvider]:
    yield from running(OpenIdProvider("Kakao", tells_verified=False))


@pytest.fixture
def facebook() -> Iterator[Facebook]:
    yield from running(Facebook())


def running(server: Any) -> Iterator[Any]:
    oidc.reset()
    server.start()
    yield server
    server.stop()


def provider(server: SignInServer, **more: Any) -> oidc.Provider:
    return oidc.Provider(server.url, CLIENT, **more)


def chosen(url: str, **choice: str) -> dict[str, str]:
    """What the browser comes back with, after a choice."""
    answer = httpx.get(f"{url}&{urlencode(choice)}", trust_env=False)
    assert answer.status_code == 302, answer.text
    assert answer.headers["location"].startswith(CALLBACK + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def claims(server: SignInServer, more: dict[str, Any] | None = None, **choice: str) -> Any:
    """The whole way of the real client, to the claims."""
    registered, challenge = provider(server, **(more or {})), Challenge.new()
    back = chosen(oidc.authorization_url(registered, "s", challenge), **{"account": "minji", **choice})
    return oidc.identify(registered, back["code"], challenge)


def faults(server: SignInServer, **given: Any) -> None:
    assert httpx.put(f"{server.url}/_faults", json=given, trust_env=False).status_code == 200


def test_a_browser_is_shown_who_there_is_and_goes_back_with_a_code(google: OpenIdProvider) -> None:
    url = oidc.authorization_url(provider(google), 'a"b', Challenge.new())
    page = httpx.get(url, trust_env=False)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert 'name="account" value="minji"' in page.text
    assert 'name="state" value="a&quot;b"' in page.text
    back = chosen(url, account="minji")
    assert back.keys() == {"code", "state"}
    assert back["state"] == 'a"b'


def test_google_tells_who_it_is_in_the_id_token(google: OpenIdProvider) -> None:
    told = claims(google)
    assert {name: told[name] for name in ("sub", "email", "email_verified", "given_name", "family_name")} == {
        "sub": "1001", "email": "minji@example.com", "email_verified": True, "given_name": "Minji", "family_name": "Kim"
    }  # fmt: skip
    assert (
        claims(google, account="somebody@example.com")["sub"] == claims(google, account="somebody@example.com")["sub"]
    )
    assert claims(google, verified="false")["email_verified"] is False
    assert claims(google, account="jun")["email_verified"] is False
    assert "email" not in claims(google, account="nobody")


def test_kakao_tells_whether_an_address_is_verified_only_when_it_is_asked(kakao: OpenIdProvider) -> None:
    told = claims(kakao)
    assert (told["nickname"], told["email"], "email_verified" in told) == ("Minji Kim", "minji@example.com", False)
    asked = claims(kakao, {"userinfo": True})
    assert (asked["email"], asked["email_verified"]) == ("minji@example.com", True)
    assert claims(kakao, {"userinfo": True}, verified="false")["email_verified"] is False


def test_a_code_is_good_once_and_with_its_verifier_alone(google: OpenIdProvider) -> None:
    registered, challenge = provider(google), Challenge.new()
    url = oidc.authorization_url(registered, "s", challenge)
    code = chosen(url, account="minji")["code"]
    oidc.identify(registered, code, challenge)
    with pytest.raises(SignInRefused, match="refused the code"):
        oidc.identify(registered, code, challenge)
    with pytest.raises(SignInRefused, match="refused the code"):
        oidc.identify(registered, chosen(url, account="minji")["code"], Challenge(challenge.nonce, "x" * 64))


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"nonce": "wrong"}, "another sign-in"),
        ({"nonce": "missing"}, "another sign-in"),
        ({"expired": True}, "expired"),
        ({"signature": "wrong"}, "[Ss]ignature"),
    ],
)
def test_an_id_token_can_be_made_bad_in_every_way(google: OpenIdProvider, fault: dict[str, Any], reason: str) -> None:
    faults(google, **fault)
    with pytest.raises(SignInRefused, match=reason):
        claims(google)
    faults(google)
    assert claims(google)["sub"] == "1001"


def test_it_can_refuse_be_down_and_have_verified_nobody(google: OpenIdProvider) -> None:
    url = oidc.authorization_url(provider(google), "s", Challenge.new())
    assert chosen(url, refuse="true") == {
        "error": "access_denied", "error_description": "The user refused", "state": "s"
    }  # fmt: skip
    faults(google, refuse=True)
    assert chosen(url, account="minji")["error"] == "access_denied"
    faults(google, unverified=True)
    assert claims(google)["email_verified"] is False
    faults(google, status=500)
    with pytest.raises(code_flow.ProviderUnavailable):
        claims(google)
    answer = httpx.put(f"{google.url}/_faults", json={"unheard": 1}, trust_env=False)
    assert answer.json() == {"error": "there are no faults ['unheard']"}


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "another"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "//evil.example/"},
        {"redirect_uri": "http://127.0.0.1@evil.example/"},
        {"redirect_uri": "http://127.0.0.1/\r\nx: y"},
        {"redirect_uri": "http://["},
        {"redirect_uri": "javascript://127.0.0.1/%0aalert(1)"},
        {"code_challenge_method": "plain"},
        {"response_type": "token"},
    ],
    ids=str,
)
def test_nobody_is_sent_elsewhere_than_to_this_machine(google: OpenIdProvider, changes: dict[str, str]) -> None:
    url = oidc.authorization_url(provider(google), "s", Challenge.new())
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()} | changes | {"account": "minji"}
    answer = httpx.get(url.partition("?")[0], params=query, trust_env=False)
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert "<script" not in answer.text
    assert google.granted == 0


def test_facebook_gives_a_token_and_tells_who_holds_it(facebook: Facebook) -> None:
    challenge = Challenge.new()
    url = code_flow.request_url(f"{facebook.url}/dialog/oauth", CLIENT, "s", challenge, scope="email,public_profile")
    form = code_flow.token_form(CLIENT, chosen(url, account="minji")["code"], challenge)
    with httpx.Client(base_url=facebook.url, trust_env=False) as http:
        token = http.post("/oauth/access_token", content=form, headers=code_flow.FORM).json()["access_token"]
        again = http.post("/oauth/access_token", content=form, headers=code_flow.FORM)
        assert (again.status_code, again.json()["error"]["code"]) == (400, 100)
        proof = hmac.new(CLIENT_SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
        asked = {"fields": "id,name,email", "access_token": token}
        assert http.get("/me", params=asked).json()["error"]["type"] == "OAuthException"
        told = http.get("/me", params={**asked, "appsecret_proof": proof}).json()
        assert told == {"id": "1001", "name": "Minji Kim", "email": "minji@example.com"}
        faults(facebook, expired=True)
        assert http.get("/me", params={**asked, "appsecret_proof": proof}).json()["error"]["code"] == 190


def test_the_systems_are_told_where_they_sign_in_and_where_they_are_come_back_to(tmp_path: Path) -> None:
    with standing_in(State(tmp_path, 8000), ["softfactory", "storefront"]) as found:
        shop, suite = found["storefront"], found["softfactory"]
        assert shop["QUINTET_GOOGLE_ISSUER"] == suite["QUINTET_GOOGLE_ISSUER"]
        assert shop["QUINTET_GOOGLE_REDIRECT_URI"] == "http://127.0.0.1:8000/storefront/api/v1/auth/google/callback"
        callbacks = {name: value for name, value in suite.items() if name.endswith("_REDIRECT_URI")}
        assert callbacks == {
            f"QUINTET_{name.upper()}_REDIRECT_URI": f"http://127.0.0.1:8000/softfactory/api/auth/oauth/{name}/callback"
            for name in ("google", "kakao", "facebook")
        }
        assert suite["QUINTET_FACEBOOK_URL"] == suite["QUINTET_FACEBOOK_GRAPH_URL"]
        assert "QUINTET_KAKAO_ISSUER" not in shop
        told = {name: url for name, url, _ in addresses(found)}
        assert told.keys() == {"google", "kakao", "facebook"}
        issuer = httpx.get(f"{told['kakao']}/.well-known/openid-configuration", trust_env=False).json()["issuer"]
        assert issuer == suite["QUINTET_KAKAO_ISSUER"]
    assert secrets_for("storefront") == {"google_client_secret": CLIENT_SECRET}
    assert secrets_for("softfactory").keys() == {
        "google_client_secret", "kakao_client_secret", "facebook_client_secret"
    }  # fmt: skip
