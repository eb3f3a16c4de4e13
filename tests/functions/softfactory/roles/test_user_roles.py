"""Roles and overrides of accounts, and the report of who may do what."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintet.models import new_id, now, rfc3339
from quintet.models.time import FrozenClock
from quintet.testing import Answer, Client
from softfactory.access import callers
from softfactory.access.catalogue import PERMISSIONS
from softfactory.access.roles import ADMIN, BUILT_IN, BUILT_IN_NAMED, CREATOR, MODERATOR, USER
from softfactory.people.entities import HeldRole, User
from softfactory.roles.clock_operations import settle_ended
from softfactory.roles.user_operations import MOST_HELD
from softfactory.service import api, store
from tests.functions.softfactory.conftest import SignIn, account_of, as_account, change, lend, make_user
from tests.functions.softfactory.roles.test_roles import new_role
from tests.support.aws import in_threads, system


def roles_of(user: User) -> str:
    return f"/api/rbac/users/{user.id}/roles"


def permissions_of(user: User) -> str:
    return f"/api/rbac/users/{user.id}/permissions"


def test_a_role_is_given_and_taken(noon: FrozenClock, admin: Client) -> None:
    user = make_user("user")
    sent = admin.post(roles_of(user), {"role_name": "Moderator", "expires_at": "2026-12-31"})
    given = {
        "role_id": MODERATOR.id, "role_name": "moderator", "assigned_at": "2026-11-30T12:00:00Z",
        "assigned_by": account_of(admin).id, "expires_at": "2027-01-01T00:00:00Z",
    }  # fmt: skip
    own = {
        "role_id": USER.id, "role_name": "user", "assigned_at": "2026-11-30T12:00:00Z", "assigned_by": None,
        "expires_at": None,
    }  # fmt: skip
    assert sent.body == {"user_id": user.id, "roles": [given, own], "updated_at": "2026-11-30T12:00:00Z"}
    assert admin.get(roles_of(user)).body == {"roles": [given, own]}
    assert admin.delete(f"{roles_of(user)}/{MODERATOR.id}").status == 204
    assert admin.get(roles_of(user)).body == {"roles": [own]}
    assert admin.delete(f"{roles_of(user)}/{MODERATOR.id}").error["code"] == "role_not_held"


def test_a_role_given_again_ends_as_said_last(noon: FrozenClock, admin: Client) -> None:
    user = make_user("user")
    for end in ("2026-12-01T00:00:00Z", "2026-12-02T09:00:00+09:00", None):
        admin.post(roles_of(user), {"role_id": CREATOR.id, "expires_at": end})
        listed = admin.get(roles_of(user)).body["roles"]
        assert [each["role_name"] for each in listed] == ["creator", "user"]
        assert listed[0]["expires_at"] == (end and end.replace("T09:00:00+09:00", "T00:00:00Z"))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"role_id": USER.id, "role_name": "user"}, "body"),
        ({"role_id": "x"}, "role_id"),
        ({"role_name": ""}, "role_name"),
        ({"role_name": "user", "expires_at": "2020-01-01"}, "expires_at"),
        ({"role_name": "user", "expires_at": "tomorrow"}, "expires_at"),
        ({"role_name": "user", "expires_at": 1900000000}, "expires_at"),
        ({"role_name": "user", "expires_at": "2099-12-01T10:00:00"}, "expires_at"),
        ({"role_name": "user", "expires_at": "2099-12- 1"}, "expires_at"),
    ],
)
def test_a_wrong_assignment_names_the_field(admin: Client, body: dict[str, Any], field: str) -> None:
    refused = admin.post(roles_of(make_user()), body)
    assert refused.status == 422
    assert [each["field"] for each in refused.error["details"]] == [field]


def test_what_is_not_there_is_404(admin: Client) -> None:
    user = make_user()
    unknown = new_id()
    assert admin.post(roles_of(user), {"role_id": unknown}).error["code"] == "role_not_found"
    assert admin.post(roles_of(user), {"role_name": "nobody's"}).error["code"] == "role_not_found"
    gone = make_user(deletion_due=now() + timedelta(days=1))
    for missing in (User(id=unknown, email="", name="", role="", roles=[]), gone):
        assert admin.get(roles_of(missing)).error["code"] == "user_not_found"
        assert admin.post(roles_of(missing), {"role_id": USER.id}).status == 404
        assert admin.delete(f"{roles_of(missing)}/{USER.id}").status == 404
        assert admin.get(permissions_of(missing)).status == 404
        assert admin.post(permissions_of(missing), {"permission": "SNS_READ", "allowed": True}).status == 404


def test_nobody_gives_or_takes_what_is_above_them(user: Client, admin: Client) -> None:
    lend(user, "RBAC_ADMIN")
    other, ruler = make_user("moderator"), account_of(admin)
    assert user.post(roles_of(other), {"role_name": "admin"}).status == 403
    assert user.delete(f"{roles_of(other)}/{MODERATOR.id}").status == 403
    assert user.post(roles_of(ruler), {"role_name": "user"}).status == 403
    assert user.post(permissions_of(ruler), {"permission": "SNS_READ", "allowed": False}).status == 403
    assert user.post(permissions_of(other), {"permission": "ADMIN_WRITE", "allowed": True}).status == 403
    assert user.post(roles_of(other), {"role_name": "creator"}).status == 403
    below = make_user("user")
    assert user.post(roles_of(below), {"role_name": "creator"}).status == 200
    assert user.post(permissions_of(below), {"permission": "RBAC_READ", "allowed": True}).status == 200


def test_nobody_gives_a_right_for_longer_than_they_have_it(noon: FrozenClock, user: Client) -> None:
    end = now() + timedelta(hours=1)
    lend(user, "RBAC_ADMIN", expires_at=end)
    lend(user, "SNS_ADMIN")
    me = account_of(user)
    lasting, passing = (
        {"permission": "RBAC_ADMIN", "allowed": True, "expires_at": each} for each in (None, rfc3339(end))
    )
    assert user.post(permissions_of(me), lasting).status == 403
    assert user.post(permissions_of(make_user()), lasting).status == 403
    assert user.post(permissions_of(make_user()), {**passing, "expires_at": "2026-11-30T12:59:00Z"}).status == 200
    assert user.post(permissions_of(make_user()), {"permission": "SNS_ADMIN", "allowed": True}).status == 200


def test_the_last_day_that_there_is_ends_nothing(admin: Client) -> None:
    user = make_user("user")
    for body, at in (
        ({"role_name": "creator"}, roles_of(user)),
        ({"permission": "SNS_READ", "allowed": True}, permissions_of(user)),
    ):
        refused = admin.post(at, {**body, "expires_at": "9999-12-31"})
        assert [each["field"] for each in refused.error["details"]] == ["expires_at"]
        assert admin.post(at, {**body, "expires_at": "9999-12-30"}).status == 200


def test_the_last_administrator_stays_one(admin: Client) -> None:
    me = account_of(admin)
    for attempt in (
        admin.delete(f"{roles_of(me)}/{ADMIN.id}"),
        admin.post(roles_of(me), {"role_name": "admin", "expires_at": "2099-01-01"}),
        admin.post(permissions_of(me), {"permission": "RBAC_ADMIN", "allowed": False}),
    ):
        assert (attempt.status, attempt.error["code"]) == (409, "last_admin")
    make_user("admin")
    assert admin.delete(f"{roles_of(me)}/{ADMIN.id}").status == 204
    assert admin.get(roles_of(me)).status == 403


def test_of_administrators_who_remove_each_other_one_is_left(sign_in: SignIn) -> None:
    admins = [sign_in("admin") for _ in range(5)]

    def remove(place: int) -> int:
        target = account_of(admins[(place + 1) % 5])
        return admins[place].delete(f"{roles_of(target)}/{ADMIN.id}").status

    assert set(in_threads(5, remove)) <= {204, 403, 409}
    assert store.count(User, "gsi2", role="admin", listed="active") >= 1


@pytest.mark.parametrize("name", ["moderator", "admin", "support"])
def test_of_twins_who_take_a_role_one_does_and_the_others_find_none(admin: Client, name: str) -> None:
    """The last administrator but one, too: what a twin has done is no conflict."""
    role_id = new_role(admin, name)["role_id"] if name == "support" else BUILT_IN_NAMED[name].id
    holder = make_user("user", name if name != "support" else role_id)
    answers = in_threads(8, lambda _: admin.delete(f"{roles_of(holder)}/{role_id}"))
    told = [each.status if each.status == 204 else each.error["code"] for each in answers if isinstance(each, Answer)]
    assert sorted(map(str, told)) == ["204", *["role_not_held"] * 7]


def test_a_user_holds_so_many_roles_and_no_more(admin: Client) -> None:
    held = [HeldRole(role_id=new_id(), assigned_at=now()) for _ in range(MOST_HELD)]
    full = make_user(roles=held)
    assert admin.post(roles_of(full), {"role_name": "user"}).error["code"] == "too_many_roles"


def test_overrides_are_told_and_taken_back(noon: FrozenClock, admin: Client) -> None:
    user, me = make_user("user"), account_of(admin)
    before = admin.get(permissions_of(user)).body
    assert before["user_id"] == user.id
    assert before["overrides"] == []
    assert {each["by"] for each in before["sources"]} == {"role"}
    denied = admin.post(permissions_of(user), {"permission": "FILES_WRITE", "allowed": False}).body
    assert set(before["permissions"]) - set(denied["permissions"]) == {"FILES_WRITE"}
    assert denied["overrides"] == [{
        "permission": "FILES_WRITE", "allowed": False, "created_by": me.id,
        "created_at": "2026-11-30T12:00:00Z", "expires_at": None,
    }]  # fmt: skip
    assert {"permission": "FILES_WRITE", "allowed": False, "by": "override", "name": "FILES_WRITE"} in denied["sources"]
    lent = {"permission": "I18N_ADMIN", "allowed": True, "expires_at": "2026-11-30"}
    allowed = admin.post(permissions_of(user), lent).body
    assert set(allowed["permissions"]) - set(denied["permissions"]) == {"I18N_READ", "I18N_WRITE", "I18N_ADMIN"}
    assert allowed["overrides"][1]["expires_at"] == "2026-12-01T00:00:00Z"
    noon.advance(hours=12)
    admin = as_account(admin, me)
    assert admin.get(permissions_of(user)).body == denied
    back = admin.post(permissions_of(user), {"permission": "FILES_WRITE", "allowed": None}).body
    assert back == before
    again = admin.post(permissions_of(user), {"permission": "FILES_WRITE", "allowed": None})
    assert (again.status, again.error["code"]) == (404, "override_not_found")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"allowed": True}, "permission"),
        ({"permission": "FLY", "allowed": True}, "permission"),
        ({"permission": "SNS_READ"}, "allowed"),
        ({"permission": "SNS_READ", "allowed": "yes"}, "allowed"),
        ({"permission": "SNS_READ", "allowed": True, "expires_at": "2099-12-01 10:00"}, "expires_at"),
    ],
)
def test_a_wrong_override_names_the_field(admin: Client, body: dict[str, Any], field: str) -> None:
    refused = admin.post(permissions_of(make_user()), body)
    assert refused.status == 422
    assert [each["field"] for each in refused.error["details"]] == [field]


def test_the_report_says_who_has_access_to_what(admin: Client) -> None:
    role = new_role(admin, "reader", "SEARCH_READ")
    users = [make_user(role["role_id"]), make_user("user"), make_user("user", status="banned")]
    listed = admin.get("/api/rbac/access-report?sort=created_at").body
    assert listed["total"] == 4
    shown = {each["user_id"]: each for each in listed["users"]}
    assert shown[users[0].id] == {
        "user_id": users[0].id, "email": users[0].email, "roles": ["reader"], "effective_permissions": ["SEARCH_READ"],
        "access_level": "read",
    }  # fmt: skip
    assert shown[users[1].id]["access_level"] == "write"
    assert (shown[users[2].id]["roles"], shown[users[2].id]["access_level"]) == (["user"], "none")
    assert listed["users"][0]["access_level"] == "admin"
    assert admin.get("/api/rbac/access-report?limit=1&offset=1").body["users"] == [listed["users"][2]]


def test_who_may(suite: Client, user: Client, sign_in: SignIn) -> None:
    reader, other = sign_in("user"), make_user()
    lend(reader, "RBAC_READ")
    clients = (suite, user, reader)
    for path in (roles_of(other), permissions_of(other), "/api/rbac/access-report"):
        assert [c.get(path).status for c in clients] == [401, 403, 200]
    assert [c.post(roles_of(other), {"role_name": "user"}).status for c in clients] == [401, 403, 403]
    assert [c.delete(f"{roles_of(other)}/{USER.id}").status for c in clients] == [401, 403, 403]
    body = {"permission": "SNS_READ", "allowed": False}
    assert [c.post(permissions_of(other), body).status for c in clients] == [401, 403, 403]


def test_what_ended_is_taken_off_by_the_clock(noon: FrozenClock, admin: Client) -> None:
    user, me = make_user("user"), account_of(admin)
    admin.post(roles_of(user), {"role_name": "moderator", "expires_at": "2026-12-01T00:00:00Z"})
    admin.post(
        permissions_of(user), {"permission": "I18N_ADMIN", "allowed": True, "expires_at": "2026-12-02T00:00:00Z"}
    )
    banned = make_user("user", status="banned", banned_until=now() + timedelta(days=1))
    waiting = make_user("user", deletion_due=now())
    assert settle_ended.function().settled == 0
    assert store.count(User, "gsi2", role="moderator", listed="active") == 1
    noon.advance(days=1)
    assert settle_ended.function().settled == 2
    assert store.count(User, "gsi2", role="moderator", listed="active") == 0
    after = [store.get(User, id=each.id) for each in (user, banned, waiting)]
    assert [each.status for each in after if each] == ["active"] * 3
    assert after[0] is not None
    assert after[0].due == "2026-12-02T00:00:00Z"
    noon.advance(days=1)
    assert settle_ended.function().settled == 1
    assert settle_ended.function().settled == 0
    admin = as_account(admin, me)
    assert [each["name"] for each in admin.get("/api/rbac/roles?sort=name").body["roles"] if each["user_count"]] == [
        "admin",
        "user",
    ]


PROBES = {
    "ADMIN_READ": callers.AdminReader, "ADMIN_ADMIN": callers.AdminWriter, "MODERATION_ADMIN": callers.Moderator,
    "RBAC_READ": callers.RbacReader, "RBAC_ADMIN": callers.RbacAdmin, "I18N_ADMIN": callers.I18nAdmin,
    "FILES_READ": callers.FilesReader, "FILES_WRITE": callers.FilesWriter,
}  # fmt: skip


@given(
    roles=st.sets(st.sampled_from([role.name for role in BUILT_IN.values()]), max_size=2),
    custom=st.lists(st.sampled_from(PERMISSIONS), max_size=3),
    overrides=st.dictionaries(st.sampled_from(PERMISSIONS), st.booleans(), max_size=4),
    status=st.sampled_from(["active", "active", "active", "banned"]),
)
@settings(max_examples=15, deadline=None)
def test_what_is_reported_is_what_calls_do(
    roles: set[str], custom: list[str], overrides: dict[str, bool], status: str
) -> None:
    """Effective permissions and the access report agree with which callers are let in."""
    from quintet.api import ApiError, Request

    with system("softfactory", {"QUINTET_STAGE": "local", "QUINTET_RATE_LIMITS": "off"}):
        admin = as_account(Client(api), make_user("admin"))
        held = [*roles, *([new_role(admin, "custom", *custom)["role_id"]] if custom else [])]
        user = as_account(Client(api), make_user(*held) if held else make_user(roles=[]))
        for permission, allowed in overrides.items():
            lend(user, permission, allowed)
        change(user, status=status)
        account = account_of(user)
        effective = set(admin.get(permissions_of(account)).body["permissions"])
        users = admin.get("/api/rbac/access-report").body["users"]
        report = next(each for each in users if each["user_id"] == account.id)
        assert set(report["effective_permissions"]) == (effective if status == "active" else set())
        for permission, kind in PROBES.items():
            request = Request({"version": "2.0", "headers": {"authorization": f"Bearer {user.token}"}})
            try:
                kind.identify(request, api.errors).authorise(api.errors)
                entered = True
            except ApiError:
                entered = False
            assert entered == (permission in report["effective_permissions"]), permission
