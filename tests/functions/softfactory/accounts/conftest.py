"""People with passwords, and what they do to sign in."""

from __future__ import annotations

from typing import Any

import pytest

from quintet.auth.passwords import hash_password
from quintet.models import new_id
from quintet.net import aws
from quintet.testing import Client
from quintet.testing.client import Answer
from softfactory.people.entities import EmailClaim, User
from softfactory.service import api, store
from softfactory.trail.log import Entry
from tests.conftest import Systems
from tests.functions.softfactory.conftest import PASSWORD, make_user
from tests.support.aws import aws_backend

AUTH = "/api/auth"
OTHER_PASSWORD = "Battery-staple-7"


@pytest.fixture
def suite(system: Systems) -> Client:
    """An anonymous client of the suite, which has a key to seal secrets under."""
    with aws_backend():
        key = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    system("softfactory", QUINTET_STAGE="local", QUINTET_RATE_LIMITS="off", QUINTET_KMS_KEY=key)
    return Client(api)


@pytest.fixture
def email() -> str:
    """An address of this test alone: the mocked mail service is the process's."""
    return f"{new_id()}@example.com"


@pytest.fixture
def person(suite: Client, email: str) -> User:
    """A user with a password."""
    return with_password("user", email=email)


def with_password(*roles: str, **fields: Any) -> User:
    user = make_user(*roles, **fields)
    claim = {"password_hash": hash_password(PASSWORD)}
    store.update(EmailClaim, EmailClaim.key(email=user.email), put=claim)
    return user


def log_in(client: Client, email: str, password: str = PASSWORD, ip: str | None = None) -> Answer:
    return client.post(f"{AUTH}/login", {"email": email, "password": password}, ip=ip)


def session_of(client: Client, email: str, password: str = PASSWORD) -> dict[str, Any]:
    answer = log_in(client, email, password)
    assert answer.status == 200, answer
    session: dict[str, Any] = answer.body
    return session


def signed_in(client: Client, email: str, password: str = PASSWORD) -> Client:
    return client.as_caller(session_of(client, email, password)["access_token"])


def stored(user: User) -> User:
    found = store.get(User, id=user.id)
    assert found is not None
    return found


def refusal(answer: Answer) -> tuple[int, str]:
    """The status and the code of an answer."""
    return answer.status, answer.body["error"]["code"]


def entries(action: str) -> list[Entry]:
    """What the trail says was done, newest first."""
    return [entry for entry in store.query(Entry, reverse=True).items if entry.action == action]
