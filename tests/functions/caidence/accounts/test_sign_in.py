"""Signing in and out, and what a session is good for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from caidence.accounts import passwords, sessions
from caidence.accounts.sessions import Session
from caidence.directory.entities import EmailClaim, Organization, User
from caidence.service import store
from caidence.tenancy import usage
from quintet.auth import families
from quintet.models.time import frozen
from quintet.settings import use
from quintet.store import Transaction
from quintet.testing import Client
from tests.functions.caidence.accounts.conftest import (
    AUTH,
    log_in,
    named,
    password_hash,
    session_of,
    signed_in,
    with_password,
)
from tests.functions.caidence.conftest import PASSWORD
from tests.support.aws import in_threads

NOON = datetime(2026, 1, 18, 12, tzinfo=UTC)
WRONG = {"detail": "Incorrect email or password"}
NOBODY = {"detail": "Could not validate credentials"}


def test_signing_in_and_renewing_count_a_user_once_on_each_day(platform: Client, person: User) -> None:
    with frozen(NOON) as clock:
        session = session_of(platform, person.email)
        session_of(platform, person.email)
        log_in(platform, person.email, "a-wrong-password")
        assert usage.daily_active()[-1] == ("2026-01-18", 1)
        clock.advance(days=1)
        assert platform.post(f"{AUTH}/refresh", {"refresh_token": session["refresh_token"]}).status == 200
        assert usage.daily_active()[-2:] == [("2026-01-18", 1), ("2026-01-19", 1)]


def test_the_right_pair_opens_a_session(platform: Client, person: User) -> None:
    answer = log_in(platform, f" {person.email.upper()} ", grant_type="password", scope="", client_id="")
    assert answer.status == 200, answer
    assert answer.body == {
        "access_token": answer.body["access_token"],
        "token_type": "bearer",
        "expires_in": 1800,
        "refresh_token": answer.body["refresh_token"],
    }
    assert answer.headers["cache-control"] == "no-store"
    me = platform.as_caller(answer.body["access_token"]).get(f"{AUTH}/me")
    assert (me.status, me.body) == (
        200,
        {
            "id": person.id,
            "email": person.email,
            "full_name": "Viewer",
            "role": "viewer",
            "organization_id": person.organization_id,
            "is_active": True,
            "is_approved": True,
            "created_at": me.body["created_at"],
            "updated_at": me.body["updated_at"],
        },
    )


def test_the_pair_may_come_as_json(platform: Client, person: User) -> None:
    answer = platform.post(f"{AUTH}/login", {"username": person.email, "password": PASSWORD})
    assert answer.status == 200, answer


def test_an_unknown_address_and_a_wrong_password_are_not_told_apart(platform: Client, person: User) -> None:
    for email in (person.email, "nobody@example.com", "no address at all"):
        answer = log_in(platform, email, "Wrong-horse-9")
        assert (answer.status, answer.body) == (401, WRONG)
        assert answer.headers["www-authenticate"] == "Bearer"


def test_an_account_without_a_password_opens_with_none(platform: Client, person: User) -> None:
    store.update(EmailClaim, EmailClaim.key(email=person.email), remove=["password_hash"])
    assert log_in(platform, person.email).status == 401


@pytest.mark.parametrize(
    ("fields", "status", "detail"),
    [
        ({"is_active": False}, 400, "Inactive user"),
        ({"is_active": False, "is_approved": False}, 400, "Inactive user"),
        ({"is_approved": False}, 403, "The account is not approved yet"),
    ],
)
def test_only_who_knows_the_password_learns_why_an_account_is_closed(
    platform: Client, organization: Organization, email: str, fields: dict[str, bool], status: int, detail: str
) -> None:
    with_password("viewer", organization, email, **fields)
    assert (log_in(platform, email).status, log_in(platform, email).body) == (status, {"detail": detail})
    assert log_in(platform, email, "Wrong-horse-9").body == WRONG


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ("username=ada%40example.com", ["body", "password"]),
        ("password=Correct-horse-9", ["body", "username"]),
        ("username=&password=x", ["body", "username"]),
        ("username=a&password=b&grant_type=code", ["body", "grant_type"]),
        ("username=a&username=b&password=c", ["body", "username"]),
    ],
)
def test_a_bad_form_names_its_field(platform: Client, body: str, loc: list[str]) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert named(platform.post(f"{AUTH}/login", body, headers=form)) == [loc]


def test_ten_failures_close_an_account_for_the_rest_of_a_quarter_of_an_hour(platform: Client, person: User) -> None:
    with frozen(NOON):
        for number in range(passwords.PER_ACCOUNT):
            assert log_in(platform, person.email, "Wrong-horse-9", ip=f"198.51.100.{number}").status == 401
        refused = log_in(platform, person.email)
        assert (refused.status, refused.headers["retry-after"]) == (429, "900")
    with frozen(NOON + timedelta(minutes=15)):
        assert log_in(platform, person.email).status == 200


def test_failures_close_an_address_and_successes_do_not(
    platform: Client, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "PER_IP", 3)
    with frozen(NOON):
        for _ in range(4):
            assert log_in(platform, person.email).status == 200
        for number in range(3):
            assert log_in(platform, f"{number}@example.com", "Wrong-horse-9").status == 401
        assert log_in(platform, person.email).status == 429
        assert log_in(platform, person.email, ip="198.51.100.1").status == 200


def test_a_hash_of_other_parameters_is_made_anew(platform: Client, person: User) -> None:
    before = password_hash(person.email)
    with use({"QUINTET_ARGON2": "2,8,1"}):
        assert log_in(platform, person.email).status == 200
        after = password_hash(person.email)
        assert log_in(platform, person.email).status == 200
    assert after != before
    assert password_hash(person.email) == after


def test_a_token_is_good_for_thirty_minutes_and_renewed(platform: Client, person: User) -> None:
    with frozen(NOON):
        session = session_of(platform, person.email)
    with frozen(NOON + timedelta(minutes=31)):
        caller = platform.as_caller(session["access_token"])
        answer = caller.get(f"{AUTH}/me")
        assert (answer.status, answer.body, answer.headers["www-authenticate"]) == (401, NOBODY, "Bearer")
        renewed = platform.post(f"{AUTH}/refresh", {"refresh_token": session["refresh_token"]})
        assert (renewed.status, renewed.headers["cache-control"]) == (200, "no-store")
        assert set(renewed.body) == {"access_token", "token_type", "expires_in", "refresh_token"}
        assert platform.as_caller(renewed.body["access_token"]).get(f"{AUTH}/me").status == 200


def test_a_used_refresh_token_yields_the_same_successor_and_later_betrays_a_theft(
    platform: Client, person: User
) -> None:
    with frozen(NOON):
        token = session_of(platform, person.email)["refresh_token"]
        answers = in_threads(8, lambda _: platform.post(f"{AUTH}/refresh", {"refresh_token": token}))
        successors = {a.body["refresh_token"] for a in answers if not isinstance(a, Exception)}
        assert len(successors) == 1
    with frozen(NOON + timedelta(seconds=21)):
        for spent in (token, *successors):
            answer = platform.post(f"{AUTH}/refresh", {"refresh_token": spent})
            assert (answer.status, answer.body) == (401, NOBODY)


@pytest.mark.parametrize("token", ["x", "é", "A" * 4096, "AAAA"])
def test_what_is_no_refresh_token_is_refused(platform: Client, token: str) -> None:
    answer = platform.post(f"{AUTH}/refresh", {"refresh_token": token})
    assert (answer.status, answer.body) == (401, NOBODY)


def test_a_refresh_token_is_named_when_it_is_missing(platform: Client) -> None:
    assert named(platform.post(f"{AUTH}/refresh", {})) == [["body", "refresh_token"]]


@pytest.mark.parametrize("field", ["is_active", "is_approved"])
def test_a_closed_account_refreshes_no_session(platform: Client, person: User, field: str) -> None:
    session = session_of(platform, person.email)
    store.replace(person, person.model_copy(update={field: False}))
    assert platform.post(f"{AUTH}/refresh", {"refresh_token": session["refresh_token"]}).status == 401


def test_signing_out_ends_every_session_of_the_caller_alone(
    platform: Client, person: User, organization: Organization
) -> None:
    with_password("viewer", organization, f"x{person.email}")
    other = signed_in(platform, f"x{person.email}")
    one, two = (session_of(platform, person.email) for _ in range(2))
    answer = platform.as_caller(one["access_token"]).post(f"{AUTH}/logout")
    assert (answer.status, answer.body) == (200, {"message": "Signed out of every session"})
    for session in (one, two):
        assert platform.as_caller(session["access_token"]).get(f"{AUTH}/me").status == 401
        assert platform.post(f"{AUTH}/refresh", {"refresh_token": session["refresh_token"]}).status == 401
    assert other.get(f"{AUTH}/me").status == 200
    assert signed_in(platform, person.email).get(f"{AUTH}/me").status == 200


def test_a_session_opened_while_all_are_ended_is_opened_anew(
    platform: Client, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody signs out everywhere between the reading of the account and the opening of the session."""
    begin = sessions.begin
    raced: list[User] = []

    def overtaken(tx: Transaction, user: User) -> Session:
        if not raced:
            raced.append(user)
            sessions.end_all(user.id)
        return begin(tx, user)

    monkeypatch.setattr(sessions, "begin", overtaken)
    assert signed_in(platform, person.email).get(f"{AUTH}/me").status == 200
    assert raced


def test_an_account_closed_while_it_signs_in_gets_no_session(
    platform: Client, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = sessions.begin

    def overtaken(tx: Transaction, user: User) -> Session:
        store.replace(user, user.model_copy(update={"is_active": False}))
        return begin(tx, user)

    monkeypatch.setattr(sessions, "begin", overtaken)
    answer = log_in(platform, person.email)
    assert (answer.status, answer.body) == (400, {"detail": "Inactive user"})


def test_a_session_renewed_while_all_are_ended_is_ended(
    platform: Client, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, rotate = session_of(platform, person.email)["refresh_token"], families.rotate
    raced: list[User] = []

    def overtaken(*given: Any) -> str:
        if not raced:
            raced.append(person)
            sessions.end_all(person.id)
        return rotate(*given)

    monkeypatch.setattr(families, "rotate", overtaken)
    answer = platform.post(f"{AUTH}/refresh", {"refresh_token": token})
    assert (answer.status, answer.body) == (401, NOBODY)


@pytest.mark.parametrize(("method", "path"), [("GET", "/me"), ("POST", "/logout")])
def test_who_is_nobody_has_no_account(platform: Client, method: str, path: str) -> None:
    for client in (platform, platform.as_caller("x.y.z")):
        answer = client.request(method, AUTH + path)
        assert (answer.status, answer.body) == (401, NOBODY)


def test_in_development_nobody_is_the_default_account_and_a_bad_token_is_nobody(development: Client) -> None:
    me = development.get(f"{AUTH}/me")
    assert (me.status, me.body["role"], me.body["email"]) == (200, "super_admin", "default@quintet.test")
    assert development.post(f"{AUTH}/logout").status == 200
    assert development.get(f"{AUTH}/me").status == 200
    assert development.as_caller("x.y.z").get(f"{AUTH}/me").status == 401
    assert log_in(development, "default@quintet.test", "").status == 422
    assert log_in(development, "default@quintet.test").status == 401
