"""What the dashboard tells of organizations, brands, teams and users: each change once, where the row belongs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from caidence.activity.log import Activity
from caidence.directory.entities import Brand, Organization, SlugClaim
from caidence.service import store
from quintet.testing import Client
from tests.functions.caidence.conftest import BASE, account_of, make_brand, make_user

ORGANIZATION, BRAND, WAITING = "<organization>", "<brand>", "<waiting>"
INVITATION = {"email": "ada@example.com", "full_name": "Ada", "role": "viewer", "password": "Correct-horse-9"}


def told(organization_id: str) -> list[tuple[str, str, str]]:
    """Types and texts of an organization's activities with who did it, the newest first."""
    rows = store.query(Activity, place=organization_id).items
    return [(row.type, row.description, row.user_id) for row in rows]


@pytest.mark.parametrize(
    ("method", "path", "body", "type", "description"),
    [
        ("POST", "/brands", {"name": "New", "organization_id": ORGANIZATION}, "brand.created", "Created the brand New"),
        ("PATCH", f"/brands/{BRAND}", {"industry": "Drinks"}, "brand.updated", "Updated the brand Fizz"),
        ("DELETE", f"/brands/{BRAND}", {}, "brand.deactivated", "Deactivated the brand Fizz"),
        ("POST", "/teams", {"name": "Crew", "organization_id": ORGANIZATION}, "team.created", "Created the team Crew"),
        ("PATCH", f"/organizations/{ORGANIZATION}", {"name": "Better"},
         "organization.updated", "Updated the organization Better"),
        ("PATCH", f"/admin/organizations/{ORGANIZATION}/plan?plan_tier=pro", {},
         "organization.plan_updated", "Moved the organization to the plan pro"),
        ("POST", "/admin/invite", {**INVITATION, "organization_id": ORGANIZATION}, "user.invited", "Invited Ada"),
        ("PATCH", f"/admin/users/{WAITING}", {"is_approved": True}, "user.approved", "Approved Will"),
    ],
)  # fmt: skip
def test_what_happens_to_an_organization_is_told_there(
    super_admin: Client, organization: Organization, method: str, path: str, body: dict[str, Any], type: str,
    description: str,
) -> None:  # fmt: skip
    waiting = make_user("viewer", organization, full_name="Will", is_approved=False)
    rows = {ORGANIZATION: organization.id, BRAND: make_brand(organization).id, WAITING: waiting.id}
    request = json.dumps([path, body])
    for place, row in rows.items():
        request = request.replace(place, row)
    path, body = json.loads(request)
    answer = super_admin.request(method, BASE + path, body)
    assert answer.status == 200, answer
    assert told(organization.id) == [(type, description, account_of(super_admin).id)]


def test_a_new_organization_is_told_in_its_own_list(super_admin: Client) -> None:
    made = super_admin.post(f"{BASE}/organizations", {"name": "Northwind"}).body
    assert [each[:2] for each in told(made["id"])] == [("organization.created", "Created the organization Northwind")]


def test_what_changes_nothing_and_what_is_refused_is_not_told(
    super_admin: Client, viewer: Client, organization: Organization
) -> None:
    brand = store.create(Brand(organization_id=organization.id, name="Fizz", slug="fizz"))
    store.create(SlugClaim(kind_of=f"brand of {organization.id}", slug="fizz", owner_id=brand.id))
    assert super_admin.patch(f"{BASE}/brands/{brand.id}", {"name": brand.name}).status == 200
    assert super_admin.patch(f"{BASE}/organizations/{organization.id}", {"name": organization.name}).status == 200
    assert super_admin.patch(f"{BASE}/brands/{brand.id}", {"slug": "-"}).status == 422
    assert viewer.delete(f"{BASE}/brands/{brand.id}").status == 403
    taken = super_admin.post(f"{BASE}/brands", {"name": "A", "slug": brand.slug, "organization_id": organization.id})
    assert taken.status == 409
    assert told(organization.id) == []
