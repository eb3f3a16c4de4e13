"""The audit log: whose it is to read, every combination of its filters, and its pages."""

from __future__ import annotations

import pytest

from caidence.access import audit
from caidence.access.audit import Actor
from caidence.service import store
from quintet.models import SkipQuery
from quintet.testing import Client
from tests.functions.caidence.access.conftest import RBAC, check, field, log
from tests.functions.caidence.conftest import SignIn, account_of

NOBODY = "0198c0de-0000-7000-8000-000000000001"


@pytest.fixture
def two(root: Client, sign_in: SignIn) -> tuple[str, str]:
    """Two viewers: of the first an override, a new role, a denied check; of the second the same; a role was made."""
    found = []
    for _ in range(2):
        viewer = sign_in("viewer")
        user_id = account_of(viewer).id
        order = {"user_id": user_id, "resource": "crm", "action": "read", "scope_type": "global", "is_allowed": False}
        made = root.post(f"{RBAC}/overrides", order).body
        check(viewer, "crm:read")
        root.post(f"{RBAC}/assign", {"user_id": user_id, "role_name": "creator"})
        root.put(f"{RBAC}/overrides/{made['id']}", {"is_allowed": True})
        found.append(user_id)
    root.post(f"{RBAC}/roles", {"name": "lead", "level": 55})
    return found[0], found[1]


@pytest.mark.parametrize(
    ("action", "own", "all_of_it"),
    [
        (None, ["override.update", "role.assign", "check.denied", "override.create"], 9),
        ("override", ["override.update", "override.create"], 4),
        ("override.", ["override.update", "override.create"], 4),
        ("override.create", ["override.create"], 2),
        ("role", ["role.assign"], 3),
        ("role.create", [], 1),
        ("check", ["check.denied"], 2),
        ("check.denied", ["check.denied"], 2),
        ("plan", [], 0),
        ("over", [], 0),
        ("override.create.x", [], 0),
    ],
)
def test_every_combination_of_filters_has_its_entries_and_its_total(
    super_admin: Client, two: tuple[str, str], action: str | None, own: list[str], all_of_it: int
) -> None:
    filters = {} if action is None else {"action_filter": action}
    entries = log(super_admin, **filters)
    assert [entry["created_at"] for entry in entries] == sorted((e["created_at"] for e in entries), reverse=True)
    assert len(entries) == audit.page(SkipQuery(), action, None).total == all_of_it
    for user_id in two:
        entries = log(super_admin, target_user_id=user_id, **filters)
        assert [entry["action"] for entry in entries] == own
        assert {entry["target_user_id"] for entry in entries} <= {user_id}
        assert audit.page(SkipQuery(), action, user_id).total == len(own)
    assert log(super_admin, target_user_id=NOBODY, **filters) == []


def test_pages_follow_each_other_by_offset_and_by_cursor(super_admin: Client, two: tuple[str, str]) -> None:
    for filters in ({}, {"action_filter": "override"}, {"target_user_id": two[0]}, {"action_filter": "role.assign"}):
        whole = log(super_admin, **filters)
        by_offset, by_cursor = [], []
        tail = "?limit=3"
        while tail:
            answer = super_admin.get(f"{RBAC}/audit-log{tail}", query=filters)
            by_cursor += answer.body
            tail = answer.headers.get("link", "").partition("<")[2].partition(">")[0]
        for offset in range(0, len(whole) + 3, 3):
            by_offset += log(super_admin, **filters, limit=3, offset=offset)
        assert by_cursor == by_offset == whole


def test_the_limit_is_fifty_unless_asked_and_two_hundred_at_most(super_admin: Client) -> None:
    tx = store.transaction()
    for number in range(60):
        audit.record(tx, Actor("x", "x@example.com", "r"), "plan.update", resource=f"organization {number}")
    tx.commit()
    assert len(log(super_admin)) == 50
    assert len(log(super_admin, limit=200)) == 60
    assert field(super_admin.get(f"{RBAC}/audit-log", query={"limit": 201})) == ["query.limit"]
    assert field(super_admin.get(f"{RBAC}/audit-log", query={"limit": 0})) == ["query.limit"]
    assert field(super_admin.get(f"{RBAC}/audit-log", query={"offset": -1})) == ["query.offset"]
    assert field(super_admin.get(f"{RBAC}/audit-log", query={"target_user_id": "x"})) == ["query.target_user_id"]


def test_only_super_admins_read_the_log(agency_admin: Client, viewer: Client, platform: Client) -> None:
    assert agency_admin.get(f"{RBAC}/audit-log").status == viewer.get(f"{RBAC}/audit-log").status == 403
    assert platform.get(f"{RBAC}/audit-log").status == 401


def test_what_is_refused_leaves_no_entry(super_admin: Client, root: Client, viewer: Client) -> None:
    root.post(f"{RBAC}/assign", {"user_id": account_of(root).id, "role_name": "viewer"})
    super_admin.post(f"{RBAC}/assign", {"user_id": account_of(viewer).id, "role_name": "super_admin"})
    super_admin.post(f"{RBAC}/roles", {"name": "viewer", "level": 5})
    assert log(root) == []
