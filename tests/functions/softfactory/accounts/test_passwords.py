"""Forgotten passwords: a mail to whoever owns the address, and a new password for its token."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from quintet.models.time import FrozenClock
from quintet.testing import Client, schedule_event
from softfactory.accounts import mails
from softfactory.accounts.password_operations import send_mails
from softfactory.people.entities import User
from softfactory.service import store
from tests.functions.softfactory.accounts.conftest import (
    AUTH,
    OTHER_PASSWORD,
    entries,
    log_in,
    refusal,
    session_of,
    signed_in,
    stored,
)
from tests.functions.softfactory.accounts.test_sign_in import alter
from tests.functions.softfactory.conftest import PASSWORD, make_user
from tests.support.aws import in_threads, sent_emails
from tests.support.calls import recorded
from tests.support.people import mails_to, token_mailed_to

SENT = {"message": "If the address is registered, a message with a token to set a new password is on its way"}
BAD_TOKEN = (400, "invalid_token")


def ask(suite: Client, email: str, ip: str | None = None) -> None:
    answer = suite.post(f"{AUTH}/password/reset", {"email": email}, ip=ip)
    assert (answer.status, answer.body) == (200, SENT)


def mailed(suite: Client, email: str) -> str:
    """The token in the newest message, once the clock has sent what is due."""
    ask(suite, email)
    send_mails(schedule_event())
    return token_mailed_to(email)


def reset(suite: Client, token: str, password: str = OTHER_PASSWORD) -> Any:
    return suite.put(f"{AUTH}/password/reset/{token}", {"password": password})


def test_a_new_password_ends_every_session_and_proves_the_address(suite: Client, person: User) -> None:
    session = session_of(suite, person.email)
    alter(person, email_verified=False)
    answer = reset(suite, mailed(suite, person.email))
    assert (answer.status, answer.body) == (200, {"message": "Password updated"})
    assert suite.as_caller(session["access_token"]).get(f"{AUTH}/user").status == 401
    assert suite.post(f"{AUTH}/refresh", {"refresh_token": session["refresh_token"]}).status == 401
    assert log_in(suite, person.email).status == 401
    assert signed_in(suite, person.email, OTHER_PASSWORD).get(f"{AUTH}/user").body["email_verified"] is True
    assert [entry.user_id for entry in entries("auth.password_reset")] == [person.id]
    send_mails(schedule_event())
    assert "A new password was set" in sent_emails()[-1]["body"]


def test_a_token_is_good_once_and_a_newer_one_takes_its_place(suite: Client, person: User) -> None:
    older, newer = mailed(suite, person.email), mailed(suite, person.email)
    assert refusal(reset(suite, older)) == BAD_TOKEN
    assert reset(suite, newer).status == 200
    assert refusal(reset(suite, newer, PASSWORD)) == BAD_TOKEN
    assert log_in(suite, person.email, OTHER_PASSWORD).status == 200


def test_a_token_is_good_for_an_hour(noon: FrozenClock, suite: Client, person: User) -> None:
    token = mailed(suite, person.email)
    noon.advance(hours=1)
    assert refusal(reset(suite, token)) == BAD_TOKEN
    noon.at -= timedelta(seconds=1)
    assert reset(suite, token).status == 200


def test_of_many_uses_at_once_one_succeeds(suite: Client, person: User) -> None:
    token = mailed(suite, person.email)
    answers = in_threads(8, lambda _: reset(suite, token).status)
    assert sorted(answers) == [200] + [400] * 7  # type: ignore[type-var]
    assert stored(person).epoch == 1


@pytest.mark.parametrize("token", ["x", "A" * 65, "A" * 200, "..", "%00"])
def test_an_invented_token_sets_nothing(suite: Client, token: str) -> None:
    assert reset(suite, token).status in {400, 404}


def test_a_reset_voids_the_token_that_confirms_the_address(suite: Client, email: str) -> None:
    suite.post(f"{AUTH}/register", {"email": email, "password": PASSWORD})
    verification = token_mailed_to(email)
    assert reset(suite, mailed(suite, email)).status == 200
    assert refusal(suite.post(f"{AUTH}/verify-email", {"token": verification})) == BAD_TOKEN


def test_a_token_that_confirms_an_address_sets_no_password(suite: Client, email: str) -> None:
    suite.post(f"{AUTH}/register", {"email": email, "password": PASSWORD})
    assert refusal(reset(suite, token_mailed_to(email))) == BAD_TOKEN


@pytest.mark.parametrize("password", [None, "Short-7", "password123", 12345678])
def test_a_password_that_cannot_be_taken_is_named_and_spends_no_token(
    suite: Client, person: User, password: Any
) -> None:
    token = mailed(suite, person.email)
    answer = reset(suite, token, password)
    assert (answer.status, [p["field"] for p in answer.body["error"]["details"]]) == (422, ["password"])
    assert reset(suite, token).status == 200


@pytest.mark.parametrize("body", [{}, {"email": None}, {"email": "x"}, {"email": 7}])
def test_an_address_that_is_none_is_named(suite: Client, body: dict[str, Any]) -> None:
    answer = suite.post(f"{AUTH}/password/reset", body)
    assert (answer.status, [p["field"] for p in answer.body["error"]["details"]]) == (422, ["email"])


def test_known_and_unknown_addresses_take_the_same_work_and_only_one_gets_a_mail(
    suite: Client, person: User, email: str
) -> None:
    nobody = f"nobody-{email}"
    with recorded() as known:
        ask(suite, person.email)
    with recorded() as unknown:
        ask(suite, nobody)
    assert known.names == unknown.names
    send_mails(schedule_event())
    assert (mails_to(person.email), mails_to(nobody)) == (1, 0)


def test_no_mailbox_is_flooded_and_nobody_is_told(noon: FrozenClock, suite: Client, person: User) -> None:
    for number in range(mails.PER_EMAIL + 3):
        ask(suite, person.email, ip=f"192.0.2.{number}")
    send_mails(schedule_event())
    assert mails_to(person.email) == mails.PER_EMAIL


def test_an_account_without_a_password_gets_one(suite: Client, email: str) -> None:
    make_user(email=email)
    assert reset(suite, mailed(suite, email)).status == 200
    assert log_in(suite, email, OTHER_PASSWORD).status == 200


def test_a_reset_does_not_open_a_closed_account(suite: Client, person: User) -> None:
    alter(person, status="suspended")
    assert reset(suite, mailed(suite, person.email)).status == 200
    assert refusal(log_in(suite, person.email, OTHER_PASSWORD)) == (403, "account_suspended")


def test_a_deleted_account_can_be_reset_until_it_is_erased(noon: FrozenClock, suite: Client, person: User) -> None:
    signed_in(suite, person.email).delete(f"{AUTH}/account")
    assert reset(suite, mailed(suite, person.email)).status == 200
    assert stored(person).is_deleted
    noon.advance(days=29, hours=23, minutes=30)
    token = mailed(suite, person.email)
    noon.advance(minutes=30)
    assert refusal(reset(suite, token)) == BAD_TOKEN
    sent = mails_to(person.email)
    ask(suite, person.email)
    send_mails(schedule_event())
    assert mails_to(person.email) == sent


def test_a_reset_leaves_the_second_factor_on(suite: Client, person: User) -> None:
    alter(person, two_factor_enabled=True)
    assert reset(suite, mailed(suite, person.email)).status == 200
    assert log_in(suite, person.email, OTHER_PASSWORD).body["requires_2fa"] is True


def test_old_hashes_are_renewed_when_their_password_is_given(suite: Client, person: User) -> None:
    from quintet.settings import use
    from softfactory.people.entities import EmailClaim

    with use({"QUINTET_ARGON2": "2,16,1"}):
        assert log_in(suite, person.email).status == 200
        claim = store.get(EmailClaim, email=person.email)
        assert claim is not None
        assert "m=16,t=2,p=1" in str(claim.password_hash)
        assert log_in(suite, person.email).status == 200
