"""Who is in which team: a team names its members, and each member's teams stand in one item beside the user.

Both are written together, and only for users of the team's organization; who moves to another one leaves its teams.
"""

from collections.abc import Callable, Sequence
from typing import Final

from caidence.access.levels import USER_NOT_FOUND
from caidence.directory.entities import Memberships, Team, User
from caidence.service import store
from caidence.tenancy.naming import nothing_more
from quintet.api import ErrorType
from quintet.models import now
from quintet.store import Condition, Transaction, absent, any_of, equals

TOO_MANY_TEAMS = ErrorType(400, "too_many_teams", "A user may be in at most 50 teams of an organization")

MOST_MEMBERS: Final = 45
"""Each takes two of a transaction's hundred actions."""
MOST_TEAMS: Final = 50
"""All of them change when the user moves."""


def create(team: Team, join: Callable[[Transaction], None] = nothing_more) -> Team:
    """Store a new team, with what `join` adds.

    Raises 404 for a member who is no user of its organization, 400 for one in too many teams.
    """
    tx = store.transaction()
    tx.create(team)
    room = any_of(absent("teams"), Condition("size({n0}) < {v0}", ("teams",), (MOST_TEAMS,)))
    for user_id in team.members:
        tx.check(User.key(id=user_id), [equals("organization_id", team.organization_id)], USER_NOT_FOUND)
        whose = {"user_id": user_id, "organization_id": team.organization_id}
        tx.update(
            Memberships.key(**whose),
            put={"kind": Memberships.kind, **whose},
            add={"teams": {team.id}},
            where=[room],
            refused=TOO_MANY_TEAMS,
        )
    join(tx)
    tx.commit()
    return team


def own(user_id: str, organization_id: str) -> list[str]:
    """The ids of a user's teams, newest first."""
    found = store.get(Memberships, user_id=user_id, organization_id=organization_id)
    return sorted(found.teams, reverse=True) if found else []


def read(organization_id: str, team_ids: Sequence[str]) -> list[Team]:
    """Teams of an organization by their ids, in that order."""
    found = store.get_all([Team.ref(organization_id=organization_id, id=each) for each in team_ids])
    return [team for team in found if team is not None]


def leave(tx: Transaction, user_id: str, organization_id: str) -> None:
    """Take a user, with the transaction that moves them, out of all teams of an organization.

    Raises `ConditionFailed` on commit when a team was made or changed meanwhile.
    """
    held = store.get(Memberships, user_id=user_id, organization_id=organization_id)
    if held is None:
        tx.check(Memberships.key(user_id=user_id, organization_id=organization_id), [absent()])
        return
    for team in read(organization_id, sorted(held.teams)):
        remaining = [member for member in team.members if member != user_id]
        tx.replace(team, team.model_copy(update={"members": remaining, "updated_at": now()}), refused=None)
    tx.delete(held, refused=None)
