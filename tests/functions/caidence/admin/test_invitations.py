"""Invitations: an approved account at once, and a mail that may fail."""

from __future__ import annotations

from typing import Any

import pytest

from caidence.access import audit
from caidence.directory.entities import EmailClaim, Organization, User
from caidence.service import store
from quintet.auth.passwords import verify_password
from quintet.messaging import outbox
from quintet.messaging.outbox import Message
from quintet.models import SkipQuery
from quintet.models.time import frozen, rfc3339
from quintet.testing import Client
from tests.functions.caidence.conftest import BASE, account_of, as_account
from tests.functions.caidence.tenancy.conftest import NOBODY, detail, fields
from tests.support.aws import in_threads

INVITE = f"{BASE}/admin/invite"
ADA = {"email": "Ada@Example.com", "full_name": "Ada Lovelace", "role": "agency_member", "password": "Correct-horse-9"}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """Mails in the order in which they were sent."""
    found: list[Message] = []
    monkeypatch.setattr(outbox, "_send", found.append)
    return found


def test_invitations_are_for_super_admins(platform: Client, agency_admin: Client) -> None:
    assert platform.post(INVITE, {}).status == 401
    assert agency_admin.post(INVITE, {}).status == 403


def test_an_invited_account_is_approved_and_has_its_password(
    platform: Client, super_admin: Client, organization: Organization, sent: list[Message]
) -> None:
    with frozen() as clock:
        answer = super_admin.post(INVITE, {**ADA, "organization_id": organization.id})
    at = rfc3339(clock.at)
    assert answer.status == 200
    assert answer.body == {
        "id": answer.body["id"], "email": "ada@example.com", "full_name": "Ada Lovelace", "role": "agency_member",
        "organization_id": organization.id, "is_active": True, "is_approved": True, "created_at": at, "updated_at": at,
    }  # fmt: skip
    user = store.get(User, id=answer.body["id"])
    claim = store.get(EmailClaim, email="ada@example.com")
    assert user is not None
    assert claim is not None
    assert (claim.user_id, verify_password(claim.password_hash, ADA["password"])) == (user.id, True)
    assert as_account(platform, user).get(f"{BASE}/brands").status == 200
    (entry,) = audit.page(SkipQuery(), "user.invite", user.id).items
    assert entry.actor_id == account_of(super_admin).id
    assert ADA["password"] not in entry.model_dump_json()


def test_the_mail_says_who_invites_where_and_keeps_the_password_to_itself(
    super_admin: Client, organization: Organization, sent: list[Message]
) -> None:
    super_admin.post(INVITE, {**ADA, "organization_id": organization.id})
    (mail,) = sent
    assert (mail.to, mail.subject) == ("ada@example.com", "You have been invited to Acme on C(AI)DENCE")
    assert account_of(super_admin).email in mail.text
    assert ADA["password"] not in mail.text


def test_the_account_stays_when_the_mail_fails_and_the_mail_waits(
    super_admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_: Message) -> None:
        raise TimeoutError

    monkeypatch.setattr(outbox, "_send", failing)
    assert super_admin.post(INVITE, ADA).status == 200
    assert store.get(EmailClaim, email="ada@example.com") is not None
    waiting = [mail for queue in range(outbox.SHARDS) for mail in store.query(Message, "gsi1", queue=str(queue)).items]
    assert [mail.to for mail in waiting] == ["ada@example.com"]


def test_an_address_is_one_accounts(super_admin: Client, sent: list[Message]) -> None:
    answers = in_threads(3, lambda _: super_admin.post(INVITE, ADA))
    statuses = sorted(answer.status for answer in answers if not isinstance(answer, Exception))
    assert statuses == [200, 400, 400]
    answer = super_admin.post(INVITE, {**ADA, "email": "ADA@example.COM"})
    assert detail(answer) == (400, "A user with this email already exists")
    assert len(sent) == 1
    assert store.count(User, "gsi1") == 2


def test_a_repeated_invitation_with_its_key_is_answered_as_the_first(super_admin: Client, sent: list[Message]) -> None:
    first, second = (super_admin.post(INVITE, ADA, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert (second.status, second.body) == (200, first.body)
    assert len(sent) == 1


def test_only_root_invites_administrators(root: Client, super_admin: Client, sent: list[Message]) -> None:
    for role in ("super_admin", "root"):
        assert super_admin.post(INVITE, {**ADA, "role": role}).status == 403
        answer = root.post(INVITE, {**ADA, "email": f"{role}@example.com", "role": role})
        assert (answer.status, answer.body["role"]) == (200, role)
    assert store.get(EmailClaim, email="ada@example.com") is None


def test_an_unknown_organization_makes_no_account(super_admin: Client, sent: list[Message]) -> None:
    answer = super_admin.post(INVITE, {**ADA, "organization_id": NOBODY})
    assert detail(answer) == (404, "Organization not found")
    assert (store.count(User, "gsi1"), sent) == (1, [])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "ada"}, "email"),
        ({"full_name": ""}, "full_name"),
        ({"full_name": "A\r\nBcc: x@example.com"}, "full_name"),
        ({"role": "wizard"}, "role"),
        ({"role": None}, "role"),
        ({"password": "sh0rt"}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"password": "password123"}, "password"),
        ({"password": "ｐａｓｓｗｏｒｄ１２３"}, "password"),
        ({"organization_id": "7"}, "organization_id"),
    ],
)
def test_a_bad_invitation_is_refused_by_field(super_admin: Client, change: dict[str, Any], field: str) -> None:
    answer = super_admin.post(INVITE, {**ADA, **change})
    assert fields(answer) == [f"body.{field}"]
    assert "password" not in change or str(change["password"]) not in answer.raw.decode()
