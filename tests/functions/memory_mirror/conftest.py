"""Fixtures of Memory Mirror's tests: a client with a fresh table, and accounts of each role to call as."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Protocol

import jwt
import pytest

from memory_mirror.accounts.entities import Account, EmailClaim, Role
from memory_mirror.entities import kinds
from memory_mirror.records.record import Record, create, new
from memory_mirror.service import api, store
from quintet.keys import keyring
from quintet.models import new_id
from quintet.models.time import FrozenClock, frozen
from quintet.net import aws
from quintet.settings import settings
from quintet.testing import Client
from tests.conftest import Systems
from tests.functions.memory_mirror.lives import INTERESTS, MEMORIES, NAMES
from tests.functions.memory_mirror.rosa import account
from tests.support.aws import SECRET
from tests.support.clock import lasting_token

MORNING = datetime(2026, 11, 20, 8, 0, 20, tzinfo=UTC)
Configure = Callable[..., None]
Keep = Callable[..., Record]
Settle = Callable[..., list[str]]


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


@pytest.fixture
def configure(mirror: Client) -> Configure:
    """`configure(elevenlabs_api_key="…")` puts values into the system's secret beside its keys."""

    def put(**values: str) -> None:
        text = json.dumps({**SECRET, **values})
        aws.client("secretsmanager").put_secret_value(SecretId=settings().secret, SecretString=text)
        keyring.reset()

    return put


@pytest.fixture
def clock(mirror: Client) -> Iterator[FrozenClock]:
    """The clock, stopped on a Friday a little after 08:00 UTC, which is 09:00 in Berlin."""
    with frozen(MORNING) as stopped:
        yield stopped


@pytest.fixture
def rosa(clock: FrozenClock) -> str:
    """The person whom the clock's tests are about: the account rosa@example.com."""
    return account()


@pytest.fixture
def keep(rose: Client) -> Keep:
    """`keep("Memory", title=…)` stores a record of Rose's."""

    def store(kind: str, **fields: Any) -> Record:
        return create(new(kinds.KINDS[kind], subject_of(rose), "rose@example.com", **fields))

    return store


@pytest.fixture
def settle(keep: Keep) -> Settle:
    """`settle("de", cognitive_level="mild")` gives Rose a profile and three good memories in a language: their ids."""

    def live(language: str = "en", **profile: Any) -> list[str]:
        fields: dict[str, Any] = {
            "full_name": f"{NAMES[language]} Miller", "language": language, "interests": list(INTERESTS[language]),
            "favourite_era": "1950s", **profile,
        }  # fmt: skip
        keep("UserProfile", **fields)
        return [
            keep("Memory", title=title, content=text, era=era, sentiment="positive").id
            for title, text, era in MEMORIES[language]
        ]

    return live


def subject_of(client: Client) -> str:
    """The account a client calls as: the subject of its own data."""
    assert client.token is not None
    return str(jwt.decode(client.token, options={"verify_signature": False})["sub"])
