"""Signing up, in and out; and what a caregiver's unconfirmed address does not open."""

from __future__ import annotations

import re
from typing import Any

import pytest

from quintet.auth import throttle
from quintet.models.time import frozen
from quintet.settings import use
from quintet.testing import Client
from tests.functions.memory_mirror.conftest import MakePatient, SignIn
from tests.support.aws import in_threads, sent_emails

ROSE = {"email": "rose@example.com", "password": "a-garden-of-roses", "full_name": "Rose Miller"}


def test_who_registers_is_signed_in(mirror: Client) -> None:
    answer = mirror.post("/auth/register", {**ROSE, "email": " Rose@Example.com "})
    assert answer.status == 201
    assert set(answer.body) == {"access_token", "refresh_token", "expires_at", "user"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", answer.body["expires_at"])
    user = answer.body["user"]
    assert (user["email"], user["full_name"], user["role"], user["confirmed"]) == (
        "rose@example.com",
        "Rose Miller",
        "user",
        False,
    )
    assert answer.headers["cache-control"] == "no-store"
    assert mirror.as_caller(answer.body["access_token"]).get("/auth/me").body == user


def test_an_address_has_one_account(mirror: Client) -> None:
    mirror.post("/auth/register", ROSE)
    again = mirror.post("/auth/register", {**ROSE, "email": "ROSE@example.com"})
    assert (again.status, again.body) == (400, {"error": "email: an account with this address exists already"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("password", "short"),
        ("password", "password123"),
        ("full_name", ""),
        ("role", "admin"),
        ("role", "nurse"),
    ],
)
def test_a_bad_registration_names_the_field(mirror: Client, field: str, value: str) -> None:
    answer = mirror.post("/auth/register", {**ROSE, field: value})
    assert answer.status == 400
    assert answer.body["error"].startswith(f"{field}: ")
    assert mirror.post("/auth/register", ROSE).status == 201


def test_the_password_signs_in_and_nothing_else_does(mirror: Client) -> None:
    mirror.post("/auth/register", ROSE)
    good = mirror.post("/auth/login", {"email": "rose@example.com", "password": ROSE["password"]})
    assert (good.status, good.body["user"]["role"]) == (200, "user")
    refused = {"error": "Invalid e-mail address or password"}
    for email, password in (("rose@example.com", "a-garden-of-rosez"), ("nobody@example.com", ROSE["password"])):
        answer = mirror.post("/auth/login", {"email": email, "password": password})
        assert (answer.status, answer.body) == (401, refused)


def test_ten_failures_make_the_next_attempt_wait(mirror: Client) -> None:
    mirror.post("/auth/register", ROSE)
    wrong = {"email": "rose@example.com", "password": "wrong-password"}
    assert [mirror.post("/auth/login", wrong).status for _ in range(11)] == [401] * 10 + [429]
    answer = mirror.post("/auth/login", {**wrong, "password": ROSE["password"]})
    assert (answer.status, answer.body) == (429, {"error": "Too many attempts, please try again later"})
    assert int(answer.headers["retry-after"]) > 0


def test_many_people_sign_in_at_once_behind_one_address(mirror: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror.post("/auth/register", ROSE)
    monkeypatch.setattr(throttle, "WAITS", (0.05,) * 600)
    rose = {"email": ROSE["email"], "password": ROSE["password"]}
    assert in_threads(16, lambda _: mirror.post("/auth/login", rose).status) == [200] * 16


def test_a_refresh_token_is_good_once(mirror: Client) -> None:
    first = mirror.post("/auth/register", ROSE).body
    with frozen() as clock:
        renewed = mirror.post("/auth/refresh", {"refresh_token": first["refresh_token"]})
        assert (renewed.status, set(renewed.body)) == (200, set(first))
        clock.advance(minutes=1)
        stolen = mirror.post("/auth/refresh", {"refresh_token": first["refresh_token"]})
        assert (stolen.status, stolen.body) == (401, {"error": "Invalid refresh token"})
        assert mirror.post("/auth/refresh", {"refresh_token": renewed.body["refresh_token"]}).status == 401


def test_signing_out_ends_every_session(mirror: Client) -> None:
    session = mirror.post("/auth/register", ROSE).body
    assert mirror.as_caller(session["access_token"]).post("/auth/logout").status == 204
    assert mirror.post("/auth/refresh", {"refresh_token": session["refresh_token"]}).status == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/auth/me"), ("POST", "/auth/logout"), ("POST", "/auth/confirm"), ("POST", "/auth/send-code")],
)
def test_nobody_has_no_session(mirror: Client, method: str, path: str) -> None:
    answer = mirror.request(method, path, {})
    assert (answer.status, answer.body) == (401, {"error": "Unauthorized"})


def test_a_deployed_stage_wants_a_caregivers_address_confirmed(
    mirror: Client, rose: Client, make_patient: MakePatient
) -> None:
    make_patient(rose, caregivers=["carer@example.com"])
    rose.post("/entities/Memory", {"title": "The garden", "content": "Orange trees."})
    with use({"QUINTET_STAGE": "prod"}):
        session = _register_carer(mirror)
        carer = mirror.as_caller(session["access_token"])
        assert carer.get("/entities/Memory").body["items"] == []
        wrong = carer.post("/auth/confirm", {"code": _other(_code())})
        assert (wrong.status, wrong.body) == (400, {"error": "code: it is wrong or no longer good"})
        confirmed = carer.post("/auth/confirm", {"code": _code()})
        assert (confirmed.status, confirmed.body["user"]["confirmed"]) == (200, True)
        seen = mirror.as_caller(confirmed.body["access_token"]).get("/entities/Memory").body["items"]
        assert [memory["title"] for memory in seen] == ["The garden"]


def test_on_a_laptop_the_address_is_enough(mirror: Client, rose: Client, make_patient: MakePatient) -> None:
    make_patient(rose, caregivers=["carer@example.com"])
    carer = mirror.as_caller(_register_carer(mirror)["access_token"])
    assert [one["name"] for one in carer.get("/entities/Patient").body["items"]] == ["Rose Miller"]


def test_a_code_is_sent_again_and_replaces_the_first(mirror: Client) -> None:
    with frozen() as clock:
        session = _register_carer(mirror)
        carer, first = mirror.as_caller(session["access_token"]), _code()
        too_soon = carer.post("/auth/send-code")
        assert too_soon.status == 429
        clock.advance(minutes=1)
        assert carer.post("/auth/send-code").status == 200
        second = _code()
        if first != second:
            assert carer.post("/auth/confirm", {"code": first}).status == 400
        assert carer.post("/auth/confirm", {"code": second}).status == 200


def test_a_user_cannot_confirm_with_anothers_code(mirror: Client, sign_in: SignIn) -> None:
    _register_carer(mirror)
    other = sign_in("caregiver", "other@example.com")
    assert other.post("/auth/confirm", {"code": _code()}).status == 400


def _register_carer(mirror: Client) -> dict[str, Any]:
    carer = {"email": "carer@example.com", "password": "a-garden-of-roses", "full_name": "Carl", "role": "caregiver"}
    answer = mirror.post("/auth/register", carer)
    assert answer.status == 201
    return dict(answer.body)


def _code() -> str:
    mails = [m["body"] for m in sent_emails() if "carer@example.com" in str(m["destinations"])]
    found = re.search(r"\n(\d{6})\n", mails[-1])
    assert found is not None
    return found[1]


def _other(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"
