"""The profile: who the caller is and which roles it holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from quintet.auth import tokens
from quintet.models import new_id
from quintet.testing import Client
from storefront.access import role_store
from storefront.access.roles import find_role
from tests.functions.storefront.conftest import SignIn
from tests.support.calls import recorded

JOHN = {
    "email": "user@example.com",
    "password": "SecurePassword123!",
    "first_name": "John",
    "last_name": "Doe",
}


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_the_profile_is_the_caller_with_its_roles(shop: Client, version: Any) -> None:
    session = shop.post("/api/v1/auth/register", JOHN).data
    caller = shop.as_caller(session["access_token"]).speaking(version)
    with recorded() as calls:
        answer = caller.get("/api/v1/auth/profile")
    assert answer.status == 200
    assert answer.body == {
        "data": {
            "user": {
                "id": session["user"]["id"],
                "email": "user@example.com",
                "first_name": "John",
                "last_name": "Doe",
                "active": True,
                "email_verified": False,
            },
            "roles": ["user"],
        }
    }
    assert calls.names == ["BatchGetItem"]


def test_the_profile_names_all_roles_as_they_are_called_now(shop: Client, sign_in: SignIn) -> None:
    caller = sign_in("manager", "admin")
    assert caller.get("/api/v1/auth/profile").data["roles"] == ["admin", "manager", "user"]
    for role_id, name in (("manager", "boss"), ("user", "customer")):
        role = find_role(role_id)
        assert role is not None
        role_store.edit(role, name=name, description="")
    assert caller.get("/api/v1/auth/profile").data["roles"] == ["admin", "boss", "customer"]


def test_the_profile_is_asked_for_with_a_token(shop: Client) -> None:
    answer = shop.get("/api/v1/auth/profile")
    assert answer.status == 401
    assert answer.body == {"error": {"code": "unauthorized", "message": "Authentication required"}}
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_caller_without_an_account_has_no_profile(shop: Client) -> None:
    token, _ = tokens.issue(new_id(), {"email": "gone@example.com"}, timedelta(minutes=1))
    answer = shop.as_caller(token).get("/api/v1/auth/profile")
    assert answer.status == 404
    assert answer.body == {"error": {"code": "user_not_found", "message": "User not found"}}
