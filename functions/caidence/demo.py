"""First contents of a platform: its first root administrator anywhere, and demo data for a laptop.

The demo has a root, and an agency with an administrator who has a credit account, a member, a viewer, and a brand with
its administrator, campaigns, creators, and what was made for it in the studio; somebody waits for approval. It is never
for a deployed platform: outside the local stages `seed` refuses.
"""

from typing import Final

from caidence.access import changes, overrides
from caidence.access.grants import principal
from caidence.access.roles import AGENCY_ADMIN, AGENCY_MEMBER, BRAND_ADMIN, CREATOR, ROOT, VIEWER
from caidence.accounts.demo import OPERATOR, ensure_account, make_admin
from caidence.affiliate.demo import seed_affiliate
from caidence.campaigns.demo import seed_campaigns
from caidence.content.demo import seed_content
from caidence.design.demo import seed_designs
from caidence.directory.entities import Organization, User
from caidence.discovery.demo import seed_discovery
from caidence.presentations.demo import seed_presentations
from caidence.projects.demo import seed_projects
from caidence.service import store
from caidence.tenancy import organizations
from caidence.tenancy.demo import seed_tenancy
from caidence.workflow.demo import seed_workflow
from quintet.store import until_settled
from quintet.store.seeding import seeds

__all__ = ["ACCOUNTS", "PASSWORD", "make_admin", "seed"]

PASSWORD = "Quintet-local-1"
ADMIN_EMAIL, AGENCY_EMAIL, MEMBER_EMAIL = "admin@quintet.test", "agency@quintet.test", "member@quintet.test"
BRAND_EMAIL, VIEWER_EMAIL, WAITING_EMAIL = "brand@quintet.test", "viewer@quintet.test", "waiting@quintet.test"
ACCOUNTS = [
    ("administrator", ADMIN_EMAIL, PASSWORD),
    ("agency admin", AGENCY_EMAIL, PASSWORD),
    ("agency member", MEMBER_EMAIL, PASSWORD),
    ("brand admin", BRAND_EMAIL, PASSWORD),
    ("viewer", VIEWER_EMAIL, PASSWORD),
]
AGENCY: Final = "01930000-0000-7000-8000-000000000100"
"""A fixed id, so that an interrupted seeding makes nothing twice."""
_PEOPLE: Final = (
    (AGENCY_ADMIN, AGENCY_EMAIL, "Ana Agency"),
    (AGENCY_MEMBER, MEMBER_EMAIL, "Max Member"),
    (BRAND_ADMIN, BRAND_EMAIL, "Bela Brands"),
    (VIEWER, VIEWER_EMAIL, "Vera Viewer"),
)
"""Who works at the agency."""


@seeds(store)
def seed() -> None:
    """Put the demo data into the system's table."""
    ensure_account(ADMIN_EMAIL, "Ada Admin", ROOT, PASSWORD)
    agency = store.get(Organization, id=AGENCY) or organizations.create(
        OPERATOR, Organization(id=AGENCY, name="Northwind Agency", slug=""), None
    )  # fmt: skip
    people = [ensure_account(email, name, role, PASSWORD, agency.id)[0] for role, email, name in _PEOPLE]
    brand = seed_tenancy(OPERATOR, agency, people)
    seed_campaigns(people[0], brand)
    seed_affiliate(people[0], brand)
    seed_discovery(people[0])
    seed_content(people[1], brand)
    seed_designs(people[1], brand)
    seed_presentations(people[1])
    seed_projects(agency, people[0])
    seed_workflow(people[1], brand)
    _let_look_for_creators(people[-1])
    ensure_account(WAITING_EMAIL, "Will Waiting", CREATOR, PASSWORD, approved=False)


def _let_look_for_creators(user: User) -> None:
    """Allow a user what their role does not."""

    def attempt() -> None:
        held = principal(user.id)
        if held is None:
            return
        after, _ = overrides.placed(held.grants, "discovery", "read", True, OPERATOR.id)
        if after.overrides == held.grants.overrides:
            return
        tx = store.transaction()
        changes.change_overrides(tx, OPERATOR, held, after)
        tx.commit()

    until_settled(attempt)
