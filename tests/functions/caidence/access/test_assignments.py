"""Assigning roles: to whom, by whom, and in which scope."""

from __future__ import annotations

from caidence.access.changes import Roots
from caidence.access.grants import Grants, ScopedRole
from caidence.directory.entities import Organization
from caidence.service import store
from quintet.models import new_id
from quintet.testing import Client
from tests.functions.caidence.access.conftest import RBAC, check, field, log
from tests.functions.caidence.conftest import SignIn, account_of, as_account, make_brand, make_user
from tests.support.aws import in_threads


def assign(client: Client, user: Client | str, role: str, **scope: object) -> int:
    user_id = user if isinstance(user, str) else account_of(user).id
    return client.post(f"{RBAC}/assign", {"user_id": user_id, "role_name": role, **scope}).status


def test_an_assigned_role_is_in_force_at_the_next_request(agency_admin: Client, viewer: Client, root: Client) -> None:
    user_id = account_of(viewer).id
    answer = agency_admin.post(f"{RBAC}/assign", {"user_id": user_id, "role_name": "brand_admin"})
    assert (answer.status, answer.body) == (
        200,
        {
            "message": "Role assigned", "user_id": user_id, "role": "brand_admin",
            "scope_type": "global", "scope_id": None,
        },
    )  # fmt: skip
    assert check(viewer, "campaign:write").body == {
        "allowed": True, "resource": "campaign", "action": "write",
        "reason": "allow: role brand_admin grants campaign:write",
    }  # fmt: skip
    (entry,) = log(root, action_filter="role.assign")
    actor = account_of(agency_admin)
    assert {name: entry[name] for name in entry if name not in ("id", "created_at")} == {
        "action": "role.assign", "actor_id": actor.id, "actor_email": actor.email, "target_user_id": user_id,
        "resource": None, "before": {"role": "viewer"}, "after": {"role": "brand_admin"}, "reason": None,
        "request_id": answer.headers["x-request-id"],
    }  # fmt: skip
    assert assign(agency_admin, viewer, "brand_admin") == 200
    assert len(log(root, action_filter="role.assign")) == 1


def test_agency_admins_and_above_assign_below_their_own_level(
    sign_in: SignIn, agency_admin: Client, super_admin: Client, root: Client, viewer: Client, platform: Client
) -> None:
    assert assign(sign_in("agency_member"), viewer, "creator") == 403
    assert assign(viewer, viewer, "creator") == 403
    assert platform.post(f"{RBAC}/assign", {}).status == 401
    assert assign(agency_admin, viewer, "agency_admin") == 403
    assert assign(agency_admin, viewer, "root") == 403
    assert assign(agency_admin, agency_admin, "viewer") == 403
    assert assign(agency_admin, sign_in("agency_admin"), "viewer") == 403
    assert assign(super_admin, viewer, "super_admin") == 403
    assert assign(super_admin, viewer, "agency_admin") == 200
    assert assign(super_admin, root, "viewer") == 403
    assert assign(root, viewer, "root") == 200
    assert assign(root, root, "root") == 403


def test_users_of_other_organizations_are_not_there(
    agency_admin: Client, super_admin: Client, sign_in: SignIn, other: Organization
) -> None:
    stranger, homeless = sign_in("viewer", other), sign_in("viewer", None)
    for user in (stranger, homeless):
        answer = agency_admin.post(f"{RBAC}/assign", {"user_id": account_of(user).id, "role_name": "creator"})
        assert (answer.status, answer.body) == (404, {"detail": "User not found"})
        assert assign(super_admin, user, "creator") == 200
    assert assign(super_admin, "0198c0de-0000-7000-8000-000000000001", "creator") == 404


def test_a_scoped_role_grants_only_inside_its_scope(
    agency_admin: Client, viewer: Client, organization: Organization
) -> None:
    fizz, buzz = make_brand(organization), make_brand(organization, "Buzz")
    scope = {"scope_type": "brand", "scope_id": fizz.id}
    assert assign(agency_admin, viewer, "brand_admin", **scope) == 200
    assert assign(agency_admin, viewer, "brand_admin", **scope) == 200
    assert check(viewer, "campaign:write", **scope).body["allowed"]
    assert not check(viewer, "campaign:write", scope_type="brand", scope_id=buzz.id).body["allowed"]
    assert not check(viewer, "campaign:write").body["allowed"]
    assert assign(agency_admin, viewer, "creator", **scope) == 200
    assert not check(viewer, "campaign:write", **scope).body["allowed"]
    assert check(viewer, "content:write", **scope).body["allowed"]
    assert assign(agency_admin, viewer, "viewer", **scope) == 200
    assert not check(viewer, "content:write", **scope).body["allowed"]
    assert account_of(viewer).role == "viewer"


def test_scopes_of_others_are_not_there(
    agency_admin: Client, viewer: Client, other: Organization, super_admin: Client
) -> None:
    foreign = make_brand(other)
    for kind, scope_id, text in (("brand", foreign.id, "Brand"), ("organization", other.id, "Organization")):
        body = {"user_id": account_of(viewer).id, "role_name": "creator", "scope_type": kind, "scope_id": scope_id}
        answer = agency_admin.post(f"{RBAC}/assign", body)
        assert (answer.status, answer.body) == (404, {"detail": f"{text} not found"})
        assert super_admin.post(f"{RBAC}/assign", body).status == 200


def test_what_is_wrong_with_an_assignment_is_named(agency_admin: Client, viewer: Client) -> None:
    good = {"user_id": account_of(viewer).id, "role_name": "creator"}
    some_id = "0198c0de-0000-7000-8000-000000000001"
    for fields, named in (
        ({"user_id": "1"}, "user_id"), ({"user_id": None}, "user_id"), ({"role_name": ""}, "role_name"),
        ({"scope_type": "team"}, "scope_type"), ({"scope_type": "brand"}, "scope_id"),
        ({"scope_id": some_id}, "scope_id"), ({"scope_type": "global", "scope_id": some_id}, "scope_id"),
    ):  # fmt: skip
        assert field(agency_admin.post(f"{RBAC}/assign", {**good, **fields})) == [f"body.{named}"]
    answer = agency_admin.post(f"{RBAC}/assign", {**good, "role_name": "emperor"})
    assert (answer.status, answer.body) == (404, {"detail": "Role not found"})


def test_a_user_has_scoped_roles_in_a_bounded_number_of_scopes(
    root: Client, viewer: Client, organization: Organization
) -> None:
    user_id = account_of(viewer).id
    many = [ScopedRole(role="creator", scope_type="brand", scope_id=new_id(), created_by="x") for _ in range(50)]
    store.create(Grants(user_id=user_id, version=1, assignments=many))
    body = {"user_id": user_id, "role_name": "creator", "scope_type": "organization", "scope_id": organization.id}
    answer = root.post(f"{RBAC}/assign", body)
    assert (answer.status, answer.body) == (400, {"detail": "A user may have roles in at most 50 scopes"})


def test_of_fifty_parallel_demotions_one_root_is_left(platform: Client) -> None:
    roots = [make_user("root", None) for _ in range(12)]
    clients = [as_account(platform, user) for user in roots]

    def demote(number: int) -> int:
        return assign(clients[number % 12], roots[(number + 1) % 12].id, "viewer")

    statuses = in_threads(50, demote)
    assert set(map(str, statuses)) <= {"200", "403"}
    left = [client for client in clients if account_of(client).role == "root"]
    assert left, "the last root stays"
    counted = store.get(Roots)
    assert counted is not None
    assert counted.count == len(left)
    for client in left[1:]:  # whom nobody came to in the race
        assert assign(left[0], account_of(client).id, "viewer") == 200
    assert assign(left[0], account_of(left[0]).id, "viewer") == 403
    assert [client for client in clients if account_of(client).role == "root"] == left[:1]


def test_changes_of_one_user_at_the_same_time_all_enter_the_log_in_order(
    root: Client, super_admin: Client, viewer: Client
) -> None:
    user_id = account_of(viewer).id
    roles = ["creator", "brand_member", "brand_admin", "agency_member"]
    assert in_threads(4, lambda number: assign(root, user_id, roles[number])) == [200] * 4
    entries = log(super_admin, target_user_id=user_id)
    assert len(entries) == 4
    assert len({entry["created_at"] for entry in entries}) == 4
    chain = [entry["after"]["role"] for entry in reversed(entries)]
    assert [entry["before"]["role"] for entry in reversed(entries)] == ["viewer", *chain[:-1]]
    assert account_of(viewer).role == chain[-1]
