"""Fixtures: providers that run on this machine, and the suite as it is registered with them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest

from infra.local.sign_in import CLIENT_ID, CLIENT_SECRET, Facebook, OpenIdProvider, SignInFaults, SignInServer
from quintet import settings
from quintet.auth import code_flow, oidc
from quintet.keys import keyring
from quintet.net import aws
from quintet.testing import Client
from tests.functions.softfactory.social.flow import PROVIDERS, Social
from tests.support.aws import SECRET


@pytest.fixture(scope="session")
def running() -> Iterator[Mapping[str, SignInServer]]:
    servers = {
        "google": OpenIdProvider("Google"),
        "kakao": OpenIdProvider("Kakao", tells_verified=False),
        "facebook": Facebook(),
    }
    for server in servers.values():
        server.start()
    yield servers
    for server in servers.values():
        server.stop()


@pytest.fixture
def social(suite: Client, running: Mapping[str, SignInServer], monkeypatch: pytest.MonkeyPatch) -> Iterator[Social]:
    """The suite, registered with every provider, which may take their time on a slow machine."""
    oidc.reset()
    monkeypatch.setattr(code_flow, "SECONDS", 60.0)
    values = {
        "QUINTET_GOOGLE_ISSUER": running["google"].url,
        "QUINTET_KAKAO_ISSUER": running["kakao"].url,
        "QUINTET_FACEBOOK_URL": running["facebook"].url,
        "QUINTET_FACEBOOK_GRAPH_URL": running["facebook"].url,
    }
    for name in PROVIDERS:
        values[f"QUINTET_{name.upper()}_CLIENT_ID"] = CLIENT_ID
        values[f"QUINTET_{name.upper()}_REDIRECT_URI"] = f"http://127.0.0.1:8000/{name}"
    held = json.dumps({**SECRET, **{f"{name}_client_secret": CLIENT_SECRET for name in PROVIDERS}})
    aws.client("secretsmanager").put_secret_value(SecretId=settings.settings().secret, SecretString=held)
    keyring.reset()
    with settings.use(values):
        yield Social(suite, running)
    for server in running.values():
        server.faults = SignInFaults()
        server.asked.clear()
