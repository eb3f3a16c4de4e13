"""Signing up, and confirming the address."""

from __future__ import annotations

from typing import Any

import pytest

from quintet.models.time import FrozenClock
from quintet.testing import Client, schedule_event
from softfactory.accounts import mails
from softfactory.accounts.password_operations import send_mails
from softfactory.people.entities import EmailClaim, User
from softfactory.service import store
from tests.functions.softfactory.accounts.conftest import AUTH, entries, log_in, refusal, signed_in, stored
from tests.functions.softfactory.accounts.test_sign_in import alter
from tests.functions.softfactory.conftest import PASSWORD
from tests.support.aws import in_threads
from tests.support.people import mails_to, token_mailed_to

BAD_TOKEN = (400, "invalid_token")


def register(suite: Client, email: str, **fields: Any) -> Any:
    return suite.post(f"{AUTH}/register", {"email": email, "password": PASSWORD, **fields})


def account(email: str) -> User:
    claim = store.get(EmailClaim, email=email)
    assert claim is not None
    user = store.get(User, id=claim.user_id)
    assert user is not None
    return user


def test_signing_up_answers_the_account_and_its_first_session(noon: FrozenClock, suite: Client, email: str) -> None:
    answer = register(suite, email.upper(), name="  Ada Lovelace ")
    assert answer.status == 201
    assert answer.headers["cache-control"] == "no-store"
    body = answer.body
    access, refresh = body.pop("access_token"), body.pop("refresh_token")
    assert body == {
        "user": {
            "user_id": account(email).id,
            "email": email,
            "name": "Ada Lovelace",
            "role": "user",
            "roles": ["user"],
            "status": "active",
            "avatar_url": None,
            "bio": "",
            "language": "ko",
            "timezone": "Asia/Seoul",
            "two_factor_enabled": False,
            "email_verified": False,
            "created_at": "2026-11-30T12:00:00Z",
            "last_login": "2026-11-30T12:00:00Z",
        },
        "token_type": "Bearer",
        "expires_in": 900,
    }
    assert suite.as_caller(access).get(f"{AUTH}/user").body == body["user"]
    assert suite.post(f"{AUTH}/refresh", {"refresh_token": refresh}).status == 200
    assert log_in(suite, email).status == 200
    (entry,) = entries("auth.register")
    assert (entry.user_id, entry.resource_id) == (account(email).id, account(email).id)


@pytest.mark.parametrize("given", [{}, {"name": None}])
def test_a_name_is_not_needed(suite: Client, email: str, given: dict[str, Any]) -> None:
    assert register(suite, email, **given).body["user"]["name"] == email.partition("@")[0]


def test_an_address_is_taken_once_without_regard_to_case(suite: Client, email: str) -> None:
    assert register(suite, email).status == 201
    assert refusal(register(suite, email.upper())) == (409, "email_taken")


def test_of_many_who_sign_up_with_one_address_at_once_one_succeeds(suite: Client, email: str) -> None:
    answers = in_threads(12, lambda _: register(suite, email).status)
    assert sorted(answers) == [201] + [409] * 11  # type: ignore[type-var]
    assert len(store.query(User, "gsi1").items) == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"email": None}, "email"),
        ({"email": "ada"}, "email"),
        ({"email": "ada@example"}, "email"),
        ({"password": None}, "password"),
        ({"password": "Short-7"}, "password"),
        ({"password": "a" * 7 + "\U0001f600" * 122}, "password"),
        ({"password": "password123"}, "password"),
        ({"password": "ｐａｓｓｗｏｒｄ１２３"}, "password"),
        ({"password": "aaaaaaaaaa"}, "password"),
        ({"password": 12345678}, "password"),
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"name": 7}, "name"),
    ],
)
def test_what_cannot_be_taken_is_named(suite: Client, email: str, fields: dict[str, Any], field: str) -> None:
    answer = register(suite, **{"email": email, **fields})
    assert refusal(answer) == (422, "validation_error")
    assert [problem["field"] for problem in answer.body["error"]["details"]] == [field]
    assert store.query(User, "gsi1").items == []


def test_a_body_that_cannot_be_read_is_told_apart(suite: Client) -> None:
    answer = suite.post(f"{AUTH}/register", '{"email": ', headers={"Content-Type": "application/json"})
    assert refusal(answer) == (400, "malformed_body")


def test_the_token_from_the_mail_confirms_the_address_once(suite: Client, email: str) -> None:
    register(suite, email)
    token = token_mailed_to(email)
    answer = suite.post(f"{AUTH}/verify-email", {"token": token})
    assert (answer.status, answer.body) == (200, {"email": email, "email_verified": True})
    assert account(email).email_verified
    assert refusal(suite.post(f"{AUTH}/verify-email", {"token": token})) == BAD_TOKEN


@pytest.mark.parametrize("token", ["x", "A" * 65, "é" * 30, "A" * 128])
def test_an_invented_token_confirms_nothing(suite: Client, token: str) -> None:
    assert refusal(suite.post(f"{AUTH}/verify-email", {"token": token})) == BAD_TOKEN


@pytest.mark.parametrize("body", [{}, {"token": ""}, {"token": None}, {"token": "A" * 129}])
def test_a_token_that_is_none_is_named(suite: Client, body: dict[str, Any]) -> None:
    answer = suite.post(f"{AUTH}/verify-email", body)
    assert (answer.status, [p["field"] for p in answer.body["error"]["details"]]) == (422, ["token"])


def test_a_token_is_worth_nothing_for_another_address(suite: Client, email: str) -> None:
    register(suite, email)
    alter(account(email), email=f"other-{email}")
    assert refusal(suite.post(f"{AUTH}/verify-email", {"token": token_mailed_to(email)})) == BAD_TOKEN


def test_a_token_is_good_for_a_day(noon: FrozenClock, suite: Client, email: str) -> None:
    register(suite, email)
    noon.advance(hours=24)
    assert refusal(suite.post(f"{AUTH}/verify-email", {"token": token_mailed_to(email)})) == BAD_TOKEN


def test_the_mail_is_sent_again_and_its_token_takes_the_place_of_the_first(suite: Client, email: str) -> None:
    caller = suite.as_caller(register(suite, email).body["access_token"])
    first = token_mailed_to(email)
    answer = caller.post(f"{AUTH}/verify-email/resend")
    assert answer.status == 200
    second = token_mailed_to(email)
    assert refusal(suite.post(f"{AUTH}/verify-email", {"token": first})) == BAD_TOKEN
    assert suite.post(f"{AUTH}/verify-email", {"token": second}).status == 200
    assert refusal(caller.post(f"{AUTH}/verify-email/resend")) == (409, "email_verified")
    assert suite.post(f"{AUTH}/verify-email/resend").status == 401


def test_no_mailbox_is_flooded(noon: FrozenClock, suite: Client, email: str) -> None:
    caller = suite.as_caller(register(suite, email).body["access_token"])
    answers = [caller.post(f"{AUTH}/verify-email/resend").body for _ in range(6)]
    assert answers == [answers[0]] * 6
    assert mails_to(email) == mails.PER_EMAIL
    assert suite.post(f"{AUTH}/verify-email", {"token": token_mailed_to(email)}).status == 200


def test_who_makes_accounts_by_the_hundred_mails_no_more_strangers(
    suite: Client, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mails, "PER_IP", 2)
    addresses = [f"{number}-{email}" for number in range(4)]
    assert [register(suite, address).status for address in addresses] == [201] * 4
    assert [mails_to(address) for address in addresses] == [1, 1, 0, 0]
    assert signed_in(suite, addresses[3]).get(f"{AUTH}/user").status == 200


def test_a_mail_that_could_not_be_sent_is_sent_by_the_clock(
    noon: FrozenClock, suite: Client, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from quintet.messaging import outbox

    monkeypatch.setattr(outbox, "_send", lambda _: 1 / 0)
    assert register(suite, email).status == 201
    assert mails_to(email) == 0
    monkeypatch.undo()
    noon.advance(minutes=2)
    send_mails(schedule_event())
    assert mails_to(email) == 1


def test_nothing_of_a_refused_sign_up_is_kept(suite: Client, person: User) -> None:
    before = stored(person)
    assert refusal(register(suite, person.email, name="Mallory")) == (409, "email_taken")
    assert (stored(person), mails_to(person.email)) == (before, 0)
    assert entries("auth.register") == []
