"""Who holds which role: assigning and removing, nobody handing out more than they hold, never without an admin."""

from __future__ import annotations

from typing import Any

import pytest

from quintet.testing import Client
from storefront.access import role_store
from storefront.access.roles import Role, find_role, roles_of
from storefront.accounts.entities import Account
from storefront.service import store
from tests.functions.storefront.conftest import SignIn
from tests.support.aws import in_threads

ROLES = "/api/v1/admin/roles"
FORBIDDEN = {"error": {"code": "insufficient_permissions", "message": "Insufficient permissions"}}
LAST_ADMIN = {"error": {"code": "insufficient_permissions", "message": "The last admin cannot be removed"}}
NO_ROLE = {"error": {"code": "role_not_found", "message": "Role not found"}}
NO_USER = {"error": {"code": "user_not_found", "message": "User not found"}}
ASSIGNED = {"data": {"message": "Role assigned successfully"}}
STAFF = ["admin", "manager", "customer_experience"]


class Person:
    """Someone with an account, and the address under which their roles are."""

    def __init__(self, sign_in: SignIn, *roles: str) -> None:
        self.client = sign_in(*[role for role in roles if role != "admin"])
        self.id = self.client.get("/api/v1/auth/profile").data["user"]["id"]
        self.path = f"/api/v1/admin/users/{self.id}/roles"
        if "admin" in roles:
            give(self.id, "admin")

    @property
    def roles(self) -> frozenset[str]:
        return roles_of(self.id)


def give(user_id: str, role_id: str) -> None:
    account, role = store.get(Account, id=user_id), find_role(role_id)
    assert account is not None
    assert role is not None
    role_store.assign(account, role)


@pytest.fixture
def admin(sign_in: SignIn) -> Person:
    return Person(sign_in, "admin")


@pytest.fixture
def customer(sign_in: SignIn) -> Person:
    return Person(sign_in)


def custom(caller: Client, name: str, *permissions: str) -> str:
    role_id = str(caller.post(ROLES, {"name": name}).data["role"]["id"])
    for permission in permissions:
        assert caller.post(f"{ROLES}/{role_id}/permissions", {"permission_id": permission}).status == 200
    return role_id


# Who may


def test_nobody_gets_in_without_a_token(shop: Client, customer: Person) -> None:
    for method, path, body in (
        ("GET", customer.path, None),
        ("POST", customer.path, {"role_name": "user"}),
        ("POST", customer.path, {}),
        ("DELETE", f"{customer.path}/user", None),
    ):
        answer = shop.request(method, path, body)
        assert (answer.status, answer.error["message"]) == (401, "Authentication required")


def test_no_customer_sees_or_changes_roles_not_even_their_own(customer: Person) -> None:
    for method, path, body in (
        ("GET", customer.path, None),
        ("POST", customer.path, {"role_name": "admin"}),
        ("POST", customer.path, {}),
        ("DELETE", f"{customer.path}/user", None),
    ):
        answer = customer.client.request(method, path, body)
        assert (answer.status, answer.body) == (403, FORBIDDEN)
    assert customer.roles == {"user"}


# List


@pytest.mark.parametrize("role", STAFF)
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_the_roles_of_a_user_are_listed_by_name(sign_in: SignIn, customer: Person, role: str, version: Any) -> None:
    answer = sign_in(role).speaking(version).get(customer.path)
    assert (answer.status, answer.body) == (200, {"data": {"roles": ["user"]}})


def test_names_are_the_present_ones(admin: Person, customer: Person) -> None:
    role_id = custom(admin.client, "packer")
    admin.client.post(customer.path, {"role_id": role_id})
    admin.client.put(f"{ROLES}/{role_id}", {"name": "Shipper"})
    assert admin.client.get(customer.path).data["roles"] == ["Shipper", "user"]
    assert admin.client.get(admin.path).data["roles"] == ["admin", "user"]


# Assign and remove


@pytest.mark.parametrize(
    "body",
    [
        {"role_id": "manager"},
        {"role_name": "manager"},
        {"role_name": " MANAGER "},
        {"role_id": "manager", "role_name": "user"},
        {"role_id": "", "role_name": "manager"},
    ],
)
def test_a_role_is_named_by_id_or_by_name(admin: Person, customer: Person, body: Any) -> None:
    for _ in range(2):  # the second time changes nothing
        answer = admin.client.post(customer.path, body)
        assert (answer.status, answer.body) == (200, ASSIGNED)
        assert customer.roles == {"user", "manager"}


def test_a_custom_role_is_found_by_its_present_name(admin: Person, customer: Person) -> None:
    role_id = custom(admin.client, "packer")
    admin.client.put(f"{ROLES}/{role_id}", {"name": "shipper"})
    assert admin.client.post(customer.path, {"role_name": "packer"}).body == NO_ROLE
    assert admin.client.post(customer.path, {"role_name": "Shipper"}).body == ASSIGNED
    assert customer.roles == {"user", role_id}


@pytest.mark.parametrize("body", [{}, {"role_id": None}, {"role_id": "", "role_name": " "}, {"name": "admin"}])
def test_an_assignment_names_a_role(admin: Person, customer: Person, body: Any) -> None:
    answer = admin.client.post(customer.path, body)
    assert answer.status == 400
    assert answer.error == {"code": "invalid_request", "message": "Either role_id or role_name is required"}


@pytest.mark.parametrize("body", [{"role_id": 5}, {"role_name": ["admin"]}, [], "admin"])
def test_an_assignment_of_the_wrong_type_is_refused(admin: Person, customer: Person, body: Any) -> None:
    assert admin.client.post(customer.path, body).error["message"] == "Invalid request body"


def test_a_change_takes_effect_at_once_although_the_token_lives_on(admin: Person, customer: Person) -> None:
    assert customer.client.get(ROLES).status == 403
    admin.client.post(customer.path, {"role_name": "customer_experience"})
    assert customer.client.get(ROLES).status == 200
    for _ in range(2):  # the second time changes nothing
        answer = admin.client.delete(f"{customer.path}/customer_experience")
        assert (answer.status, answer.raw) == (204, b"")
        assert customer.client.get(ROLES).status == 403


def test_an_inactive_account_holds_nothing(admin: Person, sign_in: SignIn) -> None:
    staff = Person(sign_in, "manager")
    assert staff.client.get(ROLES).status == 200
    store.update(Account, Account.key(id=staff.id), put={"active": False})
    assert staff.client.get(ROLES).status == 403


def test_what_is_unknown_is_not_found(admin: Person, customer: Person) -> None:
    nobody = "/api/v1/admin/users/nobody/roles"
    assert admin.client.get(nobody).body == NO_USER
    assert admin.client.post(nobody, {"role_name": "user"}).body == NO_USER
    assert admin.client.delete(f"{nobody}/user").body == NO_USER
    for unknown in ("nope", "a.b", "roles"):
        assert admin.client.post(customer.path, {"role_id": unknown}).body == NO_ROLE
        assert admin.client.post(customer.path, {"role_name": unknown}).body == NO_ROLE
        assert admin.client.delete(f"{customer.path}/{unknown}").body == NO_ROLE


# Nobody hands out more than they hold


@pytest.mark.parametrize(("role", "may"), [
    ("admin", {"admin", "manager", "customer_experience", "user"}),
    ("manager", {"manager", "customer_experience", "user"}),
    ("customer_experience", {"customer_experience", "user"}),
])  # fmt: skip
def test_staff_assign_and_remove_what_gives_no_more_than_their_own(
    admin: Person, sign_in: SignIn, role: str, may: set[str]
) -> None:
    caller = Person(sign_in, role)
    for target in ("admin", "manager", "customer_experience", "user"):
        person = Person(sign_in)
        answer = caller.client.post(person.path, {"role_name": target})
        assert (answer.status == 200, answer.body == FORBIDDEN) == (target in may, target not in may)
        assert (target in person.roles) == (target in may or target == "user")
        give(person.id, target)
        answer = caller.client.delete(f"{person.path}/{target}")
        assert (answer.status == 204, answer.body == FORBIDDEN) == (target in may, target not in may)
        assert (target in person.roles) == (target not in may)


def test_nobody_makes_themselves_more_than_they_are(sign_in: SignIn, admin: Person) -> None:
    manager, support = Person(sign_in, "manager"), Person(sign_in, "customer_experience")
    for caller, more in ((manager, "admin"), (support, "manager"), (support, "admin")):
        assert caller.client.post(caller.path, {"role_name": more}).body == FORBIDDEN
    role_id = custom(admin.client, "catalogue", "manage_products")
    assert support.client.post(support.path, {"role_id": role_id}).body == FORBIDDEN
    assert manager.client.post(support.path, {"role_id": role_id}).body == ASSIGNED
    assert support.roles == {"user", "customer_experience", role_id}
    # What support holds now, it may pass on.
    assert support.client.post(manager.path, {"role_id": role_id}).body == ASSIGNED


def test_a_role_that_lost_a_permission_may_be_passed_on_again(admin: Person, sign_in: SignIn) -> None:
    support, other = Person(sign_in, "customer_experience"), Person(sign_in)
    role_id = custom(admin.client, "catalogue", "manage_products")
    assert support.client.post(other.path, {"role_id": role_id}).body == FORBIDDEN
    admin.client.delete(f"{ROLES}/{role_id}/permissions/manage_products")
    assert support.client.post(other.path, {"role_id": role_id}).body == ASSIGNED


# A role in use


def test_a_role_is_deleted_only_when_nobody_holds_it(admin: Person, sign_in: SignIn) -> None:
    role_id = custom(admin.client, "packer")
    people = [Person(sign_in) for _ in range(2)]
    for person in people:
        admin.client.post(person.path, {"role_id": role_id})
    for person in people:
        answer = admin.client.delete(f"{ROLES}/{role_id}")
        assert answer.status == 409
        assert answer.body == {"error": {"code": "role_in_use", "message": "The role is held by users"}}
        admin.client.delete(f"{person.path}/{role_id}")
    assert admin.client.delete(f"{ROLES}/{role_id}").status == 204


def test_assigning_and_deleting_at_once_never_leaves_a_role_that_is_gone(admin: Person, sign_in: SignIn) -> None:
    role_id = custom(admin.client, "packer")
    people = [Person(sign_in) for _ in range(5)]

    def work(number: int) -> int:
        if number == 5:
            return admin.client.delete(f"{ROLES}/{role_id}").status
        return admin.client.post(people[number].path, {"role_id": role_id}).status

    answers = in_threads(6, work)
    deleted = answers[5] == 204
    assert answers[5] in (204, 409)
    assert {role_id in person.roles for person in people} == {not deleted}
    assert set(answers[:5]) == ({404} if deleted else {200})


def test_the_number_of_holders_is_exact_however_often_one_asks(admin: Person, sign_in: SignIn) -> None:
    role_id = custom(admin.client, "packer")
    people = [Person(sign_in) for _ in range(3)]
    answers = in_threads(12, lambda n: admin.client.post(people[n % 3].path, {"role_id": role_id}).status)
    assert answers == [200] * 12
    role = store.get(Role, id=role_id)
    assert role is not None
    assert role.holders == 3
    answers = in_threads(12, lambda n: admin.client.delete(f"{people[n % 3].path}/{role_id}").status)
    assert set(answers) <= {204}
    role = store.get(Role, id=role_id)
    assert role is not None
    assert role.holders == 0


# The last admin


def test_the_last_admin_stays(admin: Person, sign_in: SignIn) -> None:
    answer = admin.client.delete(f"{admin.path}/admin")
    assert (answer.status, answer.body) == (403, LAST_ADMIN)
    second = Person(sign_in)
    admin.client.post(second.path, {"role_name": "admin"})
    assert second.client.delete(f"{admin.path}/admin").status == 204
    assert admin.roles == {"user"}
    assert second.client.delete(f"{second.path}/admin").body == LAST_ADMIN


def test_removing_admin_from_who_is_none_changes_nothing(admin: Person, customer: Person) -> None:
    assert admin.client.delete(f"{customer.path}/admin").status == 204
    assert admin.roles == {"user", "admin"}


def test_admins_who_remove_each_other_at_once_leave_one(sign_in: SignIn) -> None:
    admins = [Person(sign_in, "admin") for _ in range(6)]

    def work(number: int) -> int:
        return admins[number].client.delete(f"{admins[(number + 1) % 6].path}/admin").status

    answers = in_threads(6, work)
    assert set(answers) <= {204, 403}
    left = [person for person in admins if "admin" in person.roles]
    assert len(left) >= 1
    role = store.get(Role, id="admin")
    assert role is not None
    assert role.holders == len(left) == 6 - answers.count(204)


def test_admins_who_step_down_at_once_leave_one(sign_in: SignIn) -> None:
    admins = [Person(sign_in, "admin") for _ in range(6)]
    answers = in_threads(6, lambda n: admins[n].client.delete(f"{admins[n].path}/admin").status)
    assert sorted(str(a) for a in answers) == ["204"] * 5 + ["403"]
    assert sum("admin" in person.roles for person in admins) == 1
