"""Accounts made at a terminal."""

from __future__ import annotations

import pytest

from caidence.access import audit
from caidence.accounts.demo import ensure_account, make_admin
from caidence.directory.entities import EmailClaim, Organization, User
from caidence.service import store
from quintet.models import SkipQuery
from quintet.testing import Client
from tests.functions.caidence.accounts.conftest import AUTH, log_in, signed_in
from tests.functions.caidence.conftest import PASSWORD


def owner(email: str) -> User:
    claim = store.get(EmailClaim, email=email)
    assert claim is not None
    user = store.get(User, id=claim.user_id)
    assert user is not None
    return user


def test_the_first_root_is_made_with_a_password_that_is_told_once(platform: Client, email: str) -> None:
    password = make_admin(email)
    assert password is not None
    assert signed_in(platform, email, password).get(f"{AUTH}/me").body["role"] == "root"
    assert make_admin(email) is None
    assert log_in(platform, email, password).status == 200


def test_an_account_that_is_there_becomes_root_and_keeps_its_password(
    platform: Client, organization: Organization, email: str
) -> None:
    user, made = ensure_account(email, "Ada Lovelace", "viewer", PASSWORD, organization.id)
    assert made
    store.replace(user, user.model_copy(update={"is_active": False}))
    assert make_admin(email) is None
    after = owner(email)
    assert (after.role, after.is_active, after.organization_id) == ("root", True, organization.id)
    assert signed_in(platform, email).get(f"{AUTH}/me").status == 200
    (entry,) = audit.page(SkipQuery(), "role.assign", user.id).items
    assert (entry.actor_id, entry.after) == ("operator", {"role": "root", "is_active": True})


def test_an_account_is_made_once(platform: Client, email: str) -> None:
    first, made = ensure_account(email, "Ada Lovelace", "viewer", PASSWORD)
    again, made_again = ensure_account(email, "Somebody Else", "root", "Another-one-8")
    assert (made, made_again, again.id, again.role) == (True, False, first.id, "viewer")
    assert log_in(platform, email).status == 200


def test_whoever_registered_with_the_address_first_does_not_become_root(platform: Client, email: str) -> None:
    body = {"email": email, "password": PASSWORD, "full_name": "Not Ada"}
    assert platform.post(f"{AUTH}/register", body).status == 200
    with pytest.raises(ValueError, match="was not approved"):
        make_admin(email)
    assert (owner(email).role, owner(email).is_approved) == ("viewer", False)
