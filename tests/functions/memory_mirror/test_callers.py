"""Who may call what, for every operation at once: the document's word against the callers in the signatures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from memory_mirror.service import Admin, User, api
from quintet.api import Operation
from quintet.testing import Client, read_contract
from quintet.testing.contract import unnamed
from quintet.testing.intruders import WAYS, bad_tokens, intrude
from tests.functions.memory_mirror.conftest import SignIn

CONTRACT = {one.route: one for one in read_contract(Path(__file__).parents[2] / "contract" / "memory_mirror.json")}
CALLERS = {"user": User, "admin": Admin, "public": None, "scheduled": None}
OPEN_EXTENSIONS = {"auth.register", "auth.login", "auth.refresh"}
UNAUTHORIZED = (401, {"error": "Unauthorized"}, "Bearer")

served = [operation for operation in api.load() if operation.method]
protected = [operation for operation in served if operation.caller is not None]
restricted = [operation for operation in protected if operation.caller.restricted]


def called(client: Client, operation: Operation[Any, Any]) -> tuple[int, Any, str | None]:
    answer = intrude(client, operation)
    return answer.status, answer.body, answer.headers.get("www-authenticate")


@pytest.mark.parametrize("operation", served, ids=repr)
def test_each_operation_lets_in_whom_the_document_names(operation: Operation[Any, Any]) -> None:
    documented = CONTRACT.get((operation.method or "", unnamed(operation.path)))
    assert operation.extension is (documented is None)
    if documented is None:
        assert operation.caller is (None if operation.id in OPEN_EXTENSIONS else User)
    else:
        assert operation.caller is CALLERS[documented.auth]
        assert bool(operation.schedule) is (documented.auth == "scheduled")


@pytest.mark.parametrize("operation", protected, ids=repr)
def test_an_anonymous_caller_is_told_so_before_anything_else(mirror: Client, operation: Operation[Any, Any]) -> None:
    assert called(mirror, operation) == UNAUTHORIZED


@pytest.mark.parametrize("way", WAYS)
def test_a_token_that_proves_nothing_opens_no_operation(mirror: Client, way: str) -> None:
    client = mirror.as_caller(bad_tokens("memory_mirror", {"role": "admin", "email": "a@example.com"})[way]())
    for operation in protected:
        assert called(client, operation) == UNAUTHORIZED, operation


@pytest.mark.parametrize("operation", restricted, ids=repr)
def test_another_role_is_refused_before_anything_else(sign_in: SignIn, operation: Operation[Any, Any]) -> None:
    for client in (sign_in("user"), sign_in("caregiver")):
        assert called(client, operation)[:2] == (403, {"error": "Unauthorized - Admin access required"})


@pytest.mark.parametrize("operation", [o for o in served if o.path.startswith("/functions/")], ids=repr)
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_a_function_is_posted_to(mirror: Client, operation: Operation[Any, Any], method: str) -> None:
    answer = mirror.request(method, operation.path)
    assert (answer.status, answer.body) == (405, {"error": "Method not allowed"})
    assert answer.headers["allow"] == "POST"


def test_what_there_is_not_is_not_found(mirror: Client) -> None:
    answer = mirror.post("/functions/makeCoffee", {})
    assert (answer.status, answer.body) == (404, {"error": "Not found"})
