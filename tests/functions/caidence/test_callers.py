"""Who may call what, for every operation at once: the document's word against the callers in the signatures."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from caidence.access.callers import INACTIVE, UNAPPROVED, Permitted, SuperAdmin, User
from caidence.access.defaults import DEFAULT_ID
from caidence.access.roles import BUILT_IN_NAMES, ROOT, SUPER_ADMIN, built_in
from caidence.directory.entities import User as Account
from caidence.service import api, store
from quintet.api import Operation
from quintet.auth import tokens
from quintet.testing import Client, read_contract
from quintet.testing.contract import unnamed
from quintet.testing.intruders import WAYS, bad_tokens, intrude
from tests.conftest import Systems
from tests.functions.caidence.conftest import BASE, SignIn, account_of, as_account, make_user

Answered = tuple[int, Any, str | None]
Declared = Operation[Any, Any]

CONTRACT = read_contract(Path(__file__).parents[2] / "contract" / "caidence.json")
OURS = {
    "auth.logout": "user", "auth.refresh": "public", "auth.reset_password": "public",
    "campaigns.log_event": "permission:campaign:write", "affiliate.follow": "public",
    "affiliate.record_conversion": "permission:creators:write", "marcom.list_tools": "user",
    "workflow.resume": "permission:workflow:write",
}  # fmt: skip
"""Who may call the operations that the document does not have."""
NARROWER = {"organizations.create": "super_admin"}
"""Where the document names the access of a row wider than its rules."""
OPEN = {"/health", "/"}
"""The rows without access in the document that stay open in production."""
ENTERED = {200, 402, 404, 409, 422, 503}
"""What an operation answers to a call without sense that got past the door: discovery has no credits and no key."""
NOT_BEARER = ("Basic YWRtaW46YWRtaW4=", "Bearer", "Bearer  ", "Token abc", "abc")

UNAUTHENTICATED: Answered = 401, {"detail": "Could not validate credentials"}, "Bearer"
FORBIDDEN: Answered = 403, {"detail": "Not enough permissions"}, None

served = [operation for operation in api.load() if operation.method]
protected = sorted(
    (operation for operation in served if operation.caller is not None),
    key=lambda operation: operation.id == "auth.logout",  # the last: it ends what the others need
)
narrow = [operation for operation in protected if operation.caller is not User]


def access(operation: Declared) -> str:
    """Who may call an operation, in the contract's words."""
    caller = operation.caller
    if caller is None:
        return "public"
    if issubclass(caller, Permitted):
        return f"permission:{caller.permission}"
    return "super_admin" if issubclass(caller, SuperAdmin) else "user"


def documented(auth: str, path: str) -> str:
    """A contract's `auth` as it holds in production: rows without access want an account, but for those of monitors."""
    if auth in ("none_documented", "dev_fallback"):
        return "public" if path in OPEN else "user"
    return auth


def allowed(operation: Declared) -> set[str]:
    """The built-in roles that may enter an operation."""
    wanted = access(operation)
    if wanted == "user":
        return set(BUILT_IN_NAMES)
    if wanted == "super_admin":
        return {ROOT, SUPER_ADMIN}
    return {role.name for role in built_in() if wanted.removeprefix("permission:") in role.as_rule().permissions}


above_viewers = [operation for operation in narrow if "viewer" not in allowed(operation)]


def called(client: Client, operation: Declared, **headers: str) -> Answered:
    """The operation with a body that no parser takes: what refuses first shows."""
    sender = Client(api, token=client.token, headers=headers)
    answer = intrude(sender, operation)
    return answer.status, answer.body, answer.headers.get("www-authenticate")


def signed(subject: str, **claims: object) -> str:
    return tokens.issue(subject, claims, timedelta(minutes=15))[0]


@pytest.mark.parametrize("operation", served, ids=repr)
def test_each_operation_lets_in_whom_the_document_names(operation: Declared) -> None:
    documents = {one.route: documented(one.auth, one.path) for one in CONTRACT}
    route = operation.method or "", unnamed(operation.path)
    assert operation.extension is (route not in documents) is (operation.id in OURS)
    assert access(operation) == (
        OURS[operation.id] if operation.extension else NARROWER.get(operation.id, documents[route])
    )


def test_what_is_open_asks_nobody_who_they_are(platform: Client) -> None:
    for operation in served:
        if operation.caller is None:
            assert called(platform, operation)[0] in ENTERED, operation


@pytest.mark.parametrize("operation", protected, ids=repr)
def test_an_anonymous_caller_is_told_so_before_anything_else(platform: Client, operation: Declared) -> None:
    assert called(platform, operation) == UNAUTHENTICATED


@pytest.mark.parametrize("credentials", NOT_BEARER)
def test_credentials_that_are_no_bearer_token_open_no_operation(platform: Client, credentials: str) -> None:
    for operation in protected:
        assert called(platform, operation, Authorization=credentials) == UNAUTHENTICATED, operation


@pytest.mark.parametrize("way", WAYS)
def test_a_token_that_proves_nothing_opens_no_operation(platform: Client, way: str) -> None:
    """Not even in the name of a root account, whose good token opens them."""
    account = make_user(ROOT, None)
    assert as_account(platform, account).get(f"{BASE}/auth/me").status == 200
    client = platform.as_caller(bad_tokens("caidence", {"epoch": account.epoch}, account.id)[way]())
    for operation in protected:
        assert called(client, operation) == UNAUTHENTICATED, operation


@pytest.mark.parametrize("claims", [{"epoch": 1}, {"epoch": "0"}, {"epoch": None}, {}], ids=str)
def test_a_token_of_other_sessions_opens_no_operation(platform: Client, claims: dict[str, object]) -> None:
    client = platform.as_caller(signed(make_user(ROOT, None).id, **claims))
    for operation in protected:
        assert called(client, operation) == UNAUTHENTICATED, operation


@pytest.mark.parametrize("subject", ["0198c0de-0000-7000-8000-000000000099", "", "root", "#", "USER#1"])
def test_a_token_of_nobody_opens_no_operation(platform: Client, subject: str) -> None:
    client = platform.as_caller(signed(subject, epoch=0))
    for operation in protected:
        assert called(client, operation) == UNAUTHENTICATED, operation


def test_an_inactive_account_enters_nothing(sign_in: SignIn) -> None:
    client = sign_in(ROOT, None, is_active=False)
    for operation in protected:
        assert called(client, operation) == (400, {"detail": INACTIVE.message}, None), operation


@pytest.mark.parametrize("role", [ROOT, "viewer"])
def test_an_account_that_nobody_approved_enters_nothing(sign_in: SignIn, role: str) -> None:
    client = sign_in(role, None, is_approved=False)
    for operation in protected:
        assert called(client, operation) == (403, {"detail": UNAPPROVED.message}, None), operation


@pytest.mark.parametrize("role", sorted(BUILT_IN_NAMES))
def test_a_role_enters_what_it_may_and_nothing_else(sign_in: SignIn, role: str) -> None:
    client = sign_in(role)
    for operation in protected:
        answer = called(client, operation)
        if role in allowed(operation):
            assert answer[0] in ENTERED, (operation, answer)
        else:
            assert answer == FORBIDDEN, operation


@pytest.mark.parametrize("role", ["", "ROOT", "owner", "super_admin ", "*"])
def test_a_role_that_there_is_not_opens_nothing_that_wants_one(sign_in: SignIn, role: str) -> None:
    client = sign_in(role)
    for operation in narrow:
        assert called(client, operation) == FORBIDDEN, operation


def test_claims_of_a_token_give_no_role(platform: Client) -> None:
    viewer = make_user("viewer", None)
    client = platform.as_caller(signed(viewer.id, epoch=viewer.epoch, role=ROOT, is_super=True))
    for operation in above_viewers:
        assert called(client, operation) == FORBIDDEN, operation


def test_in_development_a_request_without_a_token_acts_as_the_default_account(development: Client) -> None:
    for operation in protected:
        answer = called(development, operation)
        assert answer[0] in ENTERED, (operation, answer)
    assert development.get(f"{BASE}/auth/me").body["id"] == DEFAULT_ID


def test_in_development_an_empty_header_is_no_token(development: Client) -> None:
    assert development.get(f"{BASE}/auth/me", headers={"Authorization": ""}).body["id"] == DEFAULT_ID


def test_the_default_account_is_made_once_and_needs_no_password(development: Client) -> None:
    shown = [development.get(f"{BASE}/profile").body for _ in range(2)]
    assert shown[0] == shown[1]
    found = store.get(Account, id=DEFAULT_ID)
    assert found is not None
    assert (found.role, found.is_active, found.is_approved) == (SUPER_ADMIN, True, True)
    answer = development.post(
        f"{BASE}/auth/login", "username=default%40quintet.test&password=",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    assert answer.status == 422


def test_in_development_a_good_token_acts_as_its_owner(development: Client) -> None:
    viewer = as_account(development, make_user("viewer", None))
    for path in ("/auth/me", "/profile"):
        assert viewer.get(f"{BASE}{path}").body["id"] == account_of(viewer).id
    for operation in above_viewers:
        assert called(viewer, operation) == FORBIDDEN, operation


@pytest.mark.parametrize("way", WAYS)
def test_in_development_a_bad_token_opens_no_operation(development: Client, way: str) -> None:
    account = make_user(ROOT, None)
    client = development.as_caller(bad_tokens("caidence", {"epoch": account.epoch}, account.id)[way]())
    for operation in protected:
        assert called(client, operation) == UNAUTHENTICATED, operation


@pytest.mark.parametrize("credentials", NOT_BEARER)
def test_in_development_credentials_that_are_no_bearer_token_open_no_operation(
    development: Client, credentials: str
) -> None:
    for operation in protected:
        assert called(development, operation, Authorization=credentials) == UNAUTHENTICATED, operation


@pytest.mark.parametrize("stage", ["prod", "staging", "DEV"])
def test_a_deployed_stage_refuses_development(system: Systems, stage: str) -> None:
    system("caidence", QUINTET_ENVIRONMENT="development", QUINTET_STAGE=stage)
    for operation in protected:
        answer = intrude(Client(api), operation)
        assert (answer.status, list(answer.body)) == (500, ["detail"]), operation
    assert store.get(Account, id=DEFAULT_ID) is None


@pytest.mark.parametrize("environment", ["", "prod", "Development", "dev", "development "])
def test_anything_but_the_word_development_is_production(system: Systems, environment: str) -> None:
    system("caidence", QUINTET_ENVIRONMENT=environment)
    for operation in protected:
        assert called(Client(api), operation) == UNAUTHENTICATED, operation
