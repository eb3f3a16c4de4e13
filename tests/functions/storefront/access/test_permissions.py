"""Permissions: the documented operations."""

from __future__ import annotations

from typing import Any

import pytest

from quintet.models import is_id
from quintet.testing import Client
from storefront.access import role_store
from storefront.access.roles import Permission, find_role
from storefront.service import store
from tests.functions.storefront.conftest import SignIn
from tests.support.aws import in_threads

ROLES = "/api/v1/admin/roles"
PERMISSIONS = "/api/v1/admin/permissions"
REFUND = {"name": "refund_orders", "resource": "orders", "action": "refund", "description": "May give money back"}
FORBIDDEN = {"error": {"code": "insufficient_permissions", "message": "Insufficient permissions"}}
NOT_FOUND = {"error": {"code": "permission_not_found", "message": "Permission not found"}}
EVERY_OPERATION = [
    ("GET", PERMISSIONS, None),
    ("POST", PERMISSIONS, REFUND),
    ("GET", f"{PERMISSIONS}/manage_orders", None),
    ("PUT", f"{PERMISSIONS}/manage_orders", REFUND),
    ("DELETE", f"{PERMISSIONS}/manage_orders", None),
]


@pytest.fixture
def admin(sign_in: SignIn) -> Client:
    return sign_in("admin")


def made(caller: Client, **changes: str) -> str:
    answer = caller.post(PERMISSIONS, {**REFUND, **changes})
    assert answer.status == 201, answer
    return str(answer.data["permission"]["id"])


@pytest.mark.parametrize(("method", "path", "body"), EVERY_OPERATION)
def test_nobody_gets_in_without_a_token(shop: Client, method: str, path: str, body: Any) -> None:
    answer = shop.request(method, path, body)
    assert answer.status == 401
    assert answer.error == {"code": "unauthorized", "message": "Authentication required"}


@pytest.mark.parametrize(("method", "path", "body"), EVERY_OPERATION)
def test_no_customer_gets_in(sign_in: SignIn, method: str, path: str, body: Any) -> None:
    answer = sign_in().request(method, path, body)
    assert (answer.status, answer.body) == (403, FORBIDDEN)


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_a_new_shop_has_the_permissions_its_operations_ask_for(sign_in: SignIn, version: Any) -> None:
    answer = sign_in("customer_experience").speaking(version).get(PERMISSIONS)
    assert answer.status == 200
    assert answer.body == {
        "data": {
            "permissions": [
                {"id": f"manage_{what}", "name": f"manage_{what}", "resource": what, "action": "manage",
                 "description": text}
                for what, text in (
                    ("products", "Full access to products"),
                    ("inventory", "Full access to inventory management"),
                    ("promotions", "Full access to promotions"),
                    ("orders", "Full access to orders"),
                )
            ]
        }
    }  # fmt: skip


@pytest.mark.parametrize("role", ["admin", "manager", "customer_experience"])
def test_a_permission_is_created_and_found_again(sign_in: SignIn, role: str) -> None:
    caller = sign_in(role)
    answer = caller.post(PERMISSIONS, REFUND)
    assert answer.status == 201
    permission_id = answer.data["permission"]["id"]
    assert is_id(permission_id)
    assert answer.body == {"data": {"permission": {"id": permission_id, **REFUND}}}
    assert list(answer.data["permission"]) == ["id", "name", "resource", "action", "description"]
    assert caller.get(f"{PERMISSIONS}/{permission_id}").body == answer.body
    assert caller.get(PERMISSIONS).data["permissions"][4:] == [{"id": permission_id, **REFUND}]


def test_a_built_in_permission_is_found_before_anything_was_stored(manager: Client) -> None:
    answer = manager.get(f"{PERMISSIONS}/manage_products")
    assert (answer.status, answer.body) == (200, {"data": {"permission": {
        "id": "manage_products", "name": "manage_products", "resource": "products", "action": "manage",
        "description": "Full access to products",
    }}})  # fmt: skip


@pytest.mark.parametrize("name", ["refund_orders", "Refund_Orders", "manage_orders"])
def test_names_of_permissions_are_unique(manager: Client, name: str) -> None:
    made(manager)
    other = made(manager, name="other")
    taken = {"error": {"code": "permission_exists", "message": "A permission with this name already exists"}}
    created = manager.post(PERMISSIONS, {**REFUND, "name": name})
    renamed = manager.put(f"{PERMISSIONS}/{other}", {**REFUND, "name": name})
    assert (created.status, created.body) == (409, taken)
    assert (renamed.status, renamed.body) == (409, taken)


def test_a_role_and_a_permission_may_share_a_name(manager: Client) -> None:
    made(manager)
    assert manager.post(ROLES, {"name": "refund_orders"}).status == 201
    assert manager.post(PERMISSIONS, {**REFUND, "name": "admin"}).status == 201


def test_a_permission_created_again_with_its_idempotency_key_is_the_same(manager: Client) -> None:
    one, again = (manager.post(PERMISSIONS, REFUND, headers={"Idempotency-Key": "k-1"}) for _ in range(2))
    assert one.body == again.body
    other = manager.post(PERMISSIONS, {**REFUND, "name": "x"}, headers={"Idempotency-Key": "k-1"})
    assert other.status == 422


@pytest.mark.parametrize("field", ["name", "resource", "action"])
@pytest.mark.parametrize("value", ["", " ", 5, None, "x" * 65])
def test_a_permission_needs_name_resource_and_action(manager: Client, field: str, value: Any) -> None:
    for answer in (
        manager.post(PERMISSIONS, {**REFUND, field: value}),
        manager.put(f"{PERMISSIONS}/manage_orders", {**REFUND, field: value}),
    ):
        assert answer.status == 400
        assert answer.error["message"] == "Invalid request body"
        assert [d["field"] for d in answer.error["details"]] == [field]


def test_all_four_fields_are_replaced(manager: Client) -> None:
    permission_id = made(manager)
    body = {"name": "refund", "resource": "payments", "action": "return", "description": "Updated description"}
    answer = manager.put(f"{PERMISSIONS}/{permission_id}", body)
    assert (answer.status, answer.body) == (200, {"data": {"permission": {"id": permission_id, **body}}})
    assert manager.get(f"{PERMISSIONS}/{permission_id}").body == answer.body
    assert made(manager) != permission_id


def test_a_renamed_built_in_permission_allows_what_it_did(manager: Client) -> None:
    body = {**REFUND, "name": "run_the_catalogue"}
    assert manager.put(f"{PERMISSIONS}/manage_products", body).status == 200
    first = manager.get(f"{ROLES}/manager/permissions").data["permissions"][0]
    assert first == {"id": "manage_products", **body}
    from storefront.access.roles import allowed

    assert allowed(frozenset({"manager"}), "manage_products")


@pytest.mark.parametrize("permission_id", ["manage_products", "manage_inventory", "manage_promotions", "manage_orders"])
def test_no_built_in_permission_is_ever_deleted(admin: Client, permission_id: str) -> None:
    answer = admin.delete(f"{PERMISSIONS}/{permission_id}")
    assert answer.status == 403
    assert answer.error == {"code": "insufficient_permissions", "message": "Built-in permissions cannot be deleted"}


def test_a_deleted_permission_leaves_every_role(admin: Client) -> None:
    permission_id = made(admin)
    roles = ["customer_experience", admin.post(ROLES, {"name": "cashier"}).data["role"]["id"]]
    for role_id in roles:
        admin.post(f"{ROLES}/{role_id}/permissions", {"permission_id": permission_id})
    answer = admin.delete(f"{PERMISSIONS}/{permission_id}")
    assert (answer.status, answer.raw) == (204, b"")
    for role_id in roles:
        role = find_role(role_id)
        assert role is not None
        assert role.permissions == {}
    assert admin.get(f"{PERMISSIONS}/{permission_id}").body == NOT_FOUND
    assert admin.delete(f"{PERMISSIONS}/{permission_id}").body == NOT_FOUND
    assert made(admin) != permission_id


def test_whoever_deletes_a_permission_that_roles_hold_must_hold_it(admin: Client, manager: Client) -> None:
    free, used = made(manager), made(manager, name="used")
    admin.post(f"{ROLES}/customer_experience/permissions", {"permission_id": used})
    assert manager.delete(f"{PERMISSIONS}/{free}").status == 204
    assert manager.delete(f"{PERMISSIONS}/{used}").body == FORBIDDEN
    admin.post(f"{ROLES}/manager/permissions", {"permission_id": used})
    assert manager.delete(f"{PERMISSIONS}/{used}").status == 204


def test_a_grant_in_the_midst_of_a_deletion_is_never_left_behind(admin: Client) -> None:
    permission_id = made(admin)
    permission = store.get(Permission, id=permission_id)
    role = find_role("user")
    assert permission is not None
    assert role is not None
    holders = role_store.holders_of(permission)
    role_store.grant(role, permission)
    with pytest.raises(Exception, match="changed by someone else"):
        role_store.delete_permission(permission, holders)
    assert admin.get(f"{ROLES}/user/permissions").data["permissions"] == [{"id": permission_id, **REFUND}]


def test_grants_and_a_deletion_at_once_agree(admin: Client) -> None:
    permission_id = made(admin)
    roles = [admin.post(ROLES, {"name": f"role-{n}"}).data["role"]["id"] for n in range(5)]

    def work(number: int) -> int:
        if number == 5:
            return admin.delete(f"{PERMISSIONS}/{permission_id}").status
        return admin.post(f"{ROLES}/{roles[number]}/permissions", {"permission_id": permission_id}).status

    answers = in_threads(6, work)
    assert set(answers) <= {200, 204, 404, 409}
    deleted = admin.get(f"{PERMISSIONS}/{permission_id}").status == 404
    assert deleted == (answers[5] == 204)
    for role_id, status in zip(roles, answers, strict=False):
        role = find_role(role_id)
        assert role is not None
        assert (permission_id in role.permissions) == (not deleted and status == 200)


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", REFUND), ("DELETE", None)])
def test_an_unknown_permission_is_not_found(manager: Client, method: str, body: Any) -> None:
    answer = manager.request(method, f"{PERMISSIONS}/nope", body)
    assert (answer.status, answer.body) == (404, NOT_FOUND)
