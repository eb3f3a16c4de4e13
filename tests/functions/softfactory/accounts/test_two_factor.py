"""Two-factor authentication: set up, confirmed, asked for, used once, and switched off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree as ET

import pytest

from quintet.auth import totp
from quintet.models.time import FrozenClock
from quintet.settings import use
from quintet.testing import Client, schedule_event
from quintet.testing.client import Answer
from softfactory.accounts import sessions, two_factor
from softfactory.accounts.password_operations import send_mails
from softfactory.accounts.two_factor import TwoFactor
from softfactory.people.entities import User
from softfactory.service import store
from tests.functions.softfactory.accounts.conftest import (
    AUTH,
    entries,
    log_in,
    refusal,
    session_of,
    signed_in,
    stored,
)
from tests.functions.softfactory.accounts.second_factor import Guarded, code_of, set_up, verify, wrong
from tests.functions.softfactory.conftest import account_of, as_account
from tests.support.aws import sent_emails


@pytest.fixture
def guarded(noon: FrozenClock, suite: Client, person: User) -> Guarded:
    return Guarded(suite, noon, person)


def test_a_set_up_shows_what_the_app_needs_and_ten_backup_codes(noon: FrozenClock, suite: Client, person: User) -> None:
    made = set_up(signed_in(suite, person.email))
    assert made.keys() == {"secret", "otpauth_url", "qr_code", "backup_codes"}
    assert len(totp.key_of(made["secret"])) == 20
    url = urlsplit(made["otpauth_url"])
    assert (url.scheme, url.netloc, unquote(url.path)) == ("otpauth", "totp", f"/SoftFactory:{person.email}")
    assert parse_qs(url.query)["secret"] == [made["secret"]]
    assert len(set(made["backup_codes"])) == 10
    kind, _, drawing = made["qr_code"].partition(",")
    assert kind.startswith("data:image/svg+xml")
    assert ET.fromstring(unquote(drawing)).tag == "{http://www.w3.org/2000/svg}svg"


def test_a_set_up_changes_nothing_until_it_is_confirmed(noon: FrozenClock, suite: Client, person: User) -> None:
    caller = signed_in(suite, person.email)
    made = set_up(caller)
    assert caller.get(f"{AUTH}/user").body["two_factor_enabled"] is False
    assert "access_token" in log_in(suite, person.email).body
    assert refusal(caller.get(f"{AUTH}/2fa/backup-codes")) == (409, "two_factor_not_enabled")
    assert refusal(verify(caller, code=wrong(made["secret"]))) == (400, "invalid_code")
    assert refusal(verify(caller, code=made["backup_codes"][0])) == (400, "invalid_code")
    again = set_up(caller)
    assert refusal(verify(caller, code=code_of(made["secret"]))) == (400, "invalid_code")
    answer = verify(caller, code=code_of(again["secret"]))
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.body["user"]["two_factor_enabled"] is True
    assert caller.get(f"{AUTH}/user").body["two_factor_enabled"] is True
    assert [(entry.user_id, entry.resource_id) for entry in entries("auth.2fa_enable")] == [(person.id, person.id)]


def test_nothing_that_makes_a_code_is_kept_in_the_open(guarded: Guarded) -> None:
    factor = store.get(TwoFactor, user_id=guarded.user.id)
    assert factor is not None
    kept = factor.model_dump_json()
    for secret in (guarded.secret, *guarded.backup, *(code.replace("-", "") for code in guarded.backup)):
        assert secret not in kept


def test_signing_in_takes_two_steps(guarded: Guarded) -> None:
    answer = log_in(guarded.suite, guarded.user.email)
    token = answer.body.pop("challenge_token")
    assert (answer.status, answer.body) == (200, {"requires_2fa": True, "expires_in": 300})
    before = stored(guarded.user).last_login
    done = guarded.complete(guarded.code(), token)
    assert done.status == 200
    assert done.body.keys() == {"user", "access_token", "token_type", "expires_in", "refresh_token"}
    assert guarded.suite.as_caller(done.body["access_token"]).get(f"{AUTH}/user").body == done.body["user"]
    assert (before, stored(guarded.user).last_login) == (
        guarded.clock.at - timedelta(seconds=30), guarded.clock.at,
    )  # fmt: skip
    newest = entries("auth.login")[0]
    assert newest.after == {"method": "password", "two_factor": True, "deletion_cancelled": False}


def test_a_challenge_is_no_session(guarded: Guarded) -> None:
    token = guarded.challenge()
    assert guarded.suite.as_caller(token).get(f"{AUTH}/user").status == 401
    assert guarded.suite.post(f"{AUTH}/refresh", {"refresh_token": token}).status == 401


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_is_good_one_step_around_its_own_and_once(guarded: Guarded, steps: int) -> None:
    guarded.clock.advance(minutes=5)
    code = code_of(guarded.secret, steps)
    assert guarded.complete(code).status == 200
    assert refusal(guarded.complete(code)) == (401, "invalid_code")


def test_the_code_that_confirmed_the_set_up_is_spent(noon: FrozenClock, suite: Client, person: User) -> None:
    caller = signed_in(suite, person.email)
    made = set_up(caller)
    code = code_of(made["secret"])
    assert verify(caller, code=code).status == 200
    token = log_in(suite, person.email).body["challenge_token"]
    assert refusal(verify(suite, challenge_token=token, code=code)) == (401, "invalid_code")


def test_an_earlier_code_is_spent_with_a_later_one(guarded: Guarded) -> None:
    guarded.clock.advance(minutes=5)
    assert guarded.complete(code_of(guarded.secret, 1)).status == 200
    assert refusal(guarded.complete(code_of(guarded.secret, 0))) == (401, "invalid_code")


def test_a_challenge_lives_five_minutes_and_one_use(guarded: Guarded) -> None:
    early, late, used = guarded.challenge(), guarded.challenge(), guarded.challenge()
    assert guarded.complete(guarded.code(), used).status == 200
    guarded.clock.advance(seconds=299)
    assert refusal(guarded.complete(guarded.backup[0], used)) == (401, "invalid_challenge")
    assert guarded.complete(guarded.code(), early).status == 200
    guarded.clock.advance(seconds=1)
    assert refusal(guarded.complete(guarded.backup[0], late)) == (401, "invalid_challenge")


def test_a_challenge_is_tried_five_times(guarded: Guarded) -> None:
    token = guarded.challenge()
    for _ in range(5):
        assert refusal(guarded.complete(wrong(guarded.secret), token)) == (401, "invalid_code")
    assert refusal(guarded.complete(guarded.code(), token)) == (401, "invalid_challenge")
    assert guarded.complete(guarded.code()).status == 200
    refused = entries("auth.login_refused")
    assert {(entry.user_id, entry.resource_id) for entry in refused} == {(None, guarded.user.id)}
    assert [entry.after["reason"] for entry in sorted(refused, key=lambda each: each.id) if entry.after] == [
        *["invalid_code"] * 5, "invalid_challenge",
    ]  # fmt: skip


def test_wrong_codes_of_many_challenges_make_further_ones_wait(guarded: Guarded) -> None:
    for _ in range(10):
        assert refusal(guarded.complete(wrong(guarded.secret))) == (401, "invalid_code")
    answer = guarded.complete(guarded.code())
    assert refusal(answer) == (429, "too_many_attempts")
    assert 0 < int(answer.headers["retry-after"]) <= 900
    assert "challenge_token" in log_in(guarded.suite, guarded.user.email).body
    guarded.clock.advance(minutes=15)
    assert guarded.complete(guarded.code()).status == 200


def test_over_a_day_codes_are_guessed_less_often_than_by_the_quarter(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert two_factor.GUESSES == ((10, 900), (50, 86_400))
    monkeypatch.setattr(two_factor, "GUESSES", ((3, 900), (4, 86_400)))
    tried = 0
    for _ in range(3):
        while guarded.complete(wrong(guarded.secret)).status == 401:
            tried += 1
        guarded.clock.advance(minutes=15)
    assert tried == 4
    answer = guarded.complete(guarded.code())
    assert refusal(answer) == (429, "too_many_attempts")
    assert int(answer.headers["retry-after"]) > 3600


def test_a_backup_code_works_once_however_it_is_typed(guarded: Guarded) -> None:
    first, second = guarded.backup[:2]
    assert guarded.complete(first).status == 200
    assert refusal(guarded.complete(first)) == (401, "invalid_code")
    assert guarded.complete(f" {second.replace('-', ' ').upper()} ").status == 200


def test_new_backup_codes_take_the_place_of_all_before(guarded: Guarded) -> None:
    answer = guarded.caller.get(f"{AUTH}/2fa/backup-codes")
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    codes = answer.body["backup_codes"]
    assert len(set(codes)) == 10
    assert not set(codes) & set(guarded.backup)
    assert refusal(guarded.complete(guarded.backup[0])) == (401, "invalid_code")
    assert guarded.complete(codes[9]).status == 200


def test_backup_codes_are_for_sessions_that_passed_the_second_factor(guarded: Guarded) -> None:
    path = f"{AUTH}/2fa/backup-codes"
    without = as_account(guarded.suite, stored(guarded.user))
    assert refusal(without.get(path)) == (403, "two_factor_required")
    passed = guarded.complete(guarded.code()).body
    renewed = guarded.suite.post(f"{AUTH}/refresh", {"refresh_token": passed["refresh_token"]}).body
    confirmed_and_renewed = guarded.suite.post(f"{AUTH}/refresh", {"refresh_token": guarded.session["refresh_token"]})
    for session in (guarded.session, guarded.confirmed.body, passed, renewed, confirmed_and_renewed.body):
        assert guarded.suite.as_caller(session["access_token"]).get(path).status == 200


def test_a_code_makes_a_session_pass(guarded: Guarded) -> None:
    without = as_account(guarded.suite, stored(guarded.user))
    assert refusal(verify(without, code=wrong(guarded.secret))) == (400, "invalid_code")
    answer = verify(without, code=guarded.code())
    assert answer.status == 200
    passed = guarded.suite.as_caller(answer.body["access_token"])
    assert passed.get(f"{AUTH}/2fa/backup-codes").status == 200


def test_sessions_from_before_are_not_renewed_without_the_second_factor(
    noon: FrozenClock, suite: Client, person: User
) -> None:
    elsewhere = session_of(suite, person.email)
    guarded = Guarded(suite, noon, person)
    refreshed = suite.post(f"{AUTH}/refresh", {"refresh_token": elsewhere["refresh_token"]})
    assert refusal(refreshed) == (401, "invalid_refresh_token")
    own = suite.post(f"{AUTH}/refresh", {"refresh_token": guarded.session["refresh_token"]})
    assert own.status == 200


def test_another_set_up_needs_a_code_and_leaves_the_old_one_in_force_until_confirmed(guarded: Guarded) -> None:
    path = f"{AUTH}/2fa/setup"
    assert refusal(guarded.caller.post(path)) == (409, "code_required")
    assert refusal(guarded.caller.post(path, {"code": wrong(guarded.secret)})) == (400, "invalid_code")
    made = set_up(guarded.caller, {"code": guarded.code()})
    guarded.clock.advance(seconds=30)
    assert guarded.complete(guarded.code()).status == 200
    assert refusal(guarded.complete(code_of(made["secret"]))) == (401, "invalid_code")
    assert verify(guarded.caller, code=code_of(made["secret"])).status == 200
    guarded.clock.advance(seconds=30)
    assert refusal(guarded.complete(guarded.code())) == (401, "invalid_code")
    assert refusal(guarded.complete(guarded.backup[0])) == (401, "invalid_code")
    assert guarded.complete(code_of(made["secret"])).status == 200


def test_switching_it_off_needs_a_code_and_forgets_everything(guarded: Guarded) -> None:
    path = f"{AUTH}/2fa/disable"
    assert refusal(guarded.caller.post(path, {"code": wrong(guarded.secret)})) == (400, "invalid_code")
    waiting = guarded.challenge()
    answer = guarded.caller.post(path, {"code": guarded.code()})
    assert (answer.status, answer.body) == (200, {"message": "Two-factor authentication is off"})
    assert refusal(guarded.caller.post(path, {"code": guarded.code()})) == (409, "two_factor_not_enabled")
    assert refusal(guarded.complete(guarded.backup[0], waiting)) == (401, "invalid_challenge")
    assert store.get(TwoFactor, user_id=guarded.user.id) is None
    assert "access_token" in log_in(guarded.suite, guarded.user.email).body
    assert guarded.caller.get(f"{AUTH}/user").body["two_factor_enabled"] is False
    assert len(entries("auth.2fa_disable")) == 1
    send_mails(schedule_event())
    told = [mail["subject"] for mail in sent_emails() if guarded.user.email in str(mail["destinations"])]
    assert told == [f"SoftFactory: two-factor authentication was switched {way}" for way in ("on", "off")]


def test_a_backup_code_switches_it_off(guarded: Guarded) -> None:
    assert guarded.caller.post(f"{AUTH}/2fa/disable", {"code": guarded.backup[3]}).status == 200


def test_without_a_set_up_there_is_nothing_to_verify(suite: Client, person: User) -> None:
    caller = signed_in(suite, person.email)
    assert refusal(verify(caller, code="123456")) == (409, "two_factor_not_set_up")
    assert refusal(caller.post(f"{AUTH}/2fa/disable", {"code": "123456"})) == (409, "two_factor_not_enabled")
    assert refusal(caller.get(f"{AUTH}/2fa/backup-codes")) == (409, "two_factor_not_enabled")


def test_a_closed_account_does_not_complete_its_sign_in(guarded: Guarded) -> None:
    from tests.functions.softfactory.accounts.test_sign_in import alter

    token = guarded.challenge()
    alter(guarded.user, status="banned")
    assert refusal(guarded.complete(guarded.code(), token)) == (403, "account_banned")


def test_ended_sessions_end_sign_ins_under_way(guarded: Guarded) -> None:
    token = guarded.challenge()
    sessions.end_all(guarded.user.id)
    assert refusal(guarded.complete(guarded.code(), token)) == (401, "invalid_challenge")


def test_the_second_step_takes_the_deletion_back_and_the_first_does_not(guarded: Guarded) -> None:
    assert guarded.caller.delete(f"{AUTH}/account").status == 204
    token = guarded.challenge()
    assert stored(guarded.user).deletion_due is not None
    done = guarded.complete(guarded.code(), token)
    assert (done.status, stored(guarded.user).deletion_due) == (200, None)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "code"),
        ({"code": "12345"}, "code"),
        ({"code": 123456}, "code"),
        ({"code": None}, "code"),
        ({"code": "1" * 33}, "code"),
        ({"code": "123456", "challenge_token": ""}, "challenge_token"),
        ({"code": "123456", "challenge_token": "x" * 129}, "challenge_token"),
    ],
)
def test_what_is_missing_or_malformed_is_named(suite: Client, body: dict[str, Any], field: str) -> None:
    answer = verify(suite, **body)
    assert refusal(answer) == (422, "validation_error")
    assert [problem["field"] for problem in answer.body["error"]["details"]] == [field]


def test_a_code_alone_needs_a_token(suite: Client, person: User) -> None:
    assert refusal(verify(suite, code="123456")) == (401, "unauthorized")
    assert refusal(verify(suite.as_caller("x"), code="123456")) == (401, "unauthorized")
    for method, path in (("POST", "2fa/setup"), ("GET", "2fa/backup-codes"), ("POST", "2fa/disable")):
        assert refusal(suite.request(method, f"{AUTH}/{path}")) == (401, "unauthorized")


@pytest.mark.parametrize("token", ["x", "é" * 20, "\x7f", "A" * 43])
def test_an_invented_challenge_is_refused(suite: Client, token: str) -> None:
    assert refusal(verify(suite, challenge_token=token, code="123456")) == (401, "invalid_challenge")


def test_an_impersonating_administrator_touches_no_credentials(guarded: Guarded, admin: Client) -> None:
    token = sessions.impersonated(stored(guarded.user), account_of(admin))
    caller = guarded.suite.as_caller(token)
    calls: list[Callable[[], Answer]] = [
        lambda: caller.post(f"{AUTH}/2fa/setup", {"code": guarded.code()}),
        lambda: verify(caller, code=guarded.code()),
        lambda: caller.get(f"{AUTH}/2fa/backup-codes"),
        lambda: caller.post(f"{AUTH}/2fa/disable", {"code": guarded.code()}),
        lambda: caller.delete(f"{AUTH}/account"),
    ]
    assert [refusal(call()) for call in calls] == [(403, "impersonating")] * 5


def test_where_secrets_cannot_be_sealed_it_is_not_available(suite: Client, person: User) -> None:
    caller = signed_in(suite, person.email)
    with use({"QUINTET_KMS_KEY": ""}):
        assert refusal(caller.post(f"{AUTH}/2fa/setup")) == (503, "two_factor_unavailable")
    assert store.get(TwoFactor, user_id=person.id) is None


def test_what_cannot_be_unsealed_for_a_moment_costs_no_guess(guarded: Guarded) -> None:
    from quintet.providers import vault

    token = guarded.challenge()
    with use({"QUINTET_KMS_KEY": ""}):
        vault.reset()
        for _ in range(4):
            assert refusal(guarded.complete(guarded.code(), token)) == (503, "two_factor_unavailable")
    for _ in range(9):
        assert refusal(guarded.complete(wrong(guarded.secret)))[0] == 401
    assert guarded.complete(guarded.code()).status == 200
