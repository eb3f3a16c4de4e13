"""Roles are made, changed and deleted by those who hold what is in them."""

from datetime import timedelta
from typing import Any

import pytest

from quintet.models import now, rfc3339
from quintet.models.time import FrozenClock
from quintet.testing import Client
from softfactory.access.catalogue import PERMISSIONS
from softfactory.access.roles import ADMIN, BUILT_IN, USER
from softfactory.roles import operations
from tests.functions.softfactory.conftest import SignIn, account_of, as_account, lend, make_user
from tests.support.aws import in_threads

ROLES = "/api/rbac/roles"


def new_role(client: Client, name: str = "support", *permissions: str) -> dict[str, Any]:
    body = {"name": name, "description": "Answers", "permissions": permissions or ["SNS_READ", "ADMIN_READ"]}
    made = client.post(ROLES, body)
    assert made.status == 201, made.body
    found: dict[str, Any] = made.body
    return found


def test_a_role_is_made_shown_changed_and_deleted(admin: Client) -> None:
    made = new_role(admin, "Support")
    assert made == {
        "role_id": made["role_id"],
        "name": "Support",
        "description": "Answers",
        "permissions": ["SNS_READ", "ADMIN_READ"],
        "permission_count": 2,
        "user_count": 0,
        "is_builtin": False,
        "created_at": made["created_at"],
    }
    at = f"{ROLES}/{made['role_id']}"
    assert admin.get(at).body == made
    changed = admin.put(at, {"permissions": ["FILES_ADMIN"], "description": ""})
    assert changed.body == {**made, "description": "", "permissions": ["FILES_ADMIN"], "permission_count": 3}
    assert admin.put(at, {}).body == changed.body
    assert admin.delete(at).status == 204
    assert admin.get(at).error == {"code": "role_not_found", "message": "Role not found"}
    assert admin.delete(at).status == 404
    new_role(admin, "support")  # the name is free again


def test_all_roles_are_listed_with_who_holds_them(admin: Client) -> None:
    made = new_role(admin)
    make_user("user"), make_user("user", made["role_id"])
    listed = admin.get(ROLES).body
    assert listed["total"] == 5
    assert listed["roles"] == listed["items"]
    assert {each["name"]: (each["user_count"], each["is_builtin"]) for each in listed["roles"]} == {
        "support": (1, False), "admin": (1, True), "moderator": (0, True), "creator": (0, True), "user": (2, True),
    }  # fmt: skip
    assert listed["roles"][0] == {**made, "user_count": 1}
    by_name = [each["name"] for each in admin.get(ROLES + "?sort=name").body["roles"]]
    assert by_name == ["admin", "creator", "moderator", "support", "user"]
    first = admin.get(ROLES + "?sort=-name&limit=2")
    assert [each["name"] for each in first.body["roles"]] == ["user", "support"]
    link = first.headers["link"]
    assert [each["name"] for each in admin.get(ROLES + link[1 : link.index(">")]).body["roles"]] == [
        "moderator",
        "creator",
    ]
    assert admin.get(ROLES + "?sort=permissions").error["details"][0]["field"] == "sort"


def test_every_permission_is_listed(admin: Client) -> None:
    listed = admin.get("/api/rbac/permissions?limit=100").body
    assert [each["name"] for each in listed["permissions"]] == sorted(PERMISSIONS)
    assert listed["total"] == len(PERMISSIONS)
    assert listed["permissions"][0] == {
        "name": "ADMIN_ADMIN", "area": "ADMIN", "level": "ADMIN",
        "description": "Do everything with accounts and figures of the suite, also of others",
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["ad\u200bmin", "\u200bsupport", "sup\u00adport", "sup\ufe0fport", "a\u3164b", "\u200d"]
)
def test_a_name_has_nothing_that_does_not_show(admin: Client, name: str) -> None:
    other = new_role(admin, "고객 지원 support é")
    for refused in (
        admin.post(ROLES, {"name": name, "description": "", "permissions": []}),
        admin.put(f"{ROLES}/{other['role_id']}", {"name": name}),
    ):
        assert (refused.status, [each["field"] for each in refused.error["details"]]) == (422, ["name"])


@pytest.mark.parametrize("taken", ["SUPPORT", "Admin", " support ", "two  words", "Two\u00a0words"])
def test_a_name_is_one_roles_without_regard_to_case(admin: Client, taken: str) -> None:
    new_role(admin), new_role(admin, "two words")
    other = new_role(admin, "other")
    refused = admin.post(ROLES, {"name": taken, "description": "", "permissions": []})
    assert (refused.status, refused.error["code"]) == (409, "role_exists")
    assert admin.put(f"{ROLES}/{other['role_id']}", {"name": taken}).status == 409
    assert admin.put(f"{ROLES}/{other['role_id']}", {"name": "OTHER"}).body["name"] == "OTHER"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"description": "", "permissions": []}, "name"),
        ({"name": " ", "description": "", "permissions": []}, "name"),
        ({"name": None, "description": "", "permissions": []}, "name"),
        ({"name": "x" * 101, "description": "", "permissions": []}, "name"),
        ({"name": "x", "permissions": []}, "description"),
        ({"name": "x", "description": "", "permissions": ["SNS_READ", "SNS_FLY"]}, "permissions.1"),
        ({"name": "x", "description": "", "permissions": "SNS_READ"}, "permissions"),
    ],
)
def test_a_wrong_field_is_named(admin: Client, body: dict[str, Any], field: str) -> None:
    refused = admin.post(ROLES, body)
    assert refused.status == 422
    assert [each["field"] for each in refused.error["details"]] == [field]


def test_built_in_roles_are_neither_changed_nor_deleted(admin: Client) -> None:
    for role_id in BUILT_IN:
        at = f"{ROLES}/{role_id}"
        assert admin.get(at).body["is_builtin"]
        assert admin.put(at, {"name": "x"}).error["code"] == "built_in_role"
        assert admin.delete(at).error["code"] == "built_in_role"


def test_nobody_puts_into_a_role_what_they_do_not_hold(admin: Client, user: Client) -> None:
    lend(user, "RBAC_ADMIN")
    refused = user.post(ROLES, {"name": "x", "description": "", "permissions": ["SNS_WRITE", "ADMIN_WRITE"]})
    assert refused.status == 403
    assert refused.error["message"] == "You do not hold ADMIN_READ, ADMIN_WRITE yourself"
    own = new_role(user, "own", "SNS_WRITE")
    above = new_role(admin, "above", "ADMIN_ADMIN")
    assert user.put(f"{ROLES}/{own['role_id']}", {"permissions": ["ADMIN_READ"]}).status == 403
    assert user.put(f"{ROLES}/{above['role_id']}", {"permissions": []}).status == 403
    assert user.delete(f"{ROLES}/{above['role_id']}").status == 403
    assert user.delete(f"{ROLES}/{own['role_id']}").status == 204


def test_a_role_in_use_stays(admin: Client) -> None:
    role = new_role(admin)
    holder = make_user("user")
    admin.post(f"/api/rbac/users/{holder.id}/roles", {"role_id": role["role_id"]})
    refused = admin.delete(f"{ROLES}/{role['role_id']}")
    assert (refused.status, refused.error["code"]) == (409, "role_in_use")
    admin.delete(f"/api/rbac/users/{holder.id}/roles/{role['role_id']}")
    assert admin.delete(f"{ROLES}/{role['role_id']}").status == 204


def test_a_role_that_has_ended_is_held_by_nobody(noon: FrozenClock, admin: Client) -> None:
    """Whether the clock has been there yet or not."""
    role, me = new_role(admin), account_of(admin)
    at = f"{ROLES}/{role['role_id']}"
    ends = {"role_id": role["role_id"], "expires_at": "2026-11-30T12:00:30Z"}
    for end in (at, ROLES, None):
        admin.post(f"/api/rbac/users/{make_user('user').id}/roles", ends)
        assert admin.get(at).body["user_count"] == 1
        noon.advance(seconds=30)
        ends["expires_at"] = rfc3339(now() + timedelta(seconds=30))
        admin = as_account(admin, me)
        if end is None:
            assert admin.delete(at).status == 204
        else:
            shown = admin.get(end).body
            assert (shown["items"][0] if end == ROLES else shown) == role


def test_of_twins_one_is_made(admin: Client) -> None:
    body = {"name": "twin", "description": "", "permissions": []}
    made = in_threads(8, lambda _: admin.post(ROLES, body).status)
    assert sorted(made, key=str) == [201, *[409] * 7]
    assert admin.get(ROLES).body["total"] == 5


def test_of_twins_one_deletes_a_role_and_the_others_find_none(admin: Client) -> None:
    at = f"{ROLES}/{new_role(admin)['role_id']}"
    assert sorted(in_threads(8, lambda _: admin.delete(at).status), key=str) == [204, *[404] * 7]


def test_a_role_is_not_given_while_it_goes(admin: Client) -> None:
    """Whoever comes first: a deleted role is nobody's."""
    for _ in range(4):
        role, holder = new_role(admin, "passing"), make_user("user")
        at, given = f"{ROLES}/{role['role_id']}", f"/api/rbac/users/{holder.id}/roles"
        done = in_threads(
            2,
            lambda turn, at=at, given=given, role=role: (  # type: ignore[misc]
                admin.delete(at).status if turn else admin.post(given, {"role_id": role["role_id"]}).status
            ),
        )
        assert done in ([200, 409], [404, 204])
        names = [each["role_name"] for each in admin.get(given).body["roles"]]
        assert ("passing" in names) == (done == [200, 409])
        if done == [200, 409]:
            admin.delete(f"{given}/{role['role_id']}")
            assert admin.delete(at).status == 204


def test_there_are_so_many_roles_and_no_more(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MOST_ROLES", 1)
    new_role(admin)
    assert admin.post(ROLES, {"name": "x", "description": "", "permissions": []}).error["code"] == "too_many_roles"


def test_who_may(suite: Client, user: Client, moderator: Client, sign_in: SignIn) -> None:
    reader = sign_in("user")
    lend(reader, "RBAC_READ")
    body = {"name": "x", "description": "", "permissions": []}
    at = f"{ROLES}/{USER.id}"
    assert [c.get(ROLES).status for c in (suite, user, moderator, reader)] == [401, 403, 403, 200]
    assert [c.get(at).status for c in (suite, user, moderator, reader)] == [401, 403, 403, 200]
    assert [c.get("/api/rbac/permissions").status for c in (suite, user, reader)] == [401, 403, 200]
    assert [c.post(ROLES, body).status for c in (suite, user, reader)] == [401, 403, 403]
    assert [c.put(at, {}).status for c in (suite, user, reader)] == [401, 403, 403]
    assert [c.delete(at).status for c in (suite, user, reader)] == [401, 403, 403]


@pytest.mark.parametrize("id", ["00000000-0000-7000-8000-000000000009", "nonsense", ADMIN.id[:-1]])
def test_an_unknown_role_is_404(admin: Client, id: str) -> None:
    assert admin.get(f"{ROLES}/{id}").status == 404
    assert admin.put(f"{ROLES}/{id}", {}).status == 404
    assert admin.delete(f"{ROLES}/{id}").status == 404


def test_what_was_done_stands_in_the_trail(admin: Client) -> None:
    from softfactory.service import store
    from softfactory.trail.log import Entry

    role = new_role(admin)
    at = f"{ROLES}/{role['role_id']}"
    admin.put(at, {"name": "help"}), admin.delete(at)
    entries = store.query(Entry).items
    assert [(e.action, e.user_id, e.resource, e.resource_id) for e in entries] == [
        (action, account_of(admin).id, "role", role["role_id"])
        for action in ("role.create", "role.update", "role.delete")
    ]
    assert entries[1].before == {"name": "support", "description": "Answers", "permissions": ["SNS_READ", "ADMIN_READ"]}
    assert entries[1].after == {**entries[1].before, "name": "help"}
