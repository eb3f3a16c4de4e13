"""Brands' accounts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from quintet.auth import throttle, tokens
from quintet.models import new_id
from quintet.models.time import frozen
from quintet.testing import Client, schedule_event
from stoory.accounts.entities import EmailClaim
from stoory.demo import make_admin
from stoory.notifications.operations import send_due
from stoory.service import store
from tests.support.aws import in_threads
from tests.support.calls import recorded
from tests.support.people import mails_to, token_mailed_to

NOON = datetime(2026, 1, 18, 12, tzinfo=UTC)
PASSWORD = "SecurePassword1"
BASE = "/api/v1/auth/brand"
BAD_TOKEN = {"success": False, "message": "Invalid or expired token"}
BAD_LOGIN = {"success": False, "message": "Invalid credentials"}


@pytest.fixture
def email() -> str:
    """An address of this test alone: the mocked mail service is the process's."""
    return f"{new_id()}@example.com"


def register(market: Client, email: str, **more: Any) -> dict[str, Any]:
    answer = market.post(f"{BASE}/register", {"email": email, "password": PASSWORD, **more})
    assert answer.status == 201, answer
    user: dict[str, Any] = answer.body["user"]
    return user


def log_in(market: Client, email: str, password: str = PASSWORD, ip: str | None = None) -> Any:
    return market.post(f"{BASE}/login", {"email": email, "password": password}, ip=ip)


def mailed(email: str) -> str:
    """The token in the newest message, once the clock has sent what is due."""
    send_due(schedule_event())
    return token_mailed_to(email)


def test_registering_answers_the_account_and_no_tokens(market: Client, email: str) -> None:
    with frozen(NOON):
        answer = market.post(f"{BASE}/register", {"email": email.upper(), "password": PASSWORD, "name": "Acme"})
    assert answer.status == 201
    assert answer.body == {
        "success": True,
        "message": "Brand owner registered successfully",
        "user": {
            "id": answer.body["user"]["id"],
            "phone": None,
            "email": email,
            "role": "BRAND",
            "name": "Acme",
            "phone_verified": False,
            "email_verified": False,
            "created_at": "2026-01-18T12:00:00Z",
            "updated_at": "2026-01-18T12:00:00Z",
        },
    }
    assert mails_to(email) == 1


def test_an_address_registers_once_even_in_parallel(market: Client, email: str) -> None:
    body = {"email": email, "password": PASSWORD}
    answers = in_threads(5, lambda _: market.post(f"{BASE}/register", body).status)
    assert sorted(map(str, answers)) == ["201"] + ["400"] * 4
    again = market.post(f"{BASE}/register", body)
    assert (again.status, again.body) == (400, {"success": False, "message": "Email already registered"})


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"email": "nobody"}, "email"),
        ({"password": "Short1"}, "password"),
        ({"password": "alllower1"}, "password"),
        ({"password": "ALLUPPER1"}, "password"),
        ({"password": "NoNumbers"}, "password"),
        ({"password": None}, "password"),
        ({"name": "x"}, "name"),
        ({"name": "x" * 101}, "name"),
    ],
)
def test_a_malformed_registration_is_refused(market: Client, change: dict[str, Any], param: str) -> None:
    body = {"email": "acme@example.com", "password": PASSWORD, **change}
    answer = market.post(f"{BASE}/register", body)
    assert (answer.status, answer.body["message"]) == (400, "Validation failed")
    assert [(e["param"], e["location"]) for e in answer.body["errors"]] == [(param, "body")]


def test_signing_in_before_the_address_is_confirmed(market: Client, email: str) -> None:
    user = register(market, email)
    answer = log_in(market, email.upper())
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.body == {
        "success": True,
        "user": user,
        "token": answer.body["token"],
        "refreshToken": answer.body["refreshToken"],
        "message": "Login successful",
    }
    claims = tokens.verify(answer.body["token"])
    assert (claims.subject, claims.get("role")) == (user["id"], "BRAND")


def test_administrators_use_the_same_form(market: Client, email: str) -> None:
    password = make_admin(email)
    assert password is not None
    assert log_in(market, email, password).body["user"]["role"] == "ADMIN"
    assert make_admin(email) is None


def test_a_brand_never_becomes_an_administrator(market: Client, email: str) -> None:
    register(market, email)
    with pytest.raises(ValueError, match="another role"):
        make_admin(email)


def test_a_wrong_password_and_an_unknown_address_cost_and_answer_the_same(market: Client, email: str) -> None:
    register(market, email)
    with recorded() as wrong_calls:
        wrong = log_in(market, email, "WrongPassword1")
    with recorded() as unknown_calls:
        unknown = log_in(market, f"x{email}", "WrongPassword1")
    assert (wrong.status, wrong.body) == (401, BAD_LOGIN)
    assert (unknown.status, unknown.body) == (401, BAD_LOGIN)
    assert wrong_calls.names == unknown_calls.names


def test_ten_failures_make_an_account_wait(market: Client, email: str) -> None:
    register(market, email)
    with frozen(NOON) as clock:
        tried = [log_in(market, email, "Wrong1234", ip=f"198.51.100.{n}").status for n in range(10)]
        refused = log_in(market, email, ip="198.51.100.99")
        clock.advance(minutes=15)
        later = log_in(market, email)
    assert tried == [401] * 10
    assert refused.status == 429
    assert refused.headers["retry-after"] == "900"
    assert refused.body == {"success": False, "message": "Too many failed attempts, please try again later"}
    assert later.status == 200


def test_ten_failures_make_an_address_wait_even_in_parallel(market: Client, email: str) -> None:
    register(market, email)
    with frozen(NOON):
        answers = in_threads(14, lambda n: log_in(market, f"{n}{email}", "Wrong1234").status)
        here, elsewhere = log_in(market, email), log_in(market, email, ip="198.51.100.1")
    assert sorted(map(str, answers)) == ["401"] * 10 + ["429"] * 4
    assert (here.status, elsewhere.status) == (429, 200)


def test_right_passwords_are_not_counted(market: Client, email: str) -> None:
    register(market, email)
    assert {log_in(market, email).status for _ in range(12)} == {200}


def test_many_people_sign_in_at_once_behind_one_address(
    market: Client, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(market, email)
    monkeypatch.setattr(throttle, "WAITS", (0.05,) * 600)
    assert in_threads(16, lambda _: log_in(market, email).status) == [200] * 16


@pytest.mark.parametrize("body", [{}, {"email": "a@example.com"}, {"email": "x", "password": "y"}, []])
def test_a_malformed_login_is_refused(market: Client, body: Any) -> None:
    assert market.post(f"{BASE}/login", body).status == 400


def test_an_address_is_confirmed_once_with_the_token_from_the_mail(market: Client, email: str) -> None:
    register(market, email)
    token = token_mailed_to(email)
    answers = in_threads(4, lambda _: market.post(f"{BASE}/verify-email", {"token": token}))
    good = [a for a in answers if not isinstance(a, Exception) and a.status == 200]
    assert [a.body for a in good] == [{"success": True, "message": "Email verified successfully"}]
    again = market.post(f"{BASE}/verify-email", {"token": token})
    assert (again.status, again.body) == (400, BAD_TOKEN)
    assert log_in(market, email).body["user"]["email_verified"] is True


def test_a_verification_token_lives_a_day(market: Client, email: str) -> None:
    with frozen(NOON) as clock:
        register(market, email)
        clock.advance(hours=24)
        assert market.post(f"{BASE}/verify-email", {"token": token_mailed_to(email)}).body == BAD_TOKEN


@pytest.mark.parametrize("token", ["x", "é" * 30, "A" * 65, "A" * 256])
def test_a_foreign_token_is_refused(market: Client, token: str) -> None:
    assert market.post(f"{BASE}/verify-email", {"token": token}).body == BAD_TOKEN
    body = {"token": token, "new_password": "Another1Word"}
    assert market.post(f"{BASE}/reset-password", body).body == BAD_TOKEN


@pytest.mark.parametrize("path", ["verify-email", "reset-password"])
def test_a_missing_token_is_a_bad_request(market: Client, path: str) -> None:
    answer = market.post(f"{BASE}/{path}", {"new_password": "Another1Word"})
    assert (answer.status, [e["param"] for e in answer.body["errors"]]) == (400, ["token"])


def test_the_newest_verification_token_wins(market: Client, email: str) -> None:
    register(market, email)
    first = token_mailed_to(email)
    answer = market.post(f"{BASE}/resend-verification", {"email": email})
    assert answer.body == {"success": True, "message": "Verification email sent successfully"}
    second = mailed(email)
    assert market.post(f"{BASE}/verify-email", {"token": first}).status == 400
    assert market.post(f"{BASE}/verify-email", {"token": second}).status == 200


def test_a_confirmed_address_gets_no_more_verification(market: Client, email: str) -> None:
    register(market, email)
    market.post(f"{BASE}/verify-email", {"token": token_mailed_to(email)})
    assert market.post(f"{BASE}/resend-verification", {"email": email}).status == 200
    send_due(schedule_event())
    assert mails_to(email) == 1


@pytest.mark.parametrize("path", ["resend-verification", "forgot-password"])
def test_known_and_unknown_addresses_cost_and_answer_the_same(market: Client, email: str, path: str) -> None:
    register(market, email)
    with recorded() as known_calls:
        known = market.post(f"{BASE}/{path}", {"email": email})
    with recorded() as unknown_calls:
        unknown = market.post(f"{BASE}/{path}", {"email": f"x{email}"})
    assert (known.status, known.raw) == (200, unknown.raw)
    assert known_calls.names == unknown_calls.names
    send_due(schedule_event())
    assert (mails_to(email), mails_to(f"x{email}")) == (2, 0)


@pytest.mark.parametrize("path", ["resend-verification", "forgot-password"])
def test_a_malformed_address_is_refused(market: Client, path: str) -> None:
    assert market.post(f"{BASE}/{path}", {"email": "nobody"}).status == 400


def test_nobodys_mailbox_is_flooded(market: Client, email: str) -> None:
    with frozen(NOON):
        register(market, email)
        answers = {market.post(f"{BASE}/forgot-password", {"email": email}).status for _ in range(8)}
        send_due(schedule_event())
    assert (answers, mails_to(email)) == ({200}, 6)


def test_a_reset_sets_the_password_and_ends_every_session(market: Client, email: str) -> None:
    register(market, email)
    session = log_in(market, email).body
    answer = market.post(f"{BASE}/forgot-password", {"email": email})
    assert answer.body == {"success": True, "message": "Password reset email sent successfully"}
    body = {"token": mailed(email), "new_password": "Another1Word"}
    reset = market.post(f"{BASE}/reset-password", body)
    assert (reset.status, reset.body) == (200, {"success": True, "message": "Password reset successfully"})
    assert market.post("/api/v1/auth/refresh-token", {"refreshToken": session["refreshToken"]}).status == 401
    assert (log_in(market, email).status, log_in(market, email, "Another1Word").status) == (401, 200)
    again = market.post(f"{BASE}/reset-password", body)
    assert (again.status, again.body) == (400, BAD_TOKEN)


def test_a_reset_token_lives_an_hour_and_is_no_verification_token(market: Client, email: str) -> None:
    with frozen(NOON) as clock:
        register(market, email)
        market.post(f"{BASE}/forgot-password", {"email": email})
        token = mailed(email)
        assert market.post(f"{BASE}/verify-email", {"token": token}).status == 400
        clock.advance(hours=1)
        answer = market.post(f"{BASE}/reset-password", {"token": token, "new_password": "Another1Word"})
    assert answer.body == BAD_TOKEN


def test_a_weak_new_password_leaves_the_token_good(market: Client, email: str) -> None:
    register(market, email)
    market.post(f"{BASE}/forgot-password", {"email": email})
    token = mailed(email)
    weak = market.post(f"{BASE}/reset-password", {"token": token, "new_password": "weak"})
    assert (weak.status, [e["param"] for e in weak.body["errors"]]) == (400, ["new_password"])
    body = {"token": token, "new_password": "Another1Word"}
    assert market.post(f"{BASE}/reset-password", body).status == 200


def test_passwords_are_stored_as_argon2_hashes(market: Client, email: str) -> None:
    register(market, email)
    claim = store.get(EmailClaim, email=email)
    assert claim is not None
    assert claim.password_hash.startswith("$argon2id$")
