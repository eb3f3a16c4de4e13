"""Who comes in, and who does not any more."""

from datetime import timedelta
from typing import Any

import pytest

from quintet.api import Api
from quintet.models import now
from quintet.models.time import FrozenClock
from quintet.testing import Client
from softfactory.access.callers import AdminWriter, Person, User
from softfactory.access.roles import ADMIN
from softfactory.people.entities import HeldRole
from softfactory.service import api as suite_api
from softfactory.service import tier_of
from tests.conftest import Systems
from tests.functions.softfactory.conftest import SignIn, account_of, as_account, change, lend, make_user

api = Api(
    "softfactory", title="Probe", base="/probe", envelope=suite_api.envelope, errors=suite_api.errors, tiers=tier_of
)


@api.get("/user", needs={"table:read"})
def seen(caller: User) -> dict[str, Any]:
    """Who it is"""
    return {"id": caller.id, "by": caller.impersonator}


@api.get("/person", needs={"table:read"})
def alone(caller: Person) -> dict[str, Any]:
    """Who it is, by themselves"""
    return {"id": caller.id}


@api.get("/admin", needs={"table:read"})
def ruling(caller: AdminWriter) -> dict[str, Any]:
    """Who rules"""
    return {"id": caller.id}


def probing(client: Client) -> Client:
    return Client(api).as_caller(client.token or "")


@pytest.mark.parametrize("status", ["suspended", "banned", "deactivated"])
def test_whoever_is_barred_is_refused_at_once_with_a_token_that_was_good(user: Client, status: str) -> None:
    assert probing(user).get("/probe/user").status == 200
    change(user, status=status)
    refused = probing(user).get("/probe/user")
    assert (refused.status, refused.body["error"]["code"]) == (403, f"account_{status}")


def test_a_ban_ends_by_itself(noon: FrozenClock, user: Client) -> None:
    change(user, status="banned", banned_until=now() + timedelta(minutes=5))
    assert probing(user).get("/probe/user").status == 403
    noon.advance(minutes=5)
    assert probing(user).get("/probe/user").status == 200


def test_a_deleted_account_and_an_ended_session_prove_nothing(sign_in: SignIn) -> None:
    gone, out = sign_in("user"), sign_in("user")
    change(gone, deletion_due=now() + timedelta(days=30))
    change(out, epoch=1)
    for client in (gone, out, sign_in("user").as_caller(None)):
        refused = probing(client).get("/probe/user")
        assert refused.status == 401
        assert refused.body == {"error": {"code": "unauthorized", "message": "A valid access token is required"}}


def test_a_role_that_ended_opens_nothing(noon: FrozenClock, sign_in: SignIn) -> None:
    until = now() + timedelta(minutes=5)
    client = sign_in("admin", roles=[HeldRole(role_id=ADMIN.id, assigned_at=now(), expires_at=until)])
    assert probing(client).get("/probe/admin").status == 200
    noon.advance(minutes=5)
    refused = probing(client).get("/probe/admin")
    assert refused.status == 403
    assert refused.body["error"]["code"] == "forbidden"


def test_an_override_opens_and_closes(user: Client, admin: Client) -> None:
    make_user("admin")  # the last one is denied nothing
    lend(user, "ADMIN_ADMIN")
    lend(admin, "ADMIN_ADMIN", allowed=False)
    assert probing(user).get("/probe/admin").status == 200
    assert probing(admin).get("/probe/admin").status == 403


def test_who_acts_as_somebody_else_does_so_no_longer_than_they_may(suite: Client, admin: Client) -> None:
    target, by = make_user(), account_of(admin)
    make_user("admin")  # the last one is denied nothing
    acting = as_account(suite, target, act={"sub": by.id, "epoch": by.epoch})
    assert probing(acting).get("/probe/user").body == {"id": target.id, "by": by.id}
    refused = probing(acting).get("/probe/person")
    assert (refused.status, refused.body["error"]["code"]) == (403, "impersonating")
    lend(admin, "ADMIN_ADMIN", allowed=False)
    assert probing(acting).get("/probe/user").status == 403
    change(admin, epoch=by.epoch + 1)
    assert probing(acting).get("/probe/user").status == 401


def test_nobody_acts_as_an_administrator(suite: Client, admin: Client) -> None:
    by = account_of(admin)
    acting = as_account(suite, make_user("admin"), act={"sub": by.id, "epoch": by.epoch})
    assert probing(acting).get("/probe/user").status == 403


@pytest.mark.parametrize(
    ("role", "premium", "limit"), [("user", False, "60"), ("user", True, "300"), ("admin", False, None)]
)
def test_tiers_limit_by_role_and_subscription(system: Systems, role: str, premium: bool, limit: str | None) -> None:
    system("softfactory", QUINTET_STAGE="local")
    client = probing(as_account(Client(api), make_user(role, premium=premium)))
    assert client.get("/probe/user").headers.get("x-ratelimit-limit") == limit


@pytest.mark.parametrize(
    ("role", "premium", "limit"), [("user", False, "60"), ("user", True, "300"), ("admin", False, "60")]
)
def test_who_is_barred_counts_by_subscription_and_rules_no_more(
    system: Systems, role: str, premium: bool, limit: str
) -> None:
    system("softfactory", QUINTET_STAGE="local")
    make_user("admin")
    client = as_account(Client(api), make_user(role, premium=premium))
    change(client, status="banned")
    refused = client.get("/probe/user")
    assert (refused.status, refused.headers["x-ratelimit-limit"]) == (403, limit)


def test_only_a_laptop_can_do_without_limits(system: Systems) -> None:
    system("softfactory", QUINTET_STAGE="prod", QUINTET_RATE_LIMITS="off")
    assert Client(suite_api).get("/api/auth/oauth/google/url").headers.get("x-ratelimit-limit") == "60"
