"""People with passwords, and what they do to sign in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from caidence.directory.entities import EmailClaim, Organization, User
from caidence.service import store
from quintet.auth.passwords import hash_password
from quintet.models import new_id
from quintet.testing import Client
from quintet.testing.client import Answer
from tests.functions.caidence.conftest import PASSWORD, make_user

AUTH = "/api/v1/auth"
OTHER_PASSWORD = "Battery-staple-7"


@pytest.fixture
def email() -> str:
    """An address of this test alone: the mocked mail service is the process's."""
    return f"{new_id()}@example.com"


@pytest.fixture
def person(platform: Client, email: str, organization: Organization) -> User:
    """A viewer with a password."""
    return with_password("viewer", organization, email)


def with_password(role: str, organization: Organization | None, email: str, **fields: Any) -> User:
    user = make_user(role, organization, email=email, **fields)
    claim = {"password_hash": hash_password(PASSWORD)}
    store.update(EmailClaim, EmailClaim.key(email=email), put=claim)
    return user


def log_in(client: Client, email: str, password: str = PASSWORD, ip: str | None = None, **more: str) -> Answer:
    form = urlencode({"username": email, "password": password, **more})
    return client.post(f"{AUTH}/login", form, headers={"Content-Type": "application/x-www-form-urlencoded"}, ip=ip)


def session_of(client: Client, email: str, password: str = PASSWORD) -> dict[str, Any]:
    answer = log_in(client, email, password)
    assert answer.status == 200, answer
    session: dict[str, Any] = answer.body
    return session


def signed_in(client: Client, email: str, password: str = PASSWORD) -> Client:
    return client.as_caller(session_of(client, email, password)["access_token"])


def password_hash(email: str) -> str | None:
    claim = store.get(EmailClaim, email=email)
    assert claim is not None
    return claim.password_hash


def named(answer: Answer) -> list[list[Any]]:
    """Where a 422 says that something is wrong."""
    assert answer.status == 422, answer
    return [problem["loc"] for problem in answer.body["detail"]]
