"""The demo data of a tenant."""

from __future__ import annotations

from caidence.access.audit import Actor
from caidence.directory.entities import Organization
from caidence.tenancy.demo import seed_tenancy
from quintet.testing import Client
from tests.functions.caidence.conftest import BASE, account_of
from tests.functions.caidence.tenancy.conftest import ids


def test_a_demo_tenant_has_a_plan_a_brand_and_a_team(
    member: Client, viewer: Client, organization: Organization
) -> None:
    people = [account_of(member), account_of(viewer)]
    brand = seed_tenancy(Actor.of(people[0], "seed"), organization, people)
    assert ids(viewer.get(f"{BASE}/brands")) == [brand.id]
    assert viewer.get(f"{BASE}/organizations").body[0]["plan_tier"] == "pro"
    (team,) = viewer.get(f"{BASE}/teams").body
    assert team["members"] == [person.id for person in people]
