"""Sign-in with an OpenID Connect provider: the authorization-code flow with PKCE.

Sources: OpenID Connect Core 1.0 and Discovery 1.0, RFC 6749, RFC 7636. The id_token is trusted only after its
signature (RS256, by the provider's published keys), issuer, audience, times and nonce were checked. Checking needs
`cryptography`, which is heavy: an operation that calls `identify` declares `layers=("oidc",)`.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final
from urllib.parse import urlencode

from quintet.net import outbound

LEEWAY: Final = 60
"""Seconds by which the provider's clock may differ from ours."""
METADATA_LIFETIME: Final = 3600.0
"""Seconds a provider's metadata and keys are used before they are read again; an unknown key id reads them at once."""
SCOPE: Final = "openid email profile"
_ALGORITHM = "RS256"


class SignInRefused(Exception):
    """The provider refused the code, or its id_token proves nothing. The reason is for logs."""


class ProviderBroken(Exception):
    """The provider answered with something that is not the protocol, or it does not know us."""


class ProviderUnavailable(Exception):
    """The provider cannot be reached, or says that it cannot answer now."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as this system is registered there."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Challenge:
    """What is made up for one sign-in and must be kept until its callback."""

    nonce: str = field(repr=False)
    verifier: str = field(repr=False)

    @classmethod
    def new(cls) -> Challenge:
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(48))


def authorization_url(provider: Provider, state: str, challenge: Challenge) -> str:
    """Where the user's browser goes to consent. Raises ProviderBroken or ProviderUnavailable."""
    digest = hashlib.sha256(challenge.verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": provider.redirect_uri,
        "scope": SCOPE,
        "state": state,
        "nonce": challenge.nonce,
        "code_challenge": urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    endpoint = _endpoint(provider, "authorization_endpoint")
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"


def identify(provider: Provider, code: str, challenge: Challenge) -> Mapping[str, Any]:
    """Trade an authorization code for the claims of a verified id_token.

    Raises SignInRefused, ProviderBroken or ProviderUnavailable.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": provider.redirect_uri,
        "client_id": provider.client_id,
        "client_secret": provider.client_secret,
        "code_verifier": challenge.verifier,
    }
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    endpoint = _endpoint(provider, "token_endpoint")
    response = _answer("POST", endpoint, headers=headers, body=urlencode(form).encode())
    answer = _object(response)
    if not response.ok:
        error = str(answer.get("error", ""))
        if error == "invalid_grant":
            raise SignInRefused("the provider refused the code")
        raise ProviderBroken(f"the token endpoint answered {response.status} {error[:60]!r}")
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise ProviderBroken("the token endpoint gave no id_token")
    return _verified(provider, token, challenge.nonce)


def reset() -> None:
    """Forget what was read from providers."""
    _documents.clear()


def _verified(provider: Provider, token: str, nonce: str) -> Mapping[str, Any]:
    import jwt

    try:
        header = jwt.get_unverified_header(token)
        claims: dict[str, Any] = jwt.decode(
            token,
            _key(provider, header),
            algorithms=[_ALGORITHM],
            audience=provider.client_id,
            # Google's tokens may name it without the scheme (Google's OpenID Connect guide, "iss").
            issuer=[provider.issuer, provider.issuer.removeprefix("https://")],
            leeway=LEEWAY,
            options={"require": ["iss", "aud", "sub", "exp", "iat"]},
        )
    except (jwt.PyJWTError, ValueError) as error:
        raise SignInRefused(f"the id_token is not good: {error}") from error
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise SignInRefused("the id_token was made for another sign-in")
    if claims.get("azp", provider.client_id) != provider.client_id:
        raise SignInRefused("the id_token was made for another client")
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
        raise SignInRefused("the id_token has no subject")
    return claims


def _key(provider: Provider, header: Mapping[str, Any]) -> Any:
    """The provider's public key that a token's header names."""
    import jwt

    if header.get("alg") != _ALGORITHM:
        raise SignInRefused("the id_token is not signed with RS256")
    uri, wanted = _endpoint(provider, "jwks_uri"), header.get("kid")
    for max_age in (METADATA_LIFETIME, 0.0):  # an unknown key may have been published a moment ago
        listed = _document(uri, max_age).get("keys")
        keys = [key for key in listed if isinstance(key, dict)] if isinstance(listed, list) else []
        # Only where there is one key may its id be left out (OpenID Connect Core, section 10.1).
        found = keys if wanted is None and len(keys) == 1 else [key for key in keys if key.get("kid") == wanted]
        if found and found[0].get("kty") == "RSA":
            return jwt.PyJWK(found[0], algorithm=_ALGORITHM).key
    raise SignInRefused("the id_token is signed with an unknown key")


def _endpoint(provider: Provider, name: str) -> str:
    metadata = _document(provider.issuer + "/.well-known/openid-configuration", METADATA_LIFETIME)
    endpoint = metadata.get(name)
    if metadata.get("issuer") != provider.issuer or not isinstance(endpoint, str):
        raise ProviderBroken("the discovery document is not the issuer's")
    return endpoint


_documents: dict[str, tuple[float, dict[str, Any]]] = {}


def _document(url: str, max_age: float) -> dict[str, Any]:
    """A provider's JSON document, at most `max_age` seconds old."""
    held = _documents.get(url)
    if held is not None and monotonic() - held[0] < max_age:
        return held[1]
    response = _answer("GET", url, retries=1)
    if not response.ok:
        raise ProviderBroken(f"{url} answered {response.status}")
    found = _object(response)
    _documents[url] = (monotonic(), found)
    return found


def _answer(method: str, url: str, **options: Any) -> outbound.Response:
    try:
        response = outbound.request(method, url, timeout=6.0, **options)
    except outbound.OutboundError as error:
        raise ProviderUnavailable(str(error)) from error
    if response.status == 429 or response.status >= 500:
        raise ProviderUnavailable(f"{url} answered {response.status}")
    return response


def _object(response: outbound.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        raise ProviderBroken(f"{response.url} answered no JSON") from None
    if not isinstance(found, dict):
        raise ProviderBroken(f"{response.url} answered no JSON object")
    return found
