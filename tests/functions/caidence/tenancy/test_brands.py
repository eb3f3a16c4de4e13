"""Brands: who sees, makes and changes them, and that deleting one deactivates it."""

from __future__ import annotations

import pytest

from caidence.directory.entities import Brand, Organization
from caidence.service import store
from quintet.models.time import frozen, rfc3339
from quintet.testing import Client
from tests.functions.caidence.conftest import BASE, SignIn, account_of, make_brand
from tests.functions.caidence.tenancy.conftest import NOBODY, detail, fields, ids
from tests.support.aws import in_threads

BRANDS = f"{BASE}/brands"
MISSING = (404, "Brand not found")


def one(brand: Brand) -> str:
    return f"{BRANDS}/{brand.id}"


def stored(brand: Brand) -> Brand:
    found = store.get(Brand, organization_id=brand.organization_id, id=brand.id)
    assert found is not None
    return found


def test_without_a_token_nothing_of_brands_is_to_be_had(platform: Client, organization: Organization) -> None:
    brand = make_brand(organization)
    for method, path in [("GET", BRANDS), ("POST", BRANDS), *((m, one(brand)) for m in ("GET", "PATCH", "DELETE"))]:
        assert platform.request(method, path, {}).status == 401, (method, path)


def test_brands_are_listed_newest_first_within_what_the_caller_sees(
    super_admin: Client, viewer: Client, sign_in: SignIn, organization: Organization, other: Organization
) -> None:
    first, second, foreign = make_brand(organization), make_brand(organization), make_brand(other)
    assert ids(super_admin.get(BRANDS)) == [foreign.id, second.id, first.id]
    page = viewer.get(BRANDS, query={"limit": 1})
    assert (ids(page), page.headers["x-total-count"]) == ([second.id], "2")
    link = page.headers["link"].partition("<")[2].partition(">")[0]
    assert ids(viewer.get(BRANDS + link)) == [first.id]
    assert sign_in("agency_admin", None).get(BRANDS).body == []


@pytest.mark.parametrize("role", ["agency_admin", "agency_member"])
def test_agency_people_create_brands_in_their_organization(
    sign_in: SignIn, organization: Organization, role: str
) -> None:
    body = {"name": "Fizz", "slug": "fizz", "logo_url": "https://example.com/f.png", "industry": "Drinks",
            "description": "Sparkling\nwater"}  # fmt: skip
    with frozen() as clock:
        answer = sign_in(role).post(BRANDS, body)
    at = rfc3339(clock.at)
    assert answer.status == 200
    assert answer.body == {
        **body, "id": answer.body["id"], "organization_id": organization.id, "is_active": True,
        "created_at": at, "updated_at": at,
    }  # fmt: skip
    assert sign_in("viewer").get(f"{BRANDS}/{answer.body['id']}").body == answer.body


@pytest.mark.parametrize("role", ["brand_admin", "brand_member", "creator", "viewer"])
def test_others_create_none(sign_in: SignIn, organization: Organization, role: str) -> None:
    assert sign_in(role).post(BRANDS, {"name": "Fizz"}).status == 403
    assert store.count(Brand, organization_id=organization.id) == 0


def test_a_super_admin_names_the_organization(super_admin: Client, organization: Organization) -> None:
    assert fields(super_admin.post(BRANDS, {"name": "Fizz"})) == ["body.organization_id"]
    answer = super_admin.post(BRANDS, {"name": "Fizz", "organization_id": NOBODY})
    assert detail(answer) == (404, "Organization not found")
    answer = super_admin.post(BRANDS, {"name": "Fizz", "organization_id": organization.id})
    assert (answer.status, answer.body["organization_id"]) == (200, organization.id)


def test_a_foreign_organization_takes_no_brand(agency_admin: Client, other: Organization) -> None:
    answer = agency_admin.post(BRANDS, {"name": "Fizz", "organization_id": other.id})
    assert detail(answer) == (404, "Organization not found")
    assert store.count(Brand, organization_id=other.id) == 0


def test_a_brands_slug_is_its_own_within_the_organization(
    super_admin: Client, organization: Organization, other: Organization
) -> None:
    def create(where: Organization, **body: str) -> tuple[int, str]:
        answer = super_admin.post(BRANDS, {"name": "Fizz!", "organization_id": where.id, **body})
        return answer.status, answer.body.get("slug") or answer.body["detail"]

    assert create(organization) == (200, "fizz")
    assert create(organization) == (200, "fizz-2")
    assert create(organization, slug="fizz") == (409, "Slug already exists")
    assert create(other, slug="fizz") == (200, "fizz")


def test_of_parallel_creations_each_finds_a_slug(agency_admin: Client) -> None:
    answers = in_threads(4, lambda _: agency_admin.post(BRANDS, {"name": "Fizz"}))
    assert sorted(answer.body["slug"] for answer in answers if not isinstance(answer, Exception)) == [
        "fizz", "fizz-2", "fizz-3", "fizz-4",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body.name"),
        ({"name": "\u0000"}, "body.name"),
        ({"name": "A", "slug": "-a"}, "body.slug"),
        ({"name": "A", "logo_url": "ftp://x"}, "body.logo_url"),
        ({"name": "A", "organization_id": "7"}, "body.organization_id"),
        ({"name": "A", "industry": "x" * 101}, "body.industry"),
        ({"name": "A", "description": "x" * 5001}, "body.description"),
    ],
)
def test_a_bad_brand_is_refused_by_field(agency_admin: Client, body: dict[str, object], field: str) -> None:
    assert fields(agency_admin.post(BRANDS, body)) == [field]


def test_a_foreign_brand_is_not_there(agency_admin: Client, other: Organization) -> None:
    foreign = make_brand(other)
    for method in ("GET", "PATCH", "DELETE"):
        assert detail(agency_admin.request(method, one(foreign), {"name": "Mine"})) == MISSING
        assert detail(agency_admin.request(method, f"{BRANDS}/{NOBODY}", {"name": "Mine"})) == MISSING
    assert stored(foreign) == foreign
    assert fields(agency_admin.get(f"{BRANDS}/7")) == ["path.brand_id"]


def test_admins_of_agency_and_brand_update_a_brand(
    sign_in: SignIn, member: Client, super_admin: Client, organization: Organization
) -> None:
    brand = make_brand(organization)
    for client in (sign_in("brand_admin"), sign_in("agency_admin"), super_admin):
        answer = client.patch(one(brand), {"name": account_of(client).role, "logo_url": "https://example.com/l"})
        assert (answer.status, answer.body["name"]) == (200, account_of(client).role)
    answer = super_admin.patch(one(brand), {"logo_url": None, "name": None, "description": ""})
    assert (answer.body["logo_url"], answer.body["name"]) == (None, "super_admin")
    before = stored(brand)
    assert member.patch(one(brand), {"name": "X"}).status == 403
    assert sign_in("brand_admin").patch(one(brand), {"is_active": False}).status == 403
    assert fields(super_admin.patch(one(brand), {"slug": "Fizz"})) == ["body.slug"]
    assert stored(brand) == before


def test_a_brand_admin_of_one_brand_updates_that_one(
    super_admin: Client, viewer: Client, organization: Organization
) -> None:
    mine, another = make_brand(organization), make_brand(organization)
    assignment = {"user_id": account_of(viewer).id, "role_name": "brand_admin", "scope_type": "brand"}
    assert super_admin.post(f"{BASE}/rbac/assign", {**assignment, "scope_id": mine.id}).status == 200
    assert viewer.patch(one(mine), {"name": "X"}).status == 200
    assert viewer.patch(one(another), {"name": "X"}).status == 403


def test_a_changed_slug_frees_the_old_one(agency_admin: Client) -> None:
    first = agency_admin.post(BRANDS, {"name": "One"}).body
    second = agency_admin.post(BRANDS, {"name": "Two"}).body
    assert detail(agency_admin.patch(f"{BRANDS}/{second['id']}", {"slug": "one"})) == (409, "Slug already exists")
    assert agency_admin.patch(f"{BRANDS}/{first['id']}", {"slug": "first"}).status == 200
    assert agency_admin.patch(f"{BRANDS}/{second['id']}", {"slug": "one"}).body["slug"] == "one"


def test_deleting_a_brand_deactivates_it(agency_admin: Client, sign_in: SignIn, organization: Organization) -> None:
    brand = make_brand(organization)
    for role in ("agency_member", "brand_admin", "viewer"):
        assert sign_in(role).delete(one(brand)).status == 403
    assert stored(brand).is_active
    for _ in range(2):
        answer = agency_admin.delete(one(brand))
        assert (answer.status, answer.body) == (200, {"message": "Brand deactivated", "id": brand.id})
    shown = agency_admin.get(one(brand)).body
    assert shown["is_active"] is False
    assert ids(agency_admin.get(BRANDS)) == [brand.id]
    assert agency_admin.patch(one(brand), {"is_active": True}).body["is_active"] is True


def test_parallel_changes_of_a_brand_are_all_kept(agency_admin: Client, organization: Organization) -> None:
    brand = make_brand(organization)
    bodies: list[dict[str, str]] = [{"name": "N"}, {"industry": "I"}, {"description": "D"}]
    in_threads(4, lambda n: agency_admin.patch(one(brand), bodies[n]) if n < 3 else agency_admin.delete(one(brand)))
    after = stored(brand)
    assert (after.name, after.industry, after.description, after.is_active) == ("N", "I", "D", False)
