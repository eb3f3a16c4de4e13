"""Every id that an operation takes, in its path or its body, tried with another tenant's: it is not there.

The operations say themselves where they take ids; `STEPS` has a request for each of those places. A request with the
caller's own id succeeds, so that the foreign id alone is what another one is refused for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from caidence.access.callers import SuperAdmin
from caidence.access.roles import SUPER_LEVEL, built_in
from caidence.directory.entities import Organization, Team
from caidence.service import api, store
from quintet.testing import Client
from quintet.testing.client import Answer
from tests.functions.caidence.conftest import BASE, SignIn, account_of, as_account, lend, make_brand, make_user
from tests.support.ids import NOBODY, TRIED, everything, places_of_ids

PATH_KINDS = {
    "org_id": "organization", "brand_id": "brand", "team_id": "team", "user_id": "user", "override_id": "override",
    "role_id": "role", "campaign_id": "campaign", "creator_id": "creator", "content_id": "content",
    "asset_id": "design", "presentation_id": "presentation", "workflow_id": "workflow", "run_id": "run",
    "job_id": "job", "session_id": "session",
}  # fmt: skip
FILTERS = {("rbac.list_audit_log", "query.target_user_id")}
"""Places where an id narrows a list, which an unknown one leaves empty."""

operations = {operation.id: operation for operation in api.load() if operation.method}
Ids = Mapping[str, str]
"""The id of a row of each kind."""


@dataclass(frozen=True)
class Step:
    """A request with an id in one place: what kind of row it names, and the rest of the body."""

    operation: str
    place: str
    kind: str
    body: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    own: int = 200
    """What the request answers with an id of the caller's own."""
    beside: str = ""
    """The kind of a row of the caller's own that it needs without naming it."""

    def __str__(self) -> str:
        return f"{self.operation} {self.place} {self.kind}"

    @property
    def kinds(self) -> set[str]:
        """The kinds of the caller's own rows that the request names, the tried one's included."""
        named = {PATH_KINDS[name] for name in re.findall(r"\{([^}]*)\}", self.path) if name in PATH_KINDS}
        marked = re.findall("<([a-z]+)>", json.dumps([self.body, self.query]))
        return {self.kind, self.beside or self.kind, *named, *marked} - {TRIED[1:-1]}

    @property
    def path(self) -> str:
        return operations[self.operation].path

    def send(self, client: Client, tried: str, own: Ids) -> Answer:
        operation = operations[self.operation]

        def named(match: re.Match[str]) -> str:
            name = match[1]
            return tried if self.place == f"path.{name}" else own[PATH_KINDS[name]] if name in PATH_KINDS else "crm"

        def filled(value: Any) -> Any:
            marked = re.sub("<([a-z]+)>", lambda mark: tried if mark[0] == TRIED else own[mark[1]], json.dumps(value))
            return json.loads(marked)

        path = re.sub(r"\{([^}]*)\}", named, self.path)
        return client.request(operation.method or "", path, filled(self.body) or None, query=filled(self.query))


GRANT = {"resource": "marcom", "action": "write", "is_allowed": True}
WITHIN = {"resource": "campaign", "action": "read", "scope_id": TRIED}
COPY = {"title": "Summer", "platform": "instagram", "content_type": "caption", "prompt": "Juice for runners"}
POSTER = {"title": "Summer", "style": "bold", "prompt": "Oranges", "aspect_ratio": "1:1"}
PAUSE = {"type": "wait", "seconds": 60}


MADE: Mapping[str, tuple[str, Mapping[str, Any] | None]] = {
    "campaign": ("campaigns", {"name": "Spring"}), "content": ("content/generate", COPY),
    "creator": ("creators", {"handle": "ana", "platform": "instagram"}), "design": ("design/generate", POSTER),
    "presentation": ("presentation/generate", {"title": "Summer", "source_type": "campaign"}),
    "workflow": ("workflow", {"name": "Launch", "description": "", "steps_json": [PAUSE]}),
    "run": ("workflow/{workflow}/run", None), "job": ("jobs/generate-content", COPY),
    "session": ("chat/message", {"message": "Hello"}),
}  # fmt: skip
"""How an agency's administrator makes a row of a kind: where it is posted to, and the body."""


def made_in(operation: str, body: Mapping[str, Any]) -> list[Step]:
    """What is made in an organization, or for one of its brands."""
    return [
        Step(operation, f"body.{kind}_id", kind, {**body, f"{kind}_id": TRIED}) for kind in ("organization", "brand")
    ]


STEPS = [
    Step("organizations.get", "path.org_id", "organization"),
    Step("organizations.update", "path.org_id", "organization", {"name": "Taken over"}),
    Step("organizations.get_usage", "path.org_id", "organization"),
    Step("organizations.list_users", "path.org_id", "organization"),
    Step("brands.create", "body.organization_id", "organization", {"name": "Planted", "organization_id": TRIED}),
    Step("brands.get", "path.brand_id", "brand"),
    Step("brands.update", "path.brand_id", "brand", {"name": "Taken over"}),
    Step("brands.delete", "path.brand_id", "brand"),
    Step("teams.create", "body.organization_id", "organization", {"name": "Planted", "organization_id": TRIED}),
    Step("teams.create", "body.member_ids[]", "user", {"name": "Lured", "member_ids": ["<user>", TRIED]}),
    Step("teams.get", "path.team_id", "team"),
    Step("rbac.list_overrides", "path.user_id", "self"),
    Step("rbac.assign_role", "body.user_id", "user", {"user_id": TRIED, "role_name": "creator"}),
    Step("rbac.assign_role", "body.scope_id", "organization",
         {"user_id": "<user>", "role_name": "creator", "scope_type": "organization", "scope_id": TRIED}),
    Step("rbac.assign_role", "body.scope_id", "brand",
         {"user_id": "<user>", "role_name": "creator", "scope_type": "brand", "scope_id": TRIED}),
    Step("rbac.check", "body.scope_id", "organization", {**WITHIN, "scope_type": "organization"}),
    Step("rbac.check", "body.scope_id", "brand", {**WITHIN, "scope_type": "brand"}),
    Step("admin.update_organization_plan", "path.org_id", "organization", query={"plan_tier": "pro"}),
    Step("admin.update_user", "path.user_id", "user", {"role": "creator"}),
    Step("admin.update_user", "body.organization_id", "organization", {"role": "creator", "organization_id": TRIED}),
    Step("admin.set_user_permission", "path.user_id", "user", {"module": "marcom", "access_level": "write"}),
    Step("admin.delete_user_permission", "path.user_id", "user", beside="override"),
    Step("admin.invite", "body.organization_id", "organization",
         {"email": "new@example.com", "full_name": "New", "role": "viewer", "password": "Correct-horse-9",
          "organization_id": TRIED}),
    Step("rbac.get_user_permissions", "path.user_id", "user"),
    Step("rbac.create_override", "body.user_id", "user", {**GRANT, "user_id": TRIED}),
    Step("rbac.create_override", "body.scope_id", "organization",
         {**GRANT, "user_id": "<user>", "scope_type": "organization", "scope_id": TRIED}),
    Step("rbac.create_override", "body.scope_id", "brand",
         {**GRANT, "user_id": "<user>", "scope_type": "brand", "scope_id": TRIED}),
    Step("rbac.update_override", "path.override_id", "override", {"is_allowed": False}),
    Step("rbac.update_override", "body.scope_id", "organization", {"scope_type": "organization", "scope_id": TRIED}),
    Step("rbac.update_override", "body.scope_id", "brand", {"scope_type": "brand", "scope_id": TRIED}),
    Step("rbac.delete_override", "path.override_id", "override"),
    Step("rbac.bulk_upsert_overrides", "body.permissions[].user_id", "user",
         {"permissions": [{**GRANT, "user_id": "<user>", "action": "read"}, {**GRANT, "user_id": TRIED}]}),
    Step("rbac.update_role", "path.role_id", "role", {"description": "Changed"}),
    Step("rbac.update_role_permissions", "path.role_id", "role", {"permissions_json": {"crm": ["read"]}}),
    Step("rbac.delete_role", "path.role_id", "role"),
    *made_in("campaigns.create", {"name": "Planted"}),
    Step("campaigns.get", "path.campaign_id", "campaign"),
    Step("campaigns.update", "path.campaign_id", "campaign", {"name": "Taken over"}),
    Step("campaigns.update", "body.brand_id", "brand", {"brand_id": TRIED}),
    Step("campaigns.delete", "path.campaign_id", "campaign"),
    Step("campaigns.launch", "path.campaign_id", "campaign"),
    Step("campaigns.add_influencer", "path.campaign_id", "campaign", query={"influencer_handle": "ana"}),
    Step("campaigns.log_event", "path.campaign_id", "campaign", {"event_type": "click"}),
    *made_in("content.generate", COPY),
    Step("content.get", "path.content_id", "content"),
    Step("content.delete", "path.content_id", "content"),
    *made_in("jobs.generate_content", COPY),
    *made_in("design.generate", POSTER),
    Step("design.get", "path.asset_id", "design"),
    Step("design.get_image", "path.asset_id", "design"),
    Step("design.update", "path.asset_id", "design", {"title": "Taken over"}),
    Step("design.delete", "path.asset_id", "design"),
    *made_in("jobs.generate_design", {name: POSTER[name] for name in ("title", "style", "prompt")}),
    Step("presentation.get", "path.presentation_id", "presentation"),
    *made_in("creators.create", {"handle": "planted", "platform": "tiktok"}),
    Step("creators.list_creators", "query.brand_id", "brand", query={"brand_id": TRIED}),
    Step("creators.get", "path.creator_id", "creator"),
    Step("creators.update", "path.creator_id", "creator", {"notes": "Taken over"}),
    Step("creators.update", "body.brand_id", "brand", {"brand_id": TRIED}),
    Step("creators.delete", "path.creator_id", "creator"),
    Step("creators.generate_affiliate", "path.creator_id", "creator"),
    Step("creators.get_performance", "path.creator_id", "creator"),
    Step("projects.create", "body.organization_id", "organization", {"name": "Planted", "organization_id": TRIED}),
    Step("agent.generate", "body.organization_id", "organization",
         {"role": "Owner", "project_type": "Launch", "objective": "Sell 500", "organization_id": TRIED}),
    Step("crm.generate_report", "query.organization_id", "organization",
         query={"handle": "ana", "organization_id": TRIED}, beside="creator"),
    Step("chat.get_history", "path.session_id", "session"),
    Step("chat.send_message", "body.session_id", "session", {"message": "Go on", "session_id": TRIED}),
    *made_in("workflow.create", {"name": "Planted", "description": "", "steps_json": [PAUSE]}),
    Step("workflow.get", "path.workflow_id", "workflow"),
    Step("workflow.update", "path.workflow_id", "workflow", {"name": "Taken over"}),
    Step("workflow.list_history", "path.workflow_id", "workflow"),
    Step("workflow.run", "path.workflow_id", "workflow"),
    Step("workflow.resume", "path.workflow_id", "workflow", own=409),  # nothing of the run has failed
    Step("workflow.resume", "path.run_id", "run", own=409),
    Step("jobs.get_status", "path.job_id", "job"),
]  # fmt: skip
MAILING = {"task_name": "send_campaign_emails", "kwargs": {"campaign_id": TRIED, "subject": "Hi", "body": "Hello"}}
WITHIN_ARGUMENTS = [
    Step("jobs.enqueue", "body.kwargs.workflow_id", "workflow",
         {"task_name": "execute_workflow", "kwargs": {"workflow_id": TRIED}}),
    Step("jobs.enqueue", "body.kwargs.campaign_id", "campaign", MAILING),
    Step("workflow.create", "body.steps_json[].kwargs.campaign_id", "campaign",
         {"name": "Planted", "description": "", "steps_json": [{"type": "call_job", **MAILING}]}),
]  # fmt: skip
"""Ids in the arguments of tasks, of which the OpenAPI knows nothing."""
OF_TENANTS = [step for step in (*STEPS, *WITHIN_ARGUMENTS) if operations[step.operation].caller is not SuperAdmin]
OF_ADMINISTRATORS = [step for step in STEPS if operations[step.operation].caller is SuperAdmin]
BELOW = [role.name for role in built_in() if role.level < SUPER_LEVEL]


class Rows(dict[str, str]):
    """An organization's rows by kind, each made when it is first asked for; the role is one that super admins made."""

    def __init__(self, client: Client, organization: Organization) -> None:
        super().__init__(organization=organization.id)
        self._organization = organization
        self._user = as_account(client, make_user("viewer", organization))
        self.agent = as_account(client, make_user("agency_admin", organization))

    def make(self, kinds: Iterable[str]) -> None:
        """Have rows of these kinds."""
        for kind in kinds:
            self[kind]

    def __missing__(self, kind: str) -> str:
        self[kind] = found = self._made(kind)
        return found

    def _made(self, kind: str) -> str:
        if kind == "brand":
            return make_brand(self._organization).id
        if kind == "team":
            return store.create(Team(organization_id=self._organization.id, name="Crew", members=[])).id
        if kind in ("user", "self"):
            return account_of(self._user).id
        if kind == "override":
            return lend(self._user, "crm:read").id
        path, body = MADE[kind]
        answer = self.agent.post(f"{BASE}/{path.format_map(self)}", body)
        assert answer.status == 200, answer
        return str(answer.body.get("id") or answer.body.get("job_id") or answer.body["session_id"])


@pytest.fixture
def foreign(platform: Client, other: Organization) -> Rows:
    return Rows(platform, other)


@pytest.fixture
def own(platform: Client, organization: Organization) -> Rows:
    return Rows(platform, organization)


def test_the_walk_comes_to_every_id_that_an_operation_takes() -> None:
    assert {(step.operation, step.place) for step in STEPS} | FILTERS == set(places_of_ids(api))


@pytest.mark.parametrize("step", OF_TENANTS, ids=str)
def test_a_row_of_another_organization_is_not_there(step: Step, own: Rows, foreign: Rows) -> None:
    client = own.agent
    own["self"] = account_of(client).id
    own.make(step.kinds)
    tried, before = foreign[step.kind], everything()
    answer = step.send(client, tried, own)
    assert (answer.status, list(answer.body)) == (404, ["detail"]), answer
    for same in (NOBODY, tried.upper()):
        assert step.send(client, same, own).body == answer.body
    assert everything() == before
    assert step.send(client, own[step.kind], own).status == step.own


@pytest.mark.parametrize("role", BELOW)
def test_no_role_can_tell_a_foreign_row_from_none(role: str, sign_in: SignIn, own: Rows, foreign: Rows) -> None:
    """Nor does one that is refused for another reason change anything."""
    clients = sign_in(role), sign_in(role, None)
    for step in OF_TENANTS:
        own.make(step.kinds)
        foreign.make([step.kind])
    before = everything()
    for step in OF_TENANTS:
        for client in clients:
            answer = step.send(client, foreign[step.kind], own)
            assert answer.status in (403, 404), (step, answer)
            none = step.send(client, NOBODY, own)
            assert (answer.status, answer.body) == (none.status, none.body), step
    assert everything() == before


@pytest.mark.parametrize("step", OF_ADMINISTRATORS, ids=str)
def test_what_there_is_not_is_not_there_for_administrators(step: Step, super_admin: Client, own: Rows) -> None:
    made = super_admin.post("/api/v1/rbac/roles", {"name": "lead", "level": 55})
    assert made.status == 201
    own["role"] = made.body["id"]
    own.make(step.kinds)
    before = everything()
    answer = step.send(super_admin, NOBODY, own)
    assert (answer.status, list(answer.body)) == (404, ["detail"]), answer
    assert everything() == before
    assert step.send(super_admin, own[step.kind], own).status == 200
    if operations[step.operation].method != "GET":
        assert everything() != before
