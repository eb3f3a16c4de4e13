"""The caller's own account: what it says of itself, and the wish to be deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from quintet.models.time import FrozenClock
from quintet.testing import Client
from softfactory.accounts import sessions
from softfactory.people.entities import User
from softfactory.service import store
from tests.conftest import NOON
from tests.functions.softfactory.accounts.conftest import AUTH, entries, refusal, session_of, stored
from tests.functions.softfactory.conftest import SignIn, account_of, change
from tests.support.aws import in_threads

PATH = f"{AUTH}/profile"
WHOLE = {
    "name": "아다 러브레이스",
    "avatar_url": "https://example.com/ada.png",
    "bio": "첫 프로그래머\nLondon",
    "language": "en",
    "timezone": "Europe/London",
}


def test_a_profile_is_changed_and_shown(noon: FrozenClock, user: Client) -> None:
    before = user.get(f"{AUTH}/user").body
    answer = user.put(PATH, WHOLE)
    assert (answer.status, answer.body) == (200, {**before, **WHOLE})
    assert user.get(f"{AUTH}/user").body == answer.body
    assert account_of(user).updated_at == NOON


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_left_out_stays_and_null_clears_only_the_avatar(user: Client, name: str) -> None:
    before = user.put(PATH, WHOLE).body
    assert user.put(PATH, {}).body == before
    after = before if name != "avatar_url" else {**before, "avatar_url": None}
    assert user.put(PATH, {name: None}).body == after


def test_an_empty_bio_empties_it(user: Client) -> None:
    user.put(PATH, WHOLE)
    assert user.put(PATH, {"bio": " "}).body["bio"] == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", ""),
        ("name", " \u200b "),
        ("name", "x" * 201),
        ("name", "a\u202eb"),
        ("avatar_url", ""),
        ("avatar_url", "javascript:alert(1)"),
        ("avatar_url", "data:image/png;base64,AAAA"),
        ("avatar_url", "//example.com/a.png"),
        ("avatar_url", "https://user@example.com/a.png"),
        ("avatar_url", "https://example.com/a b"),
        ("bio", "x" * 2001),
        ("bio", 7),
        ("language", "de"),
        ("language", ""),
        ("timezone", "Mars/Olympus"),
        ("timezone", ""),
    ],
)
def test_what_cannot_be_taken_is_named_and_changes_nothing(user: Client, name: str, value: Any) -> None:
    before = account_of(user)
    answer = user.put(PATH, {**WHOLE, name: value})
    assert refusal(answer) == (422, "validation_error")
    assert [problem["field"] for problem in answer.body["error"]["details"]] == [name]
    assert account_of(user) == before


@pytest.mark.parametrize("name", ["email", "role", "roles", "status", "email_verified", "premium", "epoch", "user_id"])
def test_nothing_else_is_changed_that_way(user: Client, name: str) -> None:
    before = account_of(user)
    answer = user.put(PATH, {name: "admin"})
    assert answer.status in {200, 422}
    assert account_of(user) == before


def test_changes_at_once_of_different_fields_all_hold(user: Client) -> None:
    given = list(WHOLE.items())
    answers = in_threads(len(given), lambda number: user.put(PATH, dict([given[number]])).status)
    assert answers == [200] * len(given)
    shown = user.get(f"{AUTH}/user").body
    assert {name: shown[name] for name in WHOLE} == WHOLE


def test_nobody_changes_a_profile_without_a_token(suite: Client) -> None:
    assert refusal(suite.put(PATH, {"name": 7})) == (401, "unauthorized")
    assert refusal(suite.delete(f"{AUTH}/account")) == (401, "unauthorized")


def test_what_an_administrator_changes_in_somebodys_name_enters_into_the_trail(
    suite: Client, admin: Client, user: Client
) -> None:
    person, administrator = account_of(user), account_of(admin)
    user.put(PATH, {"bio": "mine"})
    assert entries("user.update") == []
    acting = suite.as_caller(sessions.impersonated(person, administrator))
    assert acting.put(PATH, {"bio": "theirs"}).status == 200
    (entry,) = entries("user.update")
    assert (entry.user_id, entry.on_behalf, entry.resource_id) == (person.id, administrator.id, person.id)
    assert (entry.before, entry.after) == ({"bio": "mine"}, {"bio": "theirs"})


def test_a_deleted_account_is_nobodys_at_once(noon: FrozenClock, suite: Client, person: User) -> None:
    here, there = session_of(suite, person.email), session_of(suite, person.email)
    caller = suite.as_caller(here["access_token"])
    answer = caller.delete(f"{AUTH}/account")
    assert (answer.status, answer.raw) == (204, b"")
    for session in (here, there):
        assert suite.as_caller(session["access_token"]).get(f"{AUTH}/user").status == 401
        assert suite.post(f"{AUTH}/refresh", {"refresh_token": session["refresh_token"]}).status == 401
    assert caller.delete(f"{AUTH}/account").status == 401
    kept = stored(person)
    assert (kept.deletion_due, kept.due, kept.is_deleted) == (
        NOON + timedelta(days=30), "2026-12-30T12:00:00Z", True,
    )  # fmt: skip
    assert [(entry.user_id, entry.resource_id) for entry in entries("user.delete")] == [(person.id, person.id)]


def test_of_many_deletions_at_once_one_counts(suite: Client, person: User) -> None:
    caller = suite.as_caller(session_of(suite, person.email)["access_token"])
    answers = in_threads(8, lambda _: caller.delete(f"{AUTH}/account").status)
    assert set(answers) <= {204, 401}
    assert 204 in answers
    assert (stored(person).epoch, len(entries("user.delete"))) == (1, 1)


def test_the_last_administrator_stays(suite: Client, sign_in: SignIn) -> None:
    first, second = sign_in("admin"), sign_in("admin")
    assert first.delete(f"{AUTH}/account").status == 204
    assert refusal(second.delete(f"{AUTH}/account")) == (409, "last_admin")
    assert second.get(f"{AUTH}/user").status == 200


def test_the_last_administrators_do_not_go_together(suite: Client, sign_in: SignIn) -> None:
    admins = [sign_in("admin") for _ in range(4)]
    answers = in_threads(4, lambda number: admins[number].delete(f"{AUTH}/account").status)
    assert sorted(answers) == [204, 204, 204, 409]  # type: ignore[type-var]


@pytest.mark.parametrize("status", ["suspended", "banned", "deactivated"])
def test_a_closed_account_changes_nothing_of_itself(user: Client, status: str) -> None:
    change(user, status=status)
    assert refusal(user.put(PATH, WHOLE)) == (403, f"account_{status}")
    assert refusal(user.delete(f"{AUTH}/account")) == (403, f"account_{status}")
    assert store.get(User, id=account_of(user).id) is not None
