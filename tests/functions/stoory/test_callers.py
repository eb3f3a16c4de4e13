"""Who may call what, for every operation at once: the document's word against the callers in the signatures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from quintet import secrets, settings
from quintet.api import Operation
from quintet.auth import tokens
from quintet.models import epoch, new_id
from quintet.models.time import frozen
from quintet.testing import Client, read_contract
from quintet.testing.contract import unnamed
from stoory.service import api
from tests.functions.stoory.conftest import SignIn

Answered = tuple[int, Any, str | None]

ROLES = frozenset({"BRAND", "INFLUENCER", "ADMIN"})
CONTRACT = read_contract(Path(__file__).parents[2] / "contract" / "stoory.json")
OURS = {
    "applications.list_applications": ROLES,
    "applications.get": ROLES,
    "applications.reject": {"BRAND"},
    "chat.send": ROLES,
    "payments.webhook": None,
    "plans.delete": {"ADMIN"},
    "subscriptions.get_own_current": {"BRAND"},
    "wallet.get": {"INFLUENCER"},
}
"""Who may call the operations that the document does not have; None is anybody."""

SAYS_ERROR = {
    "users.me", "subscriptions.create", "payments.create_order", "payments.verify", "payments.release",
    "payments.list_payments",
}  # fmt: skip
"""Operations whose refusals say `error` beside the message."""

BAD_BODY = b'{"quantity": '

served = [operation for operation in api.load() if operation.method]
protected = [operation for operation in served if operation.caller is not None]
restricted = [operation for operation in protected if operation.caller.restricted]


def documented(auth: str) -> set[str] | frozenset[str] | None:
    """The roles that a contract's `auth` lets in; None is anybody."""
    if auth == "public":
        return None
    return ROLES if auth == "user" else set(auth.removeprefix("roles:[").removesuffix("]").split(","))


def allowed(operation: Operation[Any, Any]) -> set[str] | frozenset[str]:
    roles: frozenset[str] = operation.caller.roles
    return roles


def called(client: Client, operation: Operation[Any, Any]) -> Answered:
    """The operation with a body that no parser takes: what refuses first shows."""
    path = re.sub(r"\{[^}]*\}", new_id(), operation.path)
    answer = client.request(operation.method or "", path, BAD_BODY, headers={"Content-Type": "application/json"})
    return answer.status, answer.body, answer.headers.get("www-authenticate")


def unauthenticated(operation: Operation[Any, Any]) -> Answered:
    return 401, refusal(operation, "Authentication required", "UNAUTHORIZED"), "Bearer"


def forbidden(operation: Operation[Any, Any]) -> Answered:
    return 403, refusal(operation, "You do not have permission to do this", "FORBIDDEN"), None


def refusal(operation: Operation[Any, Any], message: str, error: str) -> dict[str, object]:
    more = {"error": error} if operation.id in SAYS_ERROR else {}
    return {"success": False, "message": message, **more}


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def payload(**changes: object) -> dict[str, object]:
    now = epoch()
    good = {"iss": "quintet", "aud": "stoory", "sub": new_id(), "role": "ADMIN", "iat": now, "exp": now + 900}
    return {**good, "jti": new_id(), **changes}


def signed(claims: dict[str, object], **header: str) -> str:
    key = secrets.secret()
    return jwt.encode(claims, key.jwt_keys[key.jwt_current], "HS256", {"kid": key.jwt_current, **header})


def unsigned() -> str:
    return f"{encoded({'alg': 'none', 'typ': 'JWT', 'kid': 'k1'})}.{encoded(payload())}."


def forged() -> str:
    head = f"{encoded({'alg': 'HS256', 'typ': 'JWT', 'kid': 'k1'})}.{encoded(payload())}"
    return f"{head}.{base64.urlsafe_b64encode(hmac.digest(b'guess', head.encode(), hashlib.sha256)).decode()}"


def promoted() -> str:
    """An influencer's token whose role was changed to ADMIN under the signature it had."""
    head, _, signature = signed(payload(role="INFLUENCER")).split(".")
    return f"{head}.{encoded(payload())}.{signature}"


def expired() -> str:
    with frozen() as clock:
        clock.advance(hours=-1)
        return tokens.issue(new_id(), {"role": "ADMIN"}, timedelta(minutes=15))[0]


def other_system() -> str:
    with settings.use({"QUINTET_SYSTEM": "storefront"}):
        return tokens.issue(new_id(), {"role": "ADMIN"}, timedelta(minutes=15))[0]


BAD_TOKENS: dict[str, Callable[[], str]] = {
    "expired": expired,
    "forged": forged,
    "promoted": promoted,
    "alg none": unsigned,
    "of another system": other_system,
    "of another issuer": lambda: signed(payload(iss="elsewhere")),
    "without expiry": lambda: signed({k: v for k, v in payload().items() if k != "exp"}),
    "of an unknown key": lambda: signed(payload(), kid="../../etc/passwd"),
    "no token at all": lambda: "garbage",
    "cut short": lambda: signed(payload())[:-6],
}


def test_the_tokens_above_are_bad_for_what_they_say_alone(market: Client) -> None:
    answer = market.as_caller(signed(payload())).get("/api/v1/campaigns")
    assert (answer.status, answer.body["campaigns"]) == (200, [])


@pytest.mark.parametrize("operation", served, ids=repr)
def test_each_operation_lets_in_whom_the_document_names(operation: Operation[Any, Any]) -> None:
    documents = {one.route: documented(one.auth) for one in CONTRACT}
    route = operation.method or "", unnamed(operation.path)
    assert operation.extension is (route not in documents) is (operation.id in OURS)
    assert (operation.caller and allowed(operation)) == (
        OURS[operation.id] if operation.extension else documents[route]
    )


@pytest.mark.parametrize("operation", protected, ids=repr)
def test_an_anonymous_caller_is_told_so_before_anything_else(market: Client, operation: Operation[Any, Any]) -> None:
    assert called(market, operation) == unauthenticated(operation)


@pytest.mark.parametrize("kind", BAD_TOKENS)
def test_a_token_that_proves_nothing_opens_no_operation(market: Client, kind: str) -> None:
    client = market.as_caller(BAD_TOKENS[kind]())
    for operation in protected:
        assert called(client, operation) == unauthenticated(operation), operation


@pytest.mark.parametrize("operation", restricted, ids=repr)
def test_another_role_is_refused_before_anything_else(sign_in: SignIn, operation: Operation[Any, Any]) -> None:
    others = ROLES - allowed(operation)
    assert others
    for role in sorted(others):
        assert called(sign_in(role), operation) == forbidden(operation), role


@pytest.mark.parametrize("role", [None, "", "admin", "OWNER", ["ADMIN"]])
def test_a_role_that_there_is_not_opens_no_operation(market: Client, role: object) -> None:
    client = market.as_caller(signed(payload(role=role)))
    for operation in protected:
        assert called(client, operation) == forbidden(operation), operation


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_that_may_gets_past_the_door(sign_in: SignIn, role: str) -> None:
    client = sign_in(role)
    for operation in protected:
        if role in allowed(operation):
            assert called(client, operation)[0] in (200, 400, 404, 503), operation
