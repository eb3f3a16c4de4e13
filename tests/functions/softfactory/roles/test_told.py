"""What the trail tells of roles and permissions that are given, changed and taken."""

from __future__ import annotations

from typing import Any

from quintet.models.time import FrozenClock
from quintet.testing import Client
from softfactory.access.roles import MODERATOR
from softfactory.roles.clock_operations import settle_ended
from softfactory.service import store
from softfactory.trail.log import Entry
from tests.functions.softfactory.conftest import make_user
from tests.functions.softfactory.roles.test_roles import new_role
from tests.functions.softfactory.roles.test_user_roles import permissions_of, roles_of


def told(action: str) -> list[tuple[Any, Any]]:
    return [(each.before, each.after) for each in store.query(Entry).items if each.action == action]


def test_a_role_is_told_as_it_was_and_is(admin: Client) -> None:
    user = make_user("user")
    for end in ("2099-01-01T00:00:00Z", None, None):
        assert admin.post(roles_of(user), {"role_name": "moderator", "expires_at": end}).status == 200
    assert admin.delete(f"{roles_of(user)}/{MODERATOR.id}").status == 204
    first, second = ({"role": "moderator", "expires_at": end} for end in ("2099-01-01T00:00:00Z", None))
    assert told("role.assign") == [(None, first), (first, second)]  # what changes nothing is not told
    assert told("role.remove") == [(second, None)]


def test_an_override_is_told_as_it_was_and_is(admin: Client) -> None:
    user = make_user("user")
    for allowed in (True, True, False, None):
        body = {"permission": "I18N_ADMIN", "allowed": allowed}
        assert admin.post(permissions_of(user), body).status == 200
    given, denied = (
        {"permission": "I18N_ADMIN", "allowed": allowed, "expires_at": None} for allowed in (True, False)
    )  # fmt: skip
    assert told("permission.override") == [(None, given), (given, denied), (denied, None)]


def test_a_role_that_stays_as_it_is_writes_no_entry(admin: Client) -> None:
    role = new_role(admin)
    same = {"name": role["name"], "permissions": role["permissions"]}
    assert admin.put(f"/api/rbac/roles/{role['role_id']}", same).status == 200
    assert told("role.update") == []


def test_what_ended_is_told_by_name(noon: FrozenClock, admin: Client) -> None:
    user, end = make_user("user"), "2026-12-01T00:00:00Z"
    admin.post(roles_of(user), {"role_name": "moderator", "expires_at": end})
    admin.post(permissions_of(user), {"permission": "I18N_ADMIN", "allowed": True, "expires_at": end})
    noon.advance(days=1)
    assert settle_ended.function().settled == 1
    ended = {"roles": ["moderator"], "overrides": [{"permission": "I18N_ADMIN", "allowed": True}], "ban": False}
    assert told("user.settle") == [(None, {"ended": ended})]


def test_nothing_of_the_administrator_stands_in_what_is_told_of_a_user(admin: Client) -> None:
    from tests.functions.softfactory.conftest import account_of

    user, me = make_user("user"), account_of(admin)
    assert admin.put(f"/api/admin/users/{user.id}/role", {"role_name": "creator"}).status == 200
    assert admin.post(f"/api/admin/users/{user.id}/impersonate").status == 200
    about = [each for each in store.query(Entry).items if each.resource_id == user.id]
    assert len(about) == 2
    assert all(each.user_id == me.id and me.id not in f"{each.before}{each.after}" for each in about)
