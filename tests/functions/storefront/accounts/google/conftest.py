"""Fixtures: a running OpenID Connect provider, and a shop that is registered with it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from quintet.auth import oidc
from quintet.keys import keyring
from quintet.net import aws
from quintet.testing import Client
from storefront.service import api
from tests.conftest import Systems
from tests.support.aws import SECRET
from tests.support.oidc import CLIENT_ID, CLIENT_SECRET, REDIRECT, OpenIdProvider, open_id_provider


@pytest.fixture(scope="session")
def running() -> Iterator[OpenIdProvider]:
    with open_id_provider() as provider:
        yield provider


@pytest.fixture
def google(running: OpenIdProvider) -> Iterator[OpenIdProvider]:
    oidc.reset()
    yield running
    running.replaced.clear()
    running.asked.clear()


@pytest.fixture
def shop(system: Systems, google: OpenIdProvider) -> Client:
    """A shop that is registered with the provider."""
    found = system(
        "storefront",
        QUINTET_GOOGLE_ISSUER=google.issuer,
        QUINTET_GOOGLE_CLIENT_ID=CLIENT_ID,
        QUINTET_GOOGLE_REDIRECT_URI=REDIRECT,
    )
    value = json.dumps({**SECRET, "google_client_secret": CLIENT_SECRET})
    aws.client("secretsmanager").put_secret_value(SecretId=found.secret, SecretString=value)
    keyring.reset()
    return Client(api)
