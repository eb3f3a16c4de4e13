"""Accounts: registering and signing in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from quintet import settings
from quintet.auth import passwords, throttle, tokens
from quintet.models import is_id
from quintet.models.time import FrozenClock, frozen
from quintet.testing import Client
from storefront.accounts.entities import Account, EmailClaim
from storefront.service import store
from tests.support.aws import in_threads
from tests.support.calls import recorded

JOHN = {
    "email": "user@example.com",
    "password": "SecurePassword123!",
    "first_name": "John",
    "last_name": "Doe",
}
LOGIN = {"email": JOHN["email"], "password": JOHN["password"]}


@pytest.fixture
def clock() -> Iterator[FrozenClock]:
    with frozen(datetime(2025, 1, 18, 10, tzinfo=UTC)) as stopped:
        yield stopped


def register(shop: Client, **changes: Any) -> Any:
    answer = shop.post("/api/v1/auth/register", {**JOHN, **changes})
    assert answer.status == 201, answer
    return answer.data


def refresh(shop: Client, token: str) -> Any:
    return shop.post("/api/v1/auth/refresh", {"refresh_token": token})


def deactivate(user_id: str) -> None:
    store.update(Account, Account.key(id=user_id), put={"active": False})


def put_away(data: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """The two tokens of a session, and the rest of it."""
    rest = dict(data)
    return rest.pop("access_token"), rest.pop("refresh_token"), rest


# Register


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_registering_makes_an_account_and_signs_it_in(shop: Client, clock: FrozenClock, version: Any) -> None:
    answer = shop.speaking(version).post("/api/v1/auth/register", JOHN)
    assert answer.status == 201
    access, refresh_token, rest = put_away(answer.data)
    user_id = rest["user"]["id"]
    assert answer.body.keys() == {"data"}
    assert list(answer.data) == ["user", "access_token", "refresh_token", "expires_at"]
    assert rest == {
        "user": {
            "id": user_id,
            "email": "user@example.com",
            "first_name": "John",
            "last_name": "Doe",
            "active": True,
            "email_verified": False,
            "created_at": "2025-01-18T10:00:00Z",
            "updated_at": "2025-01-18T10:00:00Z",
        },
        "expires_at": "2025-01-18T10:15:00Z",
    }
    assert is_id(user_id)
    claims = tokens.verify(access)
    assert (claims.subject, claims.get("email")) == (user_id, "user@example.com")
    assert shop.as_caller(access).get("/api/v1/auth/profile").data["roles"] == ["user"]
    assert refresh(shop, refresh_token).status == 200


def test_registering_is_one_transaction_and_nothing_else(shop: Client) -> None:
    with recorded() as calls:
        register(shop)
    assert calls.names == ["TransactWriteItems"]


def test_the_password_is_kept_only_as_an_argon2id_hash(shop: Client) -> None:
    user = register(shop)["user"]
    claim, account = store.get(EmailClaim, email=JOHN["email"]), store.get(Account, id=user["id"])
    assert claim is not None
    assert account is not None
    assert (claim.password_hash or "").startswith("$argon2id$")
    assert JOHN["password"] not in claim.model_dump_json() + account.model_dump_json()


@pytest.mark.parametrize("email", ["user@example.com", "  USER@Example.COM ", "ｕser@example.com"])
def test_an_address_is_taken_whatever_its_case_and_spaces(shop: Client, email: str) -> None:
    register(shop)
    answer = shop.post("/api/v1/auth/register", {**JOHN, "email": email, "password": "AnotherPassword9"})
    assert answer.status == 409
    assert answer.body == {"error": {"code": "email_exists", "message": "Email already exists"}}
    assert shop.post("/api/v1/auth/login", LOGIN).status == 200


def test_of_many_who_register_an_address_at_once_one_gets_it(shop: Client) -> None:
    answers = in_threads(10, lambda n: shop.post("/api/v1/auth/register", {**JOHN, "first_name": f"J{n}"}))
    assert sorted(getattr(a, "status", 0) for a in answers) == [201] + [409] * 9


@pytest.mark.parametrize("password", ["password", "PASSWORD123", "Qwertyuiop"])
def test_a_common_password_is_refused(shop: Client, password: str) -> None:
    answer = shop.post("/api/v1/auth/register", {**JOHN, "password": password})
    assert answer.status == 400
    assert answer.error == {
        "code": "weak_password",
        "message": "This password is too common, please choose another one",
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": 7}, "email"),
        ({"email": None}, "email"),
        ({"password": "short77"}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"first_name": "   "}, "first_name"),
        ({"last_name": "D\u0000e"}, "last_name"),
        ({"last_name": "D" * 101}, "last_name"),
    ],
)
def test_registering_names_the_field_that_is_wrong(shop: Client, changes: dict[str, Any], field: str) -> None:
    answer = shop.post("/api/v1/auth/register", {**JOHN, **changes})
    assert answer.status == 400
    assert (answer.error["code"], answer.error["message"]) == ("invalid_request", "Invalid request body")
    assert [detail["field"] for detail in answer.error["details"]] == [field]
    assert JOHN["password"] not in str(answer.body)


@pytest.mark.parametrize("field", JOHN)
def test_every_field_of_a_registration_is_required(shop: Client, field: str) -> None:
    body = {name: value for name, value in JOHN.items() if name != field}
    assert shop.post("/api/v1/auth/register", body).error["details"] == [{"field": field, "message": "Field required"}]


def test_a_password_of_128_characters_from_anywhere_works(shop: Client) -> None:
    password = ("пароль🔑 " * 16)[:128]
    register(shop, password=password)
    assert shop.post("/api/v1/auth/login", {**LOGIN, "password": password}).status == 200
    assert shop.post("/api/v1/auth/login", {**LOGIN, "password": password.strip()}).status == 401


# Login


def test_signing_in_gives_the_account_and_new_tokens(shop: Client, clock: FrozenClock) -> None:
    registered = register(shop)
    clock.advance(hours=1)
    answer = shop.post("/api/v1/auth/login", {**LOGIN, "email": " User@Example.com "})
    assert answer.status == 200
    access, refresh_token, rest = put_away(answer.data)
    assert rest == {"user": registered["user"], "expires_at": "2025-01-18T11:15:00Z"}
    assert access != registered["access_token"]
    assert refresh_token != registered["refresh_token"]
    assert tokens.verify(access).subject == registered["user"]["id"]


def test_two_sign_ins_are_independent(shop: Client) -> None:
    register(shop)
    one, other = (shop.post("/api/v1/auth/login", LOGIN).data["refresh_token"] for _ in range(2))
    assert refresh(shop, one).status == 200
    assert refresh(shop, other).status == 200


def test_a_wrong_password_and_an_unknown_address_look_and_cost_the_same(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(shop)
    checked: list[str | None] = []
    plain = passwords.verify_password

    def noted(stored: str | None, given: str) -> bool:
        checked.append(stored)
        return plain(stored, given)

    monkeypatch.setattr(passwords, "verify_password", noted)
    answers, costs = [], []
    for email in (JOHN["email"], "unknown@example.com"):
        with recorded() as calls:
            answers.append(shop.post("/api/v1/auth/login", {"email": email, "password": "WrongPassword1"}))
        costs.append(calls.names)
    assert [a.status for a in answers] == [401, 401]
    assert answers[0].body == answers[1].body == {
        "error": {"code": "invalid_credentials", "message": "Invalid credentials"}
    }  # fmt: skip
    counted = ["UpdateItem"] * 2
    assert costs == [[*counted, "GetItem", *counted]] * 2
    assert len(checked) == 2  # the password was checked against a decoy, which takes as long
    assert checked[1] is None


def test_an_inactive_account_is_told_so_only_with_the_right_password(shop: Client) -> None:
    deactivate(register(shop)["user"]["id"])
    right = shop.post("/api/v1/auth/login", LOGIN)
    wrong = shop.post("/api/v1/auth/login", {**LOGIN, "password": "WrongPassword1"})
    assert right.status == 403
    assert right.body == {"error": {"code": "account_inactive", "message": "Account is inactive"}}
    assert wrong.status == 401


def test_an_account_without_a_password_cannot_sign_in_with_one(shop: Client) -> None:
    register(shop)
    store.update(EmailClaim, EmailClaim.key(email=JOHN["email"]), remove=["password_hash"])
    assert shop.post("/api/v1/auth/login", LOGIN).status == 401


def test_a_hash_made_with_old_parameters_is_renewed_at_sign_in(shop: Client) -> None:
    register(shop)

    def kept() -> str:
        claim = store.get(EmailClaim, email=JOHN["email"])
        assert claim is not None
        return claim.password_hash or ""

    assert "$m=8,t=1,p=1$" in kept()
    with settings.use({"QUINTET_ARGON2": "2,16,1"}):
        assert shop.post("/api/v1/auth/login", {**LOGIN, "password": "WrongPassword1"}).status == 401
        assert "$m=8,t=1,p=1$" in kept()
        assert shop.post("/api/v1/auth/login", LOGIN).status == 200
        assert "$m=16,t=2,p=1$" in kept()
        assert shop.post("/api/v1/auth/login", LOGIN).status == 200


@pytest.mark.parametrize("body", [{}, {"email": "user@example.com"}, {**LOGIN, "password": ""}, [], "text", None])
def test_signing_in_needs_both_fields(shop: Client, body: Any) -> None:
    answer = shop.post("/api/v1/auth/login", body)
    assert answer.status == 400
    assert (answer.error["code"], answer.error["message"]) == ("invalid_request", "Invalid request body")


# Guessing


TOO_MANY = {"error": {"code": "too_many_attempts", "message": "Too many failed attempts, please try again later"}}


def log_in(shop: Client, password: str = LOGIN["password"], email: str = LOGIN["email"], **options: Any) -> Any:
    return shop.post("/api/v1/auth/login", {"email": email, "password": password}, **options)


def test_ten_failures_make_an_account_wait(shop: Client, clock: FrozenClock) -> None:
    register(shop)
    tried = [log_in(shop, "wrong", ip=f"198.51.100.{n}").status for n in range(10)]
    refused = log_in(shop, ip="198.51.100.99")
    clock.advance(minutes=15)
    assert tried == [401] * 10
    assert (refused.status, refused.headers["retry-after"], refused.body) == (429, "900", TOO_MANY)
    assert log_in(shop).status == 200


def test_ten_failures_make_an_address_wait(shop: Client, clock: FrozenClock) -> None:
    register(shop)
    assert [log_in(shop, email=f"{n}@example.com").status for n in range(11)] == [401] * 10 + [429]
    assert (log_in(shop).status, log_in(shop, ip="198.51.100.1").status) == (429, 200)


def test_the_right_password_of_an_inactive_account_is_no_failure(shop: Client, clock: FrozenClock) -> None:
    deactivate(register(shop)["user"]["id"])
    assert {log_in(shop).status for _ in range(12)} == {403}


def test_many_people_sign_in_at_once_behind_one_address(shop: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    register(shop)
    monkeypatch.setattr(throttle, "WAITS", (0.05,) * 600)
    assert in_threads(16, lambda _: log_in(shop).status) == [200] * 16
