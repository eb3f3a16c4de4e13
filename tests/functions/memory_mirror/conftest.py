"""Fixtures of Memory Mirror's tests: a client with a fresh table, and accounts of each role to call as."""

from __future__ import annotations

from typing import Any, Protocol

import jwt
import pytest

from memory_mirror.model.accounts import Account, EmailClaim, Role
from memory_mirror.service import api, store
from quintet.models import new_id
from quintet.testing import Client
from tests.conftest import Systems
from tests.support.clock import lasting_token


class SignIn(Protocol):
    """`sign_in("caregiver")` is a client of a new account with that role; `email` names it."""

    def __call__(self, role: Role = "user", email: str | None = None) -> Client: ...


class MakePatient(Protocol):
    """`make_patient(client, caregivers=[…])` makes a patient as that client and answers it as the API shows it."""

    def __call__(self, client: Client, **fields: Any) -> dict[str, Any]: ...


@pytest.fixture
def mirror(system: Systems) -> Client:
    """An anonymous client of the companion, whose table is empty."""
    system("memory_mirror")
    return Client(api)


@pytest.fixture
def sign_in(mirror: Client) -> SignIn:
    def enter(role: Role = "user", email: str | None = None) -> Client:
        account = Account(email=email or f"{new_id()}@example.com", full_name="Rose Miller", role=role, confirmed=True)
        store.create(account)
        store.create(EmailClaim(email=account.email, user_id=account.id, password_hash="-"))
        claims = {"role": role, "email": account.email, "name": account.full_name, "confirmed": True}
        return mirror.as_caller(lasting_token(account.id, claims))

    return enter


@pytest.fixture
def rose(sign_in: SignIn) -> Client:
    """The person whom most tests are about."""
    return sign_in("user", "rose@example.com")


@pytest.fixture
def carer(sign_in: SignIn) -> Client:
    """A caregiver whom nobody has named yet: carer@example.com."""
    return sign_in("caregiver", "carer@example.com")


@pytest.fixture
def admin(sign_in: SignIn) -> Client:
    return sign_in("admin", "admin@example.com")


@pytest.fixture
def make_patient(mirror: Client) -> MakePatient:
    def make(client: Client, **fields: Any) -> dict[str, Any]:
        answer = client.post("/entities/Patient", {"name": "Rose Miller", "caregivers": [], **fields})
        assert answer.status == 201, answer.body
        return dict(answer.body)

    return make


def subject_of(client: Client) -> str:
    """The account a client calls as: the subject of its own data."""
    assert client.token is not None
    return str(jwt.decode(client.token, options={"verify_signature": False})["sub"])
