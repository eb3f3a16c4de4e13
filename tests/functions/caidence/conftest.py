"""Fixtures of the platform's tests: a client of an empty table in production, organizations, callers of every role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from caidence.access.changes import count_root
from caidence.access.grants import Grants, Override, ScopeType
from caidence.directory.entities import Brand, EmailClaim, Organization, User
from caidence.service import api, store
from quintet.auth import tokens
from quintet.messaging import queue as queues
from quintet.models import new_id
from quintet.models.time import frozen
from quintet.testing import Client
from tests.conftest import Systems
from tests.support.line import Line

SignIn = Callable[..., Client]
BASE = "/api/v1"
PASSWORD = "Correct-horse-9"


@pytest.fixture
def platform(system: Systems) -> Client:
    """An anonymous client of the platform in production, whose table is empty."""
    system("caidence", QUINTET_ENVIRONMENT="production")
    return Client(api)


@pytest.fixture
def development(system: Systems) -> Client:
    """An anonymous client of the platform in development: it acts as the default account."""
    system("caidence", QUINTET_ENVIRONMENT="development")
    return Client(api)


@pytest.fixture
def organization(platform: Client) -> Organization:
    """The organization that callers belong to unless they say otherwise."""
    return make_organization("Acme")


@pytest.fixture
def other(platform: Client) -> Organization:
    """Another organization, whose rows must stay out of sight."""
    return make_organization("Rival")


@pytest.fixture
def sign_in(platform: Client, organization: Organization) -> SignIn:
    """`sign_in("viewer")` is a client of a new account with that role; `organization=None` puts it into none."""

    def enter(role: str, organization: Organization | None = organization, **fields: Any) -> Client:
        return as_account(platform, make_user(role, organization, **fields))

    return enter


@pytest.fixture
def root(sign_in: SignIn) -> Client:
    return sign_in("root", None)


@pytest.fixture
def super_admin(sign_in: SignIn) -> Client:
    return sign_in("super_admin", None)


@pytest.fixture
def agency_admin(sign_in: SignIn) -> Client:
    return sign_in("agency_admin")


@pytest.fixture
def member(sign_in: SignIn) -> Client:
    return sign_in("agency_member")


@pytest.fixture
def viewer(sign_in: SignIn) -> Client:
    return sign_in("viewer")


@pytest.fixture
def line(platform: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """The job queue in memory, over a clock that stands still."""
    with frozen() as clock:
        found = Line(clock)
        monkeypatch.setattr(queues, "send", found.send)
        yield found


def make_organization(name: str) -> Organization:
    return store.create(Organization(name=name, slug=f"{name.lower()}-{new_id()[-6:]}"))


def make_brand(organization: Organization, name: str = "Fizz") -> Brand:
    return store.create(Brand(organization_id=organization.id, name=name, slug=f"{name.lower()}-{new_id()[-6:]}"))


def make_user(role: str, organization: Organization | None, **fields: Any) -> User:
    """An approved, active account; its e-mail address is made from its id unless given. It has no password."""
    user_id = new_id()
    values = {"email": f"{role}-{user_id[-6:]}@example.com", "full_name": role.title(), "is_approved": True, **fields}
    user = User(id=user_id, role=role, organization_id=organization.id if organization else None, **values)
    tx = store.transaction()
    tx.create(user)
    tx.create(EmailClaim(email=user.email, user_id=user.id))
    count_root(tx, None, user)
    tx.commit()
    return user


def as_account(client: Client, user: User) -> Client:
    """A client with a good token of this account."""
    token, _ = tokens.issue(user.id, {"epoch": user.epoch}, timedelta(minutes=30))
    return client.as_caller(token)


def account_of(client: Client) -> User:
    """The account a client calls as, as it is stored now."""
    assert client.token is not None
    user = store.get(User, id=tokens.verify(client.token).subject)
    assert user is not None
    return user


def lend(client: Client, permission: str, allowed: bool = True, scope: ScopeType = "global", id: str = "") -> Override:
    """Give the account of a client an override of one permission."""
    user_id = account_of(client).id
    resource, _, action = permission.partition(":")
    grants = store.get(Grants, user_id=user_id)
    later = grants.model_copy(deep=True) if grants else Grants(user_id=user_id, version=1)
    override = Override(
        id=later.numbered_id(), resource=resource, action=action, scope_type=scope, scope_id=id or None,
        is_allowed=allowed, created_by=user_id,
    )  # fmt: skip
    later.overrides.append(override)
    if grants is None:
        store.create(later)
    else:
        store.replace(grants, later)
    return override
