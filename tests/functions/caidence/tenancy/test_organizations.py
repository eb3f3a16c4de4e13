"""Organizations: who sees and changes them, their slugs, and what their plans leave behind."""

from __future__ import annotations

from datetime import timedelta

import pytest

from caidence.access import audit
from caidence.directory.entities import Organization
from caidence.service import store
from caidence.tenancy import plans, usage
from quintet.models import SkipQuery, new_id
from quintet.models.time import frozen, rfc3339
from quintet.testing import Client
from tests.functions.caidence.conftest import BASE, SignIn, account_of, make_brand, make_user
from tests.functions.caidence.tenancy.conftest import NOBODY, detail, fields, ids
from tests.support.aws import in_threads

ORGANIZATIONS = f"{BASE}/organizations"
MISSING = (404, "Organization not found")


def one(organization: Organization) -> str:
    return f"{ORGANIZATIONS}/{organization.id}"


def stored(organization: Organization) -> Organization:
    found = store.get(Organization, id=organization.id)
    assert found is not None
    return found


def test_without_a_token_nothing_of_organizations_is_to_be_had(platform: Client, organization: Organization) -> None:
    for method, path in [
        ("GET", ORGANIZATIONS), ("POST", ORGANIZATIONS), ("GET", one(organization)), ("PATCH", one(organization)),
        ("GET", one(organization) + "/usage"), ("GET", one(organization) + "/users"),
    ]:  # fmt: skip
        assert platform.request(method, path, {}).status == 401, (method, path)


def test_super_admins_list_all_organizations_and_others_their_own(
    super_admin: Client, viewer: Client, sign_in: SignIn, organization: Organization, other: Organization
) -> None:
    everything = super_admin.get(ORGANIZATIONS, query={"limit": 1})
    assert ids(everything) == [other.id]
    assert everything.headers["x-total-count"] == "2"
    assert 'rel="next"' in everything.headers["link"]
    assert ids(super_admin.get(ORGANIZATIONS, query={"skip": 1})) == [organization.id]
    own = viewer.get(ORGANIZATIONS)
    assert (ids(own), own.headers["x-total-count"]) == ([organization.id], "1")
    assert viewer.get(ORGANIZATIONS, query={"skip": 1}).body == []
    none = sign_in("viewer", None).get(ORGANIZATIONS)
    assert (none.body, none.headers["x-total-count"]) == ([], "0")


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 101}, {"skip": -1}, {"limit": "x"}])
def test_a_list_refuses_paging_out_of_bounds(viewer: Client, query: dict[str, object]) -> None:
    assert fields(viewer.get(ORGANIZATIONS, query=query)) == [f"query.{next(iter(query))}"]


def test_a_super_admin_creates_an_organization(super_admin: Client) -> None:
    body = {"name": "Northwind", "slug": "north", "logo_url": "https://example.com/n.png", "plan_tier": "pro"}
    with frozen() as clock:
        answer = super_admin.post(ORGANIZATIONS, body)
    at = rfc3339(clock.at)
    assert answer.status == 200
    made = {**body, "id": answer.body["id"], "is_active": True, "created_at": at, "updated_at": at}
    assert answer.body == made
    assert super_admin.get(f"{ORGANIZATIONS}/{made['id']}").body == made
    (entry,) = audit.page(SkipQuery(), "plan.update", None).items
    assert (entry.resource, entry.before, entry.after) == (
        f"organization:{made['id']}",
        None,
        {"plan_tier": "pro", "is_active": True},
    )
    assert entry.actor_id == account_of(super_admin).id


def test_a_slug_is_made_from_the_name_when_none_is_given(super_admin: Client) -> None:
    slugs = [super_admin.post(ORGANIZATIONS, {"name": "Café & Co"}).body["slug"] for _ in range(2)]
    assert slugs == ["cafe-and-co", "cafe-and-co-2"]


def test_a_slug_is_one_organizations(super_admin: Client) -> None:
    first = super_admin.post(ORGANIZATIONS, {"name": "One", "slug": "taken"}).body
    second = super_admin.post(ORGANIZATIONS, {"name": "Two"}).body
    assert detail(super_admin.post(ORGANIZATIONS, {"name": "Three", "slug": "taken"})) == (409, "Slug already exists")
    assert super_admin.patch(f"{ORGANIZATIONS}/{second['id']}", {"slug": "taken"}).status == 409
    assert super_admin.get(f"{ORGANIZATIONS}/{second['id']}").body == second
    assert store.count(Organization) == 3  # with the one of the fixtures
    assert super_admin.patch(f"{ORGANIZATIONS}/{first['id']}", {"slug": "free"}).status == 200
    assert super_admin.patch(f"{ORGANIZATIONS}/{second['id']}", {"slug": "taken"}).status == 200


def test_of_parallel_creations_under_one_slug_one_succeeds(super_admin: Client) -> None:
    answers = in_threads(4, lambda n: super_admin.post(ORGANIZATIONS, {"name": f"N{n}", "slug": "same"}).status)
    assert sorted(map(str, answers)) == ["200", "409", "409", "409"]
    assert store.count(Organization) == 2  # with the one of the fixtures


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body.name"),
        ({"name": " "}, "body.name"),
        ({"name": "x" * 201}, "body.name"),
        ({"name": "A", "slug": "No Slug"}, "body.slug"),
        ({"name": "A", "slug": ""}, "body.slug"),
        ({"name": "A", "logo_url": "javascript:alert(1)"}, "body.logo_url"),
        ({"name": "A", "plan_tier": "gold"}, "body.plan_tier"),
    ],
)
def test_a_bad_organization_is_refused_by_field(super_admin: Client, body: dict[str, object], field: str) -> None:
    assert fields(super_admin.post(ORGANIZATIONS, body)) == [field]


def test_only_super_admins_create_organizations(agency_admin: Client) -> None:
    assert agency_admin.post(ORGANIZATIONS, {"name": "Mine"}).status == 403


def test_a_foreign_organization_is_not_there(agency_admin: Client, other: Organization) -> None:
    for method, path in [("GET", ""), ("PATCH", ""), ("GET", "/usage"), ("GET", "/users")]:
        assert detail(agency_admin.request(method, one(other) + path, {"name": "Mine"})) == MISSING
        assert detail(agency_admin.request(method, f"{ORGANIZATIONS}/{NOBODY}{path}", {"name": "Mine"})) == MISSING
    assert stored(other) == other
    assert fields(agency_admin.get(f"{ORGANIZATIONS}/x")) == ["path.org_id"]


def test_agency_admins_update_their_organization_but_not_its_plan(
    agency_admin: Client, member: Client, organization: Organization
) -> None:
    answer = agency_admin.patch(one(organization), {"name": "Renamed", "logo_url": "https://example.com/l.png"})
    assert (answer.status, answer.body["name"], answer.body["slug"]) == (200, "Renamed", organization.slug)
    assert agency_admin.patch(one(organization), {"logo_url": None, "name": None}).body["logo_url"] is None
    before = stored(organization)
    for body in ({"plan_tier": "enterprise"}, {"is_active": False}, {"name": "X", "plan_tier": "pro"}):
        assert agency_admin.patch(one(organization), body).status == 403
    assert member.patch(one(organization), {"name": "X"}).status == 403
    assert fields(agency_admin.patch(one(organization), {"plan_tier": "gold"})) == ["body.plan_tier"]
    assert stored(organization) == before


def test_a_role_within_the_organization_counts_there(
    super_admin: Client, viewer: Client, organization: Organization
) -> None:
    whom = {"user_id": account_of(viewer).id, "role_name": "agency_admin"}
    scope = {"scope_type": "organization", "scope_id": organization.id}
    assert viewer.patch(one(organization), {"name": "X"}).status == 403
    assert super_admin.post(f"{BASE}/rbac/assign", {**whom, **scope}).status == 200
    assert viewer.patch(one(organization), {"name": "X"}).status == 200


def test_a_super_admin_changes_plan_and_activity(super_admin: Client, organization: Organization) -> None:
    for body in ({"plan_tier": "pro"}, {"is_active": False}, {"is_active": False}):
        answer = super_admin.patch(one(organization), body)
        assert (answer.status, body.items() <= answer.body.items()) == (200, True)
    later, earlier = audit.page(SkipQuery(), "plan.update", None).items
    assert (earlier.before, earlier.after) == (
        {"plan_tier": "free", "is_active": True},
        {"plan_tier": "pro", "is_active": True},
    )
    assert later.after == {"plan_tier": "pro", "is_active": False}


def test_changes_of_several_fields_at_once_are_all_kept(super_admin: Client, organization: Organization) -> None:
    bodies = [{"name": "Renamed"}, {"plan_tier": "pro"}, {"logo_url": "https://example.com/a.png"}, {"slug": "new"}]
    answers = in_threads(4, lambda n: super_admin.patch(one(organization), bodies[n]).status)
    assert answers == [200] * 4
    now_is = super_admin.get(one(organization)).body
    assert all(body.items() <= now_is.items() for body in bodies)
    assert plans.revenue().customers == {"free": 0, "pro": 1, "enterprise": 0}


def test_usage_counts_rows_and_bytes_of_the_organization_alone(
    viewer: Client, organization: Organization, other: Organization
) -> None:
    make_brand(organization)
    make_brand(organization)
    make_brand(other)
    make_user("viewer", other)
    tx = store.transaction()
    tx.create(usage.Campaigns(organization_id=organization.id))
    usage.stored(tx, organization.id, 5_000)
    tx.commit()
    for organization_id, size in ((other.id, 100), (organization.id, -2_000)):
        tx = store.transaction()
        usage.stored(tx, organization_id, size)
        tx.commit()
    assert viewer.get(one(organization) + "/usage").body == {
        "brands": 2, "users": 1, "campaigns": 1, "storage": 3_000,
    }  # fmt: skip
    assert usage.storage_used() == 3_100


def test_members_are_listed_with_their_accounts_newest_first(
    viewer: Client, organization: Organization, other: Organization
) -> None:
    make_user("viewer", other)
    second = make_user("creator", organization, is_active=False)
    answer = viewer.get(one(organization) + "/users")
    assert ids(answer) == [second.id, account_of(viewer).id]
    assert answer.headers["x-total-count"] == "2"
    assert answer.body[0] == {
        "id": second.id, "email": second.email, "full_name": "Creator", "role": "creator",
        "organization_id": organization.id, "is_active": False, "is_approved": True,
        "created_at": rfc3339(second.created_at), "updated_at": rfc3339(second.updated_at),
    }  # fmt: skip


def test_a_user_is_active_once_a_day(platform: Client) -> None:
    someone, another = new_id(), new_id()
    with frozen() as clock:
        in_threads(4, lambda _: usage.active(someone))
        usage.active(another)
        clock.advance(days=1)
        usage.active(someone)
        days = usage.daily_active()
        assert [users for _, users in days] == [0] * 5 + [2, 1]
        assert [day for day, _ in days[-2:]] == [plans.day_of(clock.at - timedelta(days=1)), plans.day_of(clock.at)]


def test_in_development_a_request_without_a_token_acts_as_a_super_admin(development: Client) -> None:
    made = development.post(ORGANIZATIONS, {"name": "Local"}).body
    assert ids(development.get(ORGANIZATIONS)) == [made["id"]]
    assert development.get(f"{BASE}/admin/overview").body["total_organizations"] == 1
    assert development.as_caller("nonsense").get(ORGANIZATIONS).status == 401
