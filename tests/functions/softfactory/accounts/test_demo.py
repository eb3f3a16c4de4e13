"""Accounts made at a terminal."""

from __future__ import annotations

import pytest

from quintet.testing import Client
from softfactory.accounts.demo import PASSWORD, PEOPLE, ensure_account, make_admin, seed_accounts
from tests.functions.softfactory.accounts.conftest import AUTH, log_in, refusal, signed_in, stored, with_password
from tests.functions.softfactory.accounts.test_sign_in import alter


def test_everybody_of_the_demo_signs_in_with_the_usual_password(suite: Client) -> None:
    made = seed_accounts()
    assert seed_accounts() == made
    for role, email, name in PEOPLE:
        shown = signed_in(suite, email, PASSWORD).get(f"{AUTH}/user").body
        assert (shown["role"], shown["name"], shown["email_verified"]) == (role, name, True)


def test_the_first_administrator_is_made_with_a_password_that_is_told_once(suite: Client, email: str) -> None:
    password = make_admin(email)
    assert password is not None
    assert signed_in(suite, email, password).get(f"{AUTH}/user").body["role"] == "admin"
    assert make_admin(email) is None
    assert log_in(suite, email, password).status == 200


def test_an_account_that_is_there_becomes_one_and_keeps_password_and_roles(suite: Client, email: str) -> None:
    user = with_password("creator", email=email)
    alter(user, status="suspended")
    assert make_admin(email) is None
    shown = signed_in(suite, email).get(f"{AUTH}/user").body
    assert (shown["role"], shown["roles"], shown["status"]) == ("admin", ["admin", "creator"], "active")


def test_whoever_signed_up_with_the_address_first_does_not_become_one(suite: Client, email: str) -> None:
    user = with_password("user", email=email)
    alter(user, email_verified=False)
    with pytest.raises(ValueError, match="never confirmed"):
        make_admin(email)
    assert stored(user).role == "user"


def test_the_only_administrator_made_so_is_the_last_one(suite: Client, email: str) -> None:
    password = make_admin(email)
    assert password is not None
    assert refusal(signed_in(suite, email, password).delete(f"{AUTH}/account")) == (409, "last_admin")
    user, made = ensure_account(email, "Somebody Else", "user", "Another-one-8")
    assert (made, user.role) == (False, "admin")
