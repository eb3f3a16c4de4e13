"""Generated traffic against the whole suite, judged by its own OpenAPI: no 500, no undocumented status or shape.

A request comes as one of the people whom the operation lets in. Half of the ids name something that exists; the callers
themselves are out of its reach.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from quintet.net import aws as clients
from quintet.testing import Client
from softfactory.access.changes import Admins, Holder
from softfactory.access.roles import ADMIN, BUILT_IN, Role
from softfactory.people.entities import EmailClaim, User
from softfactory.service import api, store
from tests.functions.softfactory.conftest import BASE, PASSWORD, as_account, make_user
from tests.functions.softfactory.files.conftest import sent
from tests.functions.softfactory.files.samples import picture
from tests.fuzz.support import CHECKS, aim_fields, aim_path, body_of, few, headers_of, number_of, schema_of
from tests.support import aws

pytestmark = pytest.mark.fuzz

ROLES = ("admin", "moderator", "creator", "user")
schema = schema_of(api, walked=False)
operations = {f"{o.method} {o.path}": o for o in api.load() if o.method}
people: dict[str, str] = {}
"""The id of a caller of each role."""
paths: dict[str, list[str]] = {}
fields: dict[str, list[str]] = {}


@pytest.fixture(scope="module", autouse=True)
def suite() -> Iterator[None]:
    """People with roles of their own making and overrides, files, texts, and the callers."""
    with aws.aws_backend():
        key = clients.client("kms").create_key()["KeyMetadata"]["KeyId"]
    values = {"QUINTET_STAGE": "local", "QUINTET_RATE_LIMITS": "off", "QUINTET_KMS_KEY": key}
    with aws.system("softfactory", values):
        people.update({role: make_user(role).id for role in ROLES})
        _fill(as_account(Client(api), _account("admin")))
        yield


def _account(role: str) -> User:
    account = store.get(User, id=people[role])
    assert account is not None
    return account


def _fill(admin: Client) -> None:
    users = [make_user(*roles).id for roles in (("user",), ("user", "creator"), ("moderator",), ("admin",))]
    roles = [
        body_of(admin.post(f"{BASE}/rbac/roles", {"name": name, "description": "", "permissions": ["SNS_READ"]}))
        for name in ("support", "intern")
    ]
    for user in users:
        body_of(admin.post(f"{BASE}/rbac/users/{user}/permissions", {"permission": "FILES_READ", "allowed": True}))
    files = [sent(as_account(Client(api), _account(role)), "dot.png", picture())["file_id"] for role in ROLES]
    logs = [entry["id"] for entry in admin.get(f"{BASE}/admin/audit-logs").body["logs"]]
    ids = [role["role_id"] for role in roles]
    paths.update(users=users, roles=ids, files=files, strings=["common.welcome"])
    paths.update({"audit-logs": logs, "audit": logs, "languages": ["ko"], "download": ["ko", "en"]})
    fields.update(user_id=users, role_id=ids, role_name=["support", "intern", "creator"], file_id=files)
    fields.update(email=[_account("user").email], password=[PASSWORD], permission=["FILES_READ", "SNS_WRITE"])


@schema.parametrize()
@few
def test_generated_requests_are_answered_as_documented(case: Any) -> None:
    aim_path(case, paths)
    aim_fields(case.query, fields)
    aim_fields(case.body, fields)
    # The generator also tries methods that an operation does not have, hence the operation's own.
    operation = operations[f"{case.operation.method.upper()} {case.operation.path}"]
    held = [role.name for role in BUILT_IN.values() if _may(operation.caller, role)]
    caller = _account(held[number_of((case.path_parameters, case.query, case.body)) % len(held)])
    if caller.is_deleted:  # by the request before
        caller = make_user(held[0])
    case.call_and_validate(checks=CHECKS, headers=headers_of(case, caller.id, caller.epoch))


def _may(caller: Any, role: Role) -> bool:
    permission = getattr(caller, "permission", None)
    return permission is None or permission in role.grants


def test_the_traffic_left_the_books_right() -> None:
    """After whatever was sent: totals are what is listed, roles know their holders, addresses their owners, and as many
    lasting administrators are counted as there are."""
    users = list(store.each(User, "gsi1"))
    assert store.count(User, "gsi1") == len(users)
    by_place = Counter((user.role, user.listed) for user in users)
    for (role, status), number in by_place.items():
        assert store.count(User, "gsi2", role=role, listed=status) == number
    for role_id in {each.role_id for user in users for each in user.roles} | BUILT_IN.keys():
        holders = sum(any(each.role_id == role_id for each in user.roles) for user in users)
        assert store.count(Holder, "gsi1" if role_id in BUILT_IN else "gsi2", role_id=role_id) == holders
    for user in users:
        claim = store.get(EmailClaim, email=user.email)
        assert claim is not None
        assert claim.user_id == user.id
    admins = store.get(Admins)
    assert admins is not None
    lasting = [
        user
        for user in users
        if user.status == "active"
        and not user.is_deleted
        and any(each.role_id == ADMIN.id and each.expires_at is None for each in user.roles)
    ]
    assert 0 < admins.count <= len(lasting)
