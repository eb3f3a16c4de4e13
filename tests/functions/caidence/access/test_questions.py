"""What the engine is asked over HTTP: one's permissions, somebody's, a single check, and all of it in the past."""

from __future__ import annotations

from datetime import timedelta

from caidence.access import changes
from caidence.access.audit import Actor
from caidence.access.grants import principal
from caidence.access.roles import PERMISSIONS
from caidence.directory.entities import Organization
from caidence.service import store
from quintet.models import now
from quintet.testing import Client
from tests.functions.caidence.access.conftest import RBAC, check, field, log, role_id
from tests.functions.caidence.conftest import SignIn, account_of, lend, make_brand


def test_my_permissions_are_my_role_and_my_global_overrides(viewer: Client, organization: Organization) -> None:
    extra = lend(viewer, "crm:write")
    denied = lend(viewer, "content:read", allowed=False)
    there = lend(viewer, "workflow:write", scope="organization", id=organization.id)
    answer = viewer.get(f"{RBAC}/permissions/me")
    assert (answer.status, answer.body["user_id"], answer.body["role"]) == (200, account_of(viewer).id, "viewer")
    assert answer.body["permissions"] == {"campaign": ["read"], "analytics": ["read"], "crm": ["write"]}
    assert [o["id"] for o in answer.body["overrides"]] == [there.id, denied.id, extra.id]


def test_super_admins_see_anybodys_permissions(
    super_admin: Client, viewer: Client, agency_admin: Client, platform: Client, sign_in: SignIn
) -> None:
    path = f"{RBAC}/users/{account_of(viewer).id}/permissions"
    assert super_admin.get(path).body == viewer.get(f"{RBAC}/permissions/me").body
    assert agency_admin.get(path).status == 403
    assert platform.get(path).status == 401
    idle = account_of(sign_in("agency_admin", is_active=False)).id
    assert super_admin.get(f"{RBAC}/users/{idle}/permissions").body["permissions"] == {}
    nobody = super_admin.get(f"{RBAC}/users/0198c0de-0000-7000-8000-000000000001/permissions")
    assert (nobody.status, nobody.body) == (404, {"detail": "User not found"})


def test_a_list_says_what_every_check_says(viewer: Client, super_admin: Client) -> None:
    lend(viewer, "crm:read")
    lend(viewer, "campaign:read", allowed=False)
    listed = viewer.get(f"{RBAC}/permissions/me").body["permissions"]
    for permission in PERMISSIONS:
        resource, _, action = permission.partition(":")
        assert check(viewer, permission).body["allowed"] == (action in listed.get(resource, []))


def test_a_denied_check_enters_the_log_and_an_allowed_one_does_not(viewer: Client, super_admin: Client) -> None:
    assert check(viewer, "campaign:read").body["allowed"]
    answer = check(viewer, "crm:read")
    assert answer.body == {
        "allowed": False, "resource": "crm", "action": "read", "reason": "deny: role viewer does not grant crm:read",
    }  # fmt: skip
    user = account_of(viewer)
    (entry,) = log(super_admin)
    assert {name: entry[name] for name in entry if name not in ("id", "created_at")} == {
        "action": "check.denied", "actor_id": user.id, "actor_email": user.email, "target_user_id": user.id,
        "resource": "crm:read", "before": None, "after": None, "reason": answer.body["reason"],
        "request_id": answer.headers["x-request-id"],
    }  # fmt: skip


def test_a_check_names_what_it_does_not_understand(
    viewer: Client, other: Organization, platform: Client, super_admin: Client
) -> None:
    assert field(check(viewer, "billing:read")) == ["body.resource"]
    assert field(check(viewer, "crm:delete")) == ["body.action"]
    assert field(check(viewer, "discovery:write")) == ["body.action"]
    assert field(check(viewer, "crm:read", scope_type="brand")) == ["body.scope_id"]
    assert check(platform, "crm:read").status == 401
    foreign = make_brand(other)
    for scope in (
        {"scope_type": "brand", "scope_id": foreign.id},
        {"scope_type": "organization", "scope_id": other.id},
    ):
        assert check(viewer, "crm:read", **scope).status == 404
        assert check(super_admin, "crm:read", **scope).body["allowed"]


def test_the_past_is_answered_as_it_was(
    super_admin: Client, root: Client, viewer: Client, organization: Organization
) -> None:
    user_id = account_of(viewer).id
    start = now()
    root.post(f"{RBAC}/assign", {"user_id": user_id, "role_name": "brand_admin"})
    given = super_admin.post(
        f"{RBAC}/overrides",
        {"user_id": user_id, "resource": "crm", "action": "write", "scope_type": "global", "is_allowed": True},
    ).body
    viewer_role = role_id(root, "brand_admin")
    root.put(f"{RBAC}/roles/{viewer_role}/permissions", {"permissions_json": {"campaign": ["read"]}})
    super_admin.delete(f"{RBAC}/overrides/{given['id']}")
    deleted, emptied, overridden, assigned = log(super_admin)

    def at(moment: str, permission: str) -> str:
        resource, _, action = permission.partition(":")
        body = {"resource": resource, "action": action}
        answer = viewer.post(f"{RBAC}/check", body, query={"at": moment})
        assert answer.status == 200, answer
        return str(answer.body["reason"])

    before = start.isoformat()
    assert at(before, "campaign:write") == "deny: role viewer does not grant campaign:write"
    assert at(assigned["created_at"], "campaign:write") == "allow: role brand_admin grants campaign:write"
    assert at(assigned["created_at"], "crm:write") == "deny: role brand_admin does not grant crm:write"
    assert at(overridden["created_at"], "crm:write") == f"allow: override {given['id']} (global)"
    assert at(emptied["created_at"], "campaign:write") == "deny: role brand_admin does not grant campaign:write"
    assert at(deleted["created_at"], "crm:write") == "deny: role brand_admin does not grant crm:write"
    mine = viewer.get(f"{RBAC}/permissions/me", query={"at": overridden["created_at"]}).body
    assert (mine["role"], mine["permissions"]["crm"]) == ("brand_admin", ["read", "write"])
    theirs = super_admin.get(f"{RBAC}/users/{user_id}/permissions", query={"at": before}).body
    assert (theirs["role"], theirs["overrides"]) == ("viewer", [])
    kept = viewer.get(f"{RBAC}/overrides/{user_id}", query={"at": overridden["created_at"]}).body
    assert kept == [given]


def test_a_moment_is_in_the_past_and_after_the_account_was_made(viewer: Client, super_admin: Client) -> None:
    for moment in ("yesterday", "5", (now() + timedelta(hours=1)).isoformat()):
        assert field(viewer.get(f"{RBAC}/permissions/me", query={"at": moment})) == ["query.at"]
    early = (account_of(viewer).created_at - timedelta(seconds=1)).isoformat()
    answer = viewer.get(f"{RBAC}/permissions/me", query={"at": early})
    assert (answer.status, answer.body) == (404, {"detail": "The user did not exist then"})
    assert viewer.get(f"{RBAC}/permissions/me", query={"at": now().isoformat()}).status == 200


def test_approval_and_activity_belong_to_the_past_too(super_admin: Client, sign_in: SignIn) -> None:
    user = account_of(sign_in("viewer", is_approved=False))
    before = now().isoformat()
    held = principal(user.id)
    assert held is not None
    tx = store.transaction()
    approved = user.model_copy(update={"is_approved": True})
    changes.change_user(tx, Actor("x", "x@example.com", "r"), held, approved)
    tx.commit()
    path = f"{RBAC}/users/{user.id}/permissions"
    assert super_admin.get(path, query={"at": before}).body["permissions"] == {}
    assert super_admin.get(path).body["permissions"] != {}
