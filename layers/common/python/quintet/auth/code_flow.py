"""The authorization-code flow with PKCE, as far as providers of sign-in have it in common (RFC 6749, 4.1; RFC 7636).

`quintet.auth.oidc` adds what OpenID Connect says of it, `quintet.auth.sign_in_flows` keeps the flows under way.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any, Final, TypeGuard
from urllib.parse import urlencode

from quintet.net import outbound

FORM: Final = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
"""Headers of a form that is sent to a token endpoint."""
SECONDS: Final = 6.0
"""What a provider may take for an answer."""
_BEARER = re.compile(r"[A-Za-z0-9._~+/|-]+=*")  # Facebook's may hold a bar, too
_TOO_MANY = 429


class SignInRefused(Exception):
    """The provider refused the code, or what it says proves nothing. The reason is for logs."""


class ProviderBroken(Exception):
    """The provider answered with something that is not the protocol, or it does not know us."""


class ProviderUnavailable(Exception):
    """The provider cannot be reached, or says that it cannot answer now."""


@dataclass(frozen=True, slots=True)
class Client:
    """This system as it is registered with a provider."""

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

    @property
    def code_challenge(self) -> str:
        """What the provider is told of the verifier: method S256 (RFC 7636, section 4.2)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return urlsafe_b64encode(digest).decode().rstrip("=")


def request_url(endpoint: str, client: Client, state: str, challenge: Challenge, **more: str) -> str:
    """Where the user's browser goes to consent; `more` are further parameters, such as `scope`."""
    query = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        **more,
        "state": state,
        "code_challenge": challenge.code_challenge,
        "code_challenge_method": "S256",
    }
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"


def token_form(client: Client, code: str, challenge: Challenge) -> bytes:
    """The body that trades a code for tokens, sent with `FORM`; the client proves itself by its secret in it."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "code_verifier": challenge.verifier,
    }
    return urlencode(form).encode()


def is_bearer(token: Any) -> TypeGuard[str]:
    """Whether something is a token that can be sent in a header (RFC 6750, section 2.1)."""
    return isinstance(token, str) and _BEARER.fullmatch(token) is not None


def answer(method: str, url: str, **options: Any) -> outbound.Response:
    """A provider's answer, of any status but those that say "not now". Raises ProviderUnavailable."""
    try:
        response = outbound.request(method, url, timeout=SECONDS, **options)
    except outbound.OutboundError as error:
        raise ProviderUnavailable(str(error)) from error
    if response.status == _TOO_MANY or response.status >= 500:
        raise ProviderUnavailable(f"{_place(response)} answered {response.status}")
    return response


def json_object(response: outbound.Response) -> dict[str, Any]:
    """An answer's JSON object. Raises ProviderBroken when it has none."""
    try:
        found = response.json()
    except ValueError:
        raise ProviderBroken(f"{_place(response)} answered no JSON") from None
    if not isinstance(found, dict):
        raise ProviderBroken(f"{_place(response)} answered no JSON object")
    return found


def _place(response: outbound.Response) -> str:
    """Where an answer came from, without the query, which may hold a token."""
    return response.url.partition("?")[0]
