"""The demo data: complete, seeded once, and never in a deployed stage."""

from __future__ import annotations

from typing import Any

import pytest

from caidence import demo
from caidence.tenancy import demo as tenant
from quintet.settings import use
from quintet.testing import Client
from tests.functions.caidence.conftest import BASE

WORK = {
    "campaigns": 2, "creators": 3, "content": 3, "design": 3, "presentation": 1, "projects": 2, "workflow": 1,
    "crm/relationships": 3,
}  # fmt: skip
"""How much of each there is."""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def signed_in(platform: Client, email: str, password: str = demo.PASSWORD) -> Client:
    form = f"username={email.replace('@', '%40')}&password={password}"
    answer = platform.post(f"{BASE}/auth/login", form, headers=FORM)
    assert answer.status == 200, answer.body
    return platform.as_caller(answer.body["access_token"])


def shown(client: Client, path: str, field: str) -> list[Any]:
    return sorted(row[field] for row in client.get(f"{BASE}/{path}").body)


def test_the_demo_has_an_agency_with_its_people_a_brand_and_a_team(platform: Client) -> None:
    demo.seed()
    roles = {email: signed_in(platform, email).get(f"{BASE}/auth/me").body for _, email, _ in demo.ACCOUNTS}
    assert {email.partition("@")[0]: found["role"] for email, found in roles.items()} == {
        "admin": "root", "agency": "agency_admin", "member": "agency_member", "brand": "brand_admin",
        "viewer": "viewer",
    }  # fmt: skip
    assert {found["organization_id"] for found in roles.values()} == {None, demo.AGENCY}
    viewer = signed_in(platform, demo.VIEWER_EMAIL)
    assert shown(viewer, "brands", "name") == ["Sol Citrus"]
    assert shown(viewer, "teams", "name") == ["Summer launch"]
    (agency,) = viewer.get(f"{BASE}/organizations").body
    assert (agency["slug"], agency["plan_tier"]) == ("northwind-agency", "pro")
    asked = viewer.post(f"{BASE}/rbac/check", {"resource": "discovery", "action": "read"}).body
    assert asked["allowed"] is True


def test_the_demo_administrator_finds_somebody_to_approve(platform: Client) -> None:
    demo.seed()
    root = signed_in(platform, demo.ADMIN_EMAIL)
    assert shown(root, "admin/users?is_approved=false", "email") == [demo.WAITING_EMAIL]
    assert root.get(f"{BASE}/admin/overview").body == {
        "total_organizations": 1, "total_users": 6, "total_brands": 1, "pending_approvals": 1, "mrr": 99,
        "active_subscriptions": 1,
    }  # fmt: skip


def test_seeding_again_brings_nothing_back(platform: Client) -> None:
    demo.seed()
    agency = signed_in(platform, demo.AGENCY_EMAIL)
    agency.delete(f"{BASE}/brands/{tenant.BRAND}")
    demo.seed()
    assert shown(agency, "brands", "is_active") == [False]


def test_an_interrupted_seeding_is_completed_and_makes_nothing_twice(
    platform: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = (
        "campaigns", "affiliate", "discovery", "content", "designs", "presentations", "projects", "workflow"
    )  # fmt: skip
    own = "demo.organizations.create", "demo.seed_tenancy", "tenancy.teams.create", *(f"demo.seed_{o}" for o in later)
    steps = (*(f"caidence.{name}" for name in own), "quintet.store.seeding.Seeded.__init__")
    for step in steps:
        with monkeypatch.context() as broken:
            broken.setattr(step, _stopped)
            with pytest.raises(KeyboardInterrupt):
                demo.seed()
    demo.seed()
    root = signed_in(platform, demo.ADMIN_EMAIL)
    assert shown(root, "teams", "id") == [tenant.TEAM]
    assert shown(root, "brands", "id") == [tenant.BRAND]
    made = {path: len(root.get(f"{BASE}/{path}").body) for path in WORK}
    assert made == WORK
    assert root.get(f"{BASE}/admin/overview").body["total_users"] == 6
    assert root.get(f"{BASE}/admin/billing").body["pro_count"] == 1
    (granted,) = root.get(f"{BASE}/admin/users?role=viewer").body
    assert [o["resource"] for o in granted["permission_overrides"]] == ["discovery"]


def test_a_deployed_stage_gets_no_demo(platform: Client) -> None:
    with use({"QUINTET_STAGE": "prod"}), pytest.raises(RuntimeError, match="'prod'"):
        demo.seed()


def _stopped(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt
