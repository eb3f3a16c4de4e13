"""Demo data: a project that an organization works on, and one that it has done."""

from typing import Final

from caidence.directory.entities import Organization, User
from caidence.projects.entities import Project
from caidence.service import store

_PROJECTS: Final = (
    Project(
        id="01930000-0000-7000-8000-000000000301", place="", owner_id="", status="completed",
        name="Tasting tour", project_type="Event", objective="Meet 600 people at four markets and learn their words",
        description="Four Saturdays, four markets. What people said about breakfast became the campaign's first line.",
    ),
    Project(
        id="01930000-0000-7000-8000-000000000302", place="", owner_id="",
        name="Summer launch", project_type="Product launch", objective="Sell 500 crates within six weeks",
        description="Cold-pressed orange and grapefruit, with five creators in Berlin and a tasting club by e-mail.",
    ),
)  # fmt: skip
"""With fixed ids, so that a seeding that is begun again makes nothing twice."""


def seed_projects(organization: Organization, owner: User) -> None:
    """Give an organization two projects of one of its users. What is there already stays as it is."""
    for project in _PROJECTS:
        whose = {"place": organization.id, "organization_id": organization.id, "owner_id": owner.id}
        if store.get(Project, place=organization.id, id=project.id) is None:
            store.create(project.model_copy(update=whose))
