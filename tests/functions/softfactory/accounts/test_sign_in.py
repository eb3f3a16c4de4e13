"""Signing in and out: who gets in, who does not, and what a session is worth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from quintet.auth import families, tokens
from quintet.auth.families import Family
from quintet.models.time import FrozenClock
from quintet.testing import Client
from softfactory.access.changes import change_user
from softfactory.accounts import passwords, sessions
from softfactory.accounts.sessions import SignedIn
from softfactory.people.entities import User
from softfactory.service import store
from tests.conftest import NOON
from tests.functions.softfactory.accounts.conftest import (
    AUTH,
    OTHER_PASSWORD,
    entries,
    log_in,
    refusal,
    session_of,
    signed_in,
    stored,
    with_password,
)
from tests.functions.softfactory.conftest import PASSWORD, SignIn, account_of
from tests.support.aws import in_threads

WRONG = (401, "invalid_credentials")


def alter(user: User, **fields: object) -> None:
    before = stored(user)
    tx = store.transaction()
    change_user(tx, before, before.model_copy(update=fields))
    tx.commit()


def renewed(suite: Client, session: dict[str, str]) -> int:
    return suite.post(f"{AUTH}/refresh", {"refresh_token": session["refresh_token"]}).status


def test_signing_in_answers_the_account_and_a_session(noon: FrozenClock, suite: Client, person: User) -> None:
    answer = log_in(suite, person.email.upper())
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.body
    access, refresh = body.pop("access_token"), body.pop("refresh_token")
    assert body == {
        "user": {
            "user_id": person.id,
            "email": person.email,
            "name": "User",
            "role": "user",
            "roles": ["user"],
            "status": "active",
            "avatar_url": None,
            "bio": "",
            "language": "ko",
            "timezone": "Asia/Seoul",
            "two_factor_enabled": False,
            "email_verified": True,
            "created_at": "2026-11-30T12:00:00Z",
            "last_login": "2026-11-30T12:00:00Z",
        },
        "token_type": "Bearer",
        "expires_in": 900,
    }
    claims = tokens.verify(access)
    assert claims.expires_at - claims.issued_at == timedelta(minutes=15)
    assert (claims.get("epoch"), claims.get("2fa"), claims.get("act")) == (0, None, None)
    assert suite.as_caller(access).get(f"{AUTH}/user").body == body["user"]
    assert renewed(suite, {"refresh_token": refresh}) == 200


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(suite: Client, person: User) -> None:
    wrong, unknown = log_in(suite, person.email, OTHER_PASSWORD), log_in(suite, "nobody@example.com")
    assert (refusal(wrong), wrong.body) == (WRONG, unknown.body)
    assert refusal(unknown) == WRONG


def test_an_account_without_a_password_is_not_opened_by_any(suite: Client, user: Client) -> None:
    for password in (PASSWORD, "x", "None"):
        assert refusal(log_in(suite, account_of(user).email, password)) == WRONG


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "ada@example.com"}, "password"),
        ({"password": "x"}, "email"),
        ({"email": "no address", "password": "x"}, "email"),
        ({"email": None, "password": "x"}, "email"),
        ({"email": "ada@example.com", "password": ""}, "password"),
        ({"email": "ada@example.com", "password": 12345678}, "password"),
    ],
)
def test_what_is_missing_or_malformed_is_named(suite: Client, body: dict[str, object], field: str) -> None:
    answer = suite.post(f"{AUTH}/login", body)
    assert refusal(answer) == (422, "validation_error")
    assert [problem["field"] for problem in answer.body["error"]["details"]] == [field]


@pytest.mark.parametrize(
    ("status", "code"),
    [("suspended", "account_suspended"), ("banned", "account_banned"), ("deactivated", "account_deactivated")],
)
def test_a_closed_account_does_not_come_in_and_only_its_person_learns_why(
    suite: Client, person: User, status: str, code: str
) -> None:
    session = session_of(suite, person.email)
    alter(person, status=status)
    assert refusal(log_in(suite, person.email)) == (403, code)
    assert refusal(log_in(suite, person.email, OTHER_PASSWORD)) == WRONG
    assert refusal(suite.post(f"{AUTH}/refresh", {"refresh_token": session["refresh_token"]})) == (403, code)
    assert refusal(suite.as_caller(session["access_token"]).get(f"{AUTH}/user")) == (403, code)


def test_a_ban_that_has_ended_is_lifted_by_signing_in(noon: FrozenClock, suite: Client, person: User) -> None:
    alter(person, status="banned", banned_until=NOON + timedelta(hours=1), ban_reason="spam")
    noon.advance(minutes=59)
    assert refusal(log_in(suite, person.email)) == (403, "account_banned")
    noon.advance(minutes=1)
    assert session_of(suite, person.email)["user"]["status"] == "active"
    now_stored = stored(person)
    assert (now_stored.status, now_stored.banned_until, now_stored.ban_reason, now_stored.due) == (
        "active", None, None, None,
    )  # fmt: skip


def test_signing_in_takes_the_deletion_back_until_it_is_due(noon: FrozenClock, suite: Client, person: User) -> None:
    caller = signed_in(suite, person.email)
    assert caller.delete(f"{AUTH}/account").status == 204
    noon.advance(days=29, hours=23)
    assert signed_in(suite, person.email).get(f"{AUTH}/user").status == 200
    assert (stored(person).deletion_due, stored(person).due) == (None, None)
    assert signed_in(suite, person.email).delete(f"{AUTH}/account").status == 204
    noon.advance(days=30)
    assert refusal(log_in(suite, person.email)) == (401, "account_deleted")


def test_a_refresh_token_is_good_once_and_its_session_dies_when_it_comes_back(
    noon: FrozenClock, suite: Client, person: User
) -> None:
    first = session_of(suite, person.email)
    second = suite.post(f"{AUTH}/refresh", {"refresh_token": first["refresh_token"]})
    assert second.status == 200
    assert second.headers["cache-control"] == "no-store"
    assert second.body.keys() == first.keys()
    noon.advance(minutes=1)
    assert renewed(suite, first) == 401
    assert renewed(suite, second.body) == 401


@pytest.mark.parametrize("token", ["x", "é", "A" * 64, "a.b.c"])
def test_what_is_no_refresh_token_is_refused(suite: Client, token: str) -> None:
    answer = suite.post(f"{AUTH}/refresh", {"refresh_token": token})
    assert refusal(answer) == (401, "invalid_refresh_token")


def test_an_access_token_refreshes_nothing(suite: Client, person: User) -> None:
    token = session_of(suite, person.email)["access_token"]
    assert refusal(suite.post(f"{AUTH}/refresh", {"refresh_token": token})) == (401, "invalid_refresh_token")


def test_signing_out_ends_every_session(suite: Client, person: User) -> None:
    here, there = session_of(suite, person.email), session_of(suite, person.email)
    answer = suite.as_caller(here["access_token"]).post(f"{AUTH}/logout")
    assert (answer.status, answer.body) == (200, {"message": "Signed out of every session"})
    for session in (here, there):
        assert suite.as_caller(session["access_token"]).get(f"{AUTH}/user").status == 401
        assert renewed(suite, session) == 401
    assert log_in(suite, person.email).status == 200


def test_nothing_of_a_forgotten_accounts_sessions_is_kept(suite: Client, person: User) -> None:
    first = session_of(suite, person.email)
    assert suite.as_caller(first["access_token"]).post(f"{AUTH}/logout").status == 200
    session_of(suite, person.email)
    tx = store.transaction()
    sessions.begin(tx, stored(person), passed=True)
    tx.commit()
    owners = [f"{person.id}.0", f"{person.id}.1", f"{person.id}.1.2fa"]
    kept = [len(store.query(Family, user_id=owner).items) for owner in owners]
    sessions.forget(person.id, range(2))
    assert (kept, [store.query(Family, user_id=owner).items for owner in owners]) == ([1, 1, 1], [[], [], []])


def test_sign_ins_and_refused_ones_enter_into_the_trail(suite: Client, person: User) -> None:
    log_in(suite, person.email)
    log_in(suite, person.email, OTHER_PASSWORD)
    log_in(suite, "nobody@example.com")
    (came,) = entries("auth.login")
    assert (came.user_id, came.resource, came.resource_id, came.ip_address) == (
        person.id, "user", person.id, "203.0.113.7",
    )  # fmt: skip
    assert came.after == {"method": "password", "two_factor": False, "deletion_cancelled": False}
    nobodys, wrong = entries("auth.login_refused")
    assert (wrong.user_id, wrong.resource_id) == (None, person.id)
    assert wrong.after == {"method": "password", "reason": "invalid_credentials"}
    assert (nobodys.user_id, nobodys.resource_id) == (None, None)
    assert "nobody@" not in nobodys.model_dump_json()


def test_refused_sign_ins_of_closed_accounts_say_why_in_the_trail(suite: Client, person: User) -> None:
    alter(person, status="suspended")
    log_in(suite, person.email)
    (entry,) = entries("auth.login_refused")
    told = {"method": "password", "reason": "account_suspended"}
    assert (entry.user_id, entry.resource_id, entry.after) == (None, person.id, told)


def test_guessing_waits_and_keeps_nobody_out_who_signed_in_from_there(
    noon: FrozenClock, suite: Client, person: User
) -> None:
    assert log_in(suite, person.email, ip="198.51.100.1").status == 200
    for _ in range(10):
        assert refusal(log_in(suite, person.email, OTHER_PASSWORD, "192.0.2.1")) == WRONG
    answer = log_in(suite, person.email, ip="192.0.2.1")
    assert refusal(answer) == (429, "too_many_attempts")
    assert 0 < int(answer.headers["retry-after"]) <= 900
    assert log_in(suite, person.email, ip="198.51.100.1").status == 200
    noon.advance(minutes=15)
    assert log_in(suite, person.email, ip="192.0.2.1").status == 200


def test_guessing_from_everywhere_keeps_out_strangers_and_not_the_person(
    noon: FrozenClock, suite: Client, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert passwords.PER_ACCOUNT == (100, 3600)
    monkeypatch.setattr(passwords, "PER_ACCOUNT", (12, 3600))
    assert log_in(suite, person.email, ip="198.51.100.1").status == 200
    for number in range(12):
        assert refusal(log_in(suite, person.email, OTHER_PASSWORD, f"192.0.2.{number}")) == WRONG
    assert refusal(log_in(suite, person.email, ip="192.0.2.200")) == (429, "too_many_attempts")
    assert log_in(suite, person.email, ip="198.51.100.1").status == 200


def test_one_who_guesses_at_many_accounts_waits_and_a_colleague_does_not(
    noon: FrozenClock, suite: Client, person: User
) -> None:
    assert log_in(suite, person.email).status == 200
    for number in range(30):
        assert refusal(log_in(suite, f"guess-{number}@example.com")) == WRONG
    assert refusal(log_in(suite, "another@example.com")) == (429, "too_many_attempts")
    assert log_in(suite, person.email).status == 200


def test_right_passwords_at_once_are_all_let_in(suite: Client, person: User) -> None:
    answers = in_threads(15, lambda _: log_in(suite, person.email).status)
    assert answers == [200] * 15


def test_a_password_changed_while_it_is_checked_opens_nothing(
    suite: Client, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from quintet.auth import passwords as hashing
    from softfactory.people.entities import EmailClaim

    checked = hashing.verify_password

    def change_meanwhile(stored_hash: str | None, given: str) -> bool:
        found = checked(stored_hash, given)
        store.update(EmailClaim, EmailClaim.key(email=person.email), put={"password_hash": "another"})
        return found

    monkeypatch.setattr(hashing, "verify_password", change_meanwhile)
    assert refusal(log_in(suite, person.email)) == WRONG


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """`meanwhile(act)` has something happen once, between reading an account for a session and writing that."""

    def arrange(act: Callable[[], object]) -> None:
        begun = SignedIn.of

        def of(*args: Any, **named: Any) -> SignedIn:
            monkeypatch.setattr(SignedIn, "of", begun)
            act()
            return begun(*args, **named)

        monkeypatch.setattr(SignedIn, "of", of)

    return arrange


def test_an_account_closed_while_it_signs_in_gets_no_session(suite: Client, person: User, meanwhile: Any) -> None:
    meanwhile(lambda: alter(person, status="suspended"))
    assert refusal(log_in(suite, person.email)) == (403, "account_suspended")


def test_a_session_begun_while_all_are_ended_is_good(suite: Client, person: User, meanwhile: Any) -> None:
    meanwhile(lambda: sessions.end_all(person.id))
    assert signed_in(suite, person.email).get(f"{AUTH}/user").status == 200


def test_a_deletion_planned_while_somebody_signs_in_is_taken_back(
    noon: FrozenClock, suite: Client, person: User, meanwhile: Any
) -> None:
    meanwhile(lambda: alter(person, deletion_due=NOON + timedelta(days=30)))
    assert signed_in(suite, person.email).get(f"{AUTH}/user").status == 200
    assert stored(person).deletion_due is None


def test_a_second_factor_switched_on_while_somebody_signs_in_is_asked_for(
    suite: Client, person: User, meanwhile: Any
) -> None:
    meanwhile(lambda: alter(person, two_factor_enabled=True))
    assert log_in(suite, person.email).body["requires_2fa"] is True


@pytest.mark.parametrize(
    ("fields", "status"), [({"status": "suspended"}, 403), ({"epoch": 1}, 401), ({"two_factor_enabled": True}, 401)]
)
def test_an_account_changed_while_a_session_is_renewed_gets_none(
    suite: Client, person: User, monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], status: int
) -> None:
    session, rotate = session_of(suite, person.email), families.rotate

    def change_first(*args: Any) -> str:
        monkeypatch.setattr(families, "rotate", rotate)
        alter(person, **fields)
        return rotate(*args)

    monkeypatch.setattr(families, "rotate", change_first)
    assert renewed(suite, session) == status


def test_the_sessions_of_an_account_that_is_to_be_erased_are_not_renewed(
    noon: FrozenClock, suite: Client, person: User
) -> None:
    session = session_of(suite, person.email)
    alter(person, deletion_due=NOON + timedelta(days=30))
    assert renewed(suite, session) == 401


def test_an_impersonating_administrator_cannot_sign_somebody_out(suite: Client, admin: Client, person: User) -> None:
    caller = suite.as_caller(sessions.impersonated(person, account_of(admin)))
    assert caller.get(f"{AUTH}/user").body["user_id"] == person.id
    assert refusal(caller.post(f"{AUTH}/logout")) == (403, "impersonating")
    assert stored(person).epoch == 0


@pytest.mark.parametrize(("method", "path"), [("GET", "user"), ("POST", "logout")])
def test_nobody_comes_in_without_a_token(suite: Client, method: str, path: str) -> None:
    assert refusal(suite.request(method, f"{AUTH}/{path}")) == (401, "unauthorized")


@pytest.mark.parametrize("role", ["user", "creator", "moderator", "admin"])
def test_everybody_sees_their_own_account(sign_in: SignIn, role: str) -> None:
    answer = sign_in(role).get(f"{AUTH}/user")
    assert (answer.status, answer.body["role"], answer.body["roles"]) == (200, role, [role])


def test_accounts_with_several_roles_show_the_highest(suite: Client) -> None:
    user = with_password("creator", "moderator")
    assert session_of(suite, user.email)["user"]["role"] == "moderator"
