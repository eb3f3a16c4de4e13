"""Fixtures: providers that run on this machine, and the suite as it is registered with them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest

from infra.local.sign_in import SignInFaults, SignInServer
from quintet import settings
from quintet.auth import code_flow, oidc
from quintet.keys import keyring
from quintet.net import aws
from quintet.testing import Client
from tests.functions.softfactory.social.flow import Social
from tests.support.aws import SECRET
from tests.support.sign_in import SECRETS, providers, registration


@pytest.fixture(scope="session")
def running() -> Iterator[Mapping[str, SignInServer]]:
    with providers() as servers:
        yield servers


@pytest.fixture
def social(suite: Client, running: Mapping[str, SignInServer], monkeypatch: pytest.MonkeyPatch) -> Iterator[Social]:
    """The suite, registered with every provider, which may take their time on a slow machine."""
    oidc.reset()
    monkeypatch.setattr(code_flow, "SECONDS", 60.0)
    values = {f"QUINTET_{name}": value for name, value in registration(running).items()}
    held = json.dumps({**SECRET, **SECRETS})
    aws.client("secretsmanager").put_secret_value(SecretId=settings.settings().secret, SecretString=held)
    keyring.reset()
    with settings.use(values):
        yield Social(suite, running)
    for server in running.values():
        server.faults = SignInFaults()
        server.asked.clear()
