"""Who may call what, for every operation at once: the document's word against the callers in the signatures."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from quintet.api import Operation
from quintet.auth import tokens
from quintet.models import now
from quintet.testing import Client, read_contract
from quintet.testing.contract import unnamed
from quintet.testing.intruders import WAYS, bad_tokens, intrude
from softfactory.access.callers import Person, User
from softfactory.access.roles import BUILT_IN
from softfactory.service import api
from tests.conftest import Systems
from tests.functions.softfactory.conftest import SignIn, account_of, as_account, change, lend, make_user

Answered = tuple[int, Any, str | None]
Declared = Operation[Any, Any]

CONTRACT = read_contract(Path(__file__).parents[2] / "contract" / "softfactory.json")
NEEDED: dict[str, str | dict[str, str]] = {
    "/api/admin/flagged-content": "MODERATION_ADMIN", "/api/admin/users/{}/ban": "MODERATION_ADMIN",
    "/api/admin": {"GET": "ADMIN_READ", "": "ADMIN_ADMIN"}, "/api/rbac": {"GET": "RBAC_READ", "": "RBAC_ADMIN"},
    "/api/rbac/audit": "RBAC_READ", "/api/files": {"GET": "FILES_READ", "": "FILES_WRITE"},
    "/api/files/presigned-url": "FILES_READ",
}  # fmt: skip
"""What must be held, by the beginning of a path and the method: the longest beginning counts ("Roles", "Audit")."""
BY_OPERATION = {"i18n.upsert_strings": "I18N_ADMIN"}
PERSONAL = {"auth.setup_2fa", "auth.backup_codes", "auth.disable_2fa", "auth.delete_account", "auth.logout"}
"""What nobody does in somebody else's name: credentials, sessions and deletion."""
ENTERED = {200, 201, 204, 302, 400, 404, 409, 415, 422, 503}
"""What an operation answers to a call without sense that got past the door."""

UNAUTHENTICATED: Answered = (
    401, {"error": {"code": "unauthorized", "message": "A valid access token is required"}}, "Bearer"
)  # fmt: skip

served = [operation for operation in api.load() if operation.method]
ENDING = {"auth.logout", "auth.delete_account"}
"""What ends the session that it is called with."""


def is_protected(operation: Declared) -> bool:
    caller = operation.signature.caller
    return caller is not None and not caller.optional


protected = [operation for operation in served if is_protected(operation)]
lasting = [operation for operation in protected if operation.id not in ENDING]


def needed(operation: Declared) -> str | None:
    """The permission that the decisions ask for; None where any account will do."""
    if operation.id in BY_OPERATION:
        return BY_OPERATION[operation.id]
    path = unnamed(operation.path)
    found = max((prefix for prefix in NEEDED if (path + "/").startswith(prefix + "/")), key=len, default=None)
    if found is None:
        return None
    rule = NEEDED[found]
    return rule if isinstance(rule, str) else rule.get(operation.method or "", rule[""])


def called(client: Client, operation: Declared) -> Answered:
    """The operation with a body that no parser takes: what refuses first shows."""
    answer = intrude(client, operation)
    return answer.status, answer.body, answer.headers.get("www-authenticate")


def code(answered: Answered) -> str:
    return str(answered[1]["error"]["code"])


def signed(subject: str, **claims: object) -> str:
    return tokens.issue(subject, claims, timedelta(minutes=15))[0]


@pytest.mark.parametrize("operation", served, ids=repr)
def test_each_operation_lets_in_whom_the_texts_name(operation: Declared) -> None:
    documents = {one.route: one for one in CONTRACT}
    route = operation.method or "", unnamed(operation.path)
    assert operation.extension is (route not in documents)
    if not is_protected(operation):
        assert route not in documents or documents[route].auth in ("public", "none_documented")
        return
    assert issubclass(operation.caller, User)
    assert operation.caller.permission == needed(operation)
    assert issubclass(operation.caller, Person) is (operation.id in PERSONAL)


def test_what_is_open_asks_nobody_who_they_are(suite: Client) -> None:
    for operation in served:
        if operation not in protected:
            answer = called(suite, operation)
            assert answer[0] in ENTERED or code(answer) != "unauthorized", (operation, answer)


@pytest.mark.parametrize("operation", protected, ids=repr)
def test_an_anonymous_caller_is_told_so_before_anything_else(suite: Client, operation: Declared) -> None:
    assert called(suite, operation) == UNAUTHENTICATED


@pytest.mark.parametrize("way", WAYS)
def test_a_token_that_proves_nothing_opens_no_operation(suite: Client, way: str) -> None:
    """Not even in the name of an administrator, whose good token opens them."""
    account = make_user("admin")
    assert as_account(suite, account).get("/api/auth/user").status == 200
    client = suite.as_caller(bad_tokens("softfactory", {"epoch": account.epoch}, account.id)[way]())
    for operation in protected:
        assert called(client, operation) == UNAUTHENTICATED, operation


@pytest.mark.parametrize("claims", [{"epoch": 1}, {"epoch": "0"}, {"epoch": None}, {}], ids=str)
def test_a_token_of_other_sessions_opens_no_operation(suite: Client, claims: dict[str, object]) -> None:
    client = suite.as_caller(signed(make_user("admin").id, **claims))
    for operation in protected:
        assert called(client, operation) == UNAUTHENTICATED, operation


@pytest.mark.parametrize("subject", ["0198c0de-0000-7000-8000-000000000099", "", "admin", "#", "USER#1"])
def test_a_token_of_nobody_opens_no_operation(suite: Client, subject: str) -> None:
    client = suite.as_caller(signed(subject, epoch=0))
    for operation in protected:
        assert called(client, operation) == UNAUTHENTICATED, operation


@pytest.mark.parametrize("status", ["suspended", "banned", "deactivated"])
def test_a_closed_account_enters_nothing(admin: Client, status: str) -> None:
    make_user("admin")
    change(admin, status=status)
    for operation in protected:
        answer = called(admin, operation)
        assert (answer[0], code(answer)) == (403, f"account_{status}"), operation


def test_a_deleted_account_enters_nothing(admin: Client) -> None:
    make_user("admin")
    change(admin, deletion_due=now() + timedelta(days=30))
    for operation in protected:
        assert called(admin, operation) == UNAUTHENTICATED, operation


@pytest.mark.parametrize("role", [role.name for role in BUILT_IN.values()])
def test_a_role_enters_what_it_may_and_nothing_else(sign_in: SignIn, role: str) -> None:
    client, held = sign_in(role), next(r for r in BUILT_IN.values() if r.name == role).grants
    make_user("admin")
    for operation in lasting:
        answer, wanted = called(client, operation), needed(operation)
        if wanted is None or wanted in held:
            assert answer[0] in ENTERED, (operation, answer)
        else:
            assert (answer[0], code(answer)) == (403, "forbidden"), operation


@pytest.mark.parametrize("ending", sorted(ENDING))
@pytest.mark.parametrize("role", [role.name for role in BUILT_IN.values()])
def test_everybody_may_end_their_own_session(sign_in: SignIn, role: str, ending: str) -> None:
    client, operation = sign_in(role), next(each for each in served if each.id == ending)
    make_user("admin")
    assert called(client, operation)[0] in ENTERED
    assert called(client, operation) == UNAUTHENTICATED


@pytest.mark.parametrize("permission", sorted({needed(operation) for operation in protected} - {None}, key=str))
def test_one_permission_alone_opens_what_it_names_and_denied_closes_it(sign_in: SignIn, permission: str) -> None:
    client, barred = sign_in("user", roles=[]), sign_in("admin")
    make_user("admin")
    lend(client, permission)
    lend(barred, permission, allowed=False)
    implied = {permission, *(permission.replace("_ADMIN", f"_{level}") for level in ("WRITE", "READ")),
               permission.replace("_WRITE", "_READ")}  # fmt: skip
    for operation in lasting:
        wanted = needed(operation)
        if wanted is not None:
            assert (called(client, operation)[0] in ENTERED) is (wanted in implied), operation
            assert (called(barred, operation)[0] in ENTERED) is (wanted != permission), operation


def test_claims_of_a_token_give_no_role(suite: Client) -> None:
    user = make_user("user")
    client = suite.as_caller(signed(user.id, epoch=user.epoch, role="admin", roles=["admin"], is_admin=True))
    for operation in protected:
        if (needed(operation) or "FILES").partition("_")[0] not in ("FILES",):
            assert code(called(client, operation)) == "forbidden", operation


def test_an_impersonated_session_touches_no_credentials(suite: Client, admin: Client) -> None:
    by, user = account_of(admin), make_user("user")
    client = as_account(suite, user, act={"sub": by.id, "epoch": by.epoch})
    for operation in protected:
        if operation.id in PERSONAL:
            answer = called(client, operation)
            assert (answer[0], code(answer)) == (403, "impersonating"), operation


@pytest.mark.parametrize("operation", served, ids=repr)
def test_every_answer_says_what_is_left_and_administrators_have_no_limit(system: Systems, operation: Declared) -> None:
    system("softfactory", QUINTET_STAGE="local")
    suite = Client(api)
    user, admin = as_account(suite, make_user("user")), as_account(suite, make_user("admin"))
    make_user("admin")
    limited = intrude(user, operation)
    if operation.tiers is None:
        assert "x-ratelimit-limit" not in limited.headers
        return
    assert limited.headers["x-ratelimit-limit"] == "60"
    assert intrude(suite, operation).headers["x-ratelimit-limit"] == "60"
    if operation in protected:
        assert "x-ratelimit-limit" not in intrude(admin, operation).headers
