"""Accounts: registering, signing in, refreshing, the profile, signing out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from quintet import settings
from quintet.auth import passwords, tokens
from quintet.auth.families import Family
from quintet.models import is_id, new_id
from quintet.models.time import FrozenClock, frozen
from quintet.testing import Client
from storefront.model import role_store
from storefront.model.access import find_role
from storefront.model.accounts import Account, EmailClaim
from storefront.service import store
from tests.functions.storefront.conftest import SignIn
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
    assert costs == [["GetItem"], ["GetItem"]]
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


# Refresh


def test_a_refresh_token_is_traded_for_new_tokens(shop: Client, clock: FrozenClock) -> None:
    session = register(shop)
    clock.advance(minutes=20)
    answer = refresh(shop, session["refresh_token"])
    assert answer.status == 200
    access, token, rest = put_away(answer.data)
    assert rest == {"expires_at": "2025-01-18T10:35:00Z"}
    assert list(answer.data) == ["access_token", "refresh_token", "expires_at"]
    assert token != session["refresh_token"]
    claims = tokens.verify(access)
    assert (claims.subject, claims.get("email")) == (session["user"]["id"], "user@example.com")
    assert refresh(shop, token).status == 200


def test_fifty_refreshes_at_once_do_not_sign_anybody_out(shop: Client) -> None:
    token = register(shop)["refresh_token"]
    answers = in_threads(50, lambda _: refresh(shop, token))
    assert {getattr(a, "status", a) for a in answers} == {200}
    successors = {a.data["refresh_token"] for a in answers if not isinstance(a, Exception)}
    assert len(successors) == 1
    assert refresh(shop, successors.pop()).status == 200


def test_a_token_replayed_after_the_grace_revokes_its_family(shop: Client, clock: FrozenClock) -> None:
    first = register(shop)["refresh_token"]
    other = shop.post("/api/v1/auth/login", LOGIN).data["refresh_token"]
    second = refresh(shop, first).data["refresh_token"]
    clock.advance(seconds=20)
    assert refresh(shop, first).data["refresh_token"] == second
    clock.advance(seconds=1)
    replayed = refresh(shop, first)
    assert replayed.status == 401
    assert replayed.body == {"error": {"code": "invalid_refresh_token", "message": "Invalid refresh token"}}
    assert refresh(shop, second).status == 401
    assert refresh(shop, other).status == 200


@pytest.mark.parametrize("token", ["x", "random-secure-token", "é" * 100, "A" * 4000, "../../etc/passwd"])
def test_a_token_that_is_none_is_refused(shop: Client, token: str) -> None:
    answer = refresh(shop, token)
    assert answer.status == 401
    assert answer.error["code"] == "invalid_refresh_token"


@pytest.mark.parametrize("body", [{}, {"refresh_token": ""}, {"refresh_token": 5}, {"refresh_token": None}])
def test_a_refresh_needs_a_token(shop: Client, body: Any) -> None:
    assert shop.post("/api/v1/auth/refresh", body).error["code"] == "invalid_request"


def test_an_access_token_is_no_refresh_token_and_the_other_way_round(shop: Client) -> None:
    session = register(shop)
    assert refresh(shop, session["access_token"]).status == 401
    assert shop.as_caller(session["refresh_token"]).get("/api/v1/auth/profile").status == 401


def test_an_inactive_account_gets_no_new_tokens(shop: Client) -> None:
    session = register(shop)
    deactivate(session["user"]["id"])
    assert refresh(shop, session["refresh_token"]).status == 401


def test_a_session_ends_thirty_days_after_its_last_refresh(shop: Client, clock: FrozenClock) -> None:
    token = register(shop)["refresh_token"]
    clock.advance(days=29, hours=23)
    token = refresh(shop, token).data["refresh_token"]
    clock.advance(days=30)
    assert refresh(shop, token).status == 401


# Profile


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_the_profile_is_the_caller_with_its_roles(shop: Client, version: Any) -> None:
    session = register(shop)
    caller = shop.as_caller(session["access_token"]).speaking(version)
    with recorded() as calls:
        answer = caller.get("/api/v1/auth/profile")
    assert answer.status == 200
    assert answer.body == {
        "data": {
            "user": {
                "id": session["user"]["id"],
                "email": "user@example.com",
                "first_name": "John",
                "last_name": "Doe",
                "active": True,
                "email_verified": False,
            },
            "roles": ["user"],
        }
    }
    assert calls.names == ["BatchGetItem"]


def test_the_profile_names_all_roles_as_they_are_called_now(shop: Client, sign_in: SignIn) -> None:
    caller = sign_in("manager", "admin")
    assert caller.get("/api/v1/auth/profile").data["roles"] == ["admin", "manager", "user"]
    for role_id, name in (("manager", "boss"), ("user", "customer")):
        role = find_role(role_id)
        assert role is not None
        role_store.edit(role, name=name, description="")
    assert caller.get("/api/v1/auth/profile").data["roles"] == ["admin", "boss", "customer"]


def test_the_profile_is_asked_for_with_a_token(shop: Client) -> None:
    answer = shop.get("/api/v1/auth/profile")
    assert answer.status == 401
    assert answer.body == {"error": {"code": "unauthorized", "message": "Authentication required"}}
    assert answer.headers["www-authenticate"] == "Bearer"


def test_an_expired_access_token_is_no_longer_good(shop: Client, clock: FrozenClock) -> None:
    caller = shop.as_caller(register(shop)["access_token"])
    clock.advance(minutes=14)
    assert caller.get("/api/v1/auth/profile").status == 200
    clock.advance(minutes=2)
    assert caller.get("/api/v1/auth/profile").status == 401


def test_a_caller_without_an_account_has_no_profile(shop: Client) -> None:
    from datetime import timedelta

    token, _ = tokens.issue(new_id(), {"email": "gone@example.com"}, timedelta(minutes=1))
    answer = shop.as_caller(token).get("/api/v1/auth/profile")
    assert answer.status == 404
    assert answer.body == {"error": {"code": "user_not_found", "message": "User not found"}}


def test_no_token_of_another_system_is_good_here(shop: Client) -> None:
    from datetime import timedelta

    user_id = register(shop)["user"]["id"]
    with settings.use({"QUINTET_SYSTEM": "stoory"}):
        token, _ = tokens.issue(user_id, {}, timedelta(minutes=1))
    assert shop.as_caller(token).get("/api/v1/auth/profile").status == 401


# Logout


def test_signing_out_revokes_every_refresh_token_of_the_caller(shop: Client) -> None:
    session = register(shop)
    others = register(shop, email="other@example.com")
    mine = [session["refresh_token"]]
    mine += [shop.post("/api/v1/auth/login", LOGIN).data["refresh_token"] for _ in range(3)]
    answer = shop.as_caller(session["access_token"]).post("/api/v1/auth/logout")
    assert (answer.status, answer.body, answer.raw) == (204, None, b"")
    assert [refresh(shop, token).status for token in mine] == [401] * 4
    assert refresh(shop, others["refresh_token"]).status == 200
    assert store.query(Family, begins="FAMILY#", user_id=session["user"]["id"]).items == []


def test_signing_out_twice_is_fine(shop: Client) -> None:
    caller = shop.as_caller(register(shop)["access_token"])
    assert [caller.post("/api/v1/auth/logout").status for _ in range(2)] == [204, 204]


def test_signing_out_needs_a_token(shop: Client) -> None:
    assert shop.post("/api/v1/auth/logout").status == 401


def test_an_access_token_tells_nothing_but_the_address(shop: Client) -> None:
    claims = tokens.verify(register(shop)["access_token"])
    assert dict(claims.values) == {"email": "user@example.com"}


def test_no_cache_keeps_tokens(shop: Client) -> None:
    registered = shop.post("/api/v1/auth/register", JOHN)
    answers = [registered, shop.post("/api/v1/auth/login", LOGIN), refresh(shop, registered.data["refresh_token"])]
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
