"""A walk through C(AI)DENCE that uses every operation once, as its root and the people of an agency do.

The demo data's agency has twenty brands and fifty people more, so that lists are those of a customer at work.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from caidence import demo
from caidence.accounts.demo import ensure_account
from caidence.service import api
from caidence.tenancy.demo import BRAND
from quintet.testing import Client
from tests.bench.walk import Walk
from tests.bench.walk_agency import outside, work
from tests.support import aws
from tests.support.people import token_mailed_to

BASE = "/api/v1"
ADMIN, AUTH, RBAC = f"{BASE}/admin", f"{BASE}/auth", f"{BASE}/rbac"
NEW, INVITED = "ada@example.com", "bob@example.com"
PASSWORD, OTHER_PASSWORD, THIRD_PASSWORD = "Correct-horse-9", "Battery-staple-7", "Anchor-lantern-8"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class PlatformWalk(Walk):
    """A walk of a root, an agency's administrator, one of its members and visitors."""

    def __init__(self) -> None:
        super().__init__(api)
        self.root, self.agent, self.member = (
            self.client.as_caller(self.log_in(email, demo.PASSWORD)["access_token"])
            for email in (demo.ADMIN_EMAIL, demo.AGENCY_EMAIL, demo.MEMBER_EMAIL)
        )

    def log_in(self, email: str, password: str) -> Any:
        form = Client(self.client.api, headers=FORM)
        return self.step(form, "POST", f"{AUTH}/login", urlencode({"username": email, "password": password}))


def walked() -> Walk:
    """The walk when it is done, on a platform of its own."""
    with aws.system("caidence", {"QUINTET_ENVIRONMENT": "production"}), outside():
        demo.seed()
        for number in range(50):
            ensure_account(f"viewer-{number}@example.com", f"Viewer {number}", "viewer", PASSWORD, demo.AGENCY)
        walk = PlatformWalk()
        walk.step(walk.client, "GET", "/")
        walk.step(walk.client, "GET", "/health")
        _accounts(walk)
        _organizations(walk)
        _brands_and_teams(walk)
        member = walk.step(walk.member, "GET", f"{AUTH}/me")["id"]
        _roles(walk, member)
        _overrides(walk, member)
        _platform(walk)
        work(walk)
        walk.step(walk.member, "POST", f"{AUTH}/logout")
        return walk


def _accounts(walk: PlatformWalk) -> None:
    """Somebody registers, is approved, and loses their password twice."""
    new = {"email": NEW, "password": PASSWORD, "full_name": "Ada Lovelace", "role": "agency_member"}
    user = walk.step(walk.client, "POST", f"{AUTH}/register", new)["id"]
    approval = {"is_approved": True, "organization_id": demo.AGENCY}
    walk.step(walk.root, "PATCH", f"{ADMIN}/users/{user}", approval)
    walk.step(walk.root, "POST", f"{AUTH}/set-password", {"email": NEW, "password": OTHER_PASSWORD})
    walk.step(walk.client, "POST", f"{AUTH}/recover-password", {"email": NEW})
    walk.event("notifications.send_due")
    proof = {"token": token_mailed_to(NEW), "new_password": THIRD_PASSWORD}
    walk.step(walk.client, "POST", f"{AUTH}/reset-password", proof)
    session = walk.log_in(NEW, THIRD_PASSWORD)
    walk.step(walk.client, "POST", f"{AUTH}/refresh", {"refresh_token": session["refresh_token"]})
    walk.step(walk.member, "GET", f"{BASE}/profile")
    walk.step(walk.member, "PUT", f"{BASE}/profile", {"bio": "Runs campaigns", "timezone": "Europe/Berlin"})


def _organizations(walk: PlatformWalk) -> None:
    path = f"{BASE}/organizations"
    other = walk.step(walk.root, "POST", path, {"name": "Another Agency"})["id"]
    walk.step(walk.root, "PATCH", f"{ADMIN}/organizations/{other}/plan?plan_tier=enterprise")
    walk.step(walk.agent, "PATCH", f"{path}/{demo.AGENCY}", {"logo_url": "https://example.com/logo.png"})
    walk.step(walk.root, "GET", path)
    for part in ("", "/usage", "/users"):
        walk.step(walk.agent, "GET", f"{path}/{demo.AGENCY}{part}")


def _brands_and_teams(walk: PlatformWalk) -> None:
    brands, teams = f"{BASE}/brands", f"{BASE}/teams"
    about = {"industry": "Beverages"}
    made = [walk.step(walk.agent, "POST", brands, {"name": f"Brand {n}", **about})["id"] for n in range(20)]
    walk.step(walk.agent, "DELETE", f"{brands}/{made[-1]}")
    walk.step(walk.agent, "PATCH", f"{brands}/{BRAND}", {"industry": "Juices"})
    walk.step(walk.member, "GET", f"{brands}/{BRAND}")
    walk.step(walk.member, "GET", brands)
    people = [one["id"] for one in walk.agent.get(f"{BASE}/organizations/{demo.AGENCY}/users?limit=10").body]
    team = walk.step(walk.agent, "POST", teams, {"name": "Spring launch", "member_ids": people})["id"]
    walk.step(walk.member, "GET", f"{teams}/{team}")
    walk.step(walk.member, "GET", teams)


def _roles(walk: PlatformWalk, member: str) -> None:
    path = f"{RBAC}/roles"
    lead, old = (walk.step(walk.root, "POST", path, {"name": name, "level": 55})["id"] for name in ("lead", "old"))
    walk.step(walk.root, "PUT", f"{path}/{lead}", {"description": "Leads the accounts of a brand"})
    walk.step(walk.root, "PUT", f"{path}/{lead}/permissions", {"permissions_json": {"crm": ["read", "write"]}})
    walk.step(walk.root, "DELETE", f"{path}/{old}")
    walk.step(walk.agent, "GET", path)
    where = {"scope_type": "brand", "scope_id": BRAND}
    walk.step(walk.agent, "POST", f"{RBAC}/assign", {"user_id": member, "role_name": "lead", **where})
    asked = walk.step(walk.member, "POST", f"{RBAC}/check", {"resource": "crm", "action": "write", **where})
    assert asked["allowed"]


def _overrides(walk: PlatformWalk, member: str) -> None:
    path, modules = f"{RBAC}/overrides", f"{ADMIN}/users/{member}/permissions"
    marcom = {"user_id": member, "resource": "marcom", "action": "write", "is_allowed": True}
    made = walk.step(walk.root, "POST", path, marcom)["id"]
    walk.step(walk.root, "PUT", f"{path}/{made}", {"is_allowed": False})
    walk.step(walk.root, "POST", f"{path}/bulk", {"permissions": [marcom, {**marcom, "resource": "crm"}]})
    walk.step(walk.root, "DELETE", f"{path}/{made}")
    walk.step(walk.member, "GET", f"{path}/{member}")
    walk.step(walk.root, "POST", modules, {"module": "content", "access_level": "read"})
    walk.step(walk.root, "DELETE", f"{modules}/content")
    walk.step(walk.member, "GET", f"{RBAC}/permissions/me")
    walk.step(walk.root, "GET", f"{RBAC}/users/{member}/permissions")
    walk.step(walk.root, "GET", f"{RBAC}/audit-log")


def _platform(walk: PlatformWalk) -> None:
    invitation = {"email": INVITED, "full_name": "Bob", "role": "brand_admin", "organization_id": demo.AGENCY}
    walk.step(walk.root, "POST", f"{ADMIN}/invite", {**invitation, "password": PASSWORD})
    for figures in ("overview", "billing", "subscriptions", "usage", "users"):
        walk.step(walk.root, "GET", f"{ADMIN}/{figures}")
