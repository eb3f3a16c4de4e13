"""Signing in by phone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from quintet import settings
from quintet.auth import tokens
from quintet.models import is_id
from quintet.models.time import frozen
from quintet.testing import Client
from stoory.accounts.entities import PhoneClaim, User
from stoory.service import store
from tests.support.aws import in_threads
from tests.support.people import code_sent_to, enter, wrong

NOON = datetime(2026, 1, 18, 12, tzinfo=UTC)
PHONE = "+919876500001"
SEND, REGISTER = "/api/v1/auth/send-otp", "/api/v1/auth/send-registration-otp"
VERIFY, REFRESH = "/api/v1/auth/verify-otp", "/api/v1/auth/refresh-token"


@pytest.mark.parametrize(
    ("path", "message"),
    [(SEND, "OTP sent successfully"), (REGISTER, "Registration OTP sent successfully")],
)
def test_a_code_is_sent(market: Client, path: str, message: str) -> None:
    answer = market.post(path, {"phone": PHONE})
    assert (answer.status, answer.body) == (200, {"success": True, "message": message})
    assert code_sent_to(PHONE).isdigit()


def test_known_and_unknown_phones_get_the_same_answer(market: Client) -> None:
    with frozen(NOON) as clock:
        enter(market, PHONE)
        clock.advance(seconds=31)
        known, unknown = market.post(SEND, {"phone": PHONE}), market.post(SEND, {"phone": "+919876500002"})
    assert (known.status, known.raw) == (unknown.status, unknown.raw)


def test_a_registered_phone_gets_no_registration_code(market: Client) -> None:
    enter(market, PHONE)
    answer = market.post(REGISTER, {"phone": PHONE})
    assert answer.status == 400
    assert answer.body == {
        "success": False,
        "message": "Phone number is already registered",
        "code": "PHONE_REGISTERED",
    }


@pytest.mark.parametrize("path", [SEND, REGISTER])
@pytest.mark.parametrize("phone", ["9876543210", "+0123456789", "+123456", "+123456789012345678", "+91 98765", "", 7])
def test_a_malformed_phone_is_refused(market: Client, path: str, phone: object) -> None:
    answer = market.post(path, {"phone": phone})
    assert answer.status == 400
    assert answer.body["success"] is False
    assert answer.body["message"] == "Validation failed"
    assert answer.body["code"] == "INVALID_BODY"
    assert [(e["param"], e["location"]) for e in answer.body["errors"]] == [("phone", "body")]


def test_half_a_minute_passes_between_two_codes(market: Client) -> None:
    with frozen(NOON) as clock:
        market.post(SEND, {"phone": PHONE})
        clock.advance(seconds=10)
        refused = market.post(SEND, {"phone": PHONE})
        clock.advance(seconds=20)
        assert market.post(SEND, {"phone": PHONE}).status == 200
    assert (refused.status, refused.headers["retry-after"]) == (400, "20")
    assert refused.body == {
        "success": False,
        "message": "Too many codes were requested, please try again later",
        "code": "OTP_RATE_LIMITED",
    }


def test_a_phone_gets_five_codes_an_hour(market: Client) -> None:
    with frozen(NOON) as clock:
        statuses = []
        for _ in range(6):
            statuses.append(market.post(SEND, {"phone": PHONE}).status)
            clock.advance(minutes=1)
        clock.advance(minutes=54)
        later = market.post(SEND, {"phone": PHONE})
    assert statuses == [200] * 5 + [400]
    assert later.status == 200


def test_an_address_gets_twenty_codes_an_hour_even_in_parallel(market: Client) -> None:
    with frozen(NOON):
        answers = in_threads(24, lambda n: market.post(SEND, {"phone": f"+9198765010{n:02d}"}).status)
        elsewhere = market.post(SEND, {"phone": PHONE}, ip="198.51.100.9")
    assert sorted(map(str, answers)) == ["200"] * 20 + ["400"] * 4
    assert elsewhere.status == 200


def test_numbers_of_no_country_get_ten_codes_an_hour(market: Client) -> None:
    with frozen(NOON):
        found = [market.post(SEND, {"phone": f"+8835100000{n:02d}"}, ip=f"198.51.100.{n}").status for n in range(11)]
    assert found == [200] * 10 + [400]


def test_without_a_way_to_send_the_answer_is_503(market: Client) -> None:
    with settings.use({"QUINTET_SMS_SENDER": ""}):
        answer = market.post(SEND, {"phone": PHONE})
    assert answer.status == 503
    assert answer.body["code"] == "OTP_NOT_SENT"


def test_the_first_right_code_makes_an_influencer(market: Client) -> None:
    with frozen(NOON):
        answer = enter(market, PHONE, name="Asha Rao", city="Pune", min_value=500.5)
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    user = answer.body["user"]
    assert answer.body == {
        "success": True,
        "user": {
            "id": user["id"],
            "phone": PHONE,
            "email": None,
            "role": "INFLUENCER",
            "name": "Asha Rao",
            "phone_verified": True,
            "email_verified": False,
            "created_at": "2026-01-18T12:00:00Z",
            "updated_at": "2026-01-18T12:00:00Z",
        },
        "token": answer.body["token"],
        "refreshToken": answer.body["refreshToken"],
        "message": "Authentication successful",
    }
    assert is_id(user["id"])
    with frozen(NOON):
        claims = tokens.verify(answer.body["token"])
        profile = market.as_caller(answer.body["token"]).get("/api/v1/users/me").data["profile"]
    assert (claims.subject, claims.get("role")) == (user["id"], "INFLUENCER")
    assert (profile["city"], profile["min_value"]) == ("Pune", 500.5)


def test_a_known_phone_signs_in_to_its_account(market: Client) -> None:
    with frozen(NOON) as clock:
        first = enter(market, PHONE, name="Asha")
        clock.advance(minutes=1)
        again = enter(market, PHONE, name="Mallory")
    assert again.status == 200
    assert again.body["user"] == first.body["user"]


def test_a_code_is_good_once_and_for_one_of_many(market: Client) -> None:
    market.post(SEND, {"phone": PHONE})
    body = {"phone": PHONE, "token": code_sent_to(PHONE)}
    answers = in_threads(5, lambda _: market.post(VERIFY, body).status)
    assert sorted(map(str, answers)) == ["200"] + ["400"] * 4
    refused = market.post(VERIFY, body)
    assert refused.body == {"success": False, "message": "Invalid or expired OTP", "code": "INVALID_OTP"}


def test_the_fifth_wrong_try_kills_a_code(market: Client) -> None:
    market.post(SEND, {"phone": PHONE})
    code = code_sent_to(PHONE)
    tried = [market.post(VERIFY, {"phone": PHONE, "token": wrong(code)}).status for _ in range(5)]
    assert tried == [400] * 5
    assert market.post(VERIFY, {"phone": PHONE, "token": code}).status == 400
    assert store.get(PhoneClaim, phone=PHONE) is None


def test_a_code_dies_after_five_minutes_and_by_a_newer_one(market: Client) -> None:
    with frozen(NOON) as clock:
        market.post(SEND, {"phone": PHONE})
        first = code_sent_to(PHONE)
        clock.advance(seconds=40)
        market.post(SEND, {"phone": PHONE})
        second = code_sent_to(PHONE)
        if first != second:
            assert market.post(VERIFY, {"phone": PHONE, "token": first}).status == 400
        clock.advance(seconds=300)
        assert market.post(VERIFY, {"phone": PHONE, "token": second}).status == 400


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"phone": PHONE}, "token"),
        ({"phone": PHONE, "token": "123"}, "token"),
        ({"phone": PHONE, "token": "1234567"}, "token"),
        ({"token": "123456"}, "phone"),
        ({"phone": PHONE, "token": "123456", "userData": "x"}, "userData"),
        ({"phone": PHONE, "token": "123456", "userData": {"tier": "HUGE"}}, "userData.tier"),
    ],
)
def test_a_malformed_proof_is_refused(market: Client, body: dict[str, object], param: str) -> None:
    answer = market.post(VERIFY, body)
    assert answer.status == 400
    assert [e["param"] for e in answer.body["errors"]] == [param]


def test_bad_user_data_leaves_the_code_good(market: Client) -> None:
    market.post(SEND, {"phone": PHONE})
    proof = {"phone": PHONE, "token": code_sent_to(PHONE)}
    refused = market.post(VERIFY, {**proof, "userData": {"min_value": 5, "max_value": 4}})
    assert (refused.status, [e["param"] for e in refused.body["errors"]]) == (400, ["userData.max_value"])
    assert market.post(VERIFY, proof).status == 200


def test_a_refresh_token_is_traded_for_new_tokens(market: Client) -> None:
    session = enter(market, PHONE).body
    answer = market.post(REFRESH, {"refreshToken": session["refreshToken"]})
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    data = answer.body["data"]
    assert answer.body == {"success": True, "data": {"token": data["token"], "refreshToken": data["refreshToken"]}}
    assert data["refreshToken"] != session["refreshToken"]
    assert tokens.verify(data["token"]).subject == session["user"]["id"]
    assert market.as_caller(data["token"]).get("/api/v1/users/me").status == 200


def test_a_refresh_token_used_before_ends_its_family(market: Client) -> None:
    with frozen(NOON) as clock:
        old = enter(market, PHONE).body["refreshToken"]
        new = market.post(REFRESH, {"refreshToken": old}).data["refreshToken"]
        clock.advance(minutes=1)
        stolen = market.post(REFRESH, {"refreshToken": old})
        after = market.post(REFRESH, {"refreshToken": new})
    expected = {"success": False, "message": "Invalid refresh token", "code": "INVALID_REFRESH_TOKEN"}
    assert (stolen.status, stolen.body) == (401, expected)
    assert (after.status, after.body) == (401, expected)


@pytest.mark.parametrize("token", ["nonsense", "é", "A" * 4096])
def test_a_foreign_refresh_token_is_refused(market: Client, token: str) -> None:
    answer = market.post(REFRESH, {"refreshToken": token})
    assert (answer.status, answer.body["code"]) == (401, "INVALID_REFRESH_TOKEN")


@pytest.mark.parametrize("body", [{}, {"refreshToken": ""}, {"refreshToken": 5}])
def test_a_missing_refresh_token_is_a_bad_request(market: Client, body: dict[str, object]) -> None:
    answer = market.post(REFRESH, body)
    assert (answer.status, answer.body["code"]) == (400, "INVALID_BODY")


def test_a_removed_account_refreshes_nothing(market: Client) -> None:
    session = enter(market, PHONE).body
    user = store.require(User, None, id=session["user"]["id"])  # type: ignore[arg-type]
    store.delete(user)
    assert market.post(REFRESH, {"refreshToken": session["refreshToken"]}).status == 401


def test_whatsapp_is_disconnected_until_it_is_set_up(market: Client) -> None:
    answer = market.get("/api/v1/auth/whatsapp-status")
    assert (answer.status, answer.body) == (200, {"success": True, "whatsapp": {"status": "disconnected"}})


def test_codes_go_by_whatsapp_when_it_is_connected(market: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from quintet.providers import whatsapp

    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(whatsapp, "takes_codes", lambda: True)
    monkeypatch.setattr(whatsapp, "send_code", lambda to, code: sent.append((to, code)))
    assert market.get("/api/v1/auth/whatsapp-status").body["whatsapp"] == {"status": "connected"}
    assert market.post(SEND, {"phone": PHONE}).status == 200
    ((to, code),) = sent
    assert to == PHONE
    assert market.post(VERIFY, {"phone": PHONE, "token": code}).status == 200
