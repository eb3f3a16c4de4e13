"""Creating and listing projects."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from caidence.access.callers import User
from caidence.access.rows import ORGANIZATION_NOT_FOUND
from caidence.directory.fields import Description
from caidence.envelope import Id
from caidence.projects.entities import Project, Status, keep, listed, organization_for
from caidence.service import api
from quintet.models import Length, Line, Name, Page, SkipQuery, Text, Timestamp
from quintet.models.pages import MAX_PAGE_SIZE


class ProjectCreate(BaseModel):
    """A new project. Everything but its name may be left out."""

    model_config = ConfigDict(defer_build=True)

    name: Name
    description: Description | None = None
    project_type: Annotated[Line, Length(0, 100)] | None = None
    objective: Annotated[Text, Length(0, 2000)] | None = None
    status: Annotated[Status | None, Field(description="`active` when absent")] = None
    organization_id: Annotated[Id | None, Field(description="The caller's own when absent")] = None


class ProjectQuery(SkipQuery):
    """How many projects to skip and to show."""

    limit: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE, description="Items to show")] = 100


class ProjectReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    organization_id: str | None
    name: str
    description: str
    project_type: str
    objective: str
    status: Status
    owner_id: str
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, project: Project) -> Self:
        return cls.model_validate(project.model_dump(exclude={"version", "place"}))


@api.post(
    "/projects",
    errors=[ORGANIZATION_NOT_FOUND],
    needs={"table:write"},
    idempotent=True,
    example={"name": "Summer launch", "project_type": "Product launch", "objective": "Sell out the first batch"},
)
def create(body: ProjectCreate, caller: User) -> ProjectReply:
    """Create a new project

    In the caller's organization; an account without one keeps it for itself. Super admins name the organization.
    """
    organization_id = organization_for(caller, body.organization_id)
    project = Project(
        place=organization_id or caller.id,
        organization_id=organization_id,
        name=body.name,
        description=body.description or "",
        project_type=body.project_type or "",
        objective=body.objective or "",
        status=body.status or "active",
        owner_id=caller.id,
    )
    return ProjectReply.of(keep(project, caller))


@api.get("/projects", needs={"table:read"})
def list_projects(query: ProjectQuery, caller: User) -> Page[ProjectReply]:
    """List projects, newest first

    All of them for super admins, for others those of their organization.
    """
    return listed(caller, query).map(ProjectReply.of)
