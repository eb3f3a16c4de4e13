"""Generated traffic against the whole platform, judged by its own OpenAPI: no 500, no undocumented status or shape.

A request comes as one of the people whom the operation lets in. Half of the ids name something that exists; the callers
themselves are out of its reach.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from caidence.access.callers import SuperAdmin
from caidence.access.changes import Roots
from caidence.access.roles import ROOT, Catalogue
from caidence.directory.entities import Brand, EmailClaim, Memberships, Organization, Team, User
from caidence.service import api, store
from caidence.tenancy import plans
from quintet.testing import Client
from tests.functions.caidence.conftest import BASE, PASSWORD, as_account, make_brand, make_organization, make_user
from tests.fuzz.support import CHECKS, aim_fields, aim_path, body_of, few, headers_of, number_of, schema_of
from tests.support import aws

pytestmark = pytest.mark.fuzz

SUPER = ("root", "super_admin")
TASKS = ["generate_content", "generate_design", "generate_presentation", "send_campaign_emails", "execute_workflow"]
TENANTS = ("agency_admin", "agency_member", "brand_admin", "viewer")
schema = schema_of(api, walked=False)
operations = {f"{o.method} {o.path}": o for o in api.load() if o.method}
people: dict[str, str] = {}
"""The id of a caller of each role."""
paths: dict[str, list[str]] = {}
fields: dict[str, list[str]] = {}


@pytest.fixture(scope="module", autouse=True)
def platform() -> Iterator[None]:
    """Two organizations with brands, teams and people with overrides, two roles of their own, and the callers."""
    with aws.system("caidence", {"QUINTET_ENVIRONMENT": "production"}):
        tenants = [make_organization(name) for name in ("Acme", "Rival")]
        people.update({role: make_user(role, None).id for role in SUPER})
        people.update({role: make_user(role, tenants[0]).id for role in TENANTS})
        _fill(as_account(Client(api), _account(ROOT)), tenants)
        yield


def _account(role: str) -> User:
    account = store.get(User, id=people[role])
    assert account is not None
    return account


def _fill(root: Client, tenants: list[Organization]) -> None:
    brands = [make_brand(each, name).id for each in tenants for name in ("Fizz", "Fuzz")]
    invited = [
        body_of(root.post(f"{BASE}/admin/invite", {"email": f"{role}{number}@example.com", "full_name": "Somebody",
                                                 "role": role, "password": PASSWORD, "organization_id": each.id}))
        for number, each in enumerate(tenants) for role in ("viewer", "creator", "brand_admin", "agency_admin")
    ]  # fmt: skip
    users = [user["id"] for user in invited]
    teams = [
        body_of(root.post(f"{BASE}/teams", {"name": "Crew", "organization_id": each.id,
                                          "member_ids": [u["id"] for u in invited if u["organization_id"] == each.id]}))
        for each in tenants
    ]  # fmt: skip
    grant = {"resource": "crm", "action": "read", "is_allowed": True, "scope_type": "global"}
    overrides = [body_of(root.post(f"{BASE}/rbac/overrides", {**grant, "user_id": user}))["id"] for user in users]
    roles = [body_of(root.post(f"{BASE}/rbac/roles", {"name": name, "level": 45})) for name in ("lead", "intern")]
    organizations = [each.id for each in tenants]
    paths.update(organizations=organizations, brands=brands, teams=[team["id"] for team in teams], users=users)
    paths.update(overrides=[*overrides, *users], roles=[role["id"] for role in roles])
    paths.update(_work_of(root, organizations))
    emails = [user["email"] for user in invited]
    fields.update(
        organization_id=organizations, user_id=users, target_user_id=users, scope_id=[*organizations, *brands]
    )
    fields.update(email=emails, username=emails, password=[PASSWORD], role_name=["viewer", "creator", "lead"])
    fields.update(role=["viewer", "brand_admin", "agency_admin", "intern"], brand_id=brands)
    fields.update(session_id=paths["chat"], task_name=TASKS)


def _work_of(root: Client, organizations: list[str]) -> dict[str, list[str]]:
    """What the organizations have made, by the words of the paths that lead to it."""
    copy = {"title": "Summer", "platform": "instagram", "content_type": "caption", "prompt": "Juice for runners"}
    poster = {"title": "Summer", "style": "bold", "prompt": "Oranges", "aspect_ratio": "1:1"}
    steps = {"name": "Launch", "description": "", "steps_json": [{"type": "wait", "seconds": 60}]}
    found: dict[str, list[str]] = defaultdict(list)
    for each in organizations:
        for word, path, body in (
            ("campaigns", "campaigns", {"name": "Spring"}),
            ("creators", "creators", {"handle": "ana", "platform": "tiktok"}),
            ("content", "content/generate", copy),
            ("design", "design/generate", poster),
            ("workflow", "workflow", steps),
            ("status", "jobs/generate-content", copy),
        ):
            made = body_of(root.post(f"{BASE}/{path}", {**body, "organization_id": each}))
            found[word].append(made.get("id") or made["job_id"])
    found["runs"] = [body_of(root.post(f"{BASE}/workflow/{each}/run"))["id"] for each in found["workflow"]]
    deck = {"title": "Summer", "source_type": "campaign"}
    found["presentation"] = [body_of(root.post(f"{BASE}/presentation/generate", deck))["id"]]
    found["chat"] = [body_of(root.post(f"{BASE}/chat/message", {"message": "Hello"}))["session_id"]]
    return found


@schema.parametrize()
@few
def test_generated_requests_are_answered_as_documented(case: Any) -> None:
    aim_path(case, paths)
    aim_fields(case.query, fields)
    aim_fields(case.body, fields)
    # The generator also tries methods that an operation does not have, hence the operation's own.
    operation = operations[f"{case.operation.method.upper()} {case.operation.path}"]
    roles = SUPER if operation.caller is not None and issubclass(operation.caller, SuperAdmin) else (*SUPER, *TENANTS)
    caller = _account(roles[number_of((case.path_parameters, case.query, case.body)) % len(roles)])
    case.call_and_validate(checks=CHECKS, headers=headers_of(case, caller.id, caller.epoch))


def test_the_traffic_left_the_books_right() -> None:
    """After whatever was sent: totals are what is listed, teams know their members and members their teams, somebody is
    root, and the revenue is what the plans come to."""
    users = list(store.each(User, "gsi1"))
    assert store.count(User, "gsi1") == len(users)
    by_role = Counter((user.role, user.is_approved) for user in users)
    for role in (store.get(Catalogue) or Catalogue()).roles:
        for approved in (True, False):
            found = store.count(User, "gsi3", role=role.name, is_approved=approved)
            assert found == by_role.pop((role.name, approved), 0), role.name
    assert not by_role, "users have a role that there is not"
    for user in users:
        claim = store.get(EmailClaim, email=user.email)
        assert claim is not None
        assert claim.user_id == user.id
    roots = store.get(Roots)
    assert roots is not None
    assert roots.count == sum(u.role == ROOT and u.is_active and u.is_approved for u in users) > 0


def test_the_traffic_left_the_tenants_right() -> None:
    tenants = list(store.each(Organization))
    assert store.count(Organization) == len(tenants)
    assert plans.revenue().monthly == sum(plans.monthly_amount(each) for each in tenants)
    users = {user.id: user for user in store.each(User, "gsi1")}
    brands, in_teams = 0, set()
    for tenant in tenants:
        own = {user.id for user in users.values() if user.organization_id == tenant.id}
        assert store.count(User, "gsi2", organization_id=tenant.id) == len(own)
        brands += store.count(Brand, organization_id=tenant.id)
        for team in store.each(Team, organization_id=tenant.id):
            assert own.issuperset(team.members)
            in_teams |= {(member, team.id) for member in team.members}
    assert store.count(Brand, "gsi1") == brands == sum(1 for _ in store.each(Brand, "gsi1"))
    held = {
        (user, team)
        for user in users
        for tenant in tenants
        if (found := store.get(Memberships, user_id=user, organization_id=tenant.id)) is not None
        for team in found.teams
    }
    assert held == in_teams
