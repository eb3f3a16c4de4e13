"""Projects: made in the caller's organization, and seen there alone."""

from __future__ import annotations

from typing import Any

import pytest

from caidence.activity.log import Activity
from caidence.directory.entities import Organization
from caidence.projects.demo import seed_projects
from caidence.service import store
from quintet.models.time import frozen, rfc3339
from quintet.testing import Client
from tests.functions.caidence.conftest import BASE, SignIn, account_of, as_account, make_user
from tests.functions.caidence.tenancy.conftest import NOBODY, detail, fields, ids

PROJECTS = f"{BASE}/projects"
MISSING = (404, "Organization not found")
WHOLE = {
    "name": "Summer launch",
    "description": "Everything for the new juice",
    "project_type": "Product launch",
    "objective": "Sell out the first batch",
    "status": "draft",
}


def test_without_a_token_nothing_is_to_be_had(platform: Client) -> None:
    assert platform.post(PROJECTS, WHOLE).status == 401
    assert platform.get(PROJECTS).status == 401


def test_a_project_belongs_to_its_maker_and_their_organization(viewer: Client, organization: Organization) -> None:
    with frozen() as clock:
        answer = viewer.post(PROJECTS, WHOLE)
    at = rfc3339(clock.at)
    owner = account_of(viewer)
    assert answer.status == 200
    assert answer.body == {
        **WHOLE, "id": answer.body["id"], "organization_id": organization.id, "owner_id": owner.id,
        "created_at": at, "updated_at": at,
    }  # fmt: skip
    assert viewer.get(PROJECTS).body == [answer.body]
    told = [(one.type, one.description, one.user_id) for one in store.each(Activity, place=organization.id)]
    assert told == [("project.created", "Created the project Summer launch", owner.id)]


def test_only_the_name_is_needed(viewer: Client) -> None:
    made = viewer.post(PROJECTS, {"name": "  Bare  "}).body
    assert [made[name] for name in WHOLE] == ["Bare", "", "", "", "active"]
    nulls = viewer.post(PROJECTS, {**dict.fromkeys(WHOLE), "name": "Bare"}).body
    assert [nulls[name] for name in WHOLE] == ["Bare", "", "", "", "active"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": None}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"status": "paused"}, "status"),
        ({"project_type": "x" * 101}, "project_type"),
        ({"objective": 7}, "objective"),
        ({"organization_id": "acme"}, "organization_id"),
    ],
)
def test_what_is_no_project_names_its_field(change: dict[str, Any], field: str, viewer: Client) -> None:
    assert fields(viewer.post(PROJECTS, {**WHOLE, **change})) == [f"body.{field}"]
    assert viewer.get(PROJECTS).body == []


def test_another_organization_is_neither_named_nor_seen(
    viewer: Client, sign_in: SignIn, super_admin: Client, organization: Organization, other: Organization
) -> None:
    foreign = sign_in("root", other).post(PROJECTS, {"name": "Theirs", "organization_id": other.id}).body
    own = viewer.post(PROJECTS, {"name": "Ours", "organization_id": organization.id}).body
    for missing in (other.id, NOBODY):
        assert detail(viewer.post(PROJECTS, {"name": "Mine", "organization_id": missing})) == MISSING
    assert detail(super_admin.post(PROJECTS, {"name": "Mine", "organization_id": NOBODY})) == MISSING
    assert ids(viewer.get(PROJECTS)) == [own["id"]]
    placed = super_admin.post(PROJECTS, {"name": "For them", "organization_id": other.id}).body
    assert placed["organization_id"] == other.id
    assert ids(super_admin.get(PROJECTS)) == [placed["id"], own["id"], foreign["id"]]


def test_who_belongs_to_no_organization_keeps_projects_for_themselves(
    viewer: Client, sign_in: SignIn, super_admin: Client
) -> None:
    alone, stranger = sign_in("creator", None), sign_in("creator", None)
    made = alone.post(PROJECTS, {"name": "Alone"}).body
    assert made["organization_id"] is None
    assert ids(alone.get(PROJECTS)) == ids(super_admin.get(PROJECTS)) == [made["id"]]
    assert ids(stranger.get(PROJECTS)) == ids(viewer.get(PROJECTS)) == []


def test_a_super_admin_without_an_organization_names_one(super_admin: Client) -> None:
    assert account_of(super_admin).organization_id is None
    assert fields(super_admin.post(PROJECTS, WHOLE)) == ["body.organization_id"]
    assert super_admin.get(PROJECTS).body == []


def test_in_development_nobody_needs_to_sign_in(development: Client) -> None:
    made = development.post(f"{PROJECTS}/", {"name": "Local"})
    assert (made.status, ids(development.get(f"{PROJECTS}/"))) == (200, [made.body["id"]])


def test_projects_are_paged_newest_first_a_hundred_unless_asked(viewer: Client) -> None:
    made = [viewer.post(PROJECTS, {"name": f"P{number}"}).body["id"] for number in range(3)]
    page = viewer.get(PROJECTS, query={"skip": 1, "limit": 1})
    assert (ids(page), page.headers["x-total-count"]) == ([made[1]], "3")
    assert fields(viewer.get(PROJECTS, query={"limit": 101})) == ["query.limit"]
    for _ in range(18):
        viewer.post(PROJECTS, {"name": "More"})
    assert len(viewer.get(PROJECTS).body) == 21


def test_demo_data_is_made_once(viewer: Client, organization: Organization) -> None:
    for _ in range(2):
        seed_projects(organization, account_of(viewer))
    assert [one["name"] for one in viewer.get(PROJECTS).body] == ["Summer launch", "Tasting tour"]


def test_a_request_with_a_key_makes_one_project(viewer: Client) -> None:
    first, second = (viewer.post(PROJECTS, WHOLE, headers={"Idempotency-Key": "a"}) for _ in range(2))
    assert first.body == second.body
    assert len(viewer.get(PROJECTS).body) == 1


def test_what_somebody_made_alone_stays_theirs_when_they_join_an_organization(
    platform: Client, member: Client, organization: Organization
) -> None:
    user = make_user("viewer", None)
    client = as_account(platform, user)
    own = client.post(f"{BASE}/projects", {"name": "Own"}).body["id"]
    store.replace(user, user.model_copy(update={"organization_id": organization.id}))
    ours = client.post(f"{BASE}/projects", {"name": "Ours"}).body["id"]
    assert [row["id"] for row in client.get(f"{BASE}/projects").body] == [ours, own]
    assert [row["id"] for row in member.get(f"{BASE}/projects").body] == [ours]
