"""Fixtures of the marketplace's tests: a client with a fresh table, and accounts of each role to call as."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import jwt
import pytest

from quintet.auth import tokens
from quintet.models import new_id, now
from quintet.net import aws
from quintet.testing import Client
from stoory.accounts.entities import User
from stoory.profiles.entities import Profile
from stoory.service import Role, api, store
from tests.conftest import Systems
from tests.support.aws import aws_backend

SignIn = Callable[..., Client]


@pytest.fixture
def market(system: Systems) -> Client:
    """An anonymous client of the marketplace, whose table is empty; codes go by SMS, PANs under a fresh KMS key."""
    key = _kms_key()
    system("stoory", QUINTET_SMS_SENDER="QUINTET", QUINTET_KMS_KEY=key)
    return Client(api)


@pytest.fixture
def sign_in(market: Client) -> SignIn:
    """`sign_in("BRAND")` is a client of a new account with that role; `user_of` names the account."""

    def enter(role: str, user_id: str | None = None) -> Client:
        user_id = user_id or new_id()
        proof = (
            {"phone": f"+91{int(user_id[-9:], 16) % 10**10:010d}", "phone_verified": True}
            if role == Role.INFLUENCER
            else {"email": f"{user_id}@example.com", "email_verified": True}
        )
        at = now()
        store.create(User.model_validate({"id": user_id, "role": role, "created_at": at, "updated_at": at, **proof}))
        store.create(Profile(user_id=user_id, updated_at=at))
        token, _ = tokens.issue(user_id, {"role": role}, timedelta(minutes=15))
        return market.as_caller(token)

    return enter


@pytest.fixture
def brand(sign_in: SignIn) -> Client:
    return sign_in("BRAND")


@pytest.fixture
def influencer(sign_in: SignIn) -> Client:
    return sign_in("INFLUENCER")


@pytest.fixture
def admin(sign_in: SignIn) -> Client:
    return sign_in("ADMIN")


def user_of(client: Client) -> str:
    """The id of the account a client calls as, whatever the clock says."""
    assert client.token is not None
    return str(jwt.decode(client.token, options={"verify_signature": False})["sub"])


def _kms_key() -> str:
    with aws_backend():
        return str(aws.client("kms").create_key(Description="tests")["KeyMetadata"]["KeyId"])
