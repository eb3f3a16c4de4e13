"""The providers of sign-in that the suite knows, running on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlsplit

import httpx

from infra.local.sign_in import CLIENT_ID, CLIENT_SECRET, Facebook, OpenIdProvider, SignInServer

SECRETS = {f"{name}_client_secret": CLIENT_SECRET for name in ("google", "kakao", "facebook")}
"""What the system's secret holds for them."""


@contextmanager
def providers() -> Iterator[Mapping[str, SignInServer]]:
    """Google, Kakao and Facebook, by their names."""
    servers: dict[str, SignInServer] = {
        "google": OpenIdProvider("Google"),
        "kakao": OpenIdProvider("Kakao", tells_verified=False),
        "facebook": Facebook(),
    }
    for server in servers.values():
        server.start()
    try:
        yield servers
    finally:
        for server in servers.values():
            server.stop()


def registration(servers: Mapping[str, SignInServer]) -> dict[str, str]:
    """How the suite is registered with them: its settings, without their common beginning."""
    found = {
        "GOOGLE_ISSUER": servers["google"].url,
        "KAKAO_ISSUER": servers["kakao"].url,
        "FACEBOOK_URL": servers["facebook"].url,
        "FACEBOOK_GRAPH_URL": servers["facebook"].url,
    }
    for name in servers:
        found[f"{name.upper()}_CLIENT_ID"] = CLIENT_ID
        found[f"{name.upper()}_REDIRECT_URI"] = f"http://127.0.0.1:8000/{name}"
    return found


def consented(address: str, account: str) -> dict[str, str]:
    """What a provider sends back of somebody who consents: `code` and `state`."""
    answer = httpx.get(f"{address}&account={account}", trust_env=False)
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))
