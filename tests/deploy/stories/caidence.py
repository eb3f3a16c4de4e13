"""The agency platform: a customer is taken on, people are let in, rights are lent and taken, the agency does its work,
a password is lost."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from infra.local.influencers_club import API_KEY, InfluencersClub
from infra.local.outbox import Outbox, Recorder
from tests.deploy import agency_clock
from tests.deploy.agency import ok as _ok
from tests.deploy.agency import work
from tests.deploy.agency_clock import leave_behind
from tests.deploy.cloud import Cloud
from tests.deploy.front import Answer, Front
from tests.deploy.stories import Outside, Stage
from tests.deploy.waiting import until

API = "/api/v1"
ADMIN, AUTH, RBAC = f"{API}/admin", f"{API}/auth", f"{API}/rbac"
BRANDS, ORGANIZATIONS, TEAMS = f"{API}/brands", f"{API}/organizations", f"{API}/teams"
AGENT, MEMBER = "agent@example.com", "member@example.com"
FIRST_PASSWORD, SECOND_PASSWORD, PASSWORD = "First-password-1", "Second-password-2", "Third-password-3"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LEAD = "account_lead"


@contextmanager
def outside(cloud: Cloud) -> Iterator[Outside]:
    """Influencers Club's stand-in, and one for AWS's WhatsApp, which the embedded AWS does not have.

    The stage is in production, where nobody gets in without a token.
    """
    with tempfile.TemporaryDirectory() as folder:
        club, recorder = InfluencersClub(), Recorder(Outbox(Path(folder) / "outbox.jsonl"), cloud.url)
        club.start()
        recorder.start()
        try:
            yield Outside(
                {"CaidenceInfluencersClubUrl": club.url, "CaidenceWhatsappPhoneId": "phone-number-id-1"},
                {"influencers_club_api_key": API_KEY},
                environment={"AWS_ENDPOINT_URL_SOCIALMESSAGING": recorder.url},
            )
        finally:
            club.stop()
            recorder.shutdown()
            recorder.server_close()


def tell(front: Front, stage: Stage) -> None:
    assert _ok(front.get("/health"))["status"] == "ok"
    assert "C(AI)DENCE" in _ok(front.get("/"))["message"]
    assert front.get(f"{API}/profile").status == 401
    root = _root_signs_in(front, *stage.admin)
    agency = _take_on(root, stage)
    agent, member = _let_in(front, root, agency, stage)
    _run_the_agency(agent, agency)
    brand = _brands_and_teams(agent, member, stage)
    _roles(root, agent, member, brand, stage)
    _overrides(root, member, stage)
    work(agent, stage)
    leave_behind(stage, stage.notes["agent"], agency)
    _look_over_the_platform(root)
    _lose_a_password(front, root, member, stage)


def _root_signs_in(front: Front, email: str, password: str) -> Front:
    session = _login(front, email, password)
    renewed = _ok(front.post(f"{AUTH}/refresh", {"refresh_token": session["refresh_token"]}))
    root = front.as_caller(renewed["access_token"])
    assert _ok(root.get(f"{AUTH}/me"))["role"] == "root"
    return root


def _take_on(root: Front, stage: Stage) -> str:
    """A customer who begins for nothing and pays soon."""
    agency = _ok(root.post(ORGANIZATIONS, {"name": "Northwind Agency"}))
    assert (agency["slug"], agency["plan_tier"]) == ("northwind-agency", "free")
    changed = _ok(root.patch(f"{ADMIN}/organizations/{agency['id']}/plan", query={"plan_tier": "pro"}))
    assert changed["plan_tier"] == "pro"
    stage.notes["agency"] = agency["id"]
    return str(agency["id"])


def _let_in(front: Front, root: Front, agency: str, stage: Stage) -> tuple[Front, Front]:
    """One is invited and told by mail at once; the other registers, and is approved."""
    wanted = {"role": "agency_admin", "organization_id": agency, "password": FIRST_PASSWORD}
    _ok(root.post(f"{ADMIN}/invite", {"email": AGENT, "full_name": "Ana Agent", **wanted}))
    until(lambda: any("invited to Northwind Agency" in mail for mail in _mails(stage, AGENT)))
    new = {"email": MEMBER, "password": FIRST_PASSWORD, "full_name": "Max Member", "role": "agency_member"}
    member = _ok(front.post(f"{AUTH}/register", new))["id"]
    assert _ask_for_a_session(front, MEMBER, FIRST_PASSWORD).status == 403
    waiting = _ok(root.get(f"{ADMIN}/users", query={"is_approved": "false"}))
    assert [one["id"] for one in waiting] == [member]
    _ok(root.patch(f"{ADMIN}/users/{member}", {"is_approved": True, "organization_id": agency}))
    agent = _signed_in(front, AGENT, FIRST_PASSWORD)
    stage.notes.update(member=member, agent=_ok(agent.get(f"{AUTH}/me"))["id"])
    return agent, _signed_in(front, MEMBER, FIRST_PASSWORD)


def _run_the_agency(agent: Front, agency: str) -> None:
    _ok(agent.patch(f"{ORGANIZATIONS}/{agency}", {"logo_url": "https://example.com/logo.png"}))
    listed = _ok(agent.get(ORGANIZATIONS))
    assert listed == [_ok(agent.get(f"{ORGANIZATIONS}/{agency}"))]
    assert listed[0]["logo_url"] == "https://example.com/logo.png"
    assert [one["email"] for one in _ok(agent.get(f"{ORGANIZATIONS}/{agency}/users"))] == [MEMBER, AGENT]
    assert _ok(agent.get(f"{ORGANIZATIONS}/{agency}/usage"))["users"] == 2
    _ok(agent.put(f"{API}/profile", {"bio": "Runs the agency", "timezone": "Europe/Berlin"}))
    assert _ok(agent.get(f"{API}/profile"))["bio"] == "Runs the agency"


def _brands_and_teams(agent: Front, member: Front, stage: Stage) -> str:
    brand, old = (_ok(agent.post(BRANDS, {"name": name}))["id"] for name in ("Sol Citrus", "Old Brand"))
    _ok(agent.patch(f"{BRANDS}/{brand}", {"industry": "Beverages"}))
    _ok(agent.delete(f"{BRANDS}/{old}"))
    assert _ok(member.get(f"{BRANDS}/{brand}"))["industry"] == "Beverages"
    assert {one["id"]: one["is_active"] for one in _ok(member.get(BRANDS))} == {brand: True, old: False}
    team = _ok(agent.post(TEAMS, {"name": "Summer launch", "member_ids": [stage.notes["member"]]}))
    assert _ok(member.get(f"{TEAMS}/{team['id']}")) == team
    assert _ok(member.get(TEAMS)) == [team]
    stage.notes.update(brand=brand, team=team["id"])
    return str(brand)


def _roles(root: Front, agent: Front, member: Front, brand: str, stage: Stage) -> None:
    """A role of the platform's own, lent to somebody for one brand."""
    lead, old = (_ok(root.post(f"{RBAC}/roles", {"name": name, "level": 55}))["id"] for name in (LEAD, "old_role"))
    _ok(root.put(f"{RBAC}/roles/{lead}", {"description": "Leads the accounts of a brand"}))
    _ok(root.put(f"{RBAC}/roles/{lead}/permissions", {"permissions_json": {"crm": ["read", "write"]}}))
    _ok(root.delete(f"{RBAC}/roles/{old}"))
    question = {"resource": "crm", "action": "write", "scope_type": "brand", "scope_id": brand}
    assert _ok(member.post(f"{RBAC}/check", question))["allowed"] is False
    lent = {"role_name": LEAD, "scope_type": "brand", "scope_id": brand}
    _ok(agent.post(f"{RBAC}/assign", {"user_id": stage.notes["member"], **lent}))
    assert _ok(member.post(f"{RBAC}/check", question))["allowed"] is True
    shown = {one["name"]: one for one in _ok(agent.get(f"{RBAC}/roles"))}
    assert shown[LEAD]["user_count"] == 1
    assert "old_role" not in shown


def _overrides(root: Front, member: Front, stage: Stage) -> None:
    user = stage.notes["member"]
    marcom = {"user_id": user, "resource": "marcom", "action": "write"}
    override = _ok(root.post(f"{RBAC}/overrides", {**marcom, "is_allowed": False}))["id"]
    _ok(root.put(f"{RBAC}/overrides/{override}", {"is_allowed": True}))
    (reading,) = _ok(root.post(f"{RBAC}/overrides/bulk", {"permissions": [
        {"user_id": user, "resource": "analytics", "action": "read", "is_allowed": False},
    ]}))  # fmt: skip
    _ok(root.delete(f"{RBAC}/overrides/{reading['id']}"))
    assert [one["id"] for one in _ok(member.get(f"{RBAC}/overrides/{user}"))] == [override]
    mine = _ok(member.get(f"{RBAC}/permissions/me"))
    assert mine == _ok(root.get(f"{RBAC}/users/{user}/permissions"))
    assert "write" in mine["permissions"]["marcom"]
    _ok(root.post(f"{ADMIN}/users/{user}/permissions", {"module": "content", "access_level": "none"}))
    _ok(root.delete(f"{ADMIN}/users/{user}/permissions/content"))
    told = _ok(root.get(f"{RBAC}/audit-log", query={"action_filter": "override", "target_user_id": user}))
    counts = [sum(one["action"] == f"override.{what}" for one in told) for what in ("create", "update", "delete")]
    assert counts == [4, 1, 3]


def _look_over_the_platform(root: Front) -> None:
    assert _ok(root.get(f"{ADMIN}/overview"))["pending_approvals"] == 0
    assert _ok(root.get(f"{ADMIN}/billing"))["pro_count"] == 1
    assert [one["plan_tier"] for one in _ok(root.get(f"{ADMIN}/subscriptions"))] == ["pro"]
    assert sum(day["users"] for day in _ok(root.get(f"{ADMIN}/usage"))["daily_active_users"]) >= 3


def _lose_a_password(front: Front, root: Front, member: Front, stage: Stage) -> None:
    """Root gives another one, and what was signed in is out; then one is asked for by mail."""
    _ok(root.post(f"{AUTH}/set-password", {"email": MEMBER, "password": SECOND_PASSWORD}))
    assert member.get(f"{AUTH}/me").status == 401
    again = _signed_in(front, MEMBER, SECOND_PASSWORD)
    _ok(again.post(f"{AUTH}/logout"))
    assert again.get(f"{AUTH}/me").status == 401
    _ok(front.post(f"{AUTH}/recover-password", {"email": MEMBER}))
    _ok(front.post(f"{AUTH}/reset-password", {"token": _mailed(stage, MEMBER), "new_password": PASSWORD}))
    assert _ask_for_a_session(front, MEMBER, SECOND_PASSWORD).status == 401
    _signed_in(front, MEMBER, PASSWORD)


def remembered(front: Front, stage: Stage) -> dict[str, Any]:
    """The agency, its brand and team, and what the member may, as the member reads them."""
    member = _signed_in(front, MEMBER, PASSWORD)
    return {
        "agency": _ok(member.get(f"{ORGANIZATIONS}/{stage.notes['agency']}")),
        "brand": _ok(member.get(f"{BRANDS}/{stage.notes['brand']}")),
        "team": _ok(member.get(f"{TEAMS}/{stage.notes['team']}")),
        "permissions": _ok(member.get(f"{RBAC}/permissions/me")),
        "roles": _ok(member.get(f"{RBAC}/roles")),
        "campaigns": _ok(member.get(f"{API}/campaigns")),
        "workflows": _ok(member.get(f"{API}/workflow")),
    }


def _recovery_came(stage: Stage) -> None:
    """The function that was asked for this mail may send none: only the schedule does."""
    assert len(_mails(stage, MEMBER)) >= 1


EFFECTS = {"notifications.send_due": _recovery_came, **agency_clock.EFFECTS}


def _ask_for_a_session(front: Front, email: str, password: str) -> Answer:
    form = urlencode({"username": email, "password": password})
    return front.post(f"{AUTH}/login", content=form, headers=FORM)


def _login(front: Front, email: str, password: str) -> dict[str, Any]:
    found: dict[str, Any] = _ok(_ask_for_a_session(front, email, password))
    return found


def _signed_in(front: Front, email: str, password: str) -> Front:
    return front.as_caller(_login(front, email, password)["access_token"])


def _mails(stage: Stage, email: str) -> list[str]:
    return [text for text in map(json.dumps, stage.cloud.mails()) if email in text]


def _mailed(stage: Stage, email: str) -> str:
    """The token in the newest mail to an address, as soon as there is one."""
    until(lambda: bool(_mails(stage, email)))
    found = re.search(r"\\n([\w-]{60,})\\n", _mails(stage, email)[-1])
    assert found is not None, _mails(stage, email)[-1]
    return found[1]
