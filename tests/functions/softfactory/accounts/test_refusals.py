"""Sign-ins that were refused, as the trail tells of them."""

from __future__ import annotations

from typing import Any

import pytest

from quintet.testing import Client
from softfactory.accounts import passwords, signing_in
from softfactory.accounts.signing_in import Challenge
from softfactory.people.entities import User
from softfactory.service import store
from tests.functions.softfactory.accounts.conftest import AUTH, OTHER_PASSWORD, entries, log_in
from tests.functions.softfactory.conftest import make_user


def refusals() -> list[tuple[str | None, str | None, Any]]:
    """Who acted, whose account it was, and why it was refused."""
    found = sorted(entries("auth.login_refused"), key=lambda each: each.id)
    return [(each.user_id, each.resource_id, (each.after or {})["reason"]) for each in found]


def test_a_wrong_password_is_nobodys_act(suite: Client, person: User) -> None:
    assert log_in(suite, person.email, OTHER_PASSWORD).status == 401
    assert refusals() == [(None, person.id, "invalid_credentials")]


def test_a_lock_is_entered_once(suite: Client, person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PER_ORIGIN", (1, passwords.DAY))
    assert [log_in(suite, person.email, OTHER_PASSWORD).status for _ in range(4)] == [401, 429, 429, 429]
    assert [log_in(suite, "nobody@example.com", OTHER_PASSWORD).status for _ in range(3)] == [401, 429, 429]
    assert refusals() == [
        (None, person.id, "invalid_credentials"), (None, person.id, "too_many_attempts"),
        (None, None, "invalid_credentials"), (None, None, "too_many_attempts"),
    ]  # fmt: skip


def test_challenges_that_are_exhausted_or_made_up_are_entered_once(suite: Client, person: User) -> None:
    spent = Challenge(
        digest=signing_in._digest("spent"), user_id=person.id, epoch=0, method="password", tries=signing_in.TRIES,
        expires_at=2**33,
    )  # fmt: skip
    store.create(spent)
    for token in ("spent", "spent", "made up", "made up"):
        answer = suite.post(f"{AUTH}/verify-2fa", {"challenge_token": token, "code": "123456"})
        assert (answer.status, answer.error["code"]) == (401, "invalid_challenge")
    assert refusals() == [(None, person.id, "invalid_challenge"), (None, None, "invalid_challenge")]


def test_mock_sign_in_as_a_real_person_is_entered(suite: Client) -> None:
    real = make_user("user")
    assert suite.post(f"{AUTH}/oauth/mock/login", {"email": real.email}).status == 404
    assert refusals() == [(None, real.id, "mock_user_not_found")]


def test_callbacks_that_are_refused_are_entered_once(suite: Client) -> None:
    for _ in range(2):
        assert suite.get(f"{AUTH}/oauth/google/callback?error=access_denied").status == 400
    assert refusals() == [(None, None, "oauth_refused")]


def test_the_wish_to_be_deleted_is_told_with_its_date_and_when_it_is_taken_back(suite: Client, person: User) -> None:
    caller = suite.as_caller(log_in(suite, person.email).body["access_token"])
    assert caller.delete(f"{AUTH}/account").status == 204
    assert log_in(suite, person.email).status == 200
    (wish,), back = entries("user.delete"), max(entries("auth.login"), key=lambda each: each.id)
    assert wish.before == {"deletion_due": None}
    assert wish.after is not None
    assert wish.after == back.before
    assert wish.after["deletion_due"] is not None
    assert (back.after or {})["deletion_cancelled"] is True
