"""Administrators find accounts: by role and status, and by words."""

from datetime import timedelta

import pytest

from quintet.models import now, rfc3339
from quintet.models.time import FrozenClock
from quintet.testing import Client
from softfactory.access import ending
from softfactory.access.roles import BUILT_IN_NAMED
from softfactory.people.entities import HeldRole
from tests.functions.softfactory.conftest import account_of, as_account, make_user
from tests.functions.softfactory.roles.test_roles import new_role

USERS = "/api/admin/users"


def shown(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"{USERS}{query}")
    assert answer.status == 200, answer.body
    assert answer.body["users"] == answer.body["items"]
    assert answer.body["total"] == len(answer.body["users"])
    return [each["user_id"] for each in answer.body["users"]]


def test_accounts_are_listed_by_role_and_status(noon: FrozenClock, admin: Client) -> None:
    me = account_of(admin)
    user, creator, banned = make_user("user"), make_user("user", "creator"), make_user("user", status="banned")
    gone = make_user("user", deletion_due=now() + timedelta(days=3))
    custom = make_user(new_role(admin)["role_id"])
    everybody = [me.id, user.id, creator.id, banned.id, gone.id, custom.id]
    assert shown(admin) == everybody[::-1]
    assert shown(admin, "?sort=created_at") == everybody
    assert shown(admin, "?role=user") == [gone.id, banned.id, user.id]
    assert shown(admin, "?role=user&sort=created_at") == [user.id, banned.id, gone.id]
    assert shown(admin, "?role=creator&status=active") == [creator.id]
    assert shown(admin, "?status=deactivated") == [gone.id]
    assert shown(admin, "?role=custom") == [custom.id]
    assert shown(admin, "?role=moderator") == []
    listed = admin.get(f"{USERS}?limit=1&offset=1&status=active").body
    assert (listed["total"], listed["limit"], listed["offset"]) == (4, 1, 1)
    assert listed["users"] == [{
        "user_id": creator.id, "email": creator.email, "name": "User", "role": "creator", "roles": ["creator", "user"],
        "status": "active", "avatar_url": None, "bio": "", "language": "ko", "timezone": "Asia/Seoul",
        "two_factor_enabled": False, "email_verified": True, "created_at": rfc3339(now()), "last_login": None,
        "banned_until": None, "ban_reason": None, "deletion_due": None,
    }]  # fmt: skip
    assert admin.get(f"{USERS}?limit=101").error["details"][0]["field"] == "limit"
    assert admin.get(f"{USERS}?status=gone").error["details"][0]["field"] == "status"
    assert admin.get(USERS).body["limit"] == 50


@pytest.mark.parametrize("at_once", [50, 2])
def test_no_account_is_listed_by_what_it_is_no_more(
    noon: FrozenClock, admin: Client, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """A role, or a ban, that has ended and that no clock has taken off, be there as many as there may."""
    monkeypatch.setattr(ending.settle_ended, "__defaults__", (at_once,))
    me = account_of(admin)
    for minutes in range(1, 8):
        held = [HeldRole(role_id=BUILT_IN_NAMED["user"].id, assigned_at=now())]
        ends = now() + timedelta(minutes=minutes)
        make_user(roles=[*held, HeldRole(role_id=BUILT_IN_NAMED["creator"].id, assigned_at=now(), expires_at=ends)])
        make_user("user", status="banned", banned_until=ends)
    lasting = make_user("creator")
    noon.advance(minutes=7)
    admin = as_account(admin, me)
    for query, field in (("role=creator", "role"), ("status=banned", "status"), ("status=active&role=user", "role")):
        listed = admin.get(f"{USERS}?{query}").body
        assert {each[field] for each in listed["users"]} <= {query.rpartition("=")[2]}, query
        assert listed["total"] == len(listed["users"])
    for _ in range(10):
        admin.get(f"{USERS}?role=creator")
    assert shown(admin, "?role=creator") == [lasting.id]
    assert shown(admin, "?status=banned") == []
    assert len(shown(admin, "?role=user")) == 14


def test_accounts_are_found_by_the_words_of_name_and_address(noon: FrozenClock, admin: Client) -> None:
    ada = make_user("user", name="Ada Lovelace", email="countess@example.org")
    adam = make_user("creator", name="Adam", email="adam.smith@example.com")
    minji = make_user("user", name="김민지", email="minji@example.com", status="banned")
    assert shown(admin, "?q=ada") == [adam.id, ada.id]
    assert shown(admin, "?q=ada&sort=created_at") == [ada.id, adam.id]
    assert shown(admin, "?q=ADA lov") == shown(admin, "?q=countess@exam") == [ada.id]
    assert shown(admin, "?q=adam.smith@example.com") == [adam.id]
    assert shown(admin, "?q=민지") == [minji.id]
    assert shown(admin, "?q=nobody") == shown(admin, "?q=@") == []
    assert shown(admin, "?q=example&status=banned") == [minji.id]
    assert shown(admin, "?q=example&role=user") == [minji.id, ada.id]
    first = admin.get(f"{USERS}?q=ada&limit=1").body
    assert (first["total"], [each["user_id"] for each in first["users"]]) == (2, [adam.id])
    assert admin.get(f"{USERS}?q=ada&limit=1&offset=1").body["users"][0]["user_id"] == ada.id
    admin.put(f"{USERS}/{ada.id}", {"name": "Augusta", "email": "augusta@example.org"})
    assert shown(admin, "?q=ada") == [adam.id]
    assert shown(admin, "?q=augusta") == [ada.id]
    assert shown(admin, "?q=") == shown(admin), "as any parameter that is left empty"
    for wrong in ("%20", "x" * 201):
        refused = admin.get(f"{USERS}?q={wrong}")
        assert (refused.status, [each["field"] for each in refused.error["details"]]) == (422, ["q"])
