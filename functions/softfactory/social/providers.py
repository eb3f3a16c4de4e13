"""The providers of sign-in, each as this system is registered with it.

Settings: `QUINTET_<PROVIDER>_CLIENT_ID` and `QUINTET_<PROVIDER>_REDIRECT_URI`, and in the system's secret
`<provider>_client_secret`; a provider that lacks one of them is not configured. Where it is: `QUINTET_GOOGLE_ISSUER`,
`QUINTET_KAKAO_ISSUER`, `QUINTET_FACEBOOK_URL` and `QUINTET_FACEBOOK_GRAPH_URL`, the providers' own when absent.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from quintet.api import ErrorType
from quintet.auth import oidc
from quintet.auth.code_flow import Challenge, Client
from quintet.keys.keyring import secret
from quintet.settings import settings
from softfactory.accounts.identities import Provider
from softfactory.social.facebook import DIALOG, GRAPH, Facebook
from softfactory.social.identity import Identity

GOOGLE: Final = "https://accounts.google.com"
KAKAO: Final = "https://kauth.kakao.com"
KAKAO_SCOPE: Final = "openid account_email profile_nickname"
"""Kakao's own names of what OpenID Connect calls `email` and `profile` (Kakao Developers, "Scopes")."""

NOT_CONFIGURED = ErrorType(503, "oauth_not_configured", "Signing in with this provider is not configured")


class Port(Protocol):
    """What is asked of a provider. Both raise ProviderBroken or ProviderUnavailable, `identify` also SignInRefused."""

    def consent_url(self, state: str, challenge: Challenge) -> str: ...

    def identify(self, code: str, challenge: Challenge) -> Identity: ...


@dataclass(frozen=True, slots=True)
class OpenId:
    """A provider that speaks OpenID Connect."""

    name: Provider
    registered: oidc.Provider

    def consent_url(self, state: str, challenge: Challenge) -> str:
        return oidc.authorization_url(self.registered, state, challenge)

    def identify(self, code: str, challenge: Challenge) -> Identity:
        return Identity.of(self.name, oidc.identify(self.registered, code, challenge))


def google() -> Port:
    """Google. Raises 503 when it is not configured."""
    client = _client("QUINTET_GOOGLE_CLIENT_ID", "QUINTET_GOOGLE_REDIRECT_URI", "google_client_secret")
    return OpenId("google", oidc.Provider(_base("QUINTET_GOOGLE_ISSUER", GOOGLE), client))


def kakao() -> Port:
    """Kakao, whose id_token does not say whether an address is verified. Raises 503 when it is not configured."""
    client = _client("QUINTET_KAKAO_CLIENT_ID", "QUINTET_KAKAO_REDIRECT_URI", "kakao_client_secret")
    issuer = _base("QUINTET_KAKAO_ISSUER", KAKAO)
    return OpenId("kakao", oidc.Provider(issuer, client, scope=KAKAO_SCOPE, userinfo=True))


def facebook() -> Port:
    """Facebook. Raises 503 when it is not configured."""
    client = _client("QUINTET_FACEBOOK_CLIENT_ID", "QUINTET_FACEBOOK_REDIRECT_URI", "facebook_client_secret")
    return Facebook(client, _base("QUINTET_FACEBOOK_URL", DIALOG), _base("QUINTET_FACEBOOK_GRAPH_URL", GRAPH))


def _client(client_id: str, redirect_uri: str, secret_name: str) -> Client:
    found = settings().get(client_id), str(secret().get(secret_name) or ""), settings().get(redirect_uri)
    if not all(found):
        raise NOT_CONFIGURED()
    return Client(*found)


def _base(setting: str, default: str) -> str:
    return settings().get(setting, default).rstrip("/")
