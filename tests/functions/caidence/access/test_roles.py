"""Roles: who may make, change and delete which, and what their holders notice."""

from __future__ import annotations

import pytest

from caidence.access.roles import Catalogue
from caidence.directory.entities import User
from caidence.service import store
from quintet.models import new_id
from quintet.testing import Client
from tests.functions.caidence.access.conftest import RBAC, check, field, log, role_id
from tests.functions.caidence.conftest import SignIn, account_of, make_organization, make_user
from tests.support.aws import in_threads

LEAD = {"name": "lead", "level": 55, "description": "Leads", "permissions_json": {"crm": ["write", "read", "read"]}}


def made(client: Client, **fields: object) -> dict[str, object]:
    answer = client.post(f"{RBAC}/roles", {**LEAD, **fields})
    assert answer.status == 201, answer
    body: dict[str, object] = answer.body
    return body


def test_everybody_signed_in_sees_the_roles_the_highest_first(viewer: Client, platform: Client) -> None:
    answer = viewer.get(f"{RBAC}/roles")
    assert [(role["name"], role["level"]) for role in answer.body] == [
        ("root", 100), ("super_admin", 90), ("agency_admin", 80), ("agency_member", 60),
        ("brand_admin", 50), ("brand_member", 40), ("creator", 20), ("viewer", 10),
    ]  # fmt: skip
    assert answer.body[-1] == {
        "id": "00000000-0000-7000-8000-000000000010",
        "name": "viewer",
        "description": "Looks on",
        "level": 10,
        "is_builtin": True,
        "permissions_json": {"campaign": ["read"], "content": ["read"], "analytics": ["read"]},
        "user_count": 1,
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
    }
    assert platform.get(f"{RBAC}/roles").status == 401


def test_a_super_admin_makes_a_role_below_their_own_level(super_admin: Client, root: Client) -> None:
    role = made(super_admin)
    assert {name: role[name] for name in ("name", "description", "level", "is_builtin", "user_count")} == {
        "name": "lead", "description": "Leads", "level": 55, "is_builtin": False, "user_count": 0,
    }  # fmt: skip
    assert role["permissions_json"] == {"crm": ["read", "write"]}
    assert [r["name"] for r in super_admin.get(f"{RBAC}/roles").body][4:6] == ["lead", "brand_admin"]
    entry = log(super_admin)[0]
    assert (entry["action"], entry["resource"], entry["before"], entry["target_user_id"]) == (
        "role.create", "lead", None, None,
    )  # fmt: skip
    assert entry["after"] == {
        "name": "lead", "description": "Leads", "level": 55, "permissions_json": {"crm": ["read", "write"]},
    }  # fmt: skip
    for client, level in ((super_admin, 90), (super_admin, 95), (root, 100)):
        assert client.post(f"{RBAC}/roles", {**LEAD, "name": "high", "level": level}).status == 403
    assert root.post(f"{RBAC}/roles", {**LEAD, "name": "high", "level": 99}).status == 201


def test_a_name_is_given_once(super_admin: Client) -> None:
    made(super_admin)
    for name in ("lead", "viewer"):
        answer = super_admin.post(f"{RBAC}/roles", {**LEAD, "name": name})
        assert (answer.status, answer.body) == (409, {"detail": "A role with this name already exists"})


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"name": "Lead"}, "body.name"),
        ({"name": "l"}, "body.name"),
        ({"name": "l" * 51}, "body.name"),
        ({"name": "lead\n"}, "body.name"),
        ({"level": 0}, "body.level"),
        ({"level": 101}, "body.level"),
        ({"level": "55"}, "body.level"),
        ({"description": "x" * 501}, "body.description"),
        ({"permissions_json": {"billing": ["read"]}}, "body.permissions_json"),
        ({"permissions_json": {"crm": ["delete"]}}, "body.permissions_json.crm.0"),
        ({"permissions_json": {"analytics": ["write"]}}, "body.permissions_json"),
    ],
)
def test_a_role_that_is_none_is_refused_by_its_field(
    super_admin: Client, fields: dict[str, object], named: str
) -> None:
    assert field(super_admin.post(f"{RBAC}/roles", {**LEAD, **fields})) == [named]


@pytest.mark.parametrize("role", ["agency_admin", "viewer"])
def test_only_super_admins_write_roles(sign_in: SignIn, platform: Client, role: str) -> None:
    client, viewer = sign_in(role), "00000000-0000-7000-8000-000000000010"
    requests: list[tuple[str, str, object]] = [
        ("POST", "/roles", LEAD), ("PUT", f"/roles/{viewer}", {}), ("DELETE", f"/roles/{viewer}", None),
        ("PUT", f"/roles/{viewer}/permissions", {"permissions_json": {}}),
    ]  # fmt: skip
    for method, path, body in requests:
        assert client.request(method, RBAC + path, body).status == 403
        assert platform.request(method, RBAC + path, body).status == 401


def test_an_update_merges_and_a_permission_takes_effect_at_once(super_admin: Client, sign_in: SignIn) -> None:
    lead = made(super_admin)
    holder = sign_in("lead")
    assert check(holder, "crm:write").body["allowed"]
    answer = super_admin.put(f"{RBAC}/roles/{lead['id']}", {"level": 54, "description": None})
    assert answer.body == {
        **lead, "level": 54, "user_count": 1, "updated_at": answer.body["updated_at"],
    }  # fmt: skip
    answer = super_admin.put(f"{RBAC}/roles/{lead['id']}/permissions", {"permissions_json": {"campaign": ["read"]}})
    assert (answer.status, answer.body["permissions_json"]) == (200, {"campaign": ["read"]})
    assert not check(holder, "crm:write").body["allowed"]
    permissions, update = log(super_admin, action_filter="role")[:2]
    assert (permissions["action"], permissions["before"], permissions["after"]) == (
        "role.permissions",
        {"permissions_json": {"crm": ["read", "write"]}},
        {"permissions_json": {"campaign": ["read"]}},
    )
    assert (update["action"], update["before"], update["after"]) == ("role.update", {"level": 55}, {"level": 54})


def test_built_in_roles_keep_name_and_level_and_the_highest_are_roots(super_admin: Client, root: Client) -> None:
    viewer, high = role_id(root, "viewer"), role_id(root, "super_admin")
    for fields in ({"name": "watcher"}, {"level": 11}):
        answer = super_admin.put(f"{RBAC}/roles/{viewer}", fields)
        assert (answer.status, answer.body) == (400, {"detail": "A built-in role keeps its name and its level"})
    assert super_admin.put(f"{RBAC}/roles/{viewer}", {"description": "Watches"}).body["description"] == "Watches"
    assert super_admin.put(f"{RBAC}/roles/{high}", {"description": "x"}).status == 403
    assert super_admin.put(f"{RBAC}/roles/{high}/permissions", {"permissions_json": {}}).status == 403
    assert root.put(f"{RBAC}/roles/{high}", {"description": "x"}).status == 200
    answer = root.delete(f"{RBAC}/roles/{viewer}")
    assert (answer.status, answer.body) == (409, {"detail": "A built-in role cannot be deleted"})


def test_a_level_is_not_raised_to_ones_own(super_admin: Client, root: Client) -> None:
    lead, high = made(super_admin), made(root, name="high", level=95)
    assert super_admin.put(f"{RBAC}/roles/{lead['id']}", {"level": 90}).status == 403
    assert super_admin.put(f"{RBAC}/roles/{high['id']}", {"description": "x"}).status == 403
    assert super_admin.delete(f"{RBAC}/roles/{high['id']}").status == 403


def test_a_role_in_use_stays_and_keeps_its_name(super_admin: Client, sign_in: SignIn, root: Client) -> None:
    lead = made(super_admin)
    holder = account_of(sign_in("lead"))
    path = f"{RBAC}/roles/{lead['id']}"
    in_use = (409, {"detail": "The role is assigned to users"})
    for answer in (super_admin.delete(path), super_admin.put(path, {"name": "chief"})):
        assert (answer.status, answer.body) == in_use
    assert root.post(f"{RBAC}/assign", {"user_id": holder.id, "role_name": "viewer"}).status == 200
    scope = {"scope_type": "organization", "scope_id": holder.organization_id}
    given = {"user_id": holder.id, **scope}
    assert root.post(f"{RBAC}/assign", {**given, "role_name": "lead"}).status == 200
    assert next(r for r in root.get(f"{RBAC}/roles").body if r["name"] == "lead")["user_count"] == 1
    assert super_admin.delete(path).status == 409
    assert root.post(f"{RBAC}/assign", {**given, "role_name": "viewer"}).status == 200
    assert super_admin.put(path, {"name": "chief"}).body["name"] == "chief"
    answer = super_admin.delete(path)
    assert (answer.status, answer.body) == (200, {"message": "Role deleted", "id": lead["id"]})
    assert super_admin.delete(path).status == 404
    assert log(root, action_filter="role.delete")[0]["before"]["name"] == "chief"


def test_a_role_is_either_deleted_or_given_out(super_admin: Client, root: Client) -> None:
    organization = make_organization("Busy")
    for _ in range(3):
        lead = made(super_admin)
        users = [make_user("viewer", organization) for _ in range(3)]

        def act(number: int, users: list[User] = users, path: str = f"{RBAC}/roles/{lead['id']}") -> int:
            if number == 1:
                return super_admin.delete(path).status
            return root.post(f"{RBAC}/assign", {"user_id": users[number - (number > 1)].id, "role_name": "lead"}).status

        first, deleted, *others = in_threads(4, act)
        assert {first, *others} <= {200, 404}
        assert (deleted == 200) == (200 not in {first, *others})
        if deleted != 200:
            assert deleted == 409
            for user in users:
                root.post(f"{RBAC}/assign", {"user_id": user.id, "role_name": "viewer"})
            assert super_admin.delete(f"{RBAC}/roles/{lead['id']}").status == 200


def test_unknown_roles_are_not_found_and_there_are_not_too_many(super_admin: Client) -> None:
    nobody = "0198c0de-0000-7000-8000-000000000001"
    for answer in (
        super_admin.put(f"{RBAC}/roles/{nobody}", {"level": 5}),
        super_admin.delete(f"{RBAC}/roles/{nobody}"),
        super_admin.put(f"{RBAC}/roles/{nobody}/permissions", {"permissions_json": {}}),
    ):
        assert (answer.status, answer.body) == (404, {"detail": "Role not found"})
    assert field(super_admin.delete(f"{RBAC}/roles/one")) == ["path.role_id"]
    many = [Catalogue().roles[-1].model_copy(update={"id": new_id(), "name": f"role_{n}"}) for n in range(42)]
    store.create(Catalogue(version=1, roles=[*Catalogue().roles, *many]))
    answer = super_admin.post(f"{RBAC}/roles", LEAD)
    assert (answer.status, answer.body) == (400, {"detail": "There may be at most 50 roles"})


def test_roles_made_at_the_same_time_all_stand(super_admin: Client) -> None:
    answers = in_threads(6, lambda n: super_admin.post(f"{RBAC}/roles", {**LEAD, "name": f"r{n % 3}x"}).status)
    assert sorted(map(str, answers)) == ["201", "201", "201", "409", "409", "409"]
    assert {role["name"] for role in super_admin.get(f"{RBAC}/roles").body} >= {"r0x", "r1x", "r2x"}
