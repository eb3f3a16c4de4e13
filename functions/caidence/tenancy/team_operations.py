"""Teams of an organization's users."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from caidence.access.callers import User
from caidence.access.levels import USER_NOT_FOUND
from caidence.access.rows import ORGANIZATION_NOT_FOUND, home, located
from caidence.activity.log import record
from caidence.directory.entities import Team
from caidence.directory.fields import Description
from caidence.envelope import Id
from caidence.service import api as platform
from caidence.service import store
from caidence.tenancy import teams
from caidence.tenancy.standing import AGENCY, holds, require
from caidence.tenancy.teams import MOST_MEMBERS, TOO_MANY_TEAMS
from quintet.api import ErrorType
from quintet.models import Name, Page, SkipQuery, Timestamp
from quintet.store import Transaction, cursors

api = platform.section("teams")

TEAM_NOT_FOUND = ErrorType(404, "team_not_found", "Team not found")


class TeamCreate(BaseModel):
    model_config = ConfigDict(defer_build=True)

    name: Name
    description: Description | None = None
    organization_id: Annotated[Id | None, Field(description="The caller's own when absent")] = None
    member_ids: Annotated[list[Id] | None, Field(max_length=MOST_MEMBERS, description="Users of the organization")] = (
        None
    )


class TeamReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    organization_id: str
    name: str
    description: str
    members: Annotated[list[str], Field(description="Ids of users")]
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, team: Team) -> Self:
        return cls.model_validate(team.model_dump(exclude={"version", "brand_id"}))


@api.get("/teams", needs={"table:read"})
def list_teams(query: SkipQuery, caller: User) -> Page[TeamReply]:
    """List teams, newest first

    All of them for root and super admins, those of their organization for agency admins and agency members, and for
    others the teams they are in.
    """
    if caller.is_super:
        return store.page(Team, "gsi1", query).map(TeamReply.of)
    organization_id = caller.organization_id
    if organization_id is None:
        return Page([], 0, query.number, query.size)
    if holds(caller, AGENCY, caller.account.scopes):
        return store.page(Team, "main", query, organization_id=organization_id).map(TeamReply.of)
    page = cursors.cut(teams.own(caller.id, organization_id), query, "own", lambda team_id: team_id)
    shown = [TeamReply.of(team) for team in teams.read(organization_id, page.items)]
    return Page(shown, page.total, page.page, page.page_size, page.next_cursor)


@api.post(
    "/teams",
    errors=[ORGANIZATION_NOT_FOUND, USER_NOT_FOUND, TOO_MANY_TEAMS],
    needs={"table:write"},
    idempotent=True,
    example={"name": "Launch crew", "description": "Everybody who works on the spring launch"},
)
def create(body: TeamCreate, caller: User) -> TeamReply:
    """Create a new team

    For agency admins and agency members, in their organization, and for root and super admins, who name one.
    """
    require(caller, AGENCY, caller.account.scopes, "Only agency admins, agency members and super admins create teams")
    organization_id, _ = home(caller, body.organization_id)
    new = Team(
        organization_id=organization_id, name=body.name, description=body.description or "",
        members=list(dict.fromkeys(body.member_ids or ())),
    )  # fmt: skip
    new.updated_at = new.created_at

    def join(tx: Transaction) -> None:
        record(tx, caller.account, "team.created", f"Created the team {new.name}", organization_id=organization_id)

    return TeamReply.of(teams.create(new, join))


@api.get("/teams/{team_id}", errors=[TEAM_NOT_FOUND], needs={"table:read"}, etag=True)
def get(team_id: Id, caller: User) -> TeamReply:
    """Get a team by its id

    For the users of its organization, root and super admins.
    """
    return TeamReply.of(located(caller, Team, team_id, TEAM_NOT_FOUND))
