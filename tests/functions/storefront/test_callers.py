"""Who may call what, for every operation at once: derived from the callers in the handlers' signatures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest

from quintet import secrets, settings
from quintet.api import Operation
from quintet.auth import tokens
from quintet.models import epoch, new_id
from quintet.models.time import frozen
from quintet.testing import Client
from storefront.service import api

UNAUTHENTICATED = {"code": "unauthorized", "message": "Authentication required"}
FORBIDDEN = {"code": "insufficient_permissions", "message": "Insufficient permissions"}
BAD_BODY = b'{"quantity": '

protected = [operation for operation in api.load() if operation.caller is not None]
restricted = [operation for operation in protected if operation.caller.restricted]


def called(client: Client, operation: Operation[Any, Any]) -> tuple[int, Any, Any]:
    """The operation with a body that no parser takes: what refuses first shows."""
    path = re.sub(r"\{[^}]*\}", new_id(), operation.path)
    answer = client.request(operation.method or "", path, BAD_BODY, headers={"Content-Type": "application/json"})
    return answer.status, answer.body, answer.headers.get("www-authenticate")


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def payload(**changes: object) -> dict[str, object]:
    now = epoch()
    good = {"iss": "quintet", "aud": "storefront", "sub": new_id(), "iat": now, "exp": now + 900, "jti": new_id()}
    return {**good, **changes}


def signed(claims: dict[str, object], **header: str) -> str:
    key = secrets.secret()
    return jwt.encode(claims, key.jwt_keys[key.jwt_current], "HS256", {"kid": key.jwt_current, **header})


def unsigned() -> str:
    return f"{encoded({'alg': 'none', 'typ': 'JWT', 'kid': 'k1'})}.{encoded(payload())}."


def forged() -> str:
    head = f"{encoded({'alg': 'HS256', 'typ': 'JWT', 'kid': 'k1'})}.{encoded(payload())}"
    return f"{head}.{base64.urlsafe_b64encode(hmac.digest(b'guess', head.encode(), hashlib.sha256)).decode()}"


def expired() -> str:
    with frozen() as clock:
        clock.advance(hours=-1)
        return tokens.issue(new_id(), {"email": "a@example.com"}, timedelta(minutes=15))[0]


def other_system() -> str:
    with settings.use({"QUINTET_SYSTEM": "stoory"}):
        return tokens.issue(new_id(), {"role": "ADMIN"}, timedelta(minutes=15))[0]


BAD_TOKENS: dict[str, Callable[[], str]] = {
    "expired": expired,
    "forged": forged,
    "alg none": unsigned,
    "of another system": other_system,
    "of another issuer": lambda: signed(payload(iss="elsewhere")),
    "without expiry": lambda: signed({k: v for k, v in payload().items() if k != "exp"}),
    "of an unknown key": lambda: signed(payload(), kid="../../etc/passwd"),
    "no token at all": lambda: "garbage",
    "cut short": lambda: signed(payload())[:-6],
}


@pytest.mark.parametrize("operation", protected, ids=repr)
def test_an_anonymous_caller_is_told_so_before_anything_else(shop: Client, operation: Operation[Any, Any]) -> None:
    assert called(shop, operation) == (401, {"error": UNAUTHENTICATED}, "Bearer")


@pytest.mark.parametrize("kind", BAD_TOKENS)
def test_a_token_that_proves_nothing_opens_no_operation(shop: Client, kind: str) -> None:
    client = shop.as_caller(BAD_TOKENS[kind]())
    for operation in protected:
        assert called(client, operation) == (401, {"error": UNAUTHENTICATED}, "Bearer"), operation


@pytest.mark.parametrize("operation", restricted, ids=repr)
def test_a_customer_may_use_no_staff_operation(sign_in: Callable[..., Client], operation: Operation[Any, Any]) -> None:
    assert called(sign_in(), operation)[:2] == (403, {"error": FORBIDDEN})


def test_the_staff_operations_are_those_under_admin() -> None:
    assert restricted
    assert {o.path.startswith("/api/v1/admin/") for o in restricted} == {True}
    assert not [o for o in api.operations if o.path.startswith("/api/v1/admin/") and o not in restricted]


@pytest.mark.parametrize("given", ["a\r\nSet-Cookie: x=1", "a b", "é", "x" * 129, ""])
def test_a_request_id_that_could_be_a_header_is_not_echoed(shop: Client, given: str) -> None:
    answer = shop.get("/health", headers={"X-Request-Id": given})
    assert answer.status == 200
    assert answer.headers["x-request-id"] not in (given, "")
    assert re.fullmatch(r"[\w.:/+=-]+", answer.headers["x-request-id"])


def test_a_good_request_id_comes_back(shop: Client) -> None:
    assert shop.get("/health", headers={"X-Request-Id": "trace-42"}).headers["x-request-id"] == "trace-42"
