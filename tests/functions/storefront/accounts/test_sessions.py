"""Sessions: refreshing them, whose they are, ending them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from quintet import settings
from quintet.auth import tokens
from quintet.auth.families import Family
from quintet.models.time import FrozenClock, frozen
from quintet.testing import Client
from storefront.accounts.entities import Account
from storefront.service import store
from tests.support.aws import in_threads

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


# Access tokens


def test_an_expired_access_token_is_no_longer_good(shop: Client, clock: FrozenClock) -> None:
    caller = shop.as_caller(register(shop)["access_token"])
    clock.advance(minutes=14)
    assert caller.get("/api/v1/auth/profile").status == 200
    clock.advance(minutes=2)
    assert caller.get("/api/v1/auth/profile").status == 401


def test_no_token_of_another_system_is_good_here(shop: Client) -> None:
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
