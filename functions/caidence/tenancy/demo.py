"""Demo data of a tenant: a paid plan, a brand, and a team of its people."""

from collections.abc import Sequence

from caidence.access.audit import Actor
from caidence.directory.entities import Brand, Organization, Team, User
from caidence.service import store
from caidence.tenancy import organizations, teams
from caidence.tenancy.naming import create_named

BRAND, TEAM = (f"01930000-0000-7000-8000-0000000001{n:02}" for n in (1, 2))
"""Fixed ids, so that a seeding that was interrupted and is begun again makes nothing twice."""


def seed_tenancy(actor: Actor, organization: Organization, users: Sequence[User]) -> Brand:
    """Move an organization to the plan `pro` and give it a brand, and a team of these users of its; answers the brand.

    What is there already stays as it is.
    """
    organizations.change(actor, organization.id, {"plan_tier": "pro"})
    brand = store.get(Brand, organization_id=organization.id, id=BRAND) or _brand(organization)
    if store.get(Team, organization_id=organization.id, id=TEAM) is None:
        teams.create(
            Team(
                id=TEAM,
                organization_id=organization.id,
                name="Summer launch",
                description="Everybody who works on Sol Citrus this summer",
                members=[user.id for user in users],
            )
        )
    return brand


def _brand(organization: Organization) -> Brand:
    brand = Brand(
        id=BRAND,
        organization_id=organization.id,
        name="Sol Citrus",
        slug="",
        industry="Food and beverages",
        description="Cold-pressed juices from small Andalusian groves. Bright, honest, never sugary.",
    )
    return create_named(brand, None)
