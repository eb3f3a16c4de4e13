"""Roles and what they are granted: the documented operations, and nobody giving what they do not hold."""

from __future__ import annotations

from typing import Any

import pytest

from quintet.models import is_id
from quintet.testing import Client
from storefront.access.holdings import is_staff
from storefront.access.roles import Role, allowed
from storefront.service import store
from tests.functions.storefront.conftest import SignIn
from tests.support.aws import in_threads

ROLES = "/api/v1/admin/roles"
PERMISSIONS = "/api/v1/admin/permissions"
KEEPER = {"name": "inventory_manager", "description": "Manages inventory levels"}
FORBIDDEN = {"error": {"code": "insufficient_permissions", "message": "Insufficient permissions"}}
NO_ROLE = {"error": {"code": "role_not_found", "message": "Role not found"}}
NO_PERMISSION = {"error": {"code": "permission_not_found", "message": "Permission not found"}}
GRANTED = {"data": {"message": "Permission granted successfully"}}
BUILT_IN = [
    {"id": "admin", "name": "admin", "description": "Full system access"},
    {"id": "manager", "name": "manager", "description": "Administrative access for business operations"},
    {"id": "customer_experience", "name": "customer_experience", "description": "Customer support access"},
    {"id": "user", "name": "user", "description": "Standard authenticated user"},
]
EVERY_OPERATION = [
    ("GET", ROLES, None),
    ("POST", ROLES, KEEPER),
    ("GET", f"{ROLES}/user", None),
    ("PUT", f"{ROLES}/user", KEEPER),
    ("DELETE", f"{ROLES}/user", None),
    ("GET", f"{ROLES}/user/permissions", None),
    ("POST", f"{ROLES}/user/permissions", {"permission_id": "manage_products"}),
    ("DELETE", f"{ROLES}/user/permissions/manage_products", None),
]


@pytest.fixture
def admin(sign_in: SignIn) -> Client:
    return sign_in("admin")


@pytest.fixture
def support(sign_in: SignIn) -> Client:
    return sign_in("customer_experience")


def made(caller: Client, **changes: str) -> str:
    answer = caller.post(ROLES, {**KEEPER, **changes})
    assert answer.status == 201, answer
    return str(answer.data["role"]["id"])


def names(caller: Client, role_id: str) -> list[str]:
    return [p["name"] for p in caller.get(f"{ROLES}/{role_id}/permissions").data["permissions"]]


# Who may


@pytest.mark.parametrize(("method", "path", "body"), EVERY_OPERATION)
def test_nobody_gets_in_without_a_token(shop: Client, method: str, path: str, body: Any) -> None:
    for sent in (body, {"nonsense": 1}):
        answer = shop.request(method, path, sent)
        assert answer.status == 401
        assert answer.error == {"code": "unauthorized", "message": "Authentication required"}


@pytest.mark.parametrize(("method", "path", "body"), EVERY_OPERATION)
def test_no_customer_gets_in(sign_in: SignIn, method: str, path: str, body: Any) -> None:
    for sent in (body, {"nonsense": 1}):
        answer = sign_in().request(method, path, sent)
        assert (answer.status, answer.body) == (403, FORBIDDEN)


@pytest.mark.parametrize("role", ["admin", "manager", "customer_experience"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_all_three_staff_roles_see_the_built_in_roles_of_a_new_shop(sign_in: SignIn, role: str, version: Any) -> None:
    answer = sign_in(role).speaking(version).get(ROLES)
    assert (answer.status, answer.body) == (200, {"data": {"roles": BUILT_IN}})


# Create, read, replace, delete


@pytest.mark.parametrize("role", ["admin", "manager", "customer_experience"])
def test_a_role_is_created_and_found_again(sign_in: SignIn, role: str) -> None:
    caller = sign_in(role)
    answer = caller.post(ROLES, KEEPER)
    assert answer.status == 201
    role_id = answer.data["role"]["id"]
    assert is_id(role_id)
    assert answer.body == {"data": {"role": {"id": role_id, **KEEPER}}}
    assert caller.get(f"{ROLES}/{role_id}").body == answer.body
    assert caller.get(ROLES).data["roles"] == [*BUILT_IN, {"id": role_id, **KEEPER}]
    assert caller.get(f"{ROLES}/{role_id}/permissions").body == {"data": {"permissions": []}}


@pytest.mark.parametrize("role_id", ["admin", "manager", "customer_experience", "user"])
def test_a_built_in_role_is_found_before_anything_was_stored(manager: Client, role_id: str) -> None:
    answer = manager.get(f"{ROLES}/{role_id}")
    assert answer.status == 200
    assert answer.data["role"] in BUILT_IN


def test_the_description_of_a_role_may_be_left_out(manager: Client) -> None:
    assert manager.post(ROLES, {"name": "packer"}).data["role"]["description"] == ""


@pytest.mark.parametrize("name", ["inventory_manager", "INVENTORY_Manager", " inventory_manager ", "Admin", "user"])
def test_names_of_roles_are_unique_whatever_their_case(manager: Client, name: str) -> None:
    made(manager)
    other = made(manager, name="other")
    taken = {"error": {"code": "role_exists", "message": "A role with this name already exists"}}
    created = manager.post(ROLES, {**KEEPER, "name": name})
    renamed = manager.put(f"{ROLES}/{other}", {**KEEPER, "name": name})
    assert (created.status, created.body) == (409, taken)
    assert (renamed.status, renamed.body) == (409, taken)


def test_of_many_who_create_a_role_at_once_one_succeeds(manager: Client) -> None:
    answers = in_threads(8, lambda _: manager.post(ROLES, KEEPER).status)
    assert sorted(str(a) for a in answers) == ["201"] + ["409"] * 7


def test_a_role_created_again_with_its_idempotency_key_is_the_same(manager: Client) -> None:
    key = {"Idempotency-Key": "k-1"}
    one, again = (manager.post(ROLES, KEEPER, headers=key) for _ in range(2))
    assert one.body == again.body
    assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": " "}, {"name": 5}, {"name": "x" * 65}, {"name": "a\nb"},
                                  {"name": "x", "description": "d" * 501}, []])  # fmt: skip
def test_a_role_needs_a_good_name(manager: Client, body: Any) -> None:
    for answer in (manager.post(ROLES, body), manager.put(f"{ROLES}/user", body)):
        assert answer.status == 400
        assert (answer.error["code"], answer.error["message"]) == ("invalid_request", "Invalid request body")


def test_a_role_is_renamed_and_its_old_name_is_free_again(manager: Client) -> None:
    role_id = made(manager)
    body = {"name": "inventory_admin", "description": "Full inventory access"}
    answer = manager.put(f"{ROLES}/{role_id}", body)
    assert (answer.status, answer.body) == (200, {"data": {"role": {"id": role_id, **body}}})
    assert manager.get(f"{ROLES}/{role_id}").body == answer.body
    assert made(manager) != role_id
    assert manager.post(ROLES, body).status == 409


def test_a_role_may_change_the_case_of_its_name_and_its_description(manager: Client) -> None:
    role_id = made(manager)
    for body in ({"name": "Inventory_Manager", "description": "New"}, {"name": "Inventory_Manager"}):
        answer = manager.put(f"{ROLES}/{role_id}", body)
        assert answer.data["role"] == {"id": role_id, "description": "", **body}


def test_a_renamed_built_in_role_still_opens_the_admin_routes_and_keeps_its_first_name(manager: Client) -> None:
    assert manager.put(f"{ROLES}/manager", {"name": "boss"}).status == 200
    assert manager.get(ROLES).data["roles"][1] == {"id": "manager", "name": "boss", "description": ""}
    assert names(manager, "manager") == ["manage_products", "manage_inventory", "manage_promotions", "manage_orders"]
    assert manager.post(ROLES, {"name": "manager"}).status == 409
    assert manager.post(ROLES, {"name": "boss"}).status == 409
    assert manager.put(f"{ROLES}/manager", {"name": "manager"}).status == 200
    assert manager.post(ROLES, {"name": "boss"}).status == 201


def test_two_renames_at_once_leave_one_name_taken(manager: Client) -> None:
    role_id = made(manager)
    answers = in_threads(6, lambda n: manager.put(f"{ROLES}/{role_id}", {"name": f"name-{n}"}).status)
    assert set(answers) <= {200, 409}
    assert 200 in answers
    final = manager.get(f"{ROLES}/{role_id}").data["role"]["name"]
    free = [manager.post(ROLES, {"name": f"name-{n}"}).status for n in range(6)]
    assert [n for n, status in enumerate(free) if status == 409] == [int(final[-1])]


def test_only_an_admin_changes_the_admin_role(admin: Client, manager: Client, support: Client) -> None:
    body = {"name": "root", "description": "All"}
    for caller in (manager, support):
        assert (caller.put(f"{ROLES}/admin", body).status, caller.get(f"{ROLES}/admin").status) == (403, 200)
    assert admin.put(f"{ROLES}/admin", body).data["role"] == {"id": "admin", **body}
    assert admin.get(ROLES).status == 200


def test_a_role_is_deleted_with_its_name(manager: Client) -> None:
    role_id = made(manager)
    answer = manager.delete(f"{ROLES}/{role_id}")
    assert (answer.status, answer.raw) == (204, b"")
    assert manager.get(f"{ROLES}/{role_id}").body == NO_ROLE
    assert manager.delete(f"{ROLES}/{role_id}").body == NO_ROLE
    assert manager.get(ROLES).data["roles"] == BUILT_IN
    assert made(manager) != role_id


@pytest.mark.parametrize("role_id", ["admin", "manager", "customer_experience", "user"])
def test_no_built_in_role_is_ever_deleted(admin: Client, role_id: str) -> None:
    answer = admin.delete(f"{ROLES}/{role_id}")
    assert answer.status == 403
    assert answer.error == {"code": "insufficient_permissions", "message": "Built-in roles cannot be deleted"}


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", KEEPER), ("DELETE", None)])
def test_an_unknown_role_is_not_found(manager: Client, method: str, body: Any) -> None:
    answer = manager.request(method, f"{ROLES}/nope", body)
    assert (answer.status, answer.body) == (404, NO_ROLE)


# Permissions of a role


def test_the_permissions_of_built_in_roles(admin: Client) -> None:
    everything = admin.get(PERMISSIONS).data["permissions"]
    assert everything[0] == {
        "id": "manage_products",
        "name": "manage_products",
        "resource": "products",
        "action": "manage",
        "description": "Full access to products",
    }
    for role_id, held in (("admin", everything), ("manager", everything), ("customer_experience", []), ("user", [])):
        answer = admin.get(f"{ROLES}/{role_id}/permissions")
        assert (answer.status, answer.body) == (200, {"data": {"permissions": held}})


@pytest.mark.parametrize("role", ["admin", "manager"])
def test_a_permission_is_granted_and_revoked(sign_in: SignIn, role: str) -> None:
    caller = sign_in(role)
    role_id = made(caller)
    for _ in range(2):  # the second time changes nothing
        answer = caller.post(f"{ROLES}/{role_id}/permissions", {"permission_id": "manage_inventory"})
        assert (answer.status, answer.body) == (200, GRANTED)
        assert names(caller, role_id) == ["manage_inventory"]
    for _ in range(2):
        answer = caller.delete(f"{ROLES}/{role_id}/permissions/manage_inventory")
        assert (answer.status, answer.raw) == (204, b"")
        assert names(caller, role_id) == []


def test_a_grant_takes_effect_at_once(admin: Client, sign_in: SignIn) -> None:
    keeper = frozenset({made(admin), "user"})
    assert not allowed(keeper, "manage_inventory")
    for role_id in keeper - {"user"}:
        admin.post(f"{ROLES}/{role_id}/permissions", {"permission_id": "manage_inventory"})
    assert allowed(keeper, "manage_inventory")
    assert not allowed(keeper, "manage_products")
    assert not is_staff(keeper)
    admin.delete(f"{ROLES}/manager/permissions/manage_orders")
    assert not allowed(frozenset({"manager"}), "manage_orders")
    assert allowed(frozenset({"manager"}), "manage_products")
    assert allowed(frozenset({"admin"}), "manage_orders")


def test_nobody_grants_or_revokes_what_they_do_not_hold(admin: Client, manager: Client, support: Client) -> None:
    role_id = made(admin)
    for permission in ("manage_products", "manage_orders"):
        assert support.post(f"{ROLES}/{role_id}/permissions", {"permission_id": permission}).body == FORBIDDEN
        assert support.delete(f"{ROLES}/manager/permissions/{permission}").body == FORBIDDEN
    admin.delete(f"{ROLES}/manager/permissions/manage_products")
    assert manager.post(f"{ROLES}/{role_id}/permissions", {"permission_id": "manage_products"}).body == FORBIDDEN
    assert manager.post(f"{ROLES}/manager/permissions", {"permission_id": "manage_products"}).body == FORBIDDEN
    assert names(admin, role_id) == []


def test_the_admin_role_holds_everything_and_is_touched_by_admins_alone(admin: Client, manager: Client) -> None:
    grant, revoke = {"permission_id": "manage_orders"}, f"{ROLES}/admin/permissions/manage_orders"
    assert manager.post(f"{ROLES}/admin/permissions", grant).body == FORBIDDEN
    assert manager.delete(revoke).body == FORBIDDEN
    assert admin.post(f"{ROLES}/admin/permissions", grant).body == GRANTED
    answer = admin.delete(revoke)
    assert (answer.status, answer.error["message"]) == (403, "The admin role holds every permission")
    assert len(names(admin, "admin")) == 4


def test_unknown_roles_and_permissions_are_not_found(admin: Client) -> None:
    role_id, grant = made(admin), {"permission_id": "manage_orders"}
    assert admin.get(f"{ROLES}/nope/permissions").body == NO_ROLE
    assert admin.post(f"{ROLES}/nope/permissions", grant).body == NO_ROLE
    assert admin.delete(f"{ROLES}/nope/permissions/manage_orders").body == NO_ROLE
    for unknown in ("nope", "a.b", "permissions"):
        assert admin.post(f"{ROLES}/{role_id}/permissions", {"permission_id": unknown}).body == NO_PERMISSION
        assert admin.delete(f"{ROLES}/{role_id}/permissions/{unknown}").body == NO_PERMISSION


@pytest.mark.parametrize("body", [{}, {"permission_id": ""}, {"permission_id": 3}, {"permission_id": None}])
def test_a_grant_names_a_permission(admin: Client, body: Any) -> None:
    assert admin.post(f"{ROLES}/user/permissions", body).error["message"] == "Invalid request body"


def test_grants_to_one_role_at_once_are_all_kept(admin: Client) -> None:
    role_id = made(admin)
    wanted = ["manage_products", "manage_inventory", "manage_promotions", "manage_orders"]
    for target in (role_id, "customer_experience"):  # a stored role, and a built-in one that is not stored yet
        path = f"{ROLES}/{target}/permissions"
        answers = in_threads(4, lambda n, path=path: admin.post(path, {"permission_id": wanted[n]}).status)  # type: ignore[misc]
        assert answers == [200] * 4
        assert names(admin, target) == wanted
    stored = store.get(Role, id="customer_experience")
    assert stored is not None
    assert stored.name == "customer_experience"
