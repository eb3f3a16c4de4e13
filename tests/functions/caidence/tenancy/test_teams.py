"""Teams: who sees and makes them, whom they may name, and that members who move leave them."""

from __future__ import annotations

import pytest

from caidence.directory.entities import Memberships, Organization, Team, User
from caidence.service import store
from caidence.tenancy import teams
from quintet.models.time import frozen, rfc3339
from quintet.store import ConditionFailed
from quintet.testing import Client
from tests.functions.caidence.conftest import BASE, SignIn, account_of, make_user
from tests.functions.caidence.tenancy.conftest import NOBODY, detail, fields, ids
from tests.support.aws import in_threads

TEAMS = f"{BASE}/teams"
MISSING = (404, "Team not found")


def make_team(organization: Organization, *members: User) -> Team:
    return teams.create(Team(organization_id=organization.id, name="Crew", members=[user.id for user in members]))


def test_without_a_token_nothing_of_teams_is_to_be_had(platform: Client, organization: Organization) -> None:
    for method, path in [("GET", TEAMS), ("POST", TEAMS), ("GET", f"{TEAMS}/{make_team(organization).id}")]:
        assert platform.request(method, path, {}).status == 401, (method, path)


def test_who_sees_which_teams(
    root: Client, super_admin: Client, member: Client, viewer: Client, sign_in: SignIn,
    organization: Organization, other: Organization,
) -> None:  # fmt: skip
    mine, ours, foreign = make_team(organization, account_of(viewer)), make_team(organization), make_team(other)
    for client in (root, super_admin):
        assert ids(client.get(TEAMS)) == [foreign.id, ours.id, mine.id]
    for client in (member, sign_in("agency_admin")):
        answer = client.get(TEAMS)
        assert (ids(answer), answer.headers["x-total-count"]) == ([ours.id, mine.id], "2")
    answer = viewer.get(TEAMS)
    assert (ids(answer), answer.headers["x-total-count"]) == ([mine.id], "1")
    assert sign_in("brand_admin").get(TEAMS).body == []
    assert sign_in("agency_admin", None).get(TEAMS).body == []


def test_ones_own_teams_are_paged_like_any_list(viewer: Client, organization: Organization) -> None:
    made = [make_team(organization, account_of(viewer)).id for _ in range(3)]
    first = viewer.get(TEAMS, query={"limit": 2})
    assert (ids(first), first.headers["x-total-count"]) == ([made[2], made[1]], "3")
    link = first.headers["link"].partition("<")[2].partition(">")[0]
    assert ids(viewer.get(TEAMS + link)) == [made[0]]
    assert ids(viewer.get(TEAMS, query={"skip": 2})) == [made[0]]


@pytest.mark.parametrize("role", ["agency_admin", "agency_member"])
def test_agency_people_create_teams_of_their_organizations_users(
    sign_in: SignIn, organization: Organization, role: str
) -> None:
    one, two = make_user("viewer", organization), make_user("creator", organization)
    body = {"name": "Crew", "description": "All of us"}
    with frozen() as clock:
        answer = sign_in(role).post(TEAMS, {**body, "member_ids": [two.id, one.id, two.id]})
    at = rfc3339(clock.at)
    assert answer.status == 200
    assert answer.body == {
        **body, "id": answer.body["id"], "organization_id": organization.id, "members": [two.id, one.id],
        "created_at": at, "updated_at": at,
    }  # fmt: skip
    assert sign_in("viewer").get(f"{TEAMS}/{answer.body['id']}").body == answer.body


def test_others_create_no_teams(sign_in: SignIn, organization: Organization) -> None:
    for role in ("brand_admin", "brand_member", "creator", "viewer"):
        assert sign_in(role).post(TEAMS, {"name": "Crew"}).status == 403
    assert sign_in("agency_admin", None).post(TEAMS, {"name": "Crew"}).status == 403
    assert store.count(Team, organization_id=organization.id) == 0


def test_administrators_name_the_organization(root: Client, super_admin: Client, organization: Organization) -> None:
    for client in (root, super_admin):
        assert fields(client.post(TEAMS, {"name": "Crew"})) == ["body.organization_id"]
        answer = client.post(TEAMS, {"name": "Crew", "organization_id": organization.id})
        assert (answer.status, answer.body["organization_id"]) == (200, organization.id)


def test_nobody_makes_a_team_of_another_organization_or_of_its_users(
    agency_admin: Client, organization: Organization, other: Organization
) -> None:
    foreign, own = make_user("viewer", other), make_user("viewer", organization)
    answer = agency_admin.post(TEAMS, {"name": "Crew", "organization_id": other.id})
    assert detail(answer) == (404, "Organization not found")
    for stranger in (foreign.id, NOBODY):
        answer = agency_admin.post(TEAMS, {"name": "Crew", "member_ids": [own.id, stranger]})
        assert detail(answer) == (404, "User not found")
    assert store.count(Team, "gsi1") == 0
    assert store.get(Memberships, user_id=own.id, organization_id=organization.id) is None


def test_a_foreign_team_is_not_there(agency_admin: Client, other: Organization) -> None:
    assert detail(agency_admin.get(f"{TEAMS}/{make_team(other).id}")) == MISSING
    assert detail(agency_admin.get(f"{TEAMS}/{NOBODY}")) == MISSING
    assert fields(agency_admin.get(f"{TEAMS}/7")) == ["path.team_id"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body.name"),
        ({"name": ""}, "body.name"),
        ({"name": "A", "member_ids": ["7"]}, "body.member_ids.0"),
        ({"name": "A", "member_ids": [NOBODY] * 46}, "body.member_ids"),
        ({"name": "A", "organization_id": "7"}, "body.organization_id"),
    ],
)
def test_a_bad_team_is_refused_by_field(agency_admin: Client, body: dict[str, object], field: str) -> None:
    assert fields(agency_admin.post(TEAMS, body)) == [field]


def test_the_largest_team_fits(agency_admin: Client, organization: Organization) -> None:
    members = [make_user("viewer", organization).id for _ in range(teams.MOST_MEMBERS)]
    answer = agency_admin.post(TEAMS, {"name": "All", "member_ids": members})
    assert (answer.status, answer.body["members"]) == (200, members)


def test_a_user_is_in_so_many_teams_at_most(agency_admin: Client, organization: Organization) -> None:
    user = make_user("viewer", organization)
    for _ in range(teams.MOST_TEAMS):
        make_team(organization, user)
    answer = agency_admin.post(TEAMS, {"name": "One more", "member_ids": [user.id]})
    assert detail(answer) == (400, "A user may be in at most 50 teams of an organization")
    assert store.count(Team, organization_id=organization.id) == teams.MOST_TEAMS


def test_who_moves_to_another_organization_leaves_the_teams(
    super_admin: Client, viewer: Client, agency_admin: Client, organization: Organization, other: Organization
) -> None:
    mover, stays = account_of(viewer), make_user("viewer", organization)
    made = [make_team(organization, mover, stays) for _ in range(teams.MOST_TEAMS)]
    answer = super_admin.patch(f"{BASE}/admin/users/{mover.id}", {"organization_id": other.id})
    assert answer.status == 200
    for team in (made[0], made[-1]):
        assert agency_admin.get(f"{TEAMS}/{team.id}").body["members"] == [stays.id]
    assert viewer.get(TEAMS).body == []
    assert super_admin.patch(f"{BASE}/admin/users/{mover.id}", {"organization_id": organization.id}).status == 200
    assert viewer.get(TEAMS).body == []


def test_a_team_made_while_a_member_moves_never_keeps_them(
    super_admin: Client, agency_admin: Client, organization: Organization, other: Organization
) -> None:
    users = [make_user("viewer", organization) for _ in range(3)]

    def either(number: int) -> int:
        user = users[number // 2]
        if number % 2:
            return super_admin.patch(f"{BASE}/admin/users/{user.id}", {"organization_id": other.id}).status
        return agency_admin.post(TEAMS, {"name": "Crew", "member_ids": [user.id]}).status

    answers = in_threads(2 * len(users), either)
    assert all(status in (200, 404) for status in answers), answers
    assert [team.members for team in store.each(Team, organization_id=organization.id) if team.members] == []


@pytest.mark.parametrize("teams_before", [0, 1])
def test_a_move_that_did_not_see_a_new_team_is_done_over(organization: Organization, teams_before: int) -> None:
    user = make_user("viewer", organization)
    for _ in range(teams_before):
        make_team(organization, user)
    moving = store.transaction()
    teams.leave(moving, user.id, organization.id)
    make_team(organization, user)
    with pytest.raises(ConditionFailed):
        moving.commit()
    assert all(team.members == [user.id] for team in store.each(Team, organization_id=organization.id))
