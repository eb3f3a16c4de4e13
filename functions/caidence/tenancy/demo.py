"""Demo data of a tenant: a paid plan, a brand, and a team of its people."""

from collections.abc import Sequence

from caidence.access.audit import Actor
from caidence.directory.entities import Brand, Organization, Team, User
from caidence.tenancy import organizations, teams
from caidence.tenancy.naming import create_named


def seed_tenancy(actor: Actor, organization: Organization, users: Sequence[User]) -> Brand:
    """Move an organization to the plan `pro` and give it a brand, and a team of these users of its; answers the brand.

    Makes them anew at every call: whoever seeds sees to it that it is once.
    """
    organizations.change(actor, organization.id, {"plan_tier": "pro"})
    brand = Brand(
        organization_id=organization.id,
        name="Sol Citrus",
        slug="",
        industry="Food and beverages",
        description="Cold-pressed juices from small Andalusian groves. Bright, honest, never sugary.",
    )
    made = create_named(brand, None)
    teams.create(
        Team(
            organization_id=organization.id,
            name="Summer launch",
            description="Everybody who works on Sol Citrus this summer",
            members=[user.id for user in users],
        )
    )
    return made
