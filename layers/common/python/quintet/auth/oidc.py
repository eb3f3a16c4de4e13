"""Sign-in with an OpenID Connect provider: the authorization-code flow with PKCE.

Sources: OpenID Connect Core 1.0 and Discovery 1.0, RFC 6749, RFC 7636. The id_token is trusted only after its
signature (RS256, by the provider's published keys), issuer, audience, times and nonce were checked. Checking needs
`cryptography`, which is heavy: an operation that calls `identify` declares `layers=("oidc",)`.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

from quintet.auth import code_flow
from quintet.auth.code_flow import Challenge, Client, ProviderBroken, SignInRefused

LEEWAY: Final = 60
"""Seconds by which the provider's clock may differ from ours."""
METADATA_LIFETIME: Final = 3600.0
"""Seconds a provider's metadata and keys are used before they are read again; an unknown key id reads them at once."""
SCOPE: Final = "openid email profile"
_ALGORITHM = "RS256"
_ADDRESS = frozenset({"email", "email_verified"})


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider, and this system as it is registered there."""

    issuer: str
    client: Client
    scope: str = SCOPE
    userinfo: bool = False
    """Whether the id_token leaves out if the e-mail address is verified, so that the userinfo endpoint is asked."""


def authorization_url(provider: Provider, state: str, challenge: Challenge) -> str:
    """Where the user's browser goes to consent. Raises ProviderBroken or ProviderUnavailable."""
    endpoint = _endpoint(provider, "authorization_endpoint")
    return code_flow.request_url(
        endpoint, provider.client, state, challenge, scope=provider.scope, nonce=challenge.nonce
    )


def identify(provider: Provider, code: str, challenge: Challenge) -> Mapping[str, Any]:
    """Trade an authorization code for the claims of a verified id_token, with those of userinfo where that is asked.

    Raises SignInRefused, ProviderBroken or ProviderUnavailable.
    """
    form = code_flow.token_form(provider.client, code, challenge)
    response = code_flow.answer("POST", _endpoint(provider, "token_endpoint"), headers=code_flow.FORM, body=form)
    answer = code_flow.json_object(response)
    if not response.ok:
        error = str(answer.get("error", ""))
        if error == "invalid_grant":
            raise SignInRefused("the provider refused the code")
        raise ProviderBroken(f"the token endpoint answered {response.status} {error[:60]!r}")
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise ProviderBroken("the token endpoint gave no id_token")
    claims = _verified(provider, token, challenge.nonce)
    return _informed(provider, claims, answer.get("access_token")) if provider.userinfo else claims


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
            audience=provider.client.client_id,
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
    if claims.get("azp", provider.client.client_id) != provider.client.client_id:
        raise SignInRefused("the id_token was made for another client")
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
        raise SignInRefused("the id_token has no subject")
    return claims


def _informed(provider: Provider, claims: Mapping[str, Any], access_token: Any) -> Mapping[str, Any]:
    """The claims with those of the userinfo endpoint (OpenID Connect Core, section 5.3).

    The address and whether it is verified come from there alone: each says something only of the other.
    """
    if not code_flow.is_bearer(access_token):
        raise ProviderBroken("the token endpoint gave no access token")
    headers = {"authorization": f"Bearer {access_token}", "accept": "application/json"}
    response = code_flow.answer("GET", _endpoint(provider, "userinfo_endpoint"), headers=headers, retries=1)
    told = code_flow.json_object(response)
    if not response.ok:
        raise ProviderBroken(f"the userinfo endpoint answered {response.status}")
    if str(told.get("sub")) != claims["sub"]:  # section 5.3.2: else it may be about anybody
        raise SignInRefused("the userinfo endpoint tells of another subject")
    return {**{name: value for name, value in claims.items() if name not in _ADDRESS}, **told, "sub": claims["sub"]}


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
    response = code_flow.answer("GET", url, retries=1)
    if not response.ok:
        raise ProviderBroken(f"{url} answered {response.status}")
    found = code_flow.json_object(response)
    _documents[url] = (monotonic(), found)
    return found
