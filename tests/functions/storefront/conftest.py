"""Fixtures of the shop's tests: a client with a fresh table, and accounts to call as."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from quintet.auth import tokens
from quintet.models import new_id, now
from quintet.testing import Client
from storefront.accounts.entities import Account
from storefront.service import api, store
from tests.conftest import Systems

SignIn = Callable[..., Client]


@pytest.fixture
def shop(system: Systems) -> Client:
    """An anonymous client of the shop, whose table is empty."""
    system("storefront")
    return Client(api)


@pytest.fixture
def sign_in(shop: Client) -> SignIn:
    """`sign_in("manager")` is a client of a new account with those roles beside `user`."""

    def enter(*roles: str) -> Client:
        account = Account(
            id=new_id(),
            email=f"{new_id()}@example.com",
            first_name="Kim",
            last_name="Lee",
            roles=dict.fromkeys(("user", *roles), True),
            created_at=now(),
            updated_at=now(),
        )
        store.create(account)
        token, _ = tokens.issue(account.id, {"email": account.email}, timedelta(minutes=15))
        return shop.as_caller(token)

    return enter


@pytest.fixture
def manager(sign_in: SignIn) -> Client:
    """A client who may manage products, stock, promotions and orders."""
    return sign_in("manager")
