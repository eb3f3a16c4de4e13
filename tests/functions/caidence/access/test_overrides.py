"""Overrides: one permission allowed or denied to one user, alone or forty at once."""

from __future__ import annotations

from typing import Any

import pytest

from caidence.access import overrides
from caidence.access.audit import Actor
from caidence.access.changes import change_overrides
from caidence.access.grants import Grants, Override, principal
from caidence.access.overrides import with_access, without_module
from caidence.directory.entities import Organization
from caidence.service import store
from quintet.models import new_id
from quintet.testing import Client
from tests.functions.caidence.access.conftest import RBAC, check, field, log
from tests.functions.caidence.conftest import SignIn, account_of, make_brand, make_user
from tests.support.aws import in_threads

NOBODY = "0198c0de-0000-7000-8000-000000000001"


def order(user_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "resource": "crm",
        "action": "read",
        "scope_type": "global",
        "is_allowed": True,
        **fields,
    }


def bulk_entry(user_id: str, **fields: Any) -> dict[str, Any]:
    return {"user_id": user_id, "resource": "crm", "action": "read", "is_allowed": True, **fields}


def created(client: Client, user_id: str, **fields: Any) -> dict[str, Any]:
    answer = client.post(f"{RBAC}/overrides", order(user_id, **fields))
    assert answer.status == 200, answer
    body: dict[str, Any] = answer.body
    return body


def test_an_override_is_made_changed_and_deleted(super_admin: Client, viewer: Client) -> None:
    user_id, by = account_of(viewer).id, account_of(super_admin).id
    made = created(super_admin, user_id)
    assert {name: made[name] for name in made if not name.endswith("_at")} == {
        "id": made["id"], "user_id": user_id, "resource": "crm", "action": "read", "scope_type": "global",
        "scope_id": None, "is_allowed": True, "created_by": by,
    }  # fmt: skip
    assert check(viewer, "crm:read").body["reason"] == f"allow: override {made['id']} (global)"
    assert viewer.get(f"{RBAC}/overrides/{user_id}").body == [made]
    changed = super_admin.put(f"{RBAC}/overrides/{made['id']}", {"is_allowed": False})
    assert changed.body == {**made, "is_allowed": False, "updated_at": changed.body["updated_at"]}
    assert check(viewer, "crm:read").body["reason"] == f"deny: override {made['id']} (global)"
    gone = super_admin.delete(f"{RBAC}/overrides/{made['id']}")
    assert (gone.status, gone.body) == (200, {"message": "Permission override deleted", "id": made["id"]})
    assert check(viewer, "crm:read").body["reason"] == "deny: role viewer does not grant crm:read"
    entries = log(super_admin, action_filter="override")
    assert [(entry["action"], entry["resource"]) for entry in entries] == [
        ("override.delete", "crm:read"), ("override.update", "crm:read"), ("override.create", "crm:read"),
    ]  # fmt: skip
    assert [(entry["before"] or {}).get("is_allowed") for entry in entries] == [False, True, None]
    assert [(entry["after"] or {}).get("is_allowed") for entry in entries] == [None, False, True]
    for answer in (
        super_admin.put(f"{RBAC}/overrides/{made['id']}", {}),
        super_admin.delete(f"{RBAC}/overrides/{made['id']}"),
    ):
        assert (answer.status, answer.body) == (404, {"detail": "Permission override not found"})


def test_there_is_one_override_of_a_permission_in_a_scope(
    super_admin: Client, viewer: Client, organization: Organization
) -> None:
    user_id = account_of(viewer).id
    created(super_admin, user_id)
    answer = super_admin.post(f"{RBAC}/overrides", order(user_id, is_allowed=False))
    assert answer.status == 409
    text = "The user has an override for this permission and scope already"
    assert answer.body == {"detail": text}
    scope = {"scope_type": "organization", "scope_id": organization.id}
    created(super_admin, user_id, action="write")
    there = created(super_admin, user_id, **scope)
    moved = super_admin.put(f"{RBAC}/overrides/{there['id']}", {"scope_type": "global"})
    assert (moved.status, moved.body) == (409, {"detail": text})
    moved = super_admin.put(f"{RBAC}/overrides/{there['id']}", {"resource": "content", "scope_type": "global"})
    assert (moved.body["resource"], moved.body["scope_type"], moved.body["scope_id"]) == ("content", "global", None)


def test_the_same_override_made_at_the_same_time_is_made_once(super_admin: Client, viewer: Client) -> None:
    user_id = account_of(viewer).id
    statuses = in_threads(5, lambda _: super_admin.post(f"{RBAC}/overrides", order(user_id)).status)
    assert sorted(map(str, statuses)) == ["200", "409", "409", "409", "409"]
    assert len(viewer.get(f"{RBAC}/overrides/{user_id}").body) == 1


def test_a_nearer_scope_counts_before_a_wider_one(
    super_admin: Client, viewer: Client, organization: Organization
) -> None:
    user_id, brand, sister = account_of(viewer).id, make_brand(organization), make_brand(organization, "Buzz")
    created(super_admin, user_id, is_allowed=False)
    wide = created(super_admin, user_id, scope_type="organization", scope_id=organization.id)
    near = created(super_admin, user_id, scope_type="brand", scope_id=brand.id, is_allowed=False)
    in_brand = check(viewer, "crm:read", scope_type="brand", scope_id=brand.id).body
    assert in_brand["reason"] == f"deny: override {near['id']} (brand {brand.id})"
    for scope in (
        {"scope_type": "brand", "scope_id": sister.id},
        {"scope_type": "organization", "scope_id": organization.id},
    ):
        reason = check(viewer, "crm:read", **scope).body["reason"]
        assert reason == f"allow: override {wide['id']} (organization {organization.id})"
    assert not check(viewer, "crm:read").body["allowed"]


def test_who_may_write_overrides_and_of_whom(
    super_admin: Client, agency_admin: Client, viewer: Client, root: Client, platform: Client, sign_in: SignIn
) -> None:
    user_id = account_of(viewer).id
    made = created(root, account_of(super_admin).id)
    requests = [
        ("POST", "", order(user_id)), ("POST", "/bulk", {"permissions": [order(user_id)]}),
        ("PUT", f"/{made['id']}", {}), ("DELETE", f"/{made['id']}", None),
    ]  # fmt: skip
    for method, path, body in requests:
        assert platform.request(method, f"{RBAC}/overrides{path}", body).status == 401
        assert agency_admin.request(method, f"{RBAC}/overrides{path}", body).status == 403
    peer = account_of(sign_in("super_admin", None)).id
    for target in (account_of(super_admin).id, peer, account_of(root).id):
        assert super_admin.post(f"{RBAC}/overrides", order(target)).status == 403
        bulk = {"permissions": [bulk_entry(user_id), bulk_entry(target)]}
        assert super_admin.post(f"{RBAC}/overrides/bulk", bulk).status == 403
    assert viewer.get(f"{RBAC}/overrides/{user_id}").body == []
    assert super_admin.put(f"{RBAC}/overrides/{made['id']}", {"is_allowed": False}).status == 403
    assert super_admin.delete(f"{RBAC}/overrides/{made['id']}").status == 403
    for answer in (super_admin.post(f"{RBAC}/overrides", order(NOBODY)), super_admin.get(f"{RBAC}/overrides/{NOBODY}")):
        assert (answer.status, answer.body) == (404, {"detail": "User not found"})


def test_overrides_are_read_by_their_user_and_by_super_admins(
    viewer: Client, agency_admin: Client, super_admin: Client, platform: Client, sign_in: SignIn, other: Organization
) -> None:
    path = f"{RBAC}/overrides/{account_of(viewer).id}"
    assert viewer.get(path).status == super_admin.get(path).status == 200
    assert agency_admin.get(path).status == 403
    assert sign_in("agency_admin", other).get(path).status == 404
    assert platform.get(path).status == 401
    assert field(viewer.get(f"{RBAC}/overrides/me")) == ["path.user_id"]


def test_a_long_list_of_overrides_is_paged_by_cursor_and_by_skip(super_admin: Client, viewer: Client) -> None:
    user_id = account_of(viewer).id
    ids = [
        created(super_admin, user_id, resource=r)["id"] for r in ("crm", "content", "marcom", "workflow", "creators")
    ]
    path = f"{RBAC}/overrides/{user_id}"
    first = viewer.get(path, query={"limit": 2})
    assert [o["id"] for o in first.body] == ids[:2:-1]
    after = first.headers["link"].partition("<")[2].partition(">")[0]
    super_admin.delete(f"{RBAC}/overrides/{ids[-1]}")
    assert [o["id"] for o in viewer.get(path + after).body] == [ids[2], ids[1]]
    assert [o["id"] for o in viewer.get(path, query={"skip": 3}).body] == [ids[0]]
    assert field(viewer.get(path, query={"limit": 101})) == ["query.limit"]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"resource": "billing"}, "resource"),
        ({"action": "delete"}, "action"),
        ({"resource": "analytics", "action": "write"}, "action"),
        ({"scope_type": "team"}, "scope_type"),
        ({"scope_type": "brand"}, "scope_id"),
        ({"scope_id": NOBODY}, "scope_id"),
        ({"is_allowed": "yes"}, "is_allowed"),
        ({"user_id": "1"}, "user_id"),
    ],
)
def test_an_override_that_is_none_is_refused_by_its_field(
    super_admin: Client, viewer: Client, fields: dict[str, Any], named: str
) -> None:
    good = order(account_of(viewer).id)
    assert field(super_admin.post(f"{RBAC}/overrides", {**good, **fields})) == [f"body.{named}"]


def test_a_change_is_held_against_what_stays(super_admin: Client, viewer: Client, other: Organization) -> None:
    made = created(super_admin, account_of(viewer).id, action="write")
    path = f"{RBAC}/overrides/{made['id']}"
    assert field(super_admin.put(path, {"resource": "analytics"})) == ["body.action"]
    assert super_admin.put(path, {"scope_type": "brand", "scope_id": NOBODY}).body == {"detail": "Brand not found"}
    assert super_admin.put(path, {"scope_type": "organization", "scope_id": NOBODY}).status == 404
    assert viewer.get(f"{RBAC}/overrides/{made['user_id']}").body == [made]


def test_a_bulk_makes_and_changes_overrides_in_the_order_given(super_admin: Client, viewer: Client) -> None:
    user_id = account_of(viewer).id
    made = created(super_admin, user_id, is_allowed=False)
    bulk = [bulk_entry(user_id, action="write"), bulk_entry(user_id), bulk_entry(user_id, resource="content")]
    answer = super_admin.post(f"{RBAC}/overrides/bulk", {"permissions": bulk})
    assert answer.status == 200
    assert [(o["resource"], o["action"], o["is_allowed"]) for o in answer.body] == [
        ("crm", "write", True), ("crm", "read", True), ("content", "read", True),
    ]  # fmt: skip
    assert answer.body[1]["id"] == made["id"]
    assert viewer.get(f"{RBAC}/overrides/{user_id}").body == [answer.body[2], answer.body[0], answer.body[1]]
    assert [entry["action"] for entry in log(super_admin, target_user_id=user_id)] == [
        "override.create", "override.create", "override.update", "override.create",
    ]  # fmt: skip
    super_admin.post(f"{RBAC}/overrides/bulk", {"permissions": bulk})
    assert len(log(super_admin, target_user_id=user_id)) == 4


def test_a_bulk_for_forty_users_is_one_transaction(super_admin: Client, organization: Organization) -> None:
    users = [make_user("viewer", organization) for _ in range(40)]
    body = {"permissions": [bulk_entry(user.id) for user in users]}
    wrong = {"permissions": [*body["permissions"][:39], bulk_entry(NOBODY)]}
    assert super_admin.post(f"{RBAC}/overrides/bulk", wrong).status == 404
    assert log(super_admin) == []
    assert super_admin.post(f"{RBAC}/overrides/bulk", body).status == 200
    assert len(log(super_admin, action_filter="override.create")) == 40
    held = [store.get(Grants, user_id=user.id) for user in users]
    assert all(grants is not None and len(grants.overrides) == 1 for grants in held)


def test_a_bulk_is_of_one_to_forty_distinct_permissions(super_admin: Client, viewer: Client) -> None:
    user_id = account_of(viewer).id
    for permissions in ([], [bulk_entry(new_id()) for _ in range(41)], [bulk_entry(user_id), bulk_entry(user_id)]):
        answer = super_admin.post(f"{RBAC}/overrides/bulk", {"permissions": permissions})
        assert field(answer) == ["body.permissions"]
    wrong = [bulk_entry(user_id), bulk_entry(user_id, resource="discovery", action="write")]
    assert field(super_admin.post(f"{RBAC}/overrides/bulk", {"permissions": wrong})) == ["body.permissions.1.action"]


def test_a_user_has_a_bounded_number_of_overrides(super_admin: Client, viewer: Client) -> None:
    user_id = account_of(viewer).id
    many = [
        Override(id=new_id(), resource="crm", action="read", scope_type="brand", scope_id=new_id(), is_allowed=True,
                 created_by="x") for _ in range(overrides.MOST_OVERRIDES)
    ]  # fmt: skip
    store.create(Grants(user_id=user_id, version=1, overrides=many))
    for path, body in (("", order(user_id)), ("/bulk", {"permissions": [bulk_entry(user_id)]})):
        answer = super_admin.post(f"{RBAC}/overrides{path}", body)
        assert (answer.status, answer.body) == (400, {"detail": "A user may have at most 100 overrides"})


def test_the_admins_form_of_overrides_is_the_same_store(super_admin: Client, viewer: Client) -> None:
    user_id = account_of(viewer).id
    expected = {"none": (False, False), "read": (True, False), "write": (True, True)}
    for level, (read, write) in expected.items():
        held = principal(user_id)
        assert held is not None
        tx = store.transaction()
        change_overrides(tx, Actor("x", "x@example.com", "r"), held, with_access(held.grants, "crm", level, "x"))  # type: ignore[arg-type]
        tx.commit()
        assert check(viewer, "crm:read").body["allowed"] is read
        assert check(viewer, "crm:write").body["allowed"] is write
    held = principal(user_id)
    assert held is not None
    assert without_module(held.grants, "crm").overrides == []
    assert len(with_access(held.grants, "analytics", "write", "x").overrides) == 3
