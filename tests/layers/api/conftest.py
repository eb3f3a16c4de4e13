"""The system of notes with an empty table, and clients of both payload formats."""

from collections.abc import Callable
from datetime import timedelta
from typing import get_args

import pytest

from quintet.auth.tokens import issue
from quintet.settings import Settings
from quintet.testing import Client
from quintet.testing.events import Version
from tests.layers.api.noted import chores, notes, talk
from tests.layers.api.noted.service import api

DOMAINS = (chores, notes, talk)
"""Imported here, so that every test sees all operations."""


@pytest.fixture(params=get_args(Version))
def client(request: pytest.FixtureRequest, table: Settings) -> Client:
    """An anonymous client; each test that takes it runs with payload format 1.0 and 2.0."""
    return Client(api, version=request.param)


@pytest.fixture
def token(table: Settings) -> Callable[..., str]:
    """`token("ann", role="writer")` is an access token."""

    def make(subject: str, **claims: str) -> str:
        return issue(subject, claims, timedelta(minutes=15))[0]

    return make
