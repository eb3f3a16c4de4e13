"""A project as it is stored, and how one is made and listed."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from caidence.access.callers import User
from caidence.access.defaults import DEFAULT_ID
from caidence.access.places import page_of_places
from caidence.access.rows import home
from caidence.activity.log import record
from caidence.service import store
from quintet.models import Page, SkipQuery, new_id, now
from quintet.store import Entity, Index, Keys

Status = Literal["draft", "active", "completed", "archived"]


class Project(Entity):
    """A project. It stands in the list of one place: an organization, or its owner who belongs to none."""

    kind: ClassVar[str] = "project"
    keys: ClassVar[Keys] = Keys(
        "PROJECTS#{place}",
        "{id}",
        counted=True,
        gsi1=Index("PROJECTS", "{id}", counted=True, shards=4),
    )

    id: str = Field(default_factory=new_id)
    place: str
    organization_id: str | None = None
    name: str
    description: str = ""
    project_type: str = ""
    objective: str = ""
    status: Status = "active"
    owner_id: str
    created_at: datetime = Field(default_factory=now)
    updated_at: datetime = Field(default_factory=now)


def organization_for(caller: User, wanted: str | None) -> str | None:
    """The organization of a new project: the one that is named, else the caller's own, which may be none.

    Raises 404 for an organization that is not the caller's to name, 422 for a super admin who names none; only
    development's default account, which nobody signed in to, may do that.
    """
    names_it = caller.is_super and caller.id != DEFAULT_ID
    if wanted is None and caller.organization_id is None and not names_it:
        return None
    return home(caller, wanted)[0]


def keep(project: Project, caller: User) -> Project:
    """Store a new project, with the activity that tells of it."""
    project.updated_at = project.created_at
    tx = store.transaction()
    tx.create(project)
    told = f"Created the project {project.name}"
    record(tx, caller.account, "project.created", told, organization_id=project.organization_id)
    tx.commit()
    return project


def listed(caller: User, query: SkipQuery) -> Page[Project]:
    """Projects, newest first: all for super admins, for others those of their organization, then their own from before
    they belonged to one."""
    return page_of_places(caller, Project, query)
