"""Administrators look after accounts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from quintet.auth import one_time_tokens
from quintet.messaging.outbox import SHARDS, Message
from quintet.models import epoch, new_id, now, rfc3339
from quintet.models.time import FrozenClock
from quintet.testing import Answer, Client
from softfactory.access.roles import BUILT_IN_NAMED
from softfactory.accounts import mails
from softfactory.accounts.passwords import Origin
from softfactory.billing.entities import Subscription
from softfactory.people.entities import EmailClaim, HeldRole, User
from softfactory.service import store
from tests.functions.softfactory.conftest import PASSWORD, SignIn, account_of, as_account, change, lend, make_user
from tests.functions.softfactory.roles.test_roles import new_role
from tests.support.aws import in_threads

USERS = "/api/admin/users"


def test_an_account_is_read_and_changed(admin: Client) -> None:
    user = make_user("user", email="before@example.com")
    at = f"{USERS}/{user.id}"
    before = admin.get(at).body
    after = admin.put(at, {"name": "Ada", "email": "After@Example.com", "status": None}).body
    assert after == {**before, "name": "Ada", "email": "after@example.com", "email_verified": False}
    assert admin.put(at, {}).body == after
    assert store.get(EmailClaim, email="before@example.com") is None
    claim = store.get(EmailClaim, email="after@example.com")
    assert claim is not None
    assert claim.user_id == user.id


def test_an_address_is_one_accounts(admin: Client) -> None:
    users = [make_user("user") for _ in range(4)]
    taken = admin.put(f"{USERS}/{users[0].id}", {"email": users[1].email.upper()})
    assert (taken.status, taken.error["code"]) == (409, "email_taken")
    wanted = f"{new_id()}@example.com"
    done = in_threads(4, lambda place: admin.put(f"{USERS}/{users[place].id}", {"email": wanted}).status)
    assert sorted(done, key=str) == [200, 409, 409, 409]


def test_twins_who_move_an_address_are_told_the_same(admin: Client) -> None:
    at, wanted = f"{USERS}/{make_user('user').id}", f"{new_id()}@example.com"
    assert set(in_threads(6, lambda _: admin.put(at, {"email": wanted}).status)) == {200}


@pytest.mark.parametrize(
    ("body", "field"), [({"name": " "}, "name"), ({"email": "nobody"}, "email"), ({"status": "asleep"}, "status")]
)
def test_a_wrong_field_is_named(admin: Client, body: dict[str, Any], field: str) -> None:
    refused = admin.put(f"{USERS}/{make_user().id}", body)
    assert refused.status == 422
    assert [each["field"] for each in refused.error["details"]] == [field]


@pytest.mark.parametrize("status", ["suspended", "deactivated"])
def test_a_status_bars_at_once_and_active_lifts_it(admin: Client, user: Client, status: str) -> None:
    at = f"{USERS}/{account_of(user).id}"
    assert admin.put(at, {"status": status}).body["status"] == status
    refused = user.get("/api/auth/user")
    assert (refused.status, refused.error["code"]) == (403, f"account_{status}")
    assert admin.put(at, {"status": "active"}).body["status"] == "active"
    assert as_account(user, account_of(user)).get("/api/auth/user").status == 200


SHUTTING: dict[str, Callable[[Client, str], Answer]] = {
    "ban": lambda admin, at: admin.post(f"{at}/ban"),
    "ban that ends": lambda admin, at: admin.post(f"{at}/ban", {"until": rfc3339(now() + timedelta(minutes=1))}),
    "suspend": lambda admin, at: admin.put(at, {"status": "suspended"}),
    "deactivate": lambda admin, at: admin.put(at, {"status": "deactivated"}),
    "delete": lambda admin, at: admin.delete(at),
}


@pytest.mark.parametrize("way", SHUTTING)
def test_what_shuts_an_account_ends_its_sessions_for_good(
    noon: FrozenClock, suite: Client, admin: Client, way: str
) -> None:
    """Also of whoever had a session beside its person: they do not come back when the account is opened again."""
    session = suite.post("/api/auth/register", {"email": "ada@example.com", "password": PASSWORD}).body
    at, old = f"{USERS}/{session['user']['user_id']}", suite.as_caller(session["access_token"])
    assert SHUTTING[way](admin, at).status in (200, 204)
    assert old.get("/api/auth/user").status == 403
    refresh = {"refresh_token": session["refresh_token"]}
    assert suite.post("/api/auth/refresh", refresh).status == 403
    if way == "ban that ends":
        noon.advance(minutes=1)
    else:
        assert admin.put(at, {"status": "active"}).body["status"] == "active"
    assert old.get("/api/auth/user").status == 401
    assert suite.post("/api/auth/refresh", refresh).status == 401
    again = suite.post("/api/auth/login", {"email": "ada@example.com", "password": PASSWORD}).body
    assert suite.as_caller(again["access_token"]).get("/api/auth/user").status == 200


def test_a_ban_after_one_that_ended_ends_what_was_begun_between(noon: FrozenClock, admin: Client, user: Client) -> None:
    account = change(user, status="banned", banned_until=now())
    played = admin.post(f"{USERS}/{account.id}/impersonate").body["access_token"]
    assert admin.post(f"{USERS}/{account.id}/ban").status == 200
    assert admin.put(f"{USERS}/{account.id}", {"status": "active"}).status == 200
    assert user.as_caller(played).get("/api/auth/user").status == 401


def test_an_account_that_was_deleted_is_given_nothing_and_barred_from_nothing(admin: Client) -> None:
    deleted = make_user("user", deletion_due=now() + timedelta(days=3))
    at, rights = f"{USERS}/{deleted.id}", f"/api/rbac/users/{deleted.id}"
    answers = [
        admin.post(f"{at}/ban"), admin.put(f"{at}/role", {"role_name": "creator"}), admin.post(f"{at}/impersonate"),
        admin.post(f"{rights}/roles", {"role_name": "creator"}),
        admin.delete(f"{rights}/roles/{BUILT_IN_NAMED['user'].id}"),
        admin.post(f"{rights}/permissions", {"permission": "SNS_READ", "allowed": False}),
        admin.get(f"{rights}/roles"), admin.get(f"{rights}/permissions"),
    ]  # fmt: skip
    assert [(each.status, each.error["code"]) for each in answers] == [(404, "user_not_found")] * len(answers)
    assert store.get(User, id=deleted.id) == deleted


def test_deactivating_keeps_the_account(admin: Client, user: Client) -> None:
    at = f"{USERS}/{account_of(user).id}"
    assert admin.delete(at).status == 204
    assert admin.get(at).body["status"] == "deactivated"
    again = admin.delete(at)
    assert (again.status, again.error["code"]) == (409, "already_deactivated")
    assert admin.delete(f"{USERS}/{new_id()}").status == 404


def test_a_deletion_that_is_due_is_taken_back(admin: Client) -> None:
    user = make_user("user", deletion_due=now() + timedelta(days=3))
    at = f"{USERS}/{user.id}"
    assert admin.get(at).body["status"] == "deactivated"
    assert admin.delete(at).status == 409
    assert admin.put(at, {"status": "active"}).body["status"] == "active"
    held = store.get(User, id=user.id)
    assert held is not None
    assert (held.deletion_due, held.due) == (None, None)


def test_a_deletion_whose_time_has_come_is_not(admin: Client) -> None:
    """Its erasure may have begun: the account is nobody's to change."""
    user = make_user("user", deletion_due=now())
    for body in ({"status": "active"}, {"name": "Back"}):
        answer = admin.put(f"{USERS}/{user.id}", body)
        assert (answer.status, answer.error["code"]) == (404, "user_not_found")
    assert store.get(User, id=user.id) == user


def test_an_address_takes_what_is_known_of_its_sign_ins_with_it(admin: Client) -> None:
    user = make_user("user", email="before@example.com")
    store.create(Origin(email=user.email, network="203.0.113.7", expires_at=epoch() + 1000))
    assert admin.put(f"{USERS}/{user.id}", {"email": "after@example.com"}).status == 200
    assert store.query(Origin, begins="ORIGIN#", email=user.email).items == []


def test_a_ban_has_a_reason_and_an_end(noon: FrozenClock, moderator: Client, user: Client) -> None:
    at = f"{USERS}/{account_of(user).id}/ban"
    until = rfc3339(now() + timedelta(minutes=5))
    shown = moderator.post(at, {"reason": "Spam", "until": until}).body
    assert (shown["status"], shown["ban_reason"], shown["banned_until"]) == ("banned", "Spam", until)
    assert moderator.get(at.removesuffix("/ban")).body == shown
    assert moderator.get(f"{USERS}?status=banned").body["users"] == [shown]
    held = account_of(user)
    assert (held.ban_reason, held.banned_until, held.due) == ("Spam", now() + timedelta(minutes=5), until)
    again = moderator.post(at, {"reason": "Spam", "until": until})
    assert (again.status, again.error["code"]) == (409, "already_banned")
    assert user.get("/api/auth/user").error["code"] == "account_banned"
    noon.advance(minutes=5)
    shown = moderator.get(at.removesuffix("/ban")).body
    assert (shown["status"], shown["ban_reason"], shown["banned_until"]) == ("active", None, None)
    assert moderator.post(at).body["status"] == "banned"
    assert (account_of(user).ban_reason, account_of(user).banned_until) == (None, None)
    assert moderator.post(at, {"reason": "Worse", "until": "2026-12-24"}).status == 403, "sooner than never"


@pytest.mark.parametrize(
    ("until", "ends"),
    [("2026-11-30", "2026-12-01T00:00:00Z"), ("2026-12-24", "2026-12-25T00:00:00Z"),
     ("2026-12-01T09:00:00+09:00", "2026-12-01T00:00:00Z")],
)  # fmt: skip
def test_a_ban_until_a_day_ends_with_it(
    noon: FrozenClock, moderator: Client, user: Client, until: str, ends: str
) -> None:
    at = f"{USERS}/{account_of(user).id}/ban"
    assert moderator.post(at, {"until": until}).body["banned_until"] == ends


@pytest.mark.parametrize("until", ["2020-01-01T00:00:00Z", "2026-11-29", "9999-12-31", "2099-01-01T00:00:00", "later"])
def test_an_end_that_is_none_is_named(noon: FrozenClock, moderator: Client, user: Client, until: str) -> None:
    refused = moderator.post(f"{USERS}/{account_of(user).id}/ban", {"until": until})
    assert (refused.status, [each["field"] for each in refused.error["details"]]) == (422, ["until"])


def test_a_role_takes_the_place_of_all_others(admin: Client) -> None:
    user = make_user("user", "creator")
    at = f"{USERS}/{user.id}/role"
    changed = admin.put(at, {"role_name": "moderator"})
    assert (changed.body["role"], changed.body["roles"]) == ("moderator", ["moderator"])
    assert admin.put(at, {"role_name": "moderator"}).body == changed.body
    role = new_role(admin)
    assert admin.put(at, {"role_id": role["role_id"]}).body["roles"] == ["support"]
    assert admin.put(at, {"role_name": "nobody's"}).error["code"] == "role_not_found"
    assert admin.put(at, {}).status == 422
    assert admin.put(at, {"role_name": "user", "role_id": role["role_id"]}).status == 422


def test_nobody_is_raised_or_lowered_by_who_is_below(sign_in: SignIn, user: Client) -> None:
    boss, target = sign_in("admin"), make_user("moderator")
    lend(user, "ADMIN_ADMIN")
    lend(user, "MODERATION_ADMIN")
    ruler = account_of(boss).id
    assert user.put(f"{USERS}/{target.id}/role", {"role_name": "admin"}).status == 403
    assert user.put(f"{USERS}/{ruler}/role", {"role_name": "user"}).status == 403
    assert user.put(f"{USERS}/{ruler}", {"name": "x"}).status == 403
    assert user.delete(f"{USERS}/{ruler}").status == 403
    assert user.post(f"{USERS}/{ruler}/ban").status == 403
    assert user.put(f"{USERS}/{target.id}/role", {"role_name": "user"}).status == 200


def test_who_may_do_more_is_neither_played_moved_nor_barred(suite: Client, sign_in: SignIn) -> None:
    """Nobody comes by way of another's account to what they do not hold."""
    clerk, above = sign_in("user"), sign_in("user")
    lend(clerk, "ADMIN_ADMIN")
    lend(clerk, "MODERATION_ADMIN")
    lend(above, "RBAC_ADMIN")
    at = f"{USERS}/{account_of(above).id}"
    for refused in (
        clerk.post(f"{at}/impersonate"),
        clerk.put(at, {"email": "mine@example.com"}),
        clerk.put(at, {"status": "suspended"}),
        clerk.post(f"{at}/ban"),
        clerk.delete(at),
    ):
        assert (refused.status, refused.error["code"]) == (403, "forbidden")
    assert above.get("/api/auth/user").status == 200


def test_an_address_that_was_moved_leaves_nothing_to_whoever_reads_the_old_one(
    suite: Client, admin: Client, user: Client
) -> None:
    account = account_of(user)
    tx = store.transaction()
    token = one_time_tokens.give(tx, account.id, mails.RESET)
    tx.commit()
    assert admin.put(f"{USERS}/{account.id}", {"email": "new@example.com"}).status == 200
    refused = suite.put(f"/api/auth/password/reset/{token}", {"password": "Another-horse-9"})
    assert refused.status == 400
    assert account_of(user).email_verified is False
    assert user.get("/api/auth/user").status == 401
    waiting = [each for shard in map(str, range(SHARDS)) for each in store.query(Message, "gsi1", queue=shard).items]
    assert [each.to for each in waiting] == [account.email]


def test_a_ban_opens_no_account_and_is_not_cut_short_by_who_may_not_lift_it(
    noon: FrozenClock, admin: Client, moderator: Client
) -> None:
    soon = {"until": rfc3339(now() + timedelta(minutes=1))}
    for status in ("suspended", "deactivated"):
        barred = moderator.post(f"{USERS}/{make_user(status=status).id}/ban", soon)
        assert (barred.status, barred.error["code"]) == (409, "not_active")
    for until in (None, now() + timedelta(days=9)):
        at = f"{USERS}/{make_user(status='banned', banned_until=until).id}/ban"
        assert moderator.post(at, soon).status == 403
        assert moderator.post(at, {"reason": "Worse"}).status == 200
        assert admin.post(at, soon).status == 200


def test_to_ban_is_an_operation_of_its_own(admin: Client) -> None:
    refused = admin.put(f"{USERS}/{make_user().id}", {"status": "banned"})
    assert (refused.status, refused.error["code"]) == (409, "use_ban")


def test_nobody_bars_themselves_and_the_last_administrator_stays(admin: Client) -> None:
    at = f"{USERS}/{account_of(admin).id}"
    for refused in (admin.put(at, {"status": "suspended"}), admin.delete(at), admin.post(f"{at}/ban")):
        assert (refused.status, refused.error["code"]) == (409, "not_oneself")
    last = admin.put(f"{at}/role", {"role_name": "user"})
    assert (last.status, last.error["code"]) == (409, "last_admin")


def test_of_administrators_who_deactivate_each_other_one_is_left(sign_in: SignIn) -> None:
    admins = [sign_in("admin") for _ in range(5)]
    done = in_threads(5, lambda place: admins[place].delete(f"{USERS}/{account_of(admins[(place + 1) % 5]).id}").status)
    assert set(done) <= {204, 403, 409}
    assert store.count(User, "gsi2", role="admin", listed="active") >= 1


def test_what_somebody_did_and_what_was_done_to_them_is_told(admin: Client, moderator: Client) -> None:
    me, user = account_of(moderator), make_user("user")
    moderator.post(f"{USERS}/{user.id}/ban", {"reason": "Spam"})
    admin.put(f"{USERS}/{me.id}", {"name": "Mo"})
    make_user("admin")
    listed = admin.get(f"{USERS}/{me.id}/activities").body
    assert listed["total"] == 2
    assert [each["action"] for each in listed["activities"]] == ["user.update", "user.ban"]
    update, ban = listed["activities"]
    assert (ban["user_id"], ban["resource_id"], ban["after"]["ban_reason"]) == (me.id, user.id, "Spam")
    assert (update["resource_id"], update["before"], update["after"]) == (me.id, {"name": "Moderator"}, {"name": "Mo"})
    assert [e["action"] for e in admin.get(f"{USERS}/{me.id}/activities?sort=created_at").body["items"]] == [
        "user.ban",
        "user.update",
    ]
    assert admin.get(f"{USERS}/{new_id()}/activities").status == 404


def test_a_users_subscriptions_are_shown(noon: FrozenClock, admin: Client) -> None:
    user = make_user("user")
    at = f"{USERS}/{user.id}/subscriptions"
    assert admin.get(at).body == {"subscriptions": [], "total": 0, "limit": 20, "offset": 0, "items": []}
    made = store.create(
        Subscription(
            user_id=user.id, plan_id=new_id(), plan_name="Pro", plan_slug="pro", billing_period="monthly",
            amount_krw=29_000, next_billing_date=now().date(),
        )
    )  # fmt: skip
    assert admin.get(at).body["subscriptions"] == [{
        "subscription_id": made.id, "plan_id": made.plan_id, "plan_name": "Pro", "plan_slug": "pro", "status": "active",
        "billing_period": "monthly", "amount_krw": 29_000, "started_at": "2026-11-30T12:00:00Z",
        "next_billing_date": "2026-11-30", "cancel_at_period_end": False,
    }]  # fmt: skip
    assert admin.get(f"{USERS}/{new_id()}/subscriptions").status == 404


def test_an_administrator_acts_as_somebody(suite: Client, admin: Client) -> None:
    user = make_user("user")
    answer = admin.post(f"{USERS}/{user.id}/impersonate")
    assert answer.headers["cache-control"] == "no-store"
    assert set(answer.body) == {"access_token", "expires_in", "impersonated_user"}
    assert answer.body["expires_in"] == 900
    acting = suite.as_caller(answer.body["access_token"])
    assert acting.get("/api/auth/user").body == answer.body["impersonated_user"]
    assert acting.post("/api/auth/2fa/setup").error["code"] == "impersonating"
    assert acting.delete("/api/auth/account").error["code"] == "impersonating"
    listed = admin.get(f"{USERS}/{user.id}/activities").body["activities"]
    assert [(each["action"], each["user_id"]) for each in listed] == [("user.impersonate", account_of(admin).id)]
    make_user("admin")
    lend(admin, "ADMIN_ADMIN", allowed=False)
    assert acting.get("/api/auth/user").status == 403


def test_nobody_acts_as_an_administrator_a_closed_account_or_through_somebody(suite: Client, admin: Client) -> None:
    other, banned = make_user("admin"), make_user("user", status="banned")
    gone = make_user("user", deletion_due=now() + timedelta(days=1))
    assert admin.post(f"{USERS}/{other.id}/impersonate").status == 403
    assert admin.post(f"{USERS}/{banned.id}/impersonate").error["code"] == "account_banned"
    assert admin.post(f"{USERS}/{gone.id}/impersonate").status == 404
    assert admin.post(f"{USERS}/{new_id()}/impersonate").status == 404
    support = make_user("user")
    lend(as_account(suite, support), "ADMIN_ADMIN")
    acting = suite.as_caller(admin.post(f"{USERS}/{support.id}/impersonate").body["access_token"])
    assert acting.post(f"{USERS}/{make_user().id}/impersonate").error["code"] == "impersonating"


def test_who_may(suite: Client, user: Client, moderator: Client, admin: Client) -> None:
    target = make_user("user")
    at = f"{USERS}/{target.id}"
    clients = (suite, user, moderator)
    for path in (USERS, at, f"{at}/activities", f"{at}/subscriptions"):
        assert [c.get(path).status for c in clients] == [401, 403, 200]
    assert [c.put(at, {}).status for c in clients] == [401, 403, 403]
    assert [c.put(f"{at}/role", {"role_name": "user"}).status for c in clients] == [401, 403, 403]
    assert [c.post(f"{at}/impersonate").status for c in clients] == [401, 403, 403]
    assert [c.delete(at).status for c in clients] == [401, 403, 403]
    assert [c.post(f"{at}/ban").status for c in (suite, user, admin, moderator)] == [401, 403, 200, 409]
    change(user, roles=[HeldRole(role_id=BUILT_IN_NAMED["moderator"].id, assigned_at=now())])
    assert user.post(f"{USERS}/{make_user().id}/ban").status == 200
