"""The administration of users: lists with filters, changes with their rules, and overrides in the form of modules."""

from __future__ import annotations

from typing import Any

import pytest

from caidence.access import audit
from caidence.directory.entities import Organization, User
from caidence.service import store
from quintet.models import SkipQuery
from quintet.models.time import frozen, rfc3339
from quintet.testing import Client
from quintet.testing.client import Answer
from tests.functions.caidence.conftest import BASE, SignIn, account_of, as_account, lend, make_user
from tests.functions.caidence.tenancy.conftest import NOBODY, detail, fields, ids
from tests.support.aws import in_threads

USERS = f"{BASE}/admin/users"
MISSING = (404, "User not found")
CRM = {"module": "crm", "access_level": "read"}


def one(user: User) -> str:
    return f"{USERS}/{user.id}"


def stored(user: User) -> User:
    found = store.get(User, id=user.id)
    assert found is not None
    return found


def shown(user: User) -> dict[str, Any]:
    return {
        "id": user.id, "email": user.email, "full_name": user.full_name, "role": user.role,
        "organization_id": user.organization_id, "is_active": user.is_active, "is_approved": user.is_approved,
        "created_at": rfc3339(user.created_at), "updated_at": rfc3339(user.updated_at), "permission_overrides": [],
    }  # fmt: skip


def may(client: Client, permission: str) -> bool:
    resource, _, action = permission.partition(":")
    answer = client.post(f"{BASE}/rbac/check", {"resource": resource, "action": action})
    return bool(answer.body["allowed"])


CALLS = [
    ("GET", USERS, None), ("PATCH", f"{USERS}/{NOBODY}", {}), ("POST", f"{USERS}/{NOBODY}/permissions", CRM),
    ("DELETE", f"{USERS}/{NOBODY}/permissions/crm", None),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_the_administration_is_for_super_admins(
    platform: Client, agency_admin: Client, super_admin: Client, method: str, path: str, body: Any
) -> None:
    assert platform.request(method, path, body).status == 401
    assert agency_admin.request(method, path, body).status == 403
    assert super_admin.request(method, path, body).status in (200, 404)


def test_all_users_are_listed_newest_first_with_their_overrides(
    super_admin: Client, viewer: Client, organization: Organization
) -> None:
    override = lend(viewer, "crm:read", scope="organization", id=organization.id)
    answer = super_admin.get(USERS, query={"limit": 1})
    assert answer.headers["x-total-count"] == "2"
    user = account_of(viewer)
    assert answer.body == [
        {
            **shown(user),
            "permission_overrides": [
                {
                    "id": override.id, "user_id": user.id, "resource": "crm", "action": "read",
                    "scope_type": "organization", "scope_id": organization.id, "is_allowed": True,
                    "created_by": user.id, "created_at": rfc3339(override.created_at),
                    "updated_at": rfc3339(override.updated_at),
                }
            ],
        }
    ]  # fmt: skip
    assert super_admin.get(USERS, query={"skip": 1}).body == [shown(account_of(super_admin))]


def test_filters_by_role_and_approval_have_exact_totals_and_pages(super_admin: Client) -> None:
    made = {
        (role, approved): [make_user(role, None, is_approved=approved).id for _ in range(2)]
        for role in ("viewer", "creator")
        for approved in (True, False)
    }

    def asked(**query: Any) -> tuple[list[str], str]:
        answer = super_admin.get(USERS, query=query)
        return ids(answer), answer.headers["x-total-count"]

    def newest_first(*places: tuple[str, bool]) -> list[str]:
        return sorted((user for place in places for user in made[place]), reverse=True)

    viewers, creators = [[(role, True), (role, False)] for role in ("viewer", "creator")]
    assert asked(role="viewer", is_approved="false") == (newest_first(("viewer", False)), "2")
    assert asked(role="creator") == (newest_first(*creators), "4")
    waiting = newest_first(("viewer", False), ("creator", False))
    assert asked(is_approved="false") == (waiting, "4")
    assert asked(is_approved="true", limit=4)[0] == newest_first(("viewer", True), ("creator", True))
    assert asked(is_approved="true")[1] == "5"
    assert asked(role="nobody_has_it") == ([], "0")
    first = super_admin.get(USERS, query={"role": "viewer", "limit": 3})
    link = first.headers["link"].partition("<")[2].partition(">")[0]
    assert ids(first) + ids(super_admin.get(USERS + link)) == newest_first(*viewers)
    assert asked(is_approved="false", skip=3) == (waiting[3:], "4")


@pytest.mark.parametrize(
    "query", [{"role": "Viewer!"}, {"is_approved": "maybe"}, {"limit": 101}, {"skip": -1}]
)  # fmt: skip
def test_a_bad_filter_is_refused_by_name(super_admin: Client, query: dict[str, Any]) -> None:
    assert fields(super_admin.get(USERS, query=query)) == [f"query.{next(iter(query))}"]


def test_a_registered_account_is_approved_and_moved(
    platform: Client, super_admin: Client, organization: Organization
) -> None:
    user = make_user("viewer", None, is_approved=False)
    assert as_account(platform, user).get(f"{BASE}/organizations").status == 403
    change = {"is_approved": True, "organization_id": organization.id, "role": "brand_admin"}
    with frozen() as clock:
        answer = super_admin.patch(one(user), change)
    assert (answer.status, answer.body) == (
        200,
        {**shown(user), **change, "updated_at": rfc3339(clock.at)},
    )
    assert ids(as_account(platform, user).get(f"{BASE}/organizations")) == [organization.id]
    (entry,) = audit.page(SkipQuery(), "user.update", user.id).items
    assert (entry.actor_id, entry.after) == (account_of(super_admin).id, change)
    assert entry.before == {"is_approved": False, "role": "viewer", "organization_id": None}
    assert super_admin.patch(one(user), change).status == 200
    assert audit.page(SkipQuery(), "user.update", user.id).total == 1


def test_null_takes_a_user_out_of_the_organization_and_changes_nothing_else(
    super_admin: Client, viewer: Client
) -> None:
    user = account_of(viewer)
    answer = super_admin.patch(one(user), {"organization_id": None, "role": None, "is_active": None})
    assert answer.status == 200
    assert (answer.body["organization_id"], answer.body["role"], answer.body["is_active"]) == (None, "viewer", True)


def test_a_deactivated_user_is_refused_at_the_next_request(super_admin: Client, viewer: Client) -> None:
    assert viewer.get(f"{BASE}/brands").status == 200
    assert super_admin.patch(one(account_of(viewer)), {"is_active": False}).status == 200
    assert detail(viewer.get(f"{BASE}/brands")) == (400, "Inactive user")


def refused(answer: Answer, user: User) -> bool:
    return answer.status == 403 and stored(user) == user


def test_levels_bound_what_an_administrator_may_change(super_admin: Client, root: Client) -> None:
    peer, above, below = make_user("super_admin", None), make_user("root", None), make_user("viewer", None)
    assert refused(super_admin.patch(one(peer), {"is_active": False}), peer)
    assert refused(super_admin.patch(one(above), {"role": "viewer"}), above)
    assert refused(super_admin.patch(one(account_of(super_admin)), {"role": "root"}), account_of(super_admin))
    for role in ("super_admin", "root"):
        assert refused(super_admin.patch(one(below), {"role": role}), below)
    assert refused(super_admin.post(f"{one(peer)}/permissions", CRM), peer)
    assert refused(super_admin.delete(f"{one(above)}/permissions/crm"), above)
    for user in (peer, above):
        assert root.patch(one(user), {"role": "viewer"}).status == 200
    assert root.patch(one(below), {"role": "root"}).status == 200


def test_the_last_root_stays_however_many_ask(platform: Client) -> None:
    roots = [make_user("root", None) for _ in range(4)]
    clients = [as_account(platform, user) for user in roots]
    answers = in_threads(4, lambda n: clients[n].patch(one(roots[(n + 1) % 4]), {"role": "viewer"}).status)
    left = [user for user in roots if stored(user).role == "root"]
    assert left, answers
    assert set(answers) <= {200, 403}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"role": "wizard"}, "body.role"),
        ({"role": 7}, "body.role"),
        ({"is_active": "yes"}, "body.is_active"),
        ({"is_approved": 1}, "body.is_approved"),
        ({"organization_id": "7"}, "body.organization_id"),
    ],
)
def test_a_bad_change_is_refused_by_field(super_admin: Client, body: dict[str, Any], field: str) -> None:
    user = make_user("viewer", None)
    assert fields(super_admin.patch(one(user), body)) == [field]
    assert stored(user) == user


def test_what_is_not_there_is_not_found(super_admin: Client) -> None:
    user = make_user("viewer", None)
    assert detail(super_admin.patch(one(user), {"organization_id": NOBODY})) == (404, "Organization not found")
    for method, path, body in CALLS[1:]:
        assert detail(super_admin.request(method, path, body)) == MISSING
    assert fields(super_admin.patch(f"{USERS}/7", {})) == ["path.user_id"]
    answer = super_admin.delete(f"{one(user)}/permissions/crm")
    assert detail(answer) == (404, "Permission override not found")


def test_changes_of_one_user_at_one_moment_are_all_kept(super_admin: Client, organization: Organization) -> None:
    user = make_user("viewer", None, is_approved=False)
    bodies: list[dict[str, Any]] = [
        {"role": "creator"},
        {"is_approved": True},
        {"organization_id": organization.id},
        {"is_active": False},
    ]
    answers = in_threads(4, lambda n: super_admin.patch(one(user), bodies[n]).status)
    assert answers == [200] * 4
    after = super_admin.get(USERS, query={"role": "creator"}).body[0]
    assert all(body.items() <= after.items() for body in bodies)
    assert audit.page(SkipQuery(), "user.update", user.id).total == 4


@pytest.mark.parametrize(("level", "reads", "writes"), [("none", 0, 0), ("read", 1, 0), ("write", 1, 1)])
def test_a_modules_level_overrules_the_role(
    super_admin: Client, sign_in: SignIn, level: str, reads: int, writes: int
) -> None:
    client = sign_in("brand_admin" if level == "none" else "viewer")
    answer = super_admin.post(f"{one(account_of(client))}/permissions", {"module": "creators", "access_level": level})
    assert answer.status == 200
    rules = {(o["resource"], o["action"], o["is_allowed"]) for o in answer.body["permission_overrides"]}
    assert rules == {("creators", "read", bool(reads)), ("creators", "write", bool(writes))}
    assert (may(client, "creators:read"), may(client, "creators:write")) == (bool(reads), bool(writes))


def test_a_module_has_one_level_and_loses_it(super_admin: Client, viewer: Client, organization: Organization) -> None:
    user = account_of(viewer)
    scoped = lend(viewer, "crm:read", scope="organization", id=organization.id)
    for level in ("write", "read"):
        super_admin.post(f"{one(user)}/permissions", {"module": "crm", "access_level": level})
    answer = super_admin.post(f"{one(user)}/permissions", {"module": "crm", "access_level": "read"})
    assert [(o["action"], o["is_allowed"]) for o in answer.body["permission_overrides"] if o["id"] != scoped.id] == [
        ("read", True), ("write", False),
    ]  # fmt: skip
    actions = [entry.action for entry in audit.page(SkipQuery(), None, user.id).items]
    assert actions == ["override.update", "override.create", "override.create"]
    answer = super_admin.delete(f"{one(user)}/permissions/crm")
    assert (answer.status, answer.body) == (200, {"message": "Permission override removed", "id": "crm"})
    listed = super_admin.get(f"{BASE}/rbac/overrides/{user.id}")
    assert ids(listed) == [scoped.id]
    assert audit.page(SkipQuery(), "override.delete", user.id).total == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body.module"),
        ({"module": "billing", "access_level": "read"}, "body.module"),
        ({"module": "crm", "access_level": "admin"}, "body.access_level"),
        ({"module": "crm"}, "body.access_level"),
    ],
)
def test_an_unknown_module_or_level_is_refused(super_admin: Client, body: dict[str, str], field: str) -> None:
    user = make_user("viewer", None)
    assert field in fields(super_admin.post(f"{one(user)}/permissions", body))
    assert fields(super_admin.delete(f"{one(user)}/permissions/billing")) == ["path.resource"]
