"""Fixtures of the suite's tests: a client of an empty table, and callers of every role."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from quintet.auth import tokens
from quintet.models import new_id, now
from quintet.testing import Client
from softfactory.access.changes import add_user, change_user
from softfactory.access.roles import BUILT_IN_NAMED
from softfactory.people.entities import EmailClaim, HeldRole, Override, User
from softfactory.service import api, store
from tests.conftest import Systems

SignIn = Callable[..., Client]
BASE = "/api"
PASSWORD = "Correct-horse-9"


@pytest.fixture
def suite(system: Systems) -> Client:
    """An anonymous client of the suite, whose table is empty and whose callers no tier limits."""
    system("softfactory", QUINTET_STAGE="local", QUINTET_RATE_LIMITS="off")
    return Client(api)


@pytest.fixture
def sign_in(suite: Client) -> SignIn:
    """`sign_in("moderator")` is a client of a new account with that role."""

    def enter(*roles: str, **fields: Any) -> Client:
        return as_account(suite, make_user(*roles, **fields))

    return enter


@pytest.fixture
def admin(sign_in: SignIn) -> Client:
    return sign_in("admin")


@pytest.fixture
def moderator(sign_in: SignIn) -> Client:
    return sign_in("moderator")


@pytest.fixture
def creator(sign_in: SignIn) -> Client:
    return sign_in("creator")


@pytest.fixture
def user(sign_in: SignIn) -> Client:
    return sign_in("user")


@pytest.fixture
def stranger(sign_in: SignIn) -> Client:
    """Another user, who must not see what `user` has."""
    return sign_in("user")


def make_user(*roles: str, **fields: Any) -> User:
    """An active account with these roles (names of built-in ones, or ids); its address is made from its id unless
    given. It has no password."""
    user_id = new_id()
    names = roles or ("user",)
    held = [HeldRole(role_id=_role_id(name), assigned_at=now()) for name in names]
    values = {"email": f"{names[0]}-{user_id[-6:]}@example.com", "name": names[0].title(), **fields}
    made = User(id=user_id, role="", roles=values.pop("roles", held), email_verified=True, **values)
    tx = store.transaction()
    made = add_user(tx, made)
    tx.create(EmailClaim(email=made.email, user_id=made.id))
    tx.commit()
    return made


def _role_id(name: str) -> str:
    return BUILT_IN_NAMED[name].id if name in BUILT_IN_NAMED else name


def as_account(client: Client, user: User, **claims: Any) -> Client:
    """A client with a good token of this account."""
    token, _ = tokens.issue(user.id, {"epoch": user.epoch, **claims}, timedelta(minutes=15))
    return client.as_caller(token)


def account_of(client: Client) -> User:
    """The account a client calls as, as it is stored now."""
    assert client.token is not None
    user = store.get(User, id=tokens.verify(client.token).subject)
    assert user is not None
    return user


def change(client: Client, **fields: Any) -> User:
    """Change the account of a client as it is stored, such as its status."""
    before = account_of(client)
    tx = store.transaction()
    after = change_user(tx, before, before.model_copy(update=fields))
    tx.commit()
    return after


def lend(client: Client, permission: str, allowed: bool = True, expires_at: datetime | None = None) -> None:
    """Give the account of a client an override of one permission."""
    account = account_of(client)
    made = Override(
        permission=permission, allowed=allowed, created_by=account.id, created_at=now(), expires_at=expires_at
    )
    change(client, overrides=[*account.overrides, made])
