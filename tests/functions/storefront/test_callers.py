"""Who may call what, for every operation at once: derived from the callers in the handlers' signatures."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from quintet.api import Operation
from quintet.testing import Client
from quintet.testing.intruders import WAYS, bad_tokens, intrude
from storefront.service import api

UNAUTHENTICATED = {"code": "unauthorized", "message": "Authentication required"}
FORBIDDEN = {"code": "insufficient_permissions", "message": "Insufficient permissions"}
protected = [operation for operation in api.load() if operation.caller is not None]
restricted = [operation for operation in protected if operation.caller.restricted]


def called(client: Client, operation: Operation[Any, Any]) -> tuple[int, Any, Any]:
    """The operation with a body that no parser takes: what refuses first shows."""
    answer = intrude(client, operation)
    return answer.status, answer.body, answer.headers.get("www-authenticate")


@pytest.mark.parametrize("operation", protected, ids=repr)
def test_an_anonymous_caller_is_told_so_before_anything_else(shop: Client, operation: Operation[Any, Any]) -> None:
    assert called(shop, operation) == (401, {"error": UNAUTHENTICATED}, "Bearer")


@pytest.mark.parametrize("way", WAYS)
def test_a_token_that_proves_nothing_opens_no_operation(shop: Client, way: str) -> None:
    client = shop.as_caller(bad_tokens("storefront", {"email": "a@example.com"})[way]())
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
