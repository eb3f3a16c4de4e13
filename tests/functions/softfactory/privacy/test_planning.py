"""Planned erasures: who plans them, who is told, and what is seen of them until they are due."""

from __future__ import annotations

import pytest

from quintet.messaging.outbox import Message
from quintet.models.time import FrozenClock
from quintet.testing import Client
from softfactory.accounts import sessions
from softfactory.people.entities import User
from softfactory.service import store
from tests.functions.softfactory.conftest import SignIn, account_of, as_account, lend
from tests.functions.softfactory.privacy.conftest import DELETE, good, planned

USERS = "/api/admin/users"
DUE = "2026-12-30T12:00:00Z"
pytestmark = pytest.mark.usefixtures("noon")


def mails_to(user: User) -> list[Message]:
    waiting = [message for queue in "0123456789" for message in store.each(Message, "gsi1", queue=queue)]
    return [message for message in waiting if message.to == user.email]


def test_whoever_deletes_an_account_its_person_is_told_once(admin: Client, user: Client, stranger: Client) -> None:
    by_owner, by_admin = account_of(user), account_of(stranger)
    assert user.delete("/api/auth/account").status == 204
    for _ in range(2):
        planned(admin, by_admin.id)
    for person in (by_owner, by_admin):
        (mail,) = mails_to(person)
        assert "2026-12-30 at 12:00 UTC" in mail.text


def test_administrators_see_that_a_deletion_is_planned_and_until_when(
    admin: Client, user: Client, noon: FrozenClock
) -> None:
    person, by = account_of(user), account_of(admin)
    at = f"{USERS}/{person.id}"
    assert good(admin.get(at))["deletion_due"] is None
    assert user.delete("/api/auth/account").status == 204
    shown = good(admin.get(at))
    assert (shown["status"], shown["deletion_due"]) == ("deactivated", DUE)
    assert [each["deletion_due"] for each in good(admin.get(f"{USERS}?status=deactivated"))["users"]] == [DUE]
    noon.advance(days=30)
    admin = as_account(admin, by)
    assert admin.get(at).status == admin.put(at, {"name": "Ada"}).status == admin.delete(at).status == 404
    assert good(admin.post(DELETE, {"user_id": person.id}))["scheduled_for"] == DUE, "the plan that there is"


def test_a_plan_for_an_account_that_its_owner_deleted_is_on_record_and_about_access(
    admin: Client, user: Client
) -> None:
    person, by = account_of(user), account_of(admin)
    assert user.delete("/api/auth/account").status == 204
    plan = good(admin.post(DELETE, {"user_id": person.id, "reason": "By letter"}))
    assert plan["scheduled_for"] == DUE
    found = good(admin.get("/api/rbac/audit"))["logs"]
    assert [(each["action"], each["user_id"], each["resource_id"]) for each in found] == [
        ("gdpr.delete", by.id, person.id), ("user.delete", person.id, person.id),
    ]  # fmt: skip
    assert (found[0]["before"], found[0]["after"]) == (
        {"deletion_due": DUE}, {"deletion_due": DUE, "reason": "By letter"},
    )  # fmt: skip


def test_nobody_deletes_or_moves_an_account_in_somebody_elses_name(
    suite: Client, admin: Client, sign_in: SignIn, stranger: Client
) -> None:
    """Also where that person may write as administrators do."""
    clerk = sign_in("user")
    lend(clerk, "ADMIN_ADMIN")
    person = account_of(clerk)
    acting = suite.as_caller(sessions.impersonated(person, account_of(admin)))
    for other in (person, account_of(stranger)):
        for answer in (
            acting.post(DELETE, {"user_id": other.id}),
            acting.put(f"{USERS}/{other.id}", {"email": "moved@example.com"}),
        ):
            assert (answer.status, answer.body["error"]["code"]) == (403, "impersonating")
        assert store.get(User, id=other.id) == other
    assert good(acting.put(f"{USERS}/{person.id}", {"name": "Ada"}))["name"] == "Ada"
