"""Who may call what, for every operation at once: the document's word against the callers in the signatures."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from quintet.api import Operation
from quintet.auth import tokens
from quintet.models import new_id
from quintet.testing import Client, read_contract
from quintet.testing.contract import unnamed
from quintet.testing.intruders import WAYS, bad_tokens, intrude
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
    answer = intrude(client, operation)
    return answer.status, answer.body, answer.headers.get("www-authenticate")


def unauthenticated(operation: Operation[Any, Any]) -> Answered:
    return 401, refusal(operation, "Authentication required", "UNAUTHORIZED"), "Bearer"


def forbidden(operation: Operation[Any, Any]) -> Answered:
    return 403, refusal(operation, "You do not have permission to do this", "FORBIDDEN"), None


def refusal(operation: Operation[Any, Any], message: str, error: str) -> dict[str, object]:
    more = {"error": error} if operation.id in SAYS_ERROR else {}
    return {"success": False, "message": message, **more}


def token(**claims: object) -> str:
    return tokens.issue(new_id(), claims, timedelta(minutes=15))[0]


def test_a_good_token_opens_what_bad_ones_do_not(market: Client) -> None:
    answer = market.as_caller(token(role="ADMIN")).get("/api/v1/campaigns")
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


@pytest.mark.parametrize("way", WAYS)
def test_a_token_that_proves_nothing_opens_no_operation(market: Client, way: str) -> None:
    client = market.as_caller(bad_tokens("stoory", {"role": "ADMIN"})[way]())
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
    client = market.as_caller(token(role=role))
    for operation in protected:
        assert called(client, operation) == forbidden(operation), operation


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_that_may_gets_past_the_door(sign_in: SignIn, role: str) -> None:
    client = sign_in(role)
    for operation in protected:
        if role in allowed(operation):
            assert called(client, operation)[0] in (200, 400, 404, 503), operation
